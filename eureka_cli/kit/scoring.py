"""The reward as environments call it: `reward.py`, with the memory or the rule for totals that it may declare."""

from __future__ import annotations

from typing import Any

import numpy as np
import reward


class Scorer:
    """Scores one step of `count` environments that go on side by side, each from the start of an episode."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._starts = np.ones(count, bool)
        self._memory = self._initial()

    def _initial(self) -> Any:
        if not hasattr(reward, "initial_memory"):
            return None
        return np.asarray(reward.initial_memory(self._count), float).reshape(self._count, -1)

    def restart(self) -> None:
        """All environments begin an episode."""
        self._starts[:] = True

    def __call__(self, state: Any, action: Any, next_state: Any, ended: Any) -> tuple[Any, dict[str, Any]]:
        """Total (B,) and components (B,) each; fields of the states are (B, ...), `ended` (B,) closes episodes."""
        given = [state, action, next_state]
        if self._memory is not None:
            given.append(np.where(self._starts[:, None], self._initial(), self._memory))
        found = reward.compute_reward(*given)
        parts = list(found) if isinstance(found, tuple) else [found]
        if self._memory is not None:
            self._memory = np.asarray(parts.pop(), float).reshape(self._count, -1)
        self._starts = np.array(ended, bool)
        components = {name: np.broadcast_to(np.asarray(value, float), self._count) for name, value in parts[-1].items()}
        total = _combined(components) if hasattr(reward, "COMBINE") else np.asarray(parts[0], float)
        return total, components


def _combined(components: dict[str, Any]) -> Any:
    import totals

    rule = reward.COMBINE if isinstance(reward.COMBINE, dict) else {"rule": reward.COMBINE}
    return totals.total(components=components, **rule)
