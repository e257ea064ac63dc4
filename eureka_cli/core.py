"""The nouns of reward-synth (frozen) and its seams (protocols). Read this first.

A *task* is what to learn in an *environment*. A *model* writes *candidates*: reward functions. A *critic* gives each a
*verdict* made of *findings*. A *trial* is one policy trained on one candidate with one seed; the evaluator gives it a
*score*. All a run does to the world is a *job* or a *completion*, keyed by all its inputs: nothing is done twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

Array = NDArray[Any]
Json = Any
"""A value that survives json.dumps and json.loads unchanged."""


class Frozen(BaseModel):
    """Immutable record: unknown fields refused, NaN and infinity kept through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


def digest(value: Json) -> str:
    """Sixteen hex digits that name a JSON value by its content."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# ---------------------------------------------------------------- what is judged, and how


class Finding(Frozen):
    """One remark of a critic, or the reason a reward failed."""

    rule: str
    """Short kebab-case name, such as `unknown-field` or `not-finite`."""
    message: str
    """What is wrong and why it matters, with the value seen."""
    cure: str = ""
    """What to write instead."""
    line: int | None = None
    code: str = ""
    """The text the finding is about, at most one line."""
    severity: Literal["error", "warning"] = "error"
    stage: str = ""
    """Who said it: `answer`, `veto`, `lint`, `probe` or `bank`."""
    escape: bool = False
    """Looks like an attempt to leave the sandbox: shown to the person in full, to the model in one generic sentence."""


class Verdict(Frozen):
    """What a critic decided about one candidate. Accepted when no finding is an error."""

    candidate: str
    findings: tuple[Finding, ...] = ()

    @property
    def accepted(self) -> bool:
        return all(finding.severity != "error" for finding in self.findings)


class Candidate(Frozen):
    """One proposed reward: the text of a module that defines `compute_reward`."""

    code: str
    slot: str
    """Where it came from: a completion's slot, or `baseline/human` and the like."""

    @property
    def id(self) -> str:
        """Hash of the code: the same code is never trained twice."""
        return hashlib.sha256(self.code.encode()).hexdigest()[:12]


# ---------------------------------------------------------------- models


class Message(Frozen):
    role: Literal["system", "user", "assistant"]
    content: str


class Completion(Frozen):
    """One answer of a language model, with what it cost."""

    text: str
    model: str
    finish: Literal["stop", "length", "refusal"] = "stop"
    input_tokens: int = 0
    output_tokens: int = 0
    tokens_estimated: bool = False
    """The server counted none: four characters were taken for a token."""
    cost_usd: float | None = None
    """None when the price is unknown; never zero in its place."""


class Request(Frozen):
    """What a model provider gets. `seed` is derived from the run's seed and the slot."""

    slot: str
    """Logical place in the run, such as `eureka/round-2/sample-3/attempt-0`."""
    messages: tuple[Message, ...]
    seed: int
    most_tokens: int | None = None  # of the answer; None leaves its length to the provider


class Model(Protocol):
    """A loaded model provider."""

    name: str
    paid: bool
    """True when a call may cost money."""

    def complete(
        self, requests: Sequence[Request], *, run_folder: Path, note: Callable[[str], None]
    ) -> Iterator[tuple[Request, Completion]]:
        """Each request with its answer, as they come, in any order. Raises ModelError when it cannot go on.

        `note` tells the person what the wait is for. Ctrl-C must be heard at any time.
        """
        ...


# ---------------------------------------------------------------- jobs


class Job(Frozen):
    """A piece of work for a worker: a folder with job.json in and result.json out.

    `spec`, `texts` and `links` decide the result and make the key; `paths` only say where things lie here.
    """

    kind: str  # a name of jobs.KINDS
    spec: dict[str, Json]
    texts: dict[str, str] = Field(default_factory=dict)
    """File name in the job folder to its text: reward.py and the like."""
    links: dict[str, str] = Field(default_factory=dict)
    """File name in the job folder to a file of a finished job: `train/<key>/checkpoint.npz`."""
    paths: dict[str, str] = Field(default_factory=dict)
    """Absolute paths on this machine; their content is hashed in `spec`."""
    shared: bool = False
    """Kept in runs/.cache and reused by other runs (baselines, measurements)."""

    @property
    def key(self) -> str:
        return digest([self.kind, self.spec, self.texts, self.links])

    @property
    def address(self) -> str:
        return f"{self.kind}/{self.key}"


class Outcome(Frozen):
    """How a job ended: its result, and the CPU-seconds it took (all its processes)."""

    address: str
    result: dict[str, Json]
    cpu_s: float


class Executor(Protocol):
    """Runs prepared job folders. Yields each address as it ends, in any order."""

    def execute(self, folders: Sequence[Path], on_event: Callable[[dict[str, Json]], None]) -> Iterator[Path]: ...

    def close(self) -> None: ...


class Score(Frozen):
    """The evaluator's result for one policy: trusted fitness, never the reward's own return."""

    fitness: float
    """Mean over episodes."""
    episodes: tuple[float, ...]
    successes: tuple[bool, ...] | None = None
    """Per episode; None where the task declares no success."""
    length: float = 0.0
    """Mean steps per episode."""
    behaviour: str = ""
    """What the policy did, in words: phases, events, causes of ending."""
    drops: float = 0.0
    """Share of episodes that ended early, by the environment's own rule."""
    extras: dict[str, float] = Field(default_factory=dict)
    """What the task's `measures` says besides, means over episodes."""

    @property
    def success(self) -> float | None:
        """Share of episodes that succeeded."""
        return float(np.mean(self.successes)) if self.successes else None


class Trial(Frozen):
    """One policy, one candidate, one seed: what training showed and what the evaluator said."""

    candidate: str
    seed: int
    job: str
    """Address of the (last) training job."""
    steps: int
    """Environment steps trained so far."""
    failure: Finding | None = None
    score: Score | None = None
    curve: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    """Per checkpoint: `steps`, `fitness`, `return`, `length`, and `component/<name>`."""
    evaluation: str = ""
    """Address of the evaluation job."""
    shipped: int | None = None
    """The checkpoint to ship; None: the one with the peak own return."""


class Draft(NamedTuple):
    """One answer of the model, and what the critics made of it."""

    slot: str
    completion: Completion
    parent: str | None
    """Id of the reward it was asked to improve."""
    candidate: Candidate | None
    """None where the answer held no code."""
    verdict: Verdict


class Entry(NamedTuple):
    """A candidate with its trials, all over the same seeds."""

    draft: Draft
    trials: tuple[Trial, ...]

    @property
    def candidate(self) -> Candidate:
        assert self.draft.candidate is not None
        return self.draft.candidate

    @property
    def failure(self) -> Finding | None:
        return next((trial.failure for trial in self.trials if trial.failure), None)

    @property
    def fitness(self) -> float | None:
        """Mean over seeds; None when a trial failed. There are no magic scores."""
        scores = [trial.score.fitness for trial in self.trials if trial.score]
        return float(np.mean(scores)) if scores and self.failure is None else None

    @property
    def steps(self) -> int:
        """Environment steps every trial has been trained."""
        return min(trial.steps for trial in self.trials)


# ---------------------------------------------------------------- tasks


Params = dict[str, float | str]
"""What env.py may depend on: an assist's strength, a rung. Fixed within a job."""


class Task(Frozen):
    """What to learn, as far as the controller needs to know. No code of it runs outside workers."""

    name: str
    sentence: str
    env: str
    """Name of the folder under envs/, or the Gymnasium id."""
    horizon: int
    budget: int  # environment steps of one trial
    params: Params = Field(default_factory=dict)
    tier: str = "quick"
    curricula: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """Name to the fields of a tasks.Curriculum; goals are where they lead, variants change the first of these."""
    goals: dict[str, Params] = Field(default_factory=dict)
    variants: dict[str, Params] = Field(default_factory=dict)
    trainer: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """By trainer, settings the task advises; those of a curriculum and of the run go before them."""
    world: dict[str, Json] = Field(default_factory=dict)
    """Content hashes and settings that name this world; part of every job's key."""
    paths: dict[str, str] = Field(default_factory=dict)
    judge: dict[str, Json] = Field(default_factory=dict)
    """Hash of the fitness; part of the key of jobs that evaluate, build a bank or judge on one, of no other."""
    camera: dict[str, Json] = Field(default_factory=dict)
    """Where videos look from: lookat or track (a body), distance (m), azimuth, elevation (degrees)."""


# ---------------------------------------------------------------- simulation (arrays, not JSON)

State = Any
"""A NamedTuple of arrays declared by env.py: every field (B, ...), with `time` (s) and `terminated` (bool)."""


class Rewards(NamedTuple):
    """What a reward process returns for one rollout."""

    total: Array
    """(T, N) float64."""
    components: dict[str, Array]
    """Name to (T, N) float64."""
    memory: Array | None
    """(N, K) after the last step; None for rewards without memory."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of all environments. Arrays are valid until the next step; copy what you keep."""

    state: State
    action: Array
    """(N, k), or (N,) for discrete actions, as the environment took it (clipped, scaled)."""
    next_state: State
    """Read before the auto-reset."""
    observation: Array
    """(N, d) float32 the policy acts on next: after the auto-reset where an episode ended."""
    final_observation: Array
    """(N, d) float32 before the auto-reset; equals `observation` where no episode ended."""
    terminated: Array
    truncated: Array


@dataclass(frozen=True, slots=True)
class Spaces:
    """What a policy sees and does in an environment."""

    observation_size: int
    action_size: int
    """Dimensions of a Box action; number of choices of a Discrete one."""
    discrete: bool = False


class Simulator(Protocol):
    """Environments side by side, without any reward. Episodes restart by themselves.

    Episode j of environment i depends on (seeds[i], j) alone, not on its neighbours.
    """

    num_envs: int
    spaces: Spaces
    dt: float
    """Seconds per step."""
    horizon: int
    fields: dict[str, tuple[int, ...]]
    """State field to its shape without the batch axis."""
    action_shape: tuple[int, ...]  # without the batch axis: () for Discrete

    def reset(self, seeds: Array) -> tuple[State, Array]: ...

    def step(self, action: Array) -> Step: ...

    def save(self) -> dict[str, Array]:
        """Everything a later restore needs to go on bitwise as if nothing had happened."""
        ...

    def restore(self, arrays: Mapping[str, Array]) -> tuple[State, Array]: ...


@dataclass(frozen=True, slots=True)
class Rollout:
    """A trainer's rollout as the reward sees it. Fields (T, N, ...) float64."""

    state: Mapping[str, Array]
    action: Array
    next_state: Mapping[str, Array]
    starts: Array
    """(T, N) bool: this step is the first of an episode."""


RewardFunction = Callable[[Rollout], Rewards]
"""Scores a whole rollout in one call; raises RewardFailure."""


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One episode: T steps. `state` and `next_state` map a field to (T, ...); `info` what a Gymnasium id reported.

    `params` are those of the world it happened in: a fitness may ask for the direction, a reward never sees them.
    """

    state: State
    action: Array
    next_state: State
    dt: float
    horizon: int
    terminated: bool
    truncated: bool
    info: Mapping[str, Array]
    params: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {len(value) for value in (*self.state, *self.next_state, self.action)}
        if len(lengths) != 1:
            raise ValueError(f"A trajectory's arrays must share their first axis, got lengths {sorted(lengths)}.")

    def __len__(self) -> int:
        return len(self.action)
