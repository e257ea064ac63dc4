"""The strongest known recipe: what ablations and later systems found to matter, put together on Eureka's search.

An idea in one sentence before the code, and the ideas tried so far with what became of them, so that a model leaves
what failed (Liu et al. 2024, "Evolution of Heuristics", has thoughts beside code). Feedback is summarised: four
checkpoints a component in place of ten. What the policy does is shown in words (trajectories as text: Li et al. 2024,
"Auto MC-Reward"). The policy that counts is the checkpoint with the peak own return, the incumbent stays unless beaten,
and the dialogue is short: the task, the best answer, what it showed. Sampling, racing and confirmation are Eureka's.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field

from eureka_cli import prompts, reflection, rounds, steps
from eureka_cli.confirm import confirm
from eureka_cli.core import Candidate, Entry, Frozen, Message
from eureka_cli.products import publish
from eureka_cli.rounds import opening
from eureka_cli.run import Run

__all__ = ["Config", "opening", "search"]

CHECKPOINTS = 4
LONGEST_IDEA = 240
"""Characters of an idea that later prompts carry."""


class Config(Frozen):
    rounds: int = Field(3, ge=1)
    """Rounds of the search."""
    samples: int = Field(4, ge=1)
    """Candidates asked for in a round."""
    repairs: int = Field(1, ge=0)
    """How often a refused candidate goes back to the model with its findings."""
    repeats: int = Field(3, ge=0)
    """How often a round that fails whole is repeated before the run stops."""
    ideas: int = Field(12, ge=0)
    """How many ideas, the best of those tried, a prompt lists."""


def search(run: Run, config: Config) -> Candidate:
    """The best reward found, confirmed on fresh seeds."""
    task = opening(run)
    tried: dict[str, Entry] = {}
    best: Entry | None = None
    for number in range(1, config.rounds + 1):
        run.event("round-start", round=number)
        entries = rounds.play(
            run,
            [*task, *(_told(run, best, tried, config) if best else [])],
            slot=f"best/round-{number}",
            samples=config.samples,
            repairs=config.repairs,
            repeats=config.repeats,
            parent=best.candidate if best else None,
            in_hand=sum(steps.finished(run, entry) for entry in tried.values()),
        )
        best = max([*([best] if best else []), *entries], key=lambda entry: rounds.merit(run, entry))  # incumbent wins
        tried |= {entry.candidate.id: entry for entry in entries}
        publish(run, best.candidate, f"best after round {number}: search fitness {best.fitness}, not yet confirmed")
    return confirm(run, list(tried.values()))


def _told(run: Run, best: Entry, tried: dict[str, Entry], config: Config) -> list[Message]:
    """The best answer so far, what it showed in short, and what became of other ideas."""
    facts = reflection.round_facts(run, best, [], rounds_left=0)
    others = sorted(
        (entry for entry in tried.values() if entry is not best),
        key=lambda entry: -(float("-inf") if entry.fitness is None else entry.fitness),
    )
    return [
        Message(role="assistant", content=best.draft.completion.text),
        Message(
            role="user",
            content=prompts.render(
                "best/improve",
                code=facts["code"],
                rows=[_in_short(row) for row in facts["rows"]],
                fitness=facts["fitness"],
                behaviour=facts["behaviour"],
                budget=facts["budget"],
                idea=idea(best),
                ideas=[{"idea": idea(entry), **reflection.other_line(entry, best)} for entry in others[: config.ideas]],
            ),
        ),
    ]


def idea(entry: Entry) -> str:
    """What an answer says before its code, in one line."""
    words = " ".join(entry.draft.completion.text.partition("```")[0].split())
    return words[:LONGEST_IDEA] or "(no idea was given)"


def _in_short(row: reflection.Facts) -> reflection.Facts:
    """A curve at four checkpoints, first and last among them."""
    values = row["values"]
    places = np.unique(np.linspace(0, len(values) - 1, CHECKPOINTS).round().astype(int))
    return {"name": row["name"], "values": [values[k] for k in places]}
