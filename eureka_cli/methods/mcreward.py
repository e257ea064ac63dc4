"""Auto MC-Reward: a Designer writes reward code, a Critic rereads it, a Trajectory Analyzer reads what went wrong.

Li et al. 2024, "Auto MC-Reward: Automated Dense Reward Design with Large Language Models for Minecraft".

Faithful: two parts, `sparse` and `dense`, of which the model chooses the signs alone: trusted code makes the total
sgn(sparse) + 0.1 sgn(dense); a critic of up to three rounds before training; an analyzer that reads the last steps of
failed trajectories as text, names causes and gives an instruction, which the designer gets with its old code. Ours:
lint, sandbox and rollout bank test the code before the model rereads it; several samples a round, of which the fittest
is refined, and it stays unless beaten; the designer sees fitness and both parts at checkpoints beside the instruction;
policies are trained from scratch, with no imitation before; the best few are confirmed on fresh seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pydantic import Field

from eureka_cli import prompts, reflection, rounds, steps
from eureka_cli.confirm import confirm
from eureka_cli.core import Candidate, Entry, Frozen, Message
from eureka_cli.products import publish
from eureka_cli.run import Run


class Config(Frozen):
    rounds: int = Field(3, ge=1)
    """Rounds of design, training and analysis."""
    samples: int = Field(4, ge=1)
    """Candidates asked for in a round."""
    reviews: int = Field(3, ge=0, le=3)
    """How often the Critic rereads an accepted reward; takes the place of critic.reviews."""
    episodes: int = Field(3, ge=1)
    """Failed episodes the Analyzer reads."""
    last: int = Field(12, ge=1)
    """Steps at the end of each that it reads in numbers."""
    repairs: int = Field(2, ge=0)
    """How often a refused candidate goes back to the model with its findings."""
    repeats: int = Field(3, ge=0)
    """How often a round that fails whole is repeated before the run stops."""


def search(run: Run, config: Config) -> Candidate:
    """The best reward found, confirmed on fresh seeds."""
    task = opening(run)
    refinement: list[Message] = []
    archive: dict[str, Entry] = {}
    best: Entry | None = None
    for number in range(1, config.rounds + 1):
        run.event("round-start", round=number)
        entries = rounds.play(
            run,
            [*task, *refinement],
            slot=f"mcreward/round-{number}",
            samples=config.samples,
            repairs=config.repairs,
            repeats=config.repeats,
            reviews=config.reviews,
            combine="signs",
            parent=best.candidate if best else None,
            in_hand=len(archive),
        )
        best = max([*([best] if best else []), *entries], key=partial(rounds.merit, run))  # incumbent wins ties
        archive |= {entry.candidate.id: entry for entry in entries if steps.finished(run, entry)}
        publish(run, best.candidate, f"best after round {number}: search fitness {best.fitness}, not yet confirmed")
        if number < config.rounds:
            refinement = _refine(run, best, entries, number, config)
    return confirm(run, list(archive.values()))


def opening(run: Run) -> list[Message]:
    """The Designer's first prompt: role, contract and the signs, then the environment and the sentence."""
    steps.measure(run)
    facts = reflection.task_facts(run)
    return [
        Message(role="system", content=prompts.render("mcreward/system", **facts)),
        Message(role="user", content=prompts.render("mcreward/task", **facts)),
    ]


def _refine(run: Run, best: Entry, entries: Sequence[Entry], number: int, config: Config) -> list[Message]:
    """The best code so far, what training with it showed, and the Analyzer's instruction."""
    facts = reflection.round_facts(run, best, entries, rounds_left=config.rounds - number)
    trial = reflection.middle(best.trials)
    assert trial.score is not None
    facts |= {"success": trial.score.success, "measures": trial.score.extras}
    facts["analysis"] = _analysis(run, best, number, config, facts)
    return [
        Message(role="assistant", content=best.draft.completion.text),
        Message(role="user", content=prompts.render("mcreward/refine", **facts)),
    ]


def _analysis(run: Run, best: Entry, number: int, config: Config, facts: reflection.Facts) -> str:
    """What the Analyzer says of failed episodes; empty where none failed."""
    trial = reflection.middle(best.trials)
    narrations = steps.narrate(run, trial, episodes=config.episodes, last=config.last)
    if not narrations:
        return ""
    facts = {**reflection.task_facts(run), **facts, "narrations": narrations}
    messages = [
        Message(role="system", content=prompts.render("mcreward/analyst", **facts)),
        Message(role="user", content=prompts.render("mcreward/trajectories", **facts)),
    ]
    answer = run.complete([(f"mcreward/round-{number}/analysis", messages)])[0]
    run.event("analysed", round=number, candidate=best.candidate.id, episodes=len(narrations))
    return answer.text.strip()
