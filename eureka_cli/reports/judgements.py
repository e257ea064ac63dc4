"""What persons, or who stands in for them, were asked and said in a run, and whom that prefers."""

from __future__ import annotations

from eureka_cli import people
from eureka_cli.core import Json


def queries(events: list[dict[str, Json]]) -> int:
    """Comparisons of two that answers took, of a person or of who stands in for one."""
    return sum(event["asked"] for event in _answers(events))


def told(events: list[dict[str, Json]]) -> dict[str, Json] | None:
    """The last standings by preference; None where nobody was asked to compare."""
    last = next((event for event in reversed(events) if event["event"] == "preferred"), None)
    if last is None:
        return None
    return {
        "by": list(dict.fromkeys(event["by"] for event in _answers(events) if event["ranks"])),
        "best": last["best"],
        "standings": last["standings"],
        "surely": last["surely"],
        "cycles": last["cycles"],
    }


def said(events: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Every answer, as a line."""
    return [{"slot": event["slot"], "by": event["by"], "says": people.in_words(event)} for event in _answers(events)]


def lines(found: dict[str, Json] | None) -> list[str]:
    """How surely the best is preferred, and which judgements contradict each other, in a sentence each."""
    if found is None:
        return []
    first, *others = found["standings"]
    by = ", ".join(found["by"])
    next_best = f"; {found['surely']:.0%} sure that it is preferred to {others[0]['name']}" if others else ""
    cycles = (f"judgements go in a circle: {' > '.join([*cycle, cycle[0]])}" for cycle in found["cycles"])
    vetoed = [f"{found['best']} is the most preferred that no veto hits"] if found["best"] != first["name"] else []
    return [f"preferred by {by}: {first['name']} (Bradley-Terry){next_best}", *vetoed, *cycles]


def _answers(events: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """The last of each slot: a resumed run may repeat events."""
    return list({event["slot"]: event for event in events if event["event"] == "person"}.values())
