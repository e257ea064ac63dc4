"""What an environment's own documentation says: the text a model may read, and the tables of its observation."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from eureka_cli.simulators import gym_spaces

OBSERVING = ("_get_obs", "_get_observation", "_get_ob", "gen_obs", "_get_pos_objects", "_get_quat_objects")
"""What observation code is called in the packages of Farama and their descendants."""
HIDDEN = ("reward", "version", "argument", "credit", "citation", "changelog")
"""Headings whose sections no reward writer is shown."""
UNITS = ("m", "rad", "s", "m/s", "rad/s", "m/s^2", "N", "Nm", "N m", "kg", "deg")
"""Taken as a unit where a table has them in brackets or in a column of their own; anything else is no unit."""


class Row(NamedTuple):
    """One number of an observation, as documented."""

    meaning: str
    unit: str
    """Empty where the table gives none that is one."""


def shown(env: Any, gym_id: str) -> str:
    """Docstring without its reward part, spaces, and the observation code; never `step`."""
    text, source = documentation(env, gym_id), observation_source(env)
    return f'"""{text}"""\n\n{source}' if source else text


def documentation(env: Any, gym_id: str) -> str:
    """The environment's docstring without its reward part and without lines that speak of reward."""
    text = inspect.getdoc(type(env.unwrapped)) or f"{gym_id}: no documentation."
    kept, skipping = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            skipping = any(word in line.lower() for word in HIDDEN)
        if not skipping and "reward" not in line.lower() and "return" not in line.lower():
            kept.append(line)
    unseen = gym_spaces.texts(env.observation_space)
    note = f"\nText in it, which is left out here: {', '.join(unseen)}" if unseen else ""
    about = f"{gym_id}\nAction space: {env.action_space}\nObservation space: {env.observation_space}{note}"
    return f"{about}\n\n" + "\n".join(kept).strip()


def observation_source(env: Any) -> str:
    """Source of the observation code, where the class has it apart."""
    kind, found = type(env.unwrapped), []
    for name in OBSERVING:
        if hasattr(kind, name):
            with contextlib.suppress(OSError, TypeError):
                found.append(inspect.cleandoc(inspect.getsource(getattr(kind, name))))
    # What speaks of reward is not for the model; what a base class leaves to others tells it nothing.
    kept = [source for source in found if "reward" not in source.lower() and "NotImplementedError" not in source]
    return "\n\n".join(kept)


# ---------------------------------------------------------------- tables


def table(kind: type, size: int, key: str | None = None) -> list[Row]:
    """Rows of the one table that documents the `size` numbers of an observation (of a Dict, under `key`).

    Taken only where it can be meant by nothing else: below a heading of the observation (and below "* `key`"), numbered
    0 to size - 1 in order. Empty where there is none.
    """
    text = inspect.getdoc(kind) or ""
    for heading, bullet, lines in _tables(text):
        if "observation" not in heading.lower() or bullet != (key or ""):
            continue
        columns, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
        rows = [row for row in rows if not set("".join(row)) <= set("-: ")]
        if [row[0] for row in rows] == [str(k) for k in range(size)] and len(columns) > 1:
            return [_row(columns, row) for row in rows]
    return []


def _tables(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """(heading, bulleted key, lines) of every table."""
    heading, bullet, lines = "", "", list[str]()
    for line in [*text.splitlines(), ""]:
        if line.strip().startswith("|"):
            lines.append(line)
            continue
        if lines:
            yield heading, bullet, lines
            lines = []
        if line.lstrip().startswith("#"):
            heading, bullet = line, ""
        elif match := re.match(r"\s*[*-]\s+`(\w+)`\s*:", line):
            bullet = match[1]


def _row(columns: list[str], row: list[str]) -> Row:
    meaning = re.sub(r"\s+", " ", row[1].replace("`", "")).strip()
    cells: dict[str, str] = dict(zip([name.lower() for name in columns], row, strict=False))
    unit = next((_unit(cell) for name, cell in cells.items() if "unit" in name and _unit(cell)), "")
    if not unit and re.match(r"(co)?sine? of |(co)?sin ?\(|\w = (cos|sin)\(", meaning.lower()):
        unit = "-"
    limits = cells.get("min", "") + cells.get("max", "")
    if not unit and " rad" in limits and "velocity" not in meaning.lower():
        unit = "rad"
    return Row(meaning, unit)


def _unit(cell: str) -> str:
    """`angular velocity (rad/s)`, `rad` to the unit; empty for what is none."""
    texts = [*re.findall(r"\(([^()]*)\)", cell), cell]
    return next((text.strip() for text in texts if text.strip() in UNITS), "")
