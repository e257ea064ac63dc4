"""A suite: tasks x methods x models x seeds, each combination an ordinary run, a cell of the sweep."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w
from pydantic import Field, field_validator

from eureka_cli import config, plugins, tasks
from eureka_cli.config import RunConfig, Table
from eureka_cli.core import Frozen
from eureka_cli.errors import ConfigError
from eureka_cli.store import SWEEP, write_atomic

AXES = {"task": "tasks", "method_name": "methods", "model": "models", "seed": "seeds"}
"""Settings that a suite names in lists."""


class Cap(Frozen):
    """Limits of a whole sweep, counted over all its cells. It stops before the next effect and can go on."""

    hours: float | None = Field(None, gt=0)
    """Wall-clock hours of this process."""
    cpu_hours: float | None = Field(None, gt=0)
    tokens: int | None = Field(None, ge=1)
    usd: float | None = Field(None, gt=0)
    steps: int | None = Field(None, ge=1)
    """Environment steps of all trainings."""


class Override(Frozen):
    """Settings of the cells that match; what is left out matches all."""

    task: str | None = None
    method: str | None = None
    model: str | None = None
    """The name of the model in this suite."""
    settings: Table


class Suite(Frozen):
    """What SUITE.toml says."""

    tasks: tuple[str, ...] = Field(min_length=1)
    """Names of tasks, tiers or suites of tasks."""
    methods: tuple[str, ...] = Field(("eureka",), min_length=1)
    models: dict[str, str] = Field({"builtin": "builtin"}, min_length=1)
    """What the model is called in tables, and what --model would be given; {task} and {seed} are put in. A list of
    models names each by itself."""
    seeds: tuple[int, ...] = Field((0,), min_length=1)
    settings: Table = Field(default_factory=dict)
    """Settings of every run, as --config takes them."""
    budget: Cap = Cap()
    override: tuple[Override, ...] = ()

    @field_validator("models", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {model: model for model in value} if isinstance(value, list | tuple) else value


class Cell(NamedTuple):
    """One run of a sweep."""

    name: str
    """Of its folder."""
    task: str
    method: str
    model: str
    """As the suite calls it."""
    seed: int
    config: RunConfig

    @property
    def arm(self) -> str:
        return f"{self.method}, {self.model}"

    def with_cores(self, cores: int) -> Cell:
        """The cell with so many cores where its settings name no number."""
        return self._replace(config=self.config.model_copy(update={"cores": self.config.cores or cores}))


def load(file: Path | None, flags: Mapping[str, Any], assignments: Sequence[str]) -> Suite:
    """The suite of a file under flags (empty ones are ignored) and `key=value` settings of every run.

    Tiers and suites are replaced by their tasks. Raises ConfigError with the name that is wrong and what it may be.
    """
    given: Table = {}
    for key, value in flags.items():
        if value not in (None, []):
            config.put(given, key.split("."), value)
    for assignment in assignments:
        config.assign(given.setdefault("settings", {}), assignment)
    written = config.read_toml(file) if file else {}
    table = config.merge(written, given)
    if "tasks" not in table:
        raise ConfigError('Which tasks? Give SUITE.toml with tasks = ["cartpole_balance", ...], or --suite quick.')
    suite = config.resolve(table, Suite, "")
    suite = suite.model_copy(update={"tasks": _tasks(suite.tasks)})
    _check_names(suite, [*suite.models, *written.get("models", ())])
    return suite


def read(folder: Path) -> Suite:
    """The suite of a sweep's folder."""
    return config.resolve(config.read_toml(folder / SWEEP), Suite, "")


def write(folder: Path, suite: Suite) -> None:
    write_atomic(folder / SWEEP, tomli_w.dumps(suite.model_dump(exclude_none=True)))


def cells(suite: Suite) -> list[Cell]:
    """Its runs: of one seed all tasks, of one task all arms, so that what they share is paid for and used at once."""
    found = [
        _cell(suite, task, method, model, seed)
        for seed in suite.seeds
        for task in suite.tasks
        for method in suite.methods
        for model in suite.models
    ]
    if len({cell.name for cell in found}) < len(found):
        raise ConfigError("Two models would share folders. Name them: models = { first = ..., second = ... }.")
    return found


def _cell(suite: Suite, task: str, method: str, model: str, seed: int) -> Cell:
    table = suite.settings
    for override in suite.override:
        if override.task in (None, task) and override.method in (None, method) and override.model in (None, model):
            table = config.merge(table, override.settings)
    argument = suite.models[model].replace("{task}", task).replace("{seed}", str(seed))
    axes = {"task": task, "method_name": method, "model": argument, "seed": seed}
    name = "-".join(_slug(part) for part in (task, method, model, f"s{seed}"))
    return Cell(name, task, method, model, seed, config.with_preset(config.merge(table, axes)))


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]+", "-", text).strip("-.")


# ---------------------------------------------------------------- names


def _tasks(wanted: Iterable[str]) -> tuple[str, ...]:
    known, groups = tasks.names(), tasks.suites()
    found: dict[str, None] = {}
    for name in wanted:
        _check(name, [*known, *groups], "task, tier or suite", f"Tiers and suites: {', '.join(sorted(groups))}.")
        found |= dict.fromkeys([name] if name in known else groups[name])
    return tuple(found)


def _check_names(suite: Suite, models: Sequence[str]) -> None:
    """`models` are those that overrides may name: of the file too, where flags name others."""
    for method in suite.methods:
        plugins.load("methods", method)
    for table in (suite.settings, *(override.settings for override in suite.override)):
        for key in table:
            if key in AXES:
                raise ConfigError(f"{key!r} is no setting of a suite's runs: list it under {AXES[key]!r}.")
    for override in suite.override:
        if override.task is not None:
            _check(override.task, list(tasks.names()), "task", "See: reward-synth tasks")
        if override.method is not None:
            plugins.load("methods", override.method)
        if override.model is not None:
            _check(override.model, models, "model in this suite", f"There are: {', '.join(models)}.")


def _check(name: str, known: Sequence[str], what: str, there_are: str) -> None:
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise ConfigError(f"No {what} {name!r}.{hint} {there_are}")
