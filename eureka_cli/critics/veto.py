"""A component that a person does not want paid for is refused by its name."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence

from eureka_cli.core import Candidate, Finding
from eureka_cli.run import Run


def check(run: Run, candidates: Sequence[Candidate]) -> dict[str, tuple[Finding, ...]]:
    """Findings by candidate id, one for each vetoed component it names."""
    return {candidate.id: tuple(map(_finding, named(candidate.code, run.vetoed))) for candidate in candidates}


def named(code: str, vetoed: Collection[str]) -> list[str]:
    """Which of the vetoed names stand in the code as text, where components are named; none where it does not parse."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return []  # lint says so
    said = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return sorted(said & set(vetoed))


def _finding(name: str) -> Finding:
    return Finding(
        rule="vetoed",
        message=f"The person who judges does not want {name!r} paid for.",
        cure="Leave the component out, and do not pay for the same under another name.",
    )
