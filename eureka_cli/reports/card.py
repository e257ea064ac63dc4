"""What goes with a reward that leaves: where it comes from, its numbers, what was refused, what it runs with."""

from __future__ import annotations

import importlib.metadata
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from eureka_cli import prompts
from eureka_cli.config import RunConfig
from eureka_cli.core import Json, Params
from eureka_cli.reports import history, summary
from eureka_cli.store import RunFolder

LICENCE = (
    "The files copied from reward-synth (environment, scoring, policy, train) are MIT. reward-synth claims nothing in"
    " the reward and the policy; what the vendor of the model says about its output applies to the reward. Models"
    " and meshes of robots keep the licence of the package they come from."
)


def facts(folder: RunFolder, config: RunConfig, versions: Mapping[str, str], usual: Params) -> dict[str, Json]:
    """The card as JSON, of a finished run; `usual` are the task's own parameters."""
    events = folder.events()
    best = next(event for event in reversed(events) if event["event"] == "best")
    found = summary.compute(folder)
    made = tomllib.loads((folder.path / "run.toml").read_text(encoding="utf-8"))
    answer = next((one for one in history.answers(folder) if one.candidate == best["candidate"]), None)
    return {
        "sentence": found["sentence"],
        "task": found["task"],
        "params": best["params"],
        "reward": best["candidate"],
        "numbers": {name: found[name] for name in ("best", "others", "comparison", "human_normalised")},
        "read_with_care": _remarks(found),
        "policy": {"fitness": best["policy_fitness"], "again": again(config, best["params"], usual)},
        "search": {name: found["search"][name] for name in ("answers", "refused", "trained", "funnel")},
        "provenance": {
            "run": folder.name,
            "model": found["model"],
            "method": config.method_name,
            "trainer": config.trainer_name,
            "seed": config.seed,
            "slot": answer.slot if answer else "",
            "finished": datetime.fromtimestamp(best["time"], UTC).isoformat(timespec="seconds"),
            "world": made["world"],
            "cost": found["cost"],
        },
        "isolation": found["isolation"],
        "versions": {"reward-synth": made["version"], "python": made["python"], **versions},
        "exported_by": f"reward-synth {importlib.metadata.version('reward-synth')}",
        "licence": LICENCE,
    }


def _remarks(found: Mapping[str, Json]) -> list[str]:
    score, alike = found["human_normalised"], summary.likeness_text(found["likeness"])
    warning = score["warning"] if score else None
    return [says for says in (warning, alike, *found["divergence"]["remarks"]) if says]


def again(config: RunConfig, params: Params, usual: Params) -> str:
    """The command that measures the policy on the episodes the run reported on."""
    words = ["reward-synth evaluate policy.npz"]
    words += [f"--task {config.task}"] if config.task else [f"--env {config.env}"]
    words += [f"--env-arg {name}={value}" for name, value in config.env_args.items()]
    words += [f"--import {name}" for name in config.imports]
    words += ["--fitness fitness.py"] if config.fitness else []
    words += [f"--set params.{name}={value}" for name, value in params.items() if value != usual.get(name)]
    words += [f"--seed {config.seed}", f"--episodes {config.search.evaluation_episodes}"]
    return " ".join(words)


def text(card: Mapping[str, Any], files: Mapping[str, str], skipped: list[str]) -> str:
    """The card for a person, in Markdown."""
    funnel = summary.funnel_text(card["search"])
    return prompts.render("export/card", card=card, files=files, skipped=skipped, funnel=funnel) + "\n"
