"""Visit A twice, then B once: fitness is how much of exactly that word was said."""

from __future__ import annotations

DESCRIPTION = "enter disc A exactly twice, then disc B exactly once, and none of them again"
HORIZON = 100
PARAMS: dict[str, float] = {}
BUDGET = 100_000
TIER = "quick"
SUITES = ("fixtures",)

WORD = "AAB"


def fitness(trajectory) -> float:
    """Thirds of the word AAB that the visits said, in order; 0 once they said anything else."""
    said = visits(trajectory)
    return len(said) / len(WORD) if WORD.startswith(said) else 0.0


def success(trajectory) -> bool:
    """The visits said exactly the word."""
    return visits(trajectory) == WORD


def visits(trajectory) -> str:
    """The discs entered, in order."""
    before, after = trajectory.state, trajectory.next_state
    said = ""
    for a, b in zip(after.a_visits - before.a_visits, after.b_visits - before.b_visits, strict=True):
        said += "A" * int(a) + "B" * int(b)
    return said


def measures(trajectory) -> dict[str, float]:
    """`visits`: of both discs together, wanted or not."""
    return {"visits": float(len(visits(trajectory)))}
