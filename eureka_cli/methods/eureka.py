"""Eureka: evolutionary search over reward code by a language model.

Ma et al. 2024, "Eureka: Human-Level Reward Design via Coding Large Language Models", Algorithm 1: sample K rewards
from the environment's source, train and score each, reflect on the best, improve it in context, N times over.

Faithful: K independent samples, N rounds, environment code as context, reflection per component and fitness at ten
checkpoints with max, mean and min, its reading rules, in-context improvement of the best. `--preset paper` has its
constants. Ours: the whole module is kept (helpers too), candidates are named by their content, the incumbent stays
unless beaten, a round that fails whole is repeated with its findings instead of being lost, the dialogue keeps the
last four turns (Markov in the paper), refused candidates are repaired once, and the best few are confirmed on
fresh seeds, where the paper reports the maximum over training.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from eureka_cli import drafts, prompts, racing, reflection, steps
from eureka_cli.confirm import confirm
from eureka_cli.core import Candidate, Entry, Frozen, Message
from eureka_cli.errors import RunError
from eureka_cli.products import publish
from eureka_cli.run import Run


class Config(Frozen):
    rounds: int = Field(3, ge=1)
    """N: rounds of the search (5 in the paper)."""
    samples: int = Field(4, ge=1)
    """K: candidates asked for in a round (16 in the paper)."""
    repairs: int = Field(1, ge=0)
    """How often a refused candidate goes back to the model with its findings."""
    repeats: int = Field(3, ge=0)
    """How often a round that fails whole is repeated before the run stops."""
    turns: int = Field(4, ge=1)
    """Turns of the dialogue kept beside the task (2 in the paper: one answer, one reflection)."""


def search(run: Run, config: Config) -> Candidate:
    """The best reward found, confirmed on fresh seeds."""
    task = opening(run)
    dialogue: list[Message] = []
    archive: dict[str, Entry] = {}
    best: Entry | None = None
    for number in range(1, config.rounds + 1):
        run.event("round-start", round=number)
        entries = _round(run, config, number, best, [*task, *dialogue[-config.turns :]], in_hand=len(archive))
        best = max([*([best] if best else []), *entries], key=lambda entry: _merit(run, entry))  # incumbent wins ties
        archive |= {entry.candidate.id: entry for entry in entries if steps.finished(run, entry)}
        publish(run, best.candidate, f"best after round {number}: search fitness {best.fitness}, not yet confirmed")
        dialogue += _reflect(run, best, entries, number, config)
    return confirm(run, list(archive.values()))


def opening(run: Run) -> list[Message]:
    """The first prompt: role and reward contract, then the environment and the sentence."""
    steps.measure(run)
    facts = reflection.task_facts(run)
    return [
        Message(role="system", content=prompts.render("eureka/system", **facts)),
        Message(role="user", content=prompts.render("eureka/task", **facts)),
    ]


def _round(
    run: Run, config: Config, number: int, best: Entry | None, messages: Sequence[Message], *, in_hand: int
) -> list[Entry]:
    """Sample, check and race one round; repeated with its findings while nobody survives."""
    for repeat in range(config.repeats + 1):
        slot = f"eureka/round-{number}" + (f"/repeat-{repeat}" if repeat else "")
        parent = best.candidate if best else None
        designed = drafts.design(run, messages, slot=slot, samples=config.samples, parent=parent)
        checked = drafts.check(run, designed, messages, repairs=config.repairs)
        entries = racing.race(run, checked, in_hand=in_hand)
        if any(entry.fitness is not None for entry in entries):
            return entries
        run.event("round-repeated", round=number, repeat=repeat)
        messages = [*messages, *reflection.failures(checked, entries)]
    raise RunError(
        f"No candidate of round {number} survived {config.repeats + 1} tries. The findings are in"
        f" {run.folder.path / 'candidates'}. Try another model, or reword the goal."
    )


def _merit(run: Run, entry: Entry) -> float:
    """Fitness at the full budget; a candidate the race stopped early has not shown one."""
    return entry.fitness if entry.fitness is not None and steps.finished(run, entry) else float("-inf")


def _reflect(run: Run, best: Entry, entries: Sequence[Entry], number: int, config: Config) -> list[Message]:
    """What the model is told: its best answer so far, and what training with it showed."""
    facts = reflection.round_facts(run, best, entries, rounds_left=config.rounds - number)
    return [
        Message(role="assistant", content=best.draft.completion.text),
        Message(role="user", content=prompts.render("eureka/improve", **facts)),
    ]
