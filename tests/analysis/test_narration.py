"""Failed episodes as text: which ones, what happened in them, and the names their numbers have."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from eureka_cli.analysis import narration
from eureka_cli.core import Score, Trajectory

ENV = SimpleNamespace(ACTION_NAMES=["stay", "go"], KINDS=("grass", "lava"), DONE=["wood", "stone"], HEIGHT=(1, 2))


class State(NamedTuple):
    time: np.ndarray
    terminated: np.ndarray
    position: np.ndarray
    facing_kind: np.ndarray
    done: np.ndarray
    noise: np.ndarray


def episode(length: int, *, dies: bool) -> Trajectory:
    steps = np.arange(length + 1.0)
    done = np.zeros((length + 1, 2))
    done[30:, 1] = 1
    kind = np.where(steps >= length, 1.0, 0.0) if dies else np.zeros(length + 1)
    points = State(
        steps, steps >= length, np.stack([steps, -steps], 1), kind, done, np.sin(steps)[:, None].repeat(7, 1)
    )
    before, after = (State(*(values[part] for values in points)) for part in (slice(None, -1), slice(1, None)))
    return Trajectory(before, np.ones(length, int), after, 0.1, 100, dies, not dies, {})


@pytest.fixture
def told():
    trajectories = [episode(100, dies=False), episode(60, dies=True), episode(100, dies=False)]
    names = narration.vocabulary(ENV, trajectories[0])

    def tell(successes, count=2):
        score = Score(fitness=0.0, episodes=(1.0, 0.0, 0.5), successes=successes)
        return narration.failed(trajectories, score, names, count=count, last=4)

    return tell


def test_only_failed_episodes_are_told_and_none_where_none_failed(told):
    texts = told((True, False, False))
    assert [text.splitlines()[0] for text in texts] == [
        "Episode 2 of 3: failed. 60 of 100 steps, ended early by termination.",
        "Episode 3 of 3: failed. 100 of 100 steps, cut off by the time limit.",
    ]
    assert len(told((False, False, False), count=2)) == 2
    assert told((True, True, True)) == []


def test_without_a_success_the_weakest_are_told(told):
    assert "Episode 2 of 3: among the weakest" in told(None, count=1)[0]


def test_events_and_last_steps_have_the_names_of_the_environment(told):
    text = told((True, False, True))[0]
    assert "step 30 done.stone 0 -> 1" in text
    assert "step 60 facing_kind grass -> lava" in text
    last = text.splitlines()[-1].split(" | ")
    assert last == ["60", "go", "60 -60", "lava"]
    assert text.splitlines()[-5] == "step | action | position | facing_kind"
    assert narration._word(float("nan"), ("a",)) == "nan"
    assert "Unchanged in them: done 0 1\n" in text
