"""RunConfig: everything a run was asked to do, from TOML, flags and `--set key=value`. Frozen; unknown keys refused."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError, field_validator

from eureka_cli.core import Frozen
from eureka_cli.errors import ConfigError

Table = dict[str, Any]
T = TypeVar("T", bound=Frozen)


class Search(Frozen):
    """How candidates are trained, compared and confirmed, whatever the method."""

    train_seeds: int = Field(2, ge=1)
    """Policies trained per candidate; candidates share their seeds."""
    racing: Literal["halving", "off"] = "halving"
    """`halving`: the weaker half of a round stops early, again and again. `off`: everyone to the end (the papers)."""
    race_rungs: tuple[float, ...] = (0.2, 0.4)
    """Shares of the budget at which the weaker half stops; policies are kept at each tenth, so tenths see the most."""
    race_ties: float = Field(1.0, ge=0)
    """Standard errors of a difference in fitness within which the weaker one stays."""
    evaluation_episodes: int = Field(20, ge=1)
    """Episodes behind one fitness, of the checkpoint with the peak own return."""
    curve_episodes: int = Field(4, ge=1)
    """Episodes per checkpoint behind the fitness curve the model is shown."""
    confirm: int = Field(2, ge=1)
    """How many of the best candidates are retrained on fresh seeds."""
    confirm_seeds: int = Field(5, ge=2)
    """Fresh seeds per confirmed candidate and per baseline."""

    @field_validator("race_rungs", mode="before")
    @classmethod
    def _rising(cls, value: Any) -> Any:
        shares = value if isinstance(value, list | tuple) else []
        # A policy is kept at each tenth of the budget; before the first there is nothing to measure.
        within = all(isinstance(share, int | float) and 0.1 <= share < 1 for share in shares)
        if not shares or not within or any(a >= b for a, b in pairwise(shares)):
            raise ValueError(
                "give shares of the budget that rise, from 0.1 to below 1, such as [0.2, 0.4];"
                " search.racing=off stops nobody"
            )
        return value


class Critic(Frozen):
    """What is tested before training, and what stops a candidate."""

    level: Literal["strict", "standard", "off"] = "standard"
    """`standard` refuses what is broken or pays for the opposite; `strict` what is doubtful too; `off` tests nothing
    but that there is code: the sandbox holds all the same."""
    rules: dict[str, Literal["refuse", "warn", "off"]] = Field(default_factory=dict)
    """By rule, whatever the level says: --set critic.rules.jump=refuse"""
    bank: bool = True
    """Judge candidates on a rollout bank."""
    reviews: int = Field(0, ge=0, le=3)
    """How often the model reads an accepted reward once more (3 in Auto MC-Reward)."""
    keep: int | None = Field(None, ge=1)
    """Train at most so many candidates of a round, those that the bank ranks highest."""


class Climb(Frozen):
    """How the winner of a search reaches the goal, where the task has a curriculum (docs/curricula.md)."""

    name: str | None = None
    """Which of the task's curricula; None takes its first, `none` trains on the goal from the first step."""
    seeds: int = Field(2, ge=1)
    """Fresh seeds of the climb."""
    human: bool = False
    """The human reward climbs too, for comparison."""
    budget: int | None = Field(None, ge=1)
    """Environment steps of one climb; None takes the curriculum's."""
    chunk: int | None = Field(None, ge=1)
    """Environment steps between two evaluations; None takes the curriculum's."""
    rank: int | None = Field(None, ge=1)
    """Environment steps after which the best of the search are ranked; None takes the curriculum's."""


class Budget(Frozen):
    """Limits. Steps bound each trial; the rest stop a run between effects and can be raised to resume."""

    steps: int | None = Field(None, ge=1)
    """Environment steps of one trial; None takes the task's."""
    all_steps: int | None = Field(None, ge=1)
    """Environment steps of all trainings of the run."""
    hours: float | None = Field(None, gt=0)
    """Wall-clock hours of this process."""
    cpu_hours: float | None = Field(None, gt=0)
    """CPU-hours of all jobs of the run."""
    tokens: int | None = Field(None, ge=1)
    """Input plus output tokens."""
    usd: float | None = Field(None, gt=0)
    """Dollars; needs a known price or `price`."""


class Price(Frozen):
    """Dollars per million tokens, for models without a known price."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class Tracker(Frozen):
    """Who else is told a run's curves (docs/take-home.md). It changes no result."""

    name: Literal["none", "wandb", "trackio"] = "none"
    project: str = "reward-synth"
    tensorboard: bool = True
    """Write runs/RUN/tensorboard/."""


class RunConfig(Frozen):
    """One run. Tables `method`, `trainer`, `executor` and `model_options` belong to the plug-ins named beside them."""

    task: str | None = None
    """A shipped or own task: the name of a file under envs/*/."""
    env: str | None = None
    """Instead of a task: any registered Gymnasium id (needs `goal`)."""
    goal: str | None = None
    """With `env`: what to learn, in one sentence."""
    fitness: str | None = None
    """With `env`: a file that defines fitness(trajectory), where the id reports no success."""
    env_args: Table = Field(default_factory=dict)
    """With `env`: what it is made with, such as env_args.env_name=drawer-close-v3."""
    imports: tuple[str, ...] = ()
    """With `env`: packages or .py files that register it, imported by the jobs alone."""
    params: dict[str, float | str] = Field(default_factory=dict)
    """Overrides of the task's PARAMS, fixed within the run."""
    model: str = "builtin"
    method_name: str = "eureka"
    trainer_name: str = "native_ppo"
    executor_name: str = "local"
    preset: Literal["laptop", "paper", "smoke"] = "laptop"
    seed: int = Field(0, ge=0)
    person: str = "me"
    """Who answers a method's questions: me; simulated:RATE, who knows fitness and errs so often; judge, the model."""
    principles: str | None = None
    """With person=judge: a file that says what the model is to judge by."""
    method: Table = Field(default_factory=dict)
    trainer: Table = Field(default_factory=dict)
    executor: Table = Field(default_factory=dict)
    model_options: Table = Field(default_factory=dict)
    search: Search = Search()
    critic: Critic = Critic()
    curriculum: Climb = Climb()
    budget: Budget = Budget()
    price: Price | None = None
    tracker: Tracker = Tracker()
    cores: int | None = Field(None, ge=1)
    """Jobs side by side; None takes every core."""
    strict: bool = False
    """Replay refuses prompts whose numbers differ, not only those whose words do."""
    allow_unconfined: bool = False
    """Run reward code without a sandbox where none can be had. Never for code you did not read."""
    video: bool = True


PRESETS: dict[str, Table] = {
    # Fits two cores: a first answer in minutes.
    "laptop": {"method": {"rounds": 3, "samples": 4}},
    # Ma et al. 2024: K=16 samples, N=5 iterations, one seed each, everyone trained to the end, five final seeds.
    "paper": {
        "method": {"rounds": 5, "samples": 16},
        "search": {"train_seeds": 1, "racing": "off", "confirm": 1, "confirm_seeds": 5},
    },
    # Plumbing only: seconds, no meaning in the numbers.
    "smoke": {
        "method": {"rounds": 2, "samples": 2},
        "search": {
            "train_seeds": 1,
            "evaluation_episodes": 2,
            "curve_episodes": 1,
            "confirm": 1,
            "confirm_seeds": 2,
        },
        "curriculum": {"budget": 8192, "chunk": 2048, "rank": 2048},
        "budget": {"steps": 4096},
        "video": False,
    },
}


def load(file: Path | None, flags: Mapping[str, Any], assignments: Sequence[str]) -> RunConfig:
    """Resolve preset < file < flags < `--set`. Flags of None are ignored.

    Raises ConfigError with the offending key, and the nearest name that exists.
    """
    layers: list[Table] = []
    if file is not None:
        layers.append(read_toml(file))
    layers.append({})
    for key, value in flags.items():
        if value is not None:
            put(layers[-1], key.split("."), value)
    for assignment in assignments:
        assign(layers[-1], assignment)
    merged: Table = {}
    for layer in layers:
        merged = merge(merged, layer)
    return with_preset(merged)


def with_preset(table: Table) -> RunConfig:
    """The config of a table over the preset it names."""
    preset = table.get("preset", "laptop")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise ConfigError(f"No preset {preset!r}. There are: {', '.join(PRESETS)}.")
    return resolve(merge(PRESETS[preset], table), RunConfig, "")


def assign(table: Table, assignment: str) -> None:
    """Put `key=value` into a table; dots in the key lead into tables."""
    key, equals, text = assignment.partition("=")
    if not equals:
        raise ConfigError(f"--set takes key=value, got {assignment!r}. Example: --set search.train_seeds=3")
    put(table, key.strip().split("."), _parse_value(text.strip()))


def arguments(assignments: Sequence[str]) -> Table:
    """`key=value` pairs as a table, each value as TOML would read it, a bare word as text."""
    found: Table = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip().isidentifier():
            raise ConfigError(f"--env-arg takes NAME=VALUE, got {assignment!r}. Example: --env-arg env_name=reach-v3")
        found[key.strip()] = _parse_value(text.strip())
    return found


def read_toml(file: Path) -> Table:
    """A TOML file as a table; ConfigError where it cannot be read or parsed."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"No file {file}. Check the path.") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}.") from None


def resolve(table: Mapping[str, Any], into: type[T], where: str) -> T:
    """Validate a table into a frozen config; `where` prefixes keys in messages."""
    try:
        return into.model_validate(dict(table))
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in ([where] if where else []) + list(problem["loc"]))
        if problem["type"] == "extra_forbidden":
            known = _names_beside(into, [str(part) for part in problem["loc"]])
            close = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else f" Known here: {', '.join(sorted(known))}."
            raise ConfigError(f"Unknown setting {key!r}.{hint}") from None
        says = problem["msg"].removeprefix("Value error, ").lower()
        raise ConfigError(f"Setting {key!r} has the value {problem['input']!r}: {says}.") from None


def _names_beside(into: type[Frozen], location: Sequence[str]) -> list[str]:
    for part in location[:-1]:
        inner = into.model_fields[part].annotation
        if not (isinstance(inner, type) and issubclass(inner, Frozen)):
            return []
        into = inner
    return list(into.model_fields)


def put(table: Table, path: Sequence[str], value: Any) -> None:
    """Set what `path` leads to through tables, which are made where they are missing."""
    for part in path[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{'.'.join(path)!r} goes into {part!r}, which is a value, not a table.")
    table[path[-1]] = value


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # a bare word is a string: --set model=builtin


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> Table:
    """Tables laid over each other, tables within them too."""
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged
