"""Questions as forms, and forms as answers."""

from __future__ import annotations

from threading import Lock
from typing import Any

from starlette.datastructures import FormData

from eureka_cli import people
from eureka_cli.core import digest
from eureka_cli.errors import UsageError
from eureka_cli.people import Answer, Option, Question
from eureka_cli.reports import history
from eureka_cli.store import RunFolder, read_as
from eureka_cli.web import runs

ENDING = ".question.json"
_one_at_a_time = Lock()


def find(folder: RunFolder, slot: str) -> Question:
    """A question by its slot, answered or not; only slots that were found lead anywhere."""
    for file in (folder.path / "asks").rglob(f"*{ENDING}"):
        if str(file.relative_to(folder.path / "asks")).removesuffix(ENDING) == slot:
            return read_as(file, Question)
    raise UsageError(f"{folder.name} asks nothing at {slot!r}.")


def shown(folder: RunFolder, question: Question, base: str) -> dict[str, Any]:
    """A question as the form wants it; `base` is the option whose code is to be edited."""
    used = people.kept(folder.path, question.slot)
    given = used[1] if used else people.given(folder.path, question)
    codes = {option.name: _code(folder, option) for option in question.options}
    base = base if base in codes else (question.options[0].name if question.kind in ("code", "approve") else "")
    trained = runs.curves(folder)
    names = [name for code in codes.values() for name in runs.component_names(code)]
    return {
        "question": question,
        "options": [
            {
                "letter": chr(ord("A") + place),
                "option": option,
                "code": codes[option.name],
                "film": runs.film(folder, option.film, option.name, trained),
                "place": _place(given, option.name),
            }
            for place, option in enumerate(question.options)
        ],
        "components": list(dict.fromkeys(names)),
        "base": base,
        "code": codes.get(base, ""),
        "given": given,
        "says": people.in_words(given.model_dump(mode="json") | {"coded": bool(given.code)}) if given else "",
        "used": used is not None,
        "over": used is not None or history.state(folder) == "done",
        "seen": seen(given),
    }


def seen(given: Answer | None) -> str:
    """Names the answer that lay there when a form was shown, so that nobody overwrites one they have not seen."""
    return digest(given.model_dump(mode="json")) if given else ""


def answer(folder: RunFolder, question: Question, form: FormData) -> None:
    """Write what a form says. UsageError where it does not fit, or where somebody else was faster."""
    ranks = _ranks(question, form)
    code = _text(form, "code")
    originals = {_code(folder, option).strip() for option in question.options}
    said = Answer(
        by="person",
        ranks=ranks,
        none=form.get("none") == "yes",
        words=_text(form, "words"),
        code="" if not code or code in originals else code + "\n",
        veto=tuple(str(name) for name in form.getlist("veto")),
        approve={"yes": True, "no": False}.get(str(form.get("approve", ""))),
        asked=people.comparisons(ranks),
    )
    with _one_at_a_time:
        if form.get("seen", "") != seen(people.given(folder.path, question)):
            raise UsageError("Somebody has answered meanwhile; yours was not saved. Look at theirs and answer again.")
        people.answer(folder.path, question, said)


def _ranks(question: Question, form: FormData) -> people.Ranks:
    """Places given to options: equal ones tie, those without are not judged."""
    places: dict[int, list[str]] = {}
    for option in question.options:
        place = str(form.get(f"place-{option.name}", ""))
        if place:
            if not place.isdecimal():
                raise UsageError(f"{place!r} is no place. Write 1 for the best, or nothing for one you do not judge.")
            places.setdefault(int(place), []).append(option.name)
    return tuple(tuple(places[place]) for place in sorted(places))


def _place(given: Answer | None, name: str) -> int | None:
    ranks = given.ranks if given else ()
    return next((place for place, group in enumerate(ranks, 1) if name in group), None)


def _code(folder: RunFolder, option: Option) -> str:
    file = folder.path / "candidates" / f"{option.name}.py"
    return option.code or (file.read_text(encoding="utf-8") if option.name.isalnum() and file.is_file() else "")


def _text(form: FormData, name: str) -> str:
    """A field as typed; browsers end lines with two characters."""
    return str(form.get(name, "")).replace("\r\n", "\n").strip()
