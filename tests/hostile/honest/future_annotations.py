# Future annotations, typing aliases and numpy.typing, none of which does anything when it runs.
from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Components = Dict[str, np.ndarray]


def speed_term(velocity: Array, limit: Optional[float] = None) -> Array:
    speed: Array = np.linalg.norm(velocity, axis=-1)
    return speed if limit is None else np.minimum(speed, limit)


def compute_reward(state: Any, action: np.ndarray, next_state: Any) -> Tuple[np.ndarray, Components]:
    speed = speed_term(next_state.velocity, limit=3.0)
    components: Components = {"speed": speed}
    return speed, components
