"""Who answers a run's questions: a person, who is waited for; an annotator who knows fitness and errs; or the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from eureka_cli import judging, plugins
from eureka_cli.config import RunConfig
from eureka_cli.core import digest
from eureka_cli.errors import ConfigError
from eureka_cli.people import Answer, Question
from eureka_cli.run import Run

ME, SIMULATED, JUDGE = "me", "simulated", "judge"
BUILTIN = "builtin"


def ask(run: Run, question: Question, *, truth: Mapping[str, float]) -> Answer:
    """The answer of whoever the run's `person` is. `truth` is each option's fitness, for the simulated one alone."""
    return run.ask(question, _annotator(run, truth))


def blind(config: RunConfig) -> bool:
    """Whether a person is to judge what is shown: then no fitness is."""
    return config.person == ME and hasattr(plugins.load("methods", config.method_name), "settled")


def check(config: RunConfig) -> None:
    """Raises ConfigError where the run's `person` is nobody, or its principles cannot be read by whom they are for."""
    noise(config.person)
    if config.person == JUDGE and config.model == BUILTIN:
        raise ConfigError(
            "builtin cannot judge: it reads no behaviour. Give a language model (--model) or --person me."
        )
    if config.principles is None:
        return
    if config.person != JUDGE:
        raise ConfigError("Principles are for the model as a judge: give --person judge with them.")
    judging.principles(Path(config.principles))


def noise(person: str) -> float | None:
    """How often a simulated annotator errs, in [0, 0.5]; None for anybody else. ConfigError for nobody we know."""
    kind, _, rate = person.partition(":")
    if kind in (ME, JUDGE) and not rate:
        return None
    try:
        found = float(rate or 0.0) if kind == SIMULATED else -1.0
    except ValueError:
        found = -1.0
    if not 0 <= found <= 0.5:
        raise ConfigError(
            f"No person {person!r}. There are: me, simulated:RATE with an error rate from 0 to 0.5, and judge."
        )
    return found


def _annotator(run: Run, truth: Mapping[str, float]) -> Callable[[Question], Answer] | None:
    if run.config.person == JUDGE:
        return partial(judging.judged, run)
    rate = noise(run.config.person)
    return None if rate is None else partial(simulated, truth=truth, rate=rate, seed=run.config.seed)


def simulated(question: Question, *, truth: Mapping[str, float], rate: float, seed: int) -> Answer:
    """Best and worst of the options by fitness, found in comparisons of two, each mistaken with probability `rate`.

    The proxy human of In-Context Preference Learning (Yu et al. 2024), made fallible. To other questions it has
    nothing to say and agrees.
    """
    name = f"{SIMULATED}:{rate:g}"
    if question.kind != "rank":
        return Answer(by=name, approve=True, words="")
    rng = np.random.default_rng(int(digest([seed, question.slot]), 16))

    def better(a: str, b: str) -> bool:
        return bool((truth[a] > truth[b]) != (rng.random() < rate))

    names = [option.name for option in question.options]
    best = names[0]
    for other in names[1:]:
        best = other if better(other, best) else best
    rest = [other for other in names if other != best]
    worst = rest[0] if rest else best
    for other in rest[1:]:
        worst = other if better(worst, other) else worst
    middle = tuple(other for other in rest if other != worst)
    ranks = tuple(group for group in ((best,), middle, (worst,) if rest else ()) if group)
    return Answer(by=name, ranks=ranks, asked=max(0, 2 * (len(names) - 1)))
