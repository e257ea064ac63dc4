"""`builtin`: writes rewards without a key or a network, by evolution over programs built from the prompt alone.

It reads what a language model reads (the sentence, the fenced state table, the reflection and the code in the
dialogue) and answers in the same form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from eureka_cli.core import Completion, Frozen, Message, Request
from eureka_cli.errors import ModelError
from eureka_cli.models import builtin_programs as programs

TABLE = re.compile(r"```state-table\n(.*?)```", re.S)
REFLECTION = re.compile(r"```reflection\n(.*?)```", re.S)
VETO = re.compile(r"does not want these components paid for[^\n]*\n\n((?:- .*\n?)+)")
SENTENCE = re.compile(r"^The task: (.*)$", re.M)
STEP = re.compile(r"at most \d+ steps of ([\d.e-]+) s")
FRESH_SHARE, FRESH_SHARE_STUCK = 0.35, 0.8
CROSS_SHARE = 0.15
FLAT = 1e-6
MOST_TRIES = 8


class Config(Frozen):
    """`builtin` has no settings."""


class Builtin:
    name = "builtin"
    paid = False

    def complete(
        self, requests: Sequence[Request], *, run_folder: Path, note: Callable[[str], None]
    ) -> Iterator[tuple[Request, Completion]]:
        for request in requests:
            yield request, answer(request)


ACCEPT = "VERDICT: ACCEPT"
"""What a review asks for where nothing needs changing."""
DIFFERENCE = "DIFFERENCE:"
"""What marks the question how one reward differs from another."""


def answer(request: Request) -> Completion:
    """A program for the prompt, by chance seeded with request.seed alone."""
    if ACCEPT in request.messages[-1].content:  # asked to review: it has no second thoughts
        return Completion(text=f"{ACCEPT}\n", model=Builtin.name, cost_usd=0.0)
    if DIFFERENCE in request.messages[-1].content:
        return Completion(text=programs.difference(request.messages[-1].content), model=Builtin.name, cost_usd=0.0)
    rng = np.random.default_rng(request.seed)
    text = "\n".join(message.content for message in request.messages)
    table, sentence, step = TABLE.search(text), SENTENCE.search(text), STEP.search(text)
    if table is None or sentence is None or step is None:
        raise ModelError("builtin found no state table in the prompt; prompts/ was changed beyond what it reads.")
    dt = float(step[1])
    grammar = programs.Grammar(programs.parse_table(table[1]), sentence[1], dt, rng)
    program = _choose(grammar, request.messages, rng)
    names = ", ".join(programs.component_names(program))
    code = programs.emit(program, dt)
    return Completion(text=f"Reward {names}.\n\n```python\n{code}```\n", model=Builtin.name, cost_usd=0.0)


def load(argument: str, config: Config) -> Builtin:
    return Builtin()


def _choose(grammar: programs.Grammar, messages: Sequence[Message], rng: np.random.Generator) -> programs.Program:
    """A program the dialogue has not shown yet: afresh in the first round and now and then later, else a neighbour."""
    parents = [found for found in (_parent(message) for message in messages) if found]
    reflections = REFLECTION.findall(messages[-1].content)
    advice = read_reflection(reflections[-1]) if reflections else Advice({}, stuck=True, lasting_helps=False)
    fresh = FRESH_SHARE_STUCK if advice.stuck else FRESH_SHARE
    for _ in range(MOST_TRIES):
        if not parents or not reflections or rng.random() < fresh:
            program = grammar.draw()
        elif len(parents) > 1 and rng.random() < CROSS_SHARE:
            program = grammar.cross(parents[-1], parents[int(rng.integers(len(parents) - 1))])
        else:
            program = grammar.mutate(parents[-1], advice.components, lasting_helps=advice.lasting_helps)
        program = _without(program, _vetoed(messages))
        if program and program not in parents:
            break
    return program or grammar.draw()


def _vetoed(messages: Sequence[Message]) -> set[str]:
    listed = [found for message in messages for found in VETO.findall(message.content)]
    return {line.removeprefix("- ").strip() for found in listed for line in found.splitlines()}


def _without(program: programs.Program, vetoed: set[str]) -> programs.Program:
    named = zip(programs.component_names(program), program, strict=True)
    return [term for name, term in named if name not in vetoed]


def _parent(message: Message) -> programs.Program | None:
    return programs.read_back(message.content) if message.role == "user" and "reflection" in message.content else None


class Advice(NamedTuple):
    """What a reflection says, as numbers."""

    components: dict[str, float]
    """Per component: -1 where it stands still or runs against fitness over the checkpoints, else its correlation."""
    stuck: bool
    """Fitness did not rise over training: what is rewarded does not lead to the task."""
    lasting_helps: bool
    """Episodes differ in length, and the longer ones went with more fitness."""


def read_reflection(text: str) -> Advice:
    """Advice from the rows of a fenced reflection: `name: ten values; max, mean, min`."""
    rows: dict[str, np.ndarray] = {}
    for line in text.strip().splitlines():
        name, _, rest = line.partition(":")
        numbers = re.findall(r"-?(?:nan|inf|[\d.]+(?:e[+-]?\d+)?)", rest.partition(";")[0])
        rows[name.strip()] = np.array([float(number) for number in numbers])
    fitness = rows.get("fitness", np.array([]))
    agreement = {name: _agreement(values, fitness) for name, values in rows.items() if len(values) == len(fitness) > 2}
    components = {
        name.removeprefix("component/"): value for name, value in agreement.items() if name.startswith("component/")
    }
    risen = _agreement(fitness, np.arange(len(fitness), dtype=float))
    return Advice(components, stuck="fitness" in rows and risen <= 0, lasting_helps=agreement.get("length", -1.0) > 0)


def _agreement(values: np.ndarray, fitness: np.ndarray) -> float:
    good = np.isfinite(values) & np.isfinite(fitness)
    if good.sum() < 3 or values[good].std() < FLAT * (1 + abs(values[good].mean())):
        return -1.0
    if fitness[good].std() < FLAT:
        return -1.0
    return float(np.corrcoef(values[good], fitness[good])[0, 1])
