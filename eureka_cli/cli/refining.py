"""From what a run found to a new run that goes on from what a person says of it."""

from __future__ import annotations

import itertools

from eureka_cli import people
from eureka_cli.cli import session
from eureka_cli.config import RunConfig
from eureka_cli.errors import UsageError
from eureka_cli.people import Answer, Option, Question
from eureka_cli.reports import history
from eureka_cli.store import RunFolder, read_json, write_atomic

SLOT = "refine/start"
MOST_SHOWN = 5
METHODS = ("icpl", "eureka")


def question(old: RunFolder) -> Question:
    """The best of a run and its rivals, as it ranks them: by preference where a person judged, else by fitness."""
    trained = {answer.candidate: answer for answer in history.answers(old) if answer.stage == "trained to the end"}
    if not trained:
        raise UsageError(f"{old.name} has trained no reward to the end yet, so there is nothing to refine.")
    events = old.events()
    preferred = [event["standings"] for event in events if event["event"] == "preferred"]
    order = [row["name"] for row in preferred[-1]] if preferred else []
    order += sorted(trained, key=lambda name: -(trained[name].fitness or 0.0))
    order = [name for name in dict.fromkeys([history.best(old) or "", *order]) if name in trained]
    options = tuple(_option(old, trained[name]) for name in order[:MOST_SHOWN])
    start = next(event for event in reversed(events) if event["event"] == "run-start")
    text = f"{old.name}: {start['sentence']}. Its best so far stands first. Which does it best?"
    return Question(slot=SLOT, kind="rank", text=text, options=options)


def _option(old: RunFolder, answer: history.Answer) -> Option:
    """Films are named relative to any run beside the old one."""
    assert answer.score is not None
    films = [f"videos/{answer.candidate}.mp4"]
    films += ["best.mp4"] if answer.candidate == history.best(old) else []
    film = next((name for name in films if (old.path / name).exists()), "")
    found = read_json(old.find(answer.score["evaluations"][0]) / "result.json")["result"]
    return Option(
        name=answer.candidate,
        film=f"../{old.name}/{film}" if film else "",
        says=found["score"]["behaviour"],
        code=answer.code,
    )


def config(
    old: RunFolder, *, method: str, rounds: int | None, samples: int | None, person: str | None, waits: bool
) -> RunConfig:
    """The old run's settings under another method, with a person in it."""
    if method not in METHODS:
        raise UsageError(f"A refinement goes by {' or '.join(METHODS)}, not by {method!r}.")
    before = session.read_config(old, [])
    asked = {"rounds": rounds, "samples": samples}
    size = {name: before.method.get(name) if value is None else value for name, value in asked.items()}
    size = {name: value for name, value in size.items() if value is not None}
    feedback = {"feedback": "wait" if waits else "person"} if method == "eureka" else {}
    changed = {"method_name": method, "method": {**size, **feedback}, "person": person or "me"}
    return session.settled(before.model_copy(update=changed))


def first(asked: Question, given: Answer) -> Option:
    """What is gone on from: the one ranked first, else the run's own best."""
    name = given.ranks[0][0] if given.ranks else asked.options[0].name
    return next(option for option in asked.options if option.name == name)


def begin(old: RunFolder, asked: Question, given: Answer, config: RunConfig) -> tuple[RunFolder, RunConfig]:
    """A folder beside the old one that holds the start and what was said, and the settings that go on from there."""
    names = (f"{old.name}-refine-{k}" for k in itertools.count(1))
    folder = RunFolder(next(path for path in (old.path.parent / name for name in names) if not path.exists()))
    write_atomic(folder.path / "start.py", given.code or first(asked, given).code)
    if given != Answer(by=given.by):
        people.keep(folder.path, asked, given)
        said = given.model_dump(mode="json", exclude={"code"})
        folder.log("person", slot=asked.slot, kind=asked.kind, coded=bool(given.code), **said)
    start = {"start": str(folder.path / "start.py"), "words": given.words, "veto": given.veto}
    return folder, config.model_copy(update={"method": {**config.method, **start}})
