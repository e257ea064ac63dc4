"""What a model is told about the task and about what its rewards did: plain values for the templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eureka_cli import prompts
from eureka_cli.core import Draft, Entry, Finding, Message, Trial
from eureka_cli.run import Run

Facts = dict[str, Any]
HIDDEN = {"steps"}
MOST_FINDINGS = 8


def task_facts(run: Run) -> Facts:
    """The sentence, the environment as context, the measured State table, episode, budget."""
    found = run.measurement
    return {
        "sentence": run.task.sentence,
        "env_code": found["code"],
        "params": run.task.params,
        "table": found["table"],
        "horizon": run.task.horizon,
        "dt": found["dt"],
        "termination": found["termination"],
        "budget": run.trial_steps,
        "trainer": run.config.trainer_name,
    }


def round_facts(run: Run, best: Entry, entries: Sequence[Entry], *, rounds_left: int) -> Facts:
    """Reflection on the best so far: each component and fitness at ten checkpoints, behaviour, the round's others."""
    return {
        "code": best.candidate.code,
        "rows": curve_rows(best.trials),
        "fitness": best.fitness,
        "behaviour": _behaviour(best.trials),
        "others": [other_line(entry, best) for entry in entries if entry.candidate.id != best.candidate.id],
        "rounds_left": rounds_left,
        "budget": run.trial_steps,
    }


def curve_rows(trials: Sequence[Trial]) -> list[Facts]:
    """One row a curve, averaged over seeds: name, ten values, max, mean, min."""
    rows = []
    for name in trials[0].curve:
        if name in HIDDEN:
            continue
        columns = [trial.curve[name] for trial in trials if trial.curve.get(name)]
        if not columns:
            continue
        shortest = min(len(column) for column in columns)  # a trial that failed late has fewer checkpoints
        values = np.array([column[:shortest] for column in columns], dtype=float)
        average = [
            float(np.mean(column[np.isfinite(column)])) if np.isfinite(column).any() else float("nan")
            for column in values.T
        ]
        finite = np.array(average)[np.isfinite(average)]
        if not len(finite):
            continue
        rows.append({"name": name, "values": average, "max": finite.max(), "mean": finite.mean(), "min": finite.min()})
    return rows


def fitness_curve(trials: Sequence[Trial]) -> list[float]:
    """Fitness at the checkpoints, averaged over seeds; empty before a full evaluation."""
    return next((list(row["values"]) for row in curve_rows(trials) if row["name"] == "fitness"), [])


def other_line(entry: Entry, best: Entry) -> Facts:
    fitness = entry.fitness
    return {
        "candidate": entry.candidate.id,
        "fitness": fitness,
        "finding": entry.failure.message if entry.failure else "",
        "stopped_early": fitness is not None and entry.steps < best.steps,
    }


def middle(trials: Sequence[Trial]) -> Trial:
    """The seed whose fitness is in the middle: one honest account rather than an average of two."""
    scored = sorted(
        (trial for trial in trials if trial.score), key=lambda trial: trial.score.fitness if trial.score else 0
    )
    return scored[(len(scored) - 1) // 2]


def _behaviour(trials: Sequence[Trial]) -> str:
    score = middle(trials).score
    assert score is not None
    return score.behaviour


def repair(draft: Draft, findings: Sequence[Finding]) -> list[Message]:
    """The exchange that asks for a corrected module."""
    text = prompts.render("eureka/repair", findings=shown(findings))
    return [Message(role="assistant", content=draft.completion.text), Message(role="user", content=text)]


def failures(drafts: Sequence[Draft], entries: Sequence[Entry]) -> list[Message]:
    """A whole round failed: its first answer, and the findings of all of them."""
    findings = [finding for draft in drafts for finding in draft.verdict.findings if finding.severity == "error"]
    findings += [entry.failure for entry in entries if entry.failure]
    distinct = {(finding.rule, finding.message): finding for finding in findings}
    return repair(drafts[0], list(distinct.values())[:MOST_FINDINGS])


def shown(findings: Sequence[Finding]) -> list[Facts]:
    """Findings as a model may see them: an escape attempt becomes one generic sentence."""
    honest = [finding.model_dump() for finding in findings if not finding.escape]
    if len(honest) < len(findings):
        generic = Finding(
            rule="outside-subset",
            message="The code uses constructs outside the reward subset.",
            cure="Compute with NumPy on state, action and next_state alone.",
        )
        honest.append(generic.model_dump())
    return honest
