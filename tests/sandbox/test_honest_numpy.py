"""No honest NumPy call needs a system call beyond the list: here the kernel kills at the first one that does."""

from __future__ import annotations

import honest
import pytest
from test_reward_process import FIELDS, rollout

from eureka_cli.critics import lint_names
from eureka_cli.errors import RewardFailure
from eureka_cli.sandbox.client import RewardProcess
from eureka_cli.sandbox.zygote import Zygote

LARGE = 20_000
MATH = {
    **{name: f"math.{name}(0.5)" for name in lint_names.MATH},
    **{name: f"math.{name}(0.5, 0.3)" for name in honest.MATH_BINARY},
    **{name: f"min(1.0, abs(math.{name}))" for name in honest.MATH_CONSTANTS},
}
VALUES = {**{name: f"v.{name}()" for name in sorted(lint_names.VALUES)}, **honest.VALUES}
EXPRESSIONS = {
    **{f"np.{name}": expression for name, expression in honest.NUMPY.items()},
    **{f"np.linalg.{name}": expression for name, expression in honest.LINALG.items()},
    **{f"math.{name}": expression for name, expression in MATH.items()},
    **{f"reward_math.{name}": expression for name, expression in honest.REWARD_MATH.items()},
    **{f"v.{name}": expression for name, expression in VALUES.items()},
}


@pytest.fixture(scope="module")
def killing():
    started = Zygote.start(kill=True)
    yield started
    started.close()


def process(zygote, code, rows=LARGE):
    return RewardProcess(zygote, code, fields=FIELDS, action_shape=(2,), rows=rows)


def test_the_battery_holds_every_name_the_lint_allows():
    assert set(honest.NUMPY) == lint_names.NUMPY
    assert set(honest.LINALG) == lint_names.LINALG
    assert set(MATH) == lint_names.MATH
    assert set(honest.REWARD_MATH) == lint_names.REWARD_MATH
    assert set(VALUES) == lint_names.VALUES


@pytest.mark.parametrize("name", sorted(EXPRESSIONS))
def test_allowed_names_live_where_the_kernel_kills(killing, name):
    with process(killing, honest.reward(EXPRESSIONS[name])) as reward:
        reward.score(rollout(1, 7))
        reward.score(rollout(LARGE // 16, 16))


@pytest.mark.parametrize("name", honest.FAILING)
def test_honest_mistakes_end_as_sentences_where_the_kernel_kills(killing, name):
    with process(killing, honest.reward(honest.FAILING[name])) as reward:
        with pytest.raises(RewardFailure) as caught:
            reward.score(rollout(2, 8))
    assert caught.value.finding.rule in ("raised", "out-of-memory"), caught.value.finding


def test_memory_and_large_allocations_live_where_the_kernel_kills(killing):
    with process(killing, honest.REMEMBERING) as reward:
        found = reward.score(rollout(LARGE // 16, 16))
        reward.score(rollout(100, 16), found.memory)
    with process(killing, honest.GROWING) as reward:
        reward.score(rollout(2, 4))


def test_the_kernel_does_kill(killing):
    code = honest.reward("__import__('math') and open_('/')").replace("import math\n", "import math\nopen_ = open\n")
    with RewardProcess(killing, code, fields=FIELDS, action_shape=(2,), rows=8, raw_builtins=True) as reward:
        with pytest.raises(RewardFailure) as caught:
            reward.score(rollout(1, 4))
    assert caught.value.finding.rule == "crashed"
