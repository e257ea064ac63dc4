"""What `run` and `resume` share: find the task and the folder, load the plug-ins, search, report, stop cleanly."""

from __future__ import annotations

import contextlib
import datetime
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import tomli_w

from eureka_cli import asking, climbing, estimate, people, plugins, steps, tasks, tracking
from eureka_cli import config as settings
from eureka_cli.cli import live, terminal
from eureka_cli.config import RunConfig
from eureka_cli.core import Executor, Json, Model, Task
from eureka_cli.errors import ConfigError, FilesGone, RewardSynthError, UsageError
from eureka_cli.reports import climb_page, page, summary
from eureka_cli.run import OnEvent, Run
from eureka_cli.store import RunFolder, write_atomic, write_json

FREE_TO_CHANGE = {"budget", "cores", "executor", "executor_name", "video", "price", "strict", "tracker"}
"""Settings that change no result, so that a run may be resumed under others."""


def find_task(config: RunConfig) -> Task:
    if config.task and config.env:
        raise UsageError("Give --task or --env, not both.")
    if config.task:
        return tasks.find(config.task, config.params)
    if not config.env:
        raise UsageError("What is to be learnt? Give --task NAME (`reward-synth tasks`) or --env ID --goal TEXT.")
    if not config.goal:
        raise UsageError(f'--env {config.env} needs --goal "what to learn, in one sentence".')
    return tasks.from_gymnasium(
        config.env,
        config.goal,
        fitness=config.fitness,
        budget=config.budget.steps,
        kwargs=config.env_args,
        imports=config.imports,
    )


# ---------------------------------------------------------------- folders


def settled(config: RunConfig) -> RunConfig:
    """The settings with those that the method decides by what it is."""
    method = plugins.load("methods", config.method_name)
    return method.settled(config) if hasattr(method, "settled") else config


def choose_folder(config: RunConfig, task: Task, runs: Path, name: str | None) -> RunFolder:
    """The folder of --name; else of an earlier run of the same settings; else a new one of today."""
    if name is not None:
        folder = RunFolder(runs / name)
        if (folder.path / "run.toml").exists() and not has_settings(folder, config):
            raise UsageError(f"Run {name!r} exists with other settings. Choose another --name, or resume it.")
        return folder
    for file in sorted(runs.glob("*/run.toml"), reverse=True):
        folder = RunFolder(file.parent)
        try:
            if has_settings(folder, config):
                return folder
        except ConfigError:
            continue  # written by another version
    stem = f"{datetime.date.today().isoformat()}-{task.name}-{config.method_name}"
    taken = {path.name for path in runs.glob(f"{stem}*")}
    fresh = [stem, *(f"{stem}-{k}" for k in range(2, len(taken) + 2))]
    return RunFolder(runs / next(candidate for candidate in fresh if candidate not in taken))


def has_settings(folder: RunFolder, config: RunConfig) -> bool:
    """Whether the run of a folder is one of `config`, limits and other things that change no result apart."""
    return _identity(read_config(folder, [])) == _identity(config)


def _identity(config: RunConfig) -> dict[str, Any]:
    table = config.model_dump(exclude_none=True, exclude=FREE_TO_CHANGE)
    return {**table, "steps": config.budget.steps}


def find_run(name: str, runs: Path) -> RunFolder:
    for path in (runs / name, Path(name)):
        if (path / "run.toml").exists():
            return RunFolder(path)
    known = sorted(file.parent.name for file in runs.glob("*/run.toml"))
    raise UsageError(f"No run {name!r} in {runs}/. There are: {', '.join(known) or 'none'}.")


def read_config(folder: RunFolder, assignments: Sequence[str]) -> RunConfig:
    for assignment in assignments:
        if assignment.split("=")[0].split(".")[0] not in FREE_TO_CHANGE or assignment.startswith("budget.steps"):
            raise ConfigError(
                f"{assignment!r} would change results; resume takes budget.*, cores, executor.* and video only."
            )
    table = settings.read_toml(folder.path / "run.toml").get("config", {})
    try:
        base = settings.resolve(table, RunConfig, "")
    except ConfigError as error:
        raise ConfigError(f"{folder.name} was made by another version ({error}) Start a new run.") from None
    if not assignments:
        return base
    extra = settings.load(None, {"preset": base.preset}, assignments).model_dump(exclude_unset=True)
    changed = {key: value for key, value in extra.items() if key in FREE_TO_CHANGE}
    kept = base.model_dump(exclude_none=True)
    if changed.get("executor_name", base.executor_name) != base.executor_name:  # another has other settings
        kept["executor"] = {}
    return settings.resolve(settings.merge(kept, changed), RunConfig, "")


# ---------------------------------------------------------------- a run


def search(folder: RunFolder, config: RunConfig, task: Task, *, as_json: bool, at_terminal: bool = False) -> None:
    """Run the method in its folder from the top; recorded effects answer from disk.

    `at_terminal`: questions are asked here, where they otherwise wait for `reward-synth answer`.
    """
    folder.path.mkdir(parents=True, exist_ok=True)
    with folder.lock():
        model, executor = load_plugins(config)
        display = live.Lines(folder.name) if at_terminal else live.display(folder.name, as_json=as_json)
        blind = asking.blind(config)
        show = _shown(folder, display, at_terminal=at_terminal, blind=blind)
        track = tracking.Tracking(folder, config, blind=blind)

        def on_event(event: dict[str, Json]) -> None:
            show(event)
            track(event)

        begun = partial(Run, folder, config, task=task, model=model, executor=executor, on_event=on_event)
        run = begun()
        method, method_config = check_settings(run)
        write_atomic(folder.path / "run.toml", _run_toml(config, task))
        _, most = estimate.steps(run, method_config.rounds, method_config.samples)
        display.plan(method_config.rounds, most)
        try:
            with display:
                run.event("run-start", task=task.name, sentence=task.sentence, model=model.name, params=task.params)
                _warn(run, method, method_config)
                while not _searched(run, method, method_config):
                    run = begun()
                _finish(run, executor)
        except KeyboardInterrupt:
            folder.log("interrupted")
            print(f"\nStopped. Go on with: reward-synth resume {folder.name}", file=sys.stderr)
            raise
        except RewardSynthError as error:
            folder.log("stopped", reason=str(error), error=type(error).__name__)
            raise
        except OSError as error:
            with contextlib.suppress(OSError):  # a full disk may have no room for this either
                folder.log("stopped", reason=f"{error.strerror}: {error.filename or ''}", error=type(error).__name__)
            raise
        finally:
            executor.close()
            track.close()
    found = summary.read(folder)
    print(json.dumps(found, indent=1) if as_json else summary.text(found))


def _warn(run: Run, method: Any, method_config: Any) -> None:
    """Before anything is spent, of limits that buy too little to be worth it."""
    limits = run.config.budget.model_dump(exclude_none=True, exclude={"steps"})
    if limits and not run.spent.steps and not run.spent.tokens:
        size = method_config.rounds, method_config.samples
        for line in estimate.too_short(run, *size, method.opening(run)):
            print(f"warning: {line}", file=sys.stderr)


def _searched(run: Run, method: Any, method_config: Any) -> bool:
    """False where arrays it needs were cleaned away: then it has to begin again from the top, which makes them."""
    try:
        method.search(run, method_config)
    except FilesGone as gone:
        run.event("made-again", why=str(gone))
        return False
    return True


def _shown(folder: RunFolder, display: live.Display, *, at_terminal: bool, blind: bool) -> OnEvent:
    """Events on the terminal; how a climb goes on a page as well. At a terminal questions are asked as they come up."""

    def show(event: dict[str, Json]) -> None:
        unseen: dict[str, Json] = {"fitness": None, "curve": []} if blind and event["event"] == "score" else {}
        display.show({**event, **unseen})
        if event["event"] in ("chunk", "climb-video"):
            climb_page.write(folder)
        if at_terminal and event["event"] == "question" and event["waits"]:
            _ask_here(folder, event["slot"])

    return show


def _ask_here(folder: RunFolder, slot: str) -> None:
    question = next((waiting for waiting in people.waiting(folder.path) if waiting.slot == slot), None)
    if question is not None:  # else it was answered elsewhere meanwhile
        print(terminal.shown(question, folder), file=sys.stderr)
        people.answer(folder.path, question, terminal.asked(question, folder))


def load_plugins(config: RunConfig) -> tuple[Model, Executor]:
    name, _, argument = config.model.partition(":")
    try:
        module = plugins.load("models", name)
    except UsageError as error:
        cure = f"A language model is named with who serves it: openai:{config.model} or litellm:VENDOR/{config.model}."
        raise UsageError(f"{error} {cure}") from None
    model: Model = module.load(argument, settings.resolve(config.model_options, module.Config, "model_options"))
    executor_module = plugins.load("executors", config.executor_name)
    given = {**config.executor, "cores": config.cores, "allow_unconfined": config.allow_unconfined}
    executor: Executor = executor_module.start(settings.resolve(given, executor_module.Config, "executor"))
    return model, executor


def check_settings(run: Run) -> tuple[Any, Any]:
    """The method and its settings; every setting is checked before anything is spent."""
    run.check_money()
    asking.check(run.config)
    tracking.check(run.config)
    steps.trainer(run)
    climbing.plan(run)
    method = plugins.load("methods", run.config.method_name)
    return method, settings.resolve(run.config.method, method.Config, "method")


def _run_toml(config: RunConfig, task: Task) -> str:
    from eureka_cli import __version__

    table = {
        "version": __version__,
        "python": sys.version.split()[0],
        "config": config.model_dump(exclude_none=True),
        "task": task.model_dump(exclude={"world", "paths", "judge"}),
        "world": {key: value for key, value in task.world.items() if not isinstance(value, dict)},
    }
    return tomli_w.dumps(table)


def _finish(run: Run, executor: Executor) -> None:
    """Summary and page of a finished search."""
    isolation = getattr(executor, "isolation", "")
    if isolation:
        note = getattr(plugins.load("trainers", run.config.trainer_name), "ISOLATION_NOTE", "")
        run.event("isolation", level=f"{isolation}; {note}" if note else isolation)
    write_json(run.folder.path / "summary.json", summary.compute(run.folder))
    page.write(run.folder)
    run.event("run-done")


def must_be_done(folder: RunFolder) -> None:
    if not any(event["event"] == "best" for event in folder.events()):
        raise UsageError(f"{folder.name} is not finished. Go on with: reward-synth resume {folder.name}")
