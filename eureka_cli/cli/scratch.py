"""Without a search: the first prompt, the cost, one answer, the critic's word on one reward."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eureka_cli import drafts, estimate, steps
from eureka_cli.cli import session
from eureka_cli.config import RunConfig
from eureka_cli.core import Finding, Job, Json
from eureka_cli.errors import UsageError
from eureka_cli.run import Run
from eureka_cli.store import RunFolder


@contextmanager
def run_in(config: RunConfig, path: Path) -> Iterator[Run]:
    """A run to measure and probe with, in a folder that no search uses."""
    folder = RunFolder(path)
    folder.path.mkdir(parents=True, exist_ok=True)
    model, executor = session.load_plugins(config)
    try:
        yield Run(
            folder, config, task=session.find_task(config), model=model, executor=executor, on_event=lambda event: None
        )
    finally:
        executor.close()


def dry_run(config: RunConfig, runs: Path, *, as_json: bool) -> None:
    """The first prompt and what the search would cost. Measures the environment; asks nobody, trains nothing."""
    with run_in(config, runs / ".dry-run") as run:
        method, method_config = session.check_settings(run)
        messages = method.opening(run)
        size = method_config.rounds, method_config.samples
        costs = estimate.costs(run, *size, messages)
        short = estimate.too_short(run, *size, messages)
    if as_json:
        print(
            json.dumps(
                {"messages": [message.model_dump() for message in messages], "estimate": costs, "warnings": short},
                indent=1,
            )
        )
        return
    for message in messages:
        print(f"--- {message.role} ---\n{message.content}")
    print("--- estimate ---\n" + "\n".join([estimate.text(costs), *(f"warning: {line}" for line in short)]))


def judge(run: Run, code: str) -> list[Finding]:
    """What the critic says of a reward: every stage that needs no model, as in a search."""
    steps.measure(run)
    return list(drafts.given(run, code, slot="check", by="a person").verdict.findings)


def conform(run: Run) -> list[dict[str, Json]]:
    """The checks of a task, made anew: what they read may lie outside the files that name a job."""
    spec = {"world": run.task.world, "judge": run.task.judge, "seed": run.seeds("measure", 1)[0]}
    job = Job(kind="conform", spec={**spec, "asked": time.time()}, paths=run.task.paths)
    checks: list[dict[str, Json]] = run.execute([job])[0].result["checks"]
    return checks


def finding_text(finding: Finding, file: str) -> str:
    """One finding as a compiler would say it."""
    place = f"{file}:{finding.line}" if finding.line else file
    quoted = f"\n    {finding.code}" if finding.code else ""
    cure = f"\n    {finding.cure}" if finding.cure else ""
    return f"{place}: {finding.severity} {finding.rule}: {finding.message}{quoted}{cure}"


def read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"{file} cannot be read: {why}.") from None
