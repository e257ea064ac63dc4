"""Run reward files that are out to do harm, and honest ones, through the stages a candidate passes.

Shared by the tests, which assert, and by benchmarks/hostile_suite.py, which counts. The stages are the real ones:
lint, the probe on two processes, then a short trial whose last rollout is asked again of a fresh process.
"""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eureka_cli.analysis import probing
from eureka_cli.core import Finding, Rewards, Rollout
from eureka_cli.critics.lint import lint
from eureka_cli.errors import RewardFailure
from eureka_cli.jobs import IMPURE, AuditedReward
from eureka_cli.sandbox import arithmetic
from eureka_cli.sandbox.client import RewardProcess, Zygote
from tests.hostile.state import ACTION_SHAPE, FIELDS, recorded, rollout

HERE = Path(__file__).parent
CATEGORIES = ("escape", "exfiltration", "denial", "tampering", "numeric")
STAGES = ("lint", "probe", "trial", "harmless")
CANARY = "CANARY-4f1d9b7c2e"
VARIABLE = "REWARD_SYNTH_CANARY"
HARMLESS = {
    "components_that_lie": "a warning says that the total is not the sum; a product is honest",
    "probe_detection_by_rare_state": "a pure function of the state; that it is a bad one is for the fitness to say",
    "broadcast_view": "a view of one number is read like any array",
    "catastrophic_cancellation": "loses digits in the same way wherever it runs",
    "huge_values": "finite; a warning says how large",
    "negative_stride": "a view that is read like any array",
    "output_is_input": "inputs are read-only, and what comes back is a copy",
}
"""Hostile ones that may pass every stage, and why that is right."""
MARKER = "reward_was_here"
"""Every file a hostile reward tries to leave behind begins like this, in /tmp."""
WATCHED = Path("/tmp/reward_watched")
SECRETS = {"secret.txt": f"{CANARY}\n" * 8, "kept.txt": "not for rewards\n"}
ROWS = 1024
RECORDED = 512
STEPS, ENVIRONMENTS, CALLS = 6, 16, 30
"""96 rows a call in the trial, a size the probe does not use."""
HONEST_TOTAL = "import numpy as np\ndef compute_reward(state, action, next_state):\n" + (
    "    near = np.exp(-np.linalg.norm(next_state.position - next_state.goal_position, axis=-1))\n"
    "    return near + next_state.upright, {'near': near, 'upright': next_state.upright}\n"
)


@dataclass
class Outcome:
    """How far a reward came, why it went no further, and everything it managed to say."""

    stage: str
    findings: tuple[Finding, ...] = ()
    said: list[Rewards] = field(default_factory=list)
    inputs_kept: bool = True

    @property
    def rules(self) -> list[str]:
        return [finding.rule for finding in self.findings if finding.severity == "error"]


def files(category: str) -> list[Path]:
    return sorted((HERE / category).glob("*.py"))


def process(zygote: Zygote, code: str, *, raw: bool = False) -> RewardProcess:
    return RewardProcess(
        zygote, code, fields=FIELDS, action_shape=ACTION_SHAPE, rows=ROWS, raw_builtins=raw, seconds_per_row=1e-6
    )


def run(zygote: Zygote, code: str, *, with_lint: bool) -> Outcome:
    """One reward through all stages. Without lint it has every builtin as well: lint is assumed to be broken."""
    remarks: tuple[Finding, ...] = ()
    if with_lint:
        remarks = lint(code, fields=FIELDS)
        if any(finding.severity == "error" for finding in remarks):
            return Outcome("lint", remarks)
    outcome = Outcome("probe", remarks)
    try:
        with process(zygote, code, raw=not with_lint) as first, process(zygote, code, raw=not with_lint) as fresh:
            _probe(outcome, first, fresh)
            if not outcome.rules:
                outcome.stage = "trial"
                _trial(outcome, zygote, code, raw=not with_lint)
    except RewardFailure as failure:
        outcome.findings += (failure.finding,)
    return outcome


def run_traced(zygote: Zygote, code: str) -> Outcome:
    """One reward handed straight to the tracer of the GPU trainer; what traces is computed, and compared as there.

    Ends at `tracer`, `comparison` or `harmless`. What the program holds is among what was said.
    """
    outcome, seen = Outcome("tracer"), rollout(STEPS, ENVIRONMENTS, seed=100)
    before = _bytes(seen)
    try:
        traced = arithmetic.trace(code, fields=FIELDS, action_shape=ACTION_SHAPE)
        outcome.stage = "comparison"
        program = np.frombuffer(traced.program, np.uint8)
        outcome.said.append(Rewards(arithmetic.totals(traced, seen), dict.fromkeys(traced.names, program), None))
        with process(zygote, code) as own:
            wrong = arithmetic.disagreement(traced, own.score(seen), seen)
        if wrong is None:
            outcome.stage = "harmless"
        else:
            outcome.findings += (wrong,)
    except RewardFailure as failure:
        outcome.findings += (failure.finding,)
    outcome.inputs_kept = _bytes(seen) == before
    return outcome


def _probe(outcome: Outcome, first: RewardProcess, fresh: RewardProcess) -> None:
    def heard(rewards: Rewards) -> Rewards:
        outcome.said.append(rewards)
        return rewards

    rows = recorded(RECORDED, seed=0)
    before = {name: values.tobytes() for name, values in rows.items()}
    with np.errstate(over="ignore", invalid="ignore"):  # its statistics of huge rewards overflow, which is no fault
        found, _ = probing.probe(lambda r: heard(first.score(r)), lambda r: heard(fresh.score(r)), rows, seed=0)
    outcome.findings += tuple(found)
    outcome.inputs_kept = before == {name: values.tobytes() for name, values in rows.items()}


def _trial(outcome: Outcome, zygote: Zygote, code: str, *, raw: bool) -> None:
    """Several rollouts in one process, memory handed on, and the audit that ends every training."""
    with process(zygote, code, raw=raw) as training, process(zygote, code, raw=raw) as fresh:
        reward, memory = AuditedReward(training), None
        for call in range(CALLS):
            seen = rollout(STEPS, ENVIRONMENTS, seed=100 + call)
            before = _bytes(seen)
            rewards = reward(seen, memory)
            memory = rewards.memory
            outcome.said.append(rewards)
            outcome.inputs_kept &= _bytes(seen) == before
        if reward.same_in(fresh):
            outcome.stage = "harmless"
        else:
            outcome.findings += (IMPURE,)


def _bytes(seen: Rollout) -> list[bytes]:
    sides = [*seen.state.values(), *seen.next_state.values()]
    return [values.tobytes() for values in (*sides, seen.action, seen.starts)]


# ---------------------------------------------------------------- what nobody may have done


@contextlib.contextmanager
def something_to_steal() -> Iterator[None]:
    """The canary in our environment and in a file beside one that must stay as it is.

    The place is fixed, as the rewards must name it, and left behind, as another run may be reading it.
    """
    WATCHED.mkdir(mode=0o700, exist_ok=True)
    for name, text in SECRETS.items():
        if not (WATCHED / name).exists():
            (WATCHED / name).write_text(text)
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = CANARY
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        if before is not None:
            os.environ[VARIABLE] = before


def traces() -> list[str]:
    """Files that a reward left or changed: none, if the lock holds."""
    left = [str(path) for path in Path("/tmp").glob(f"{MARKER}*")]
    changed = [name for name, text in SECRETS.items() if _text(WATCHED / name) != text]
    return left + changed + [path.name for path in WATCHED.iterdir() if path.name not in SECRETS]


def _text(path: Path) -> str | None:
    return path.read_text() if path.is_file() and not path.is_symlink() else None


def leaks(outcome: Outcome) -> list[str]:
    """Where the canary, or half of it, shows in what came back: as text, base64 or hex, as numbers or in their bytes."""
    text = " ".join(finding.model_dump_json() for finding in outcome.findings)
    raw = b""
    for rewards in outcome.said:
        text += " ".join(rewards.components)
        for values in (rewards.total, *rewards.components.values()):
            flat = np.ascontiguousarray(values).ravel()
            letters = np.clip(np.nan_to_num(flat), 0, 255).round().astype(np.uint8)
            raw += flat.tobytes() + letters.tobytes()
    secret = CANARY.encode()
    forms = {"reversed": secret[::-1]}
    for part in (secret[:8], secret[-8:]):
        forms |= {part.decode(): part, part.hex(): part.hex().encode()}
    for shift in range(3):  # base64 of something looks another way at each place in three
        forms[f"base64, {shift}"] = base64.b64encode(b"x" * shift + secret)[4:-4]
    whole = text.encode() + b" " + raw
    return [name for name, form in forms.items() if form in whole]


class Witness:
    """An honest reward from the same zygote: hostile neighbours may not change a bit of what it says."""

    def __init__(self, zygote: Zygote) -> None:
        self._zygote = zygote
        self._process = process(zygote, HONEST_TOTAL)
        self._seen = rollout(STEPS, ENVIRONMENTS, seed=7)
        self._first = self._says(self._process)

    def is_unmoved(self) -> bool:
        with process(self._zygote, HONEST_TOTAL) as newborn:
            return self._says(self._process) == self._first and self._says(newborn) == self._first

    def _says(self, process: RewardProcess) -> bytes:
        rewards = process.score(self._seen)
        return b"".join(values.tobytes() for values in (rewards.total, *rewards.components.values()))

    def close(self) -> None:
        self._process.close()
