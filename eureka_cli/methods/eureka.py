"""Eureka: evolutionary search over reward code by a language model.

Ma et al. 2024, "Eureka: Human-Level Reward Design via Coding Large Language Models", Algorithm 1: sample K rewards
from the environment's source, train and score each, reflect on the best, improve it in context, N times over.

Faithful: K independent samples, N rounds, environment code as context, reflection per component and fitness at ten
checkpoints with max, mean and min, its reading rules, in-context improvement of the best. `--preset paper` has its
constants. Its extras are `method.start=human` (the human reward is what round 0 found) and `method.feedback` (what a
person says of the best). Ours: the whole module is kept (helpers too), candidates are named by their content, the
incumbent stays unless beaten, a round that fails whole is repeated with its findings instead of being lost, the
dialogue keeps the last four turns (Markov in the paper), refused candidates are repaired once, a person's words stand
below the reflection and not in its place, and the best few are confirmed on fresh seeds, where the paper reports the
maximum over training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from eureka_cli import asking, prompts, reflection, rounds, showing, steps
from eureka_cli.confirm import confirm
from eureka_cli.core import Candidate, Entry, Frozen, Message
from eureka_cli.people import Question
from eureka_cli.products import publish
from eureka_cli.rounds import opening
from eureka_cli.run import Run

__all__ = ["Config", "opening", "search"]


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
    start: str = ""
    """A reward to begin with: `human`, or a file. It counts as what round 0 found."""
    words: str = ""
    """What a person says of that start."""
    veto: tuple[str, ...] = ()
    """Components of it that must not be paid for."""
    feedback: Literal["off", "person", "wait"] = "off"
    """After a round a person may say something of its best: `person` takes what was said by the end of the next round,
    `wait` waits for it."""


def search(run: Run, config: Config) -> Candidate:
    """The best reward found, confirmed on fresh seeds."""
    task = opening(run)
    dialogue: list[Message] = []
    archive: dict[str, Entry] = {}
    best: Entry | None = None
    asked: Question | None = None
    if config.start:
        best = rounds.begin(run, config.start, slot="eureka/round-0/start")
        archive[best.candidate.id] = best
        run.vetoed |= set(config.veto)
        dialogue += _reflect(run, best, [], 0, config, rounds.remark(config.words, config.veto))
    for number in range(1, config.rounds + 1):
        run.event("round-start", round=number)
        entries = _round(run, config, number, best, [*task, *dialogue[-config.turns :]], in_hand=len(archive))
        best = max([*([best] if best else []), *entries], key=lambda entry: rounds.merit(run, entry))  # incumbent wins
        archive |= {entry.candidate.id: entry for entry in entries if steps.finished(run, entry)}
        publish(run, best.candidate, f"best after round {number}: search fitness {best.fitness}, not yet confirmed")
        before, asked = asked, _question(run, best, number, config)
        dialogue += _reflect(run, best, entries, number, config, _remark(run, config, asked, before))
    return confirm(run, list(archive.values()))


def _round(
    run: Run, config: Config, number: int, best: Entry | None, messages: Sequence[Message], *, in_hand: int
) -> list[Entry]:
    return rounds.play(
        run,
        messages,
        slot=f"eureka/round-{number}",
        samples=config.samples,
        repairs=config.repairs,
        repeats=config.repeats,
        parent=best.candidate if best else None,
        in_hand=in_hand,
    )


def _reflect(
    run: Run, best: Entry, entries: Sequence[Entry], number: int, config: Config, remark: str
) -> list[Message]:
    """What the model is told: its best answer so far, what training with it showed, what a person says of it."""
    facts = reflection.round_facts(run, best, entries, rounds_left=config.rounds - number)
    said = [prompts.render("eureka/improve", **facts)]
    said += [remark] if remark else []
    return [
        Message(role="assistant", content=best.draft.completion.text),
        Message(role="user", content="\n\n".join(said)),
    ]


# ---------------------------------------------------------------- a person's remark


def _question(run: Run, best: Entry, number: int, config: Config) -> Question | None:
    """What a person may remark on; nothing where nobody would hear it."""
    if config.feedback == "off" or number == config.rounds:
        return None
    text = prompts.render("eureka/question", sentence=run.task.sentence, number=number)
    options = showing.options(run, [best])
    question = Question(slot=f"eureka/round-{number}/remark", kind="words", text=text, options=options)
    if config.feedback == "person":
        run.offer(question)
    return question


def _remark(run: Run, config: Config, asked: Question | None, before: Question | None) -> str:
    """What was said of the round that ended, where that is waited for; else of the one before: one can look first."""
    if asked is None:
        return ""
    said = asking.ask(run, asked, truth={}) if config.feedback == "wait" else before and run.peek(before)
    return rounds.remark(said.words, said.veto) if said else ""
