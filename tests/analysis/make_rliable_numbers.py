"""Write rliable_numbers.json: what rliable 1.2.0 says of a fixed random table, for test_aggregate.py to compare with.

pip install rliable==1.2.0 'pandas<3'    # in an environment of its own: it brings seaborn and statsmodels too
python tests/analysis/make_rliable_numbers.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("rliable_numbers.json")
REPS = 10_000
TAUS = np.linspace(-0.5, 2.5, 13)


def tables() -> tuple[np.ndarray, np.ndarray]:
    """Two methods on three tasks, as (runs, tasks): seven runs against five, skewed, with ties."""
    rng = np.random.default_rng(2021)
    ours, theirs = rng.lognormal(0.0, 0.6, (7, 3)), rng.lognormal(-0.2, 0.6, (5, 3))
    return np.round(ours, 1), np.round(theirs, 1)


def numbers(reps: int) -> dict[str, Any]:
    from rliable import library, metrics

    np.random.seed(0)  # rliable draws from NumPy's global state, whatever random_state it is given
    ours, theirs = tables()

    def estimates(scores: Any, statistic: Any) -> dict[str, list[float]]:
        values, ends = library.get_interval_estimates({"it": scores}, lambda *a: np.array([statistic(*a)]), reps=reps)
        return {"value": values["it"].tolist(), "interval": ends["it"][:, 0].tolist()}

    shares, bands = library.create_performance_profile({"it": ours}, TAUS, reps=reps)
    return {
        "iqm": estimates(ours, metrics.aggregate_iqm),
        "probability_of_improvement": estimates((ours, theirs), metrics.probability_of_improvement),
        "profile": {"share": shares["it"].tolist(), "band": bands["it"].tolist()},
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(numbers(REPS), indent=1) + "\n")
