"""How components become a total, as trusted code: a reward that declares COMBINE returns its components only.

    COMBINE = "signs"
    COMBINE = {"rule": "gated", "threshold": 0.9}

The model decides what is paid for; how much a thing may matter beside another is decided here, once and for all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from eureka_cli import totals
from eureka_cli.core import Array, Finding

Components = Mapping[str, Array]
OUTSIDE = 0.01
"""Share of rows outside [0, 1] from which a factor or stage is remarked on."""


VERSION = 1
"""Raise by hand when a change here changes a total: it is part of the key of every job on a reward that combines."""


def of_key(code: str) -> dict[str, int]:
    """What the key of a job on this reward needs to know of combiners: nothing where it declares none."""
    return {"combiners": VERSION} if declared(code) is not None else {}


class Combine(NamedTuple):
    """A declared rule with its settings."""

    rule: str
    threshold: float = totals.THRESHOLD


def declared(code: str) -> Combine | Finding | None:
    """The COMBINE of a module, read without running it; None where it declares none, a finding where it is wrong."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # told by others
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "COMBINE" for target in targets):
            return _read(node.value, node.lineno)
    return None


def _read(value: ast.expr, line: int) -> Combine | Finding:
    try:
        found = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        found = None
    table = {"rule": found} if isinstance(found, str) else found
    named = isinstance(table, dict) and isinstance(table.get("rule"), str) and set(table) <= {"rule", "threshold"}
    if named and table["rule"] in totals.RULES:
        threshold = table.get("threshold", totals.THRESHOLD)
        if isinstance(threshold, int | float) and 0 < threshold <= 1:
            return Combine(table["rule"], float(threshold))
    return Finding(
        rule="unknown-combine",
        message="COMBINE names no rule there is, or settings it does not have.",
        cure=f"Write the name of one of: {', '.join(totals.RULES)};"
        " gated takes a threshold in (0, 1] in a dict beside it.",
        line=line,
    )


def total(combine: Combine, components: Components, xp: Any = np) -> Array:
    """The total of components, all of one shape; `xp` is numpy, or jax.numpy for JAX arrays.

    Raises KeyError where the rule needs a name that is not there.
    """
    found: Array = totals.total(combine.rule, components, combine.threshold, xp)
    return found


def missing(combine: Combine, names: list[str]) -> str:
    """What is wrong with the names of the components for this rule; empty where nothing is."""
    needed = NEEDED.get(combine.rule, ())
    lacking = [name for name in needed if name not in names]
    if lacking:
        return f"COMBINE {combine.rule!r} needs a component named {' and one named '.join(map(repr, lacking))}."
    if combine.rule == "signs" and set(names) != set(needed):
        return "COMBINE 'signs' takes the components 'sparse' and 'dense' and no others."
    return "" if names else "COMBINE needs at least one component."


NEEDED = {"signs": ("sparse", "dense"), "multiplicative": ("progress",)}


def remarks(combine: Combine, components: Components) -> Iterator[Finding]:
    """What recorded transitions show of how the parts fit the rule. components: (n,) each."""

    def warn(rule: str, message: str, cure: str) -> Finding:
        return Finding(rule=rule, message=message, cure=cure, severity="warning")

    bounded = [name for name in components if name not in ("progress", "terminal")]
    if combine.rule in ("gated", "multiplicative"):
        for name in bounded:
            share = float(np.mean((components[name] < 0) | (components[name] > 1)))
            if share > OUTSIDE:
                message = f"Component {name} is cut off to [0, 1] on {100 * share:.0f}% of recorded transitions."
                yield warn("outside-unit", message, "Scale it: exp(-x / temperature), or tolerance(x, bounds, margin).")
    if combine.rule == "gated" and len(components) > 1:
        first = next(iter(components))
        if not (components[first] >= combine.threshold).any():
            message = (
                f"On recorded transitions {first} never reaches {combine.threshold:g}: no later stage is ever paid."
            )
            yield warn("closed-gate", message, "Widen its temperature, or lower the threshold.")
    if combine.rule == "signs" and not (components["dense"] > 0).any():
        message = "dense is positive on no recorded transition, so nothing guides the first steps."
        yield warn("no-guidance", message, "Let it be positive where the state gets better, negative where worse.")
