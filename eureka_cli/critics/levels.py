"""How strict the critic is: which findings stop a candidate, which only warn, which are not mentioned."""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli.config import Critic
from eureka_cli.core import Finding

STRICT = ("blind-to-success", "one-way-progress", "twin", "unbounded-component", "jump", "sparse", "dominated")
"""Warnings that `--critic strict` refuses."""


def weigh(findings: Sequence[Finding], stage: str, critic: Critic) -> tuple[Finding, ...]:
    """Findings with their stage, and the severity that level and rules give them; ignored rules are left out."""
    weighed = []
    for finding in findings:
        wanted = critic.rules.get(finding.rule)
        if wanted == "off":
            continue
        severity = finding.severity
        if critic.level == "strict" and finding.rule in STRICT:
            severity = "error"
        if wanted is not None:
            severity = "error" if wanted == "refuse" else "warning"
        weighed.append(finding.model_copy(update={"severity": severity, "stage": stage}))
    return tuple(weighed)
