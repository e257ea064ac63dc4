"""What the critic says of code as it is typed: the lint here, for it runs nothing; the rest sandboxed, on request."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Lock

from eureka_cli.config import RunConfig, read_toml, resolve
from eureka_cli.core import Finding
from eureka_cli.critics.levels import weigh
from eureka_cli.critics.lint import lint
from eureka_cli.errors import UsageError
from eureka_cli.store import RunFolder, read_json

LONGEST_S = 300
_one_at_a_time = Lock()


def read(folder: RunFolder, code: str) -> list[Finding]:
    """Findings of the lint, weighed as in the run. UsageError before the run has measured its environment."""
    measured = [event for event in folder.events() if str(event.get("address")).startswith("measure/")]
    done = [event["address"] for event in measured if event["event"] in ("job-done", "job-reused")]
    if not done:
        raise UsageError("The run has not measured its environment yet; the critic can speak when it has.")
    fields = read_json(folder.find(done[0]) / "result.json")["result"]["fields"]
    return list(weigh(lint(code, fields=fields), "lint", _config(folder).critic))


def test(folder: RunFolder, code: str) -> list[Finding]:
    """Findings of every stage that needs no model, by `reward-synth check` in a process of its own.

    UsageError with its words where it cannot be tested.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise UsageError("Another reward is being tested just now. Try again when it is done.")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "reward.py"
            file.write_text(code, encoding="utf-8")
            return _tested(_command(folder, file))
    finally:
        _one_at_a_time.release()


def _tested(command: list[str]) -> list[Finding]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        raise UsageError(f"The test took longer than {LONGEST_S} s and was stopped.") from None
    try:
        return [Finding.model_validate(found) for found in json.loads(done.stdout)]
    except json.JSONDecodeError:
        raise UsageError(f"It could not be tested: {done.stderr.strip()[-500:]}") from None


def _command(folder: RunFolder, file: Path) -> list[str]:
    config = _config(folder)
    told = {"task": config.task, "env": config.env, "fitness": config.fitness}
    settings = {f"params.{name}": value for name, value in config.params.items()}
    settings |= {f"critic.rules.{name}": value for name, value in config.critic.rules.items()}
    settings |= {"critic.level": config.critic.level, "critic.bank": str(config.critic.bank).lower(), "cores": 1}
    return [
        *(sys.executable, "-m", "eureka_cli.cli.main", "check", str(file), "--json"),
        *(f"--{name}={value}" for name, value in told.items() if value),
        *(f"--set={name}={value}" for name, value in settings.items()),
        f"--runs={folder.path.parent}",
    ]


def _config(folder: RunFolder) -> RunConfig:
    return resolve(read_toml(folder.path / "run.toml")["config"], RunConfig, "")
