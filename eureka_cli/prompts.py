"""render(name, **values): the words of this program live in prompts/, one folder a method and shared/."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

import jinja2

from eureka_cli.data import folders
from eureka_cli.errors import UsageError


def render(name: str, **values: Any) -> str:
    """The text of a template, such as `eureka/system`. A person's own prompts/ in the working folder wins.

    Raises UsageError for an unknown template or a value it asks for in vain.
    """
    return _rendered(name, values, escape=False)


def page(name: str, **values: Any) -> str:
    """An HTML page of a template: values are escaped unless the template calls them safe."""
    return _rendered(name, values, escape=True)


def _rendered(name: str, values: dict[str, Any], *, escape: bool) -> str:
    try:
        return _environment(str(Path.cwd()), escape).get_template(f"{name}.j2").render(values)
    except jinja2.TemplateNotFound as error:
        raise UsageError(
            f"No prompt template {error.name}. It belongs in prompts/ or comes with the program."
        ) from None
    except (jinja2.UndefinedError, jinja2.TemplateSyntaxError) as error:
        raise UsageError(f"Prompt template {name}.j2 does not fit: {error.message}.") from None


@functools.cache
def _environment(working_folder: str, escape: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(folder) for folder in folders("prompts")]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=escape,
    )
    environment.filters["fence"] = fence
    environment.filters["number"] = number
    return environment


def fence(text: str, language: str = "") -> str:
    """Text in a code fence longer than any inside it, so that nothing in it can close it."""
    longest = max([2, *(len(run) for run in re.findall(r"`+", text))])
    bar = "`" * (longest + 1)
    return f"{bar}{language}\n{text.rstrip()}\n{bar}"


def number(value: float | None) -> str:
    """Three significant digits; `none` where there is no number."""
    return "none" if value is None else f"{value:.3g}"
