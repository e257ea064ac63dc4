"""Text2Reward: dense reward code from a sentence and a Pythonic picture of the world, refined in words.

Xie et al. 2024, "Text2Reward: Reward Shaping with Language Models for Reinforcement Learning".

Faithful: the environment shown as Python classes with typed attributes instead of its source; zero-shot, or few-shot
with the nearest earlier rewards (`method.shots`); code that does not run goes back with what was wrong; after training
"I can see that ..." and a person's words lead to the next version of the code, the latest one, not the best. The model
is never told a fitness. Ours: rewards read the classes' own attributes, so there is no second set of names to map; the
classes are made of the State's comments; likeness of sentences needs no download; several samples a round, of which the
fittest is refined; what the policy did is described from its episodes where the paper has a person describe it, beside
the components at checkpoints; words once said hold for all later rounds; the best few are confirmed on fresh seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pydantic import Field

from eureka_cli import abstraction, asking, prompts, reflection, retrieval, rounds, showing, steps
from eureka_cli.config import resolve
from eureka_cli.confirm import confirm
from eureka_cli.core import Candidate, Entry, Frozen, Message
from eureka_cli.people import Question
from eureka_cli.products import publish
from eureka_cli.run import Run


class Config(Frozen):
    rounds: int = Field(3, ge=1)
    """The first version and its refinements."""
    samples: int = Field(4, ge=1)
    """Candidates asked for in a round (1 in the paper)."""
    shots: int = Field(0, ge=0, le=8)
    """Earlier rewards of other tasks shown as examples; 0 is zero-shot."""
    feedback_rounds: int = Field(0, ge=0)
    """After how many of the rounds a person is shown the policy and asked for words."""
    repairs: int = Field(2, ge=0)
    """How often a refused candidate goes back to the model with its findings."""
    repeats: int = Field(3, ge=0)
    """How often a round that fails whole is repeated before the run stops."""


def search(run: Run, config: Config) -> Candidate:
    """The best reward found, confirmed on fresh seeds."""
    task = _opening(run, retrieval.recall(run, config.shots))
    refinement: list[Message] = []
    said: list[str] = []
    archive: dict[str, Entry] = {}
    latest: Entry | None = None
    for number in range(1, config.rounds + 1):
        run.event("round-start", round=number)
        entries = rounds.play(
            run,
            [*task, *refinement],
            slot=f"text2reward/round-{number}",
            samples=config.samples,
            repairs=config.repairs,
            repeats=config.repeats,
            parent=latest.candidate if latest else None,
            in_hand=len(archive),
        )
        merit = partial(rounds.merit, run)
        latest = max(entries, key=merit)
        archive |= {entry.candidate.id: entry for entry in entries if steps.finished(run, entry)}
        best = max(archive.values(), key=merit)
        publish(run, best.candidate, f"best after round {number}: search fitness {best.fitness}, not yet confirmed")
        if number < config.rounds:
            said += _words(run, latest, number) if number <= config.feedback_rounds else []
            refinement = _refine(run, latest, entries, said)
    return confirm(run, list(archive.values()))


def opening(run: Run) -> list[Message]:
    """The first prompt, with the shots that would be shown now."""
    config: Config = resolve(run.config.method, Config, "method")
    return _opening(run, retrieval.nearest(run, config.shots))


def _opening(run: Run, shots: Sequence[retrieval.Shot]) -> list[Message]:
    """Role and reward contract, then the environment as classes, examples where there are any, and the sentence."""
    steps.measure(run)
    facts = reflection.task_facts(run)
    facts |= {"classes": abstraction.classes(facts["table"], facts["env_code"]), "shots": shots}
    return [
        Message(role="system", content=prompts.render("text2reward/system", **facts)),
        Message(role="user", content=prompts.render("text2reward/task", **facts)),
    ]


def _words(run: Run, entry: Entry, number: int) -> list[str]:
    """What the person says of the policy; empty where there is nothing to say."""
    text = f"The task: {run.task.sentence}. What should the policy do otherwise? Say it in your own words."
    shown = showing.options(run, [entry])
    question = Question(slot=f"text2reward/round-{number}/words", kind="words", text=text, options=shown)
    answer = asking.ask(run, question, truth={})
    return [*([answer.words] if answer.words else []), *(f"Do not pay for {name}." for name in answer.veto)]


def _refine(run: Run, latest: Entry, entries: Sequence[Entry], said: Sequence[str]) -> list[Message]:
    """The latest code, what training with it led to, and all that the person has said."""
    facts = reflection.round_facts(run, latest, entries, rounds_left=0)
    return [
        Message(role="assistant", content=latest.draft.completion.text),
        Message(role="user", content=prompts.render("text2reward/refine", **facts, said=said)),
    ]
