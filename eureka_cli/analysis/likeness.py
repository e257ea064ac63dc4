"""How alike two rewards are, by what they pay on the same transitions. Pure functions on arrays.

Pearson correlation of per-step totals: 1 where one is the other times a positive number plus a constant. It does not
see through potential shaping, so a low value does not prove that two rewards want different things.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eureka_cli.core import Array, Json

SAME = 0.99
"""From here on, on every kind of transition, a reward is in effect the other one: remembered, or found again."""


def compare(ours: Mapping[str, Array], theirs: Mapping[str, Array]) -> dict[str, Json]:
    """Correlations of totals, by source of transitions and over all. ours, theirs: source to (n,)."""
    by_source = {source: correlation(ours[source], theirs[source]) for source in ours}
    both = (np.concatenate([side[source] for source in ours]) for side in (ours, theirs))
    overall = correlation(*both)
    known = [value for value in (overall, *by_source.values()) if value is not None]
    return {"correlation": overall, "by_source": by_source, "same": bool(known) and min(known) >= SAME}


def correlation(ours: Array, theirs: Array) -> float | None:
    """Pearson's r; None where either side is constant, so that nothing can be said."""
    left, right = ours - ours.mean(), theirs - theirs.mean()
    size = float(np.sqrt(np.sum(left**2) * np.sum(right**2)))
    scale = max(1.0, float(np.abs(ours).max()), float(np.abs(theirs).max()))
    return float(np.sum(left * right)) / size if size > 1e-12 * scale * scale * len(ours) else None
