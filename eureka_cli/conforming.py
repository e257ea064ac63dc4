"""Does a task keep what every part of this program relies on? One check a promise, each message with its cure.

After dm_control's suite tests (Tassa et al. 2018) and Stable-Baselines3's environment checker. Sees no reward.
"""

from __future__ import annotations

import ast
import inspect
import re
import traceback
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np

from eureka_cli import describe, evaluator, tasks
from eureka_cli.analysis.conformity import same, spoilt
from eureka_cli.bank import behaviours
from eureka_cli.context import Context
from eureka_cli.core import Array, Json, Simulator, Step, Trajectory
from eureka_cli.errors import JobFailed, RewardSynthError
from eureka_cli.simulators import audit

WIDTH = 4
STEPS = 120
"""Of chance, per check that steps; an episode's end is seen in whole episodes besides."""
SCRIPTS = 8
OWN_WORDS = re.compile(r"compute_reward|rewards/|candidates/|best\.py")


class Failed(Exception):
    """A promise is broken; the message says which, and the cure."""


class Noted(Exception):
    """Nothing is broken, but a person should know."""


class Subject:
    """A task under test. Worlds are made as they are asked for, so a check stands alone."""

    def __init__(self, context: Context) -> None:
        self._context, self.seed = context, int(context.spec["seed"])
        self.task: ModuleType | None = tasks.load(context.paths, "task")

    def world(self, num_envs: int) -> Simulator:
        return self._context.simulator(num_envs)

    @cached_property
    def wide(self) -> Simulator:
        return self.world(WIDTH)

    @cached_property
    def seeds(self) -> Array:
        return np.arange(WIDTH, dtype=np.uint64) + self.seed

    @cached_property
    def comments(self) -> dict[str, str]:
        return describe.environment(self._context.spec["world"], self._context.paths, self.wide).comments

    @cached_property
    def idle(self) -> list[Trajectory]:
        """Whole episodes of doing nothing: the middle of every action, or the first choice."""
        spaces = self.wide.spaces
        shape = () if spaces.discrete else (spaces.action_size,)
        return evaluator.rollouts(self.wide, lambda seen: np.zeros((len(seen), *shape)), self.seeds)

    @cached_property
    def busy(self) -> list[Trajectory]:
        """Whole episodes of chance and of scripts."""
        rng = np.random.default_rng(self.seed)
        chance = evaluator.rollouts(self.wide, evaluator.acting_at_random(self.wide, self.seed), self.seeds)
        spread = behaviours.Spread(
            np.zeros(self.wide.spaces.observation_size), np.ones(self.wide.spaces.observation_size)
        )
        for first in range(0, SCRIPTS, WIDTH):
            born = behaviours.sample(list(behaviours.KINDS[first + 1 : first + 1 + WIDTH]), self.wide.spaces, rng)
            act = behaviours.acting(born, self.wide.spaces, spread, rng)
            chance += evaluator.rollouts(self.wide, act, self.seeds + np.uint64(first + WIDTH))
        return chance

    def actions(self, steps: int, num_envs: int = WIDTH) -> Array:
        """The same chance for every world of a task; an environment's own does not depend on how many there are."""
        spaces = self.wide.spaces
        draws = np.random.default_rng(self.seed).random((WIDTH, steps, max(1, spaces.action_size)))[:num_envs]
        by_step = np.swapaxes(draws, 0, 1)
        return (by_step[..., 0] * spaces.action_size).astype(int) if spaces.discrete else 2 * by_step - 1


class Recorded(NamedTuple):
    """What steps under given actions gave: arrays (T, N, ...)."""

    arrays: dict[str, Array]
    steps: list[tuple[Array, Array, Array]]
    """terminated, truncated and the State's own `terminated`, a step."""


def record(simulator: Simulator, actions: Array) -> Recorded:
    """From where the simulator stands."""
    rows: dict[str, list[Array]] = {}
    ends = []
    for action in actions:
        step: Step = simulator.step(action)
        found = {"observation": step.observation, "action": step.action} | step.next_state._asdict()
        for name, value in found.items():
            rows.setdefault(name, []).append(np.array(value))
        own = np.array(step.next_state.terminated)
        ends.append((np.array(step.terminated), np.array(step.truncated), own))
    return Recorded({name: np.stack(values) for name, values in rows.items()}, ends)


# ---------------------------------------------------------------- checks


def shapes(subject: Subject) -> str:
    """reset and step give the declared shapes and types"""
    simulator = subject.wide
    state, observation = simulator.reset(subject.seeds)
    step = simulator.step(subject.actions(1)[0])
    size = (WIDTH, simulator.spaces.observation_size)
    for name, seen in (("reset", observation), ("step", step.observation), ("step", step.final_observation)):
        if seen.shape != size or seen.dtype != np.float32:
            raise Failed(f"{name} gives an observation {seen.dtype}{seen.shape}; observe must give float32{size}.")
    for name, value in {**state._asdict(), **step.next_state._asdict()}.items():
        if np.shape(value) != (WIDTH, *simulator.fields[name]):
            raise Failed(f"State.{name} has the shape {np.shape(value)}; its first axis must be the batch, {WIDTH}.")
    if np.asarray(step.next_state.terminated).dtype != bool:
        raise Failed("State.terminated is not bool; read must give xp.zeros(..., bool) or a comparison.")
    return f"observation {size[1]}, action {simulator.spaces.action_size}, {len(simulator.fields)} State fields"


def finite(subject: Subject) -> str:
    """State and observation hold no NaN and no infinity"""
    episodes = subject.busy + subject.idle
    for trajectory in episodes:
        for name, values in trajectory.next_state._asdict().items():
            if not np.isfinite(np.asarray(values, float)).all():
                raise Failed(f"State.{name} is not finite in a random episode; guard its division, root or logarithm.")
    subject.wide.reset(subject.seeds)
    if not np.isfinite(record(subject.wide, subject.actions(STEPS)).arrays["observation"]).all():
        raise Failed("The observation is not finite in a random episode; guard what observe computes.")
    return f"over {sum(map(len, episodes)):,} steps of {len(episodes)} episodes"


def seeds(subject: Subject) -> str:
    """the same seed gives the same episode, another seed another"""
    first, second = subject.wide, subject.world(WIDTH)
    first.reset(subject.seeds), second.reset(subject.seeds)
    actions = subject.actions(STEPS)
    one, other = record(first, actions).arrays, record(second, actions).arrays
    if name := spoilt(one, other):
        raise Failed(
            f"State.{name} differs between two runs of one seed; draw all chance from the seed that reset gets."
        )
    second.reset(subject.seeds + np.uint64(1000))
    if spoilt(one, record(second, actions).arrays) == "":
        raise Noted("every seed gives the same episode: a start that is fixed on purpose, or one that ignores its seed")
    return f"{STEPS} steps, bit for bit"


def independent(subject: Subject) -> str:
    """an environment does not depend on its neighbours"""
    subject.wide.reset(subject.seeds)
    together = record(subject.wide, subject.actions(STEPS)).arrays
    lone = subject.world(1)
    lone.reset(subject.seeds[:1])
    alone = record(lone, subject.actions(STEPS, 1)).arrays
    for name, values in alone.items():
        if not same(together[name][:, :1], values):
            raise Failed(f"{name} of environment 0 changes with the number of environments; compute it row by row.")
    return "alone as among four"


def endings(subject: Subject) -> str:
    """termination and truncation exclude each other, and State tells the first alone"""
    subject.wide.reset(subject.seeds)
    ends = record(subject.wide, subject.actions(STEPS)).steps
    for terminated, truncated, own in ends:
        if (terminated & truncated).any():
            raise Failed("An episode is terminated and truncated at once; the time limit must not terminate.")
        if not np.array_equal(own, terminated):
            raise Failed("State.terminated is not what the simulator says; leave it to the simulator.")
    for trajectory in subject.busy + subject.idle:
        told = np.asarray(trajectory.next_state.terminated, bool)
        if told[:-1].any() or told[-1] != trajectory.terminated:
            raise Failed("State.terminated holds where the episode goes on, or not where it ends; it must agree.")
    ended = sum(trajectory.terminated for trajectory in subject.busy + subject.idle)
    return f"{ended} of {len(subject.busy + subject.idle)} episodes ended by their own rule"


def time_limit(subject: Subject) -> str:
    """episodes are cut at the horizon, and time counts from 0 in steps of dt"""
    horizon, dt = subject.wide.horizon, subject.wide.dt
    for trajectory in subject.busy + subject.idle:
        if len(trajectory) > horizon:
            raise Failed(f"An episode lasts {len(trajectory)} steps, the horizon is {horizon}; count steps from reset.")
        if not np.allclose(trajectory.state.time, dt * np.arange(len(trajectory)), atol=1e-6):
            raise Failed(f"State.time does not count in steps of {dt:g} s from 0; give data.time.")
    if dt <= 0:
        raise Failed("A step lasts no time; set CONTROL or FRAME_SKIP in env.py, or dt in the environment.")
    return f"{horizon} steps of {dt:g} s"


def documented(subject: Subject) -> str:
    """every State field has a comment with shape, unit and meaning"""
    comments = subject.comments
    for name, shape in subject.wide.fields.items():
        comment = comments.get(name, "")
        example = f"# (B{''.join(f', {n}' for n in shape) or ','}) m, world frame: where the hand is"
        if not re.match(r"\(B[^)]*\)\s+[^,:;]{1,24}[,:;]\s*\S", comment):
            raise Failed(f"State.{name} says {comment!r}; write its shape, unit and meaning beside it: {example}")
        told = re.findall(r"\d+", comment.split(")")[0])
        if told != [str(n) for n in shape]:
            raise Failed(f"The comment of State.{name} says {comment.split(')')[0]}), its shape is (B, *{shape}).")
    unknown = [name for name, comment in comments.items() if describe.split_comment(comment)[0] == "unknown"]
    return f"{len(comments)} fields" + (f"; no unit is documented of {', '.join(unknown[:4])}" if unknown else "")


def faithful(subject: Subject) -> str:
    """State is what the simulator itself says"""
    subject.wide.reset(subject.seeds)
    apart = audit.apart(subject.wide)
    if not apart:
        raise Noted("nothing was compared: episodes have worlds of their own, which no second simulator holds")
    for name, distance in apart.items():
        if not distance <= 1e-6:
            raise Failed(f"State.{name} is {distance:.3g} off the simulator's own; read it where that is kept.")
    return f"{len(apart)} quantities"


def actions(subject: Subject) -> str:
    """the action range is mapped, what lies beyond is clipped, and acting matters"""
    simulator = subject.wide
    if simulator.spaces.discrete:
        simulator.reset(subject.seeds)
        ways = [record(simulator, np.full((1, WIDTH), choice)).arrays for choice in range(simulator.spaces.action_size)]
        return f"{len(ways)} choices are taken"
    whole = np.ones((8, WIDTH, simulator.spaces.action_size))
    told = []
    for scale in (1.0, 5.0, -1.0):
        simulator.reset(subject.seeds)
        told.append(record(simulator, scale * whole).arrays)
    if name := spoilt(told[0], told[1]):
        raise Failed(f"An action of 5 is not that of 1: {name} differs. Clip to [-1, 1] before the range is mapped.")
    differing = [name for name in told[0] if name not in ("action", "time") and not same(told[0][name], told[2][name])]
    if not differing:
        raise Failed("Actions of 1 and -1 lead to the same; nothing that can be seen depends on the action.")
    return f"{simulator.spaces.action_size} dimensions in [-1, 1]"


def pause(subject: Subject) -> str:
    """a saved simulator goes on bit for bit"""
    actions = subject.actions(STEPS)
    simulator, fresh = subject.wide, subject.world(WIDTH)
    simulator.reset(subject.seeds)
    record(simulator, actions[: STEPS // 2])
    saved = {name: np.array(value) for name, value in simulator.save().items()}
    rest = record(simulator, actions[STEPS // 2 :]).arrays
    try:
        fresh.restore(saved)
    except JobFailed as error:
        raise Failed(f"{error} Or draw all chance from the seed.") from None
    if name := spoilt(rest, record(fresh, actions[STEPS // 2 :]).arrays):
        raise Failed(f"State.{name} differs after a pause; keep no state outside the simulator, or use --racing off.")
    return f"paused after {STEPS // 2} steps"


def fitness(subject: Subject) -> str:
    """fitness is finite, the same twice, blind to reward code, and leaves the episode alone"""
    episodes = subject.idle + subject.busy
    before = [{name: np.array(v) for name, v in t.next_state._asdict().items()} for t in episodes]
    first, successes = evaluator.label(episodes, subject.task)
    again, _ = evaluator.label(episodes, subject.task)
    if first != again:
        raise Failed("fitness of the same episode differs between two calls; let it depend on the trajectory alone.")
    for trajectory, copy in zip(episodes, before, strict=True):
        if any(not same(copy[name], value) for name, value in trajectory.next_state._asdict().items()):
            raise Failed("fitness changes the trajectory it is given; copy an array before you write into it.")
    if subject.task is not None and (word := OWN_WORDS.search(_code(Path(str(subject.task.__file__))))):
        raise Failed(f"The task file speaks of {word[0]!r}; fitness must not know any reward.")
    solved = "" if successes is None else f", {sum(successes)} of {len(successes)} succeed"
    return f"{min(first):.3g} to {max(first):.3g} over {len(first)} episodes{solved}"


def doing_nothing(subject: Subject) -> str:
    """doing nothing neither succeeds nor is the best there is"""
    idle, solved = evaluator.label(subject.idle, subject.task)
    busy, _ = evaluator.label(subject.busy, subject.task)
    if solved is not None and np.mean(solved) > 0.5:
        raise Failed(f"Doing nothing succeeds in {sum(solved)} of {len(solved)} episodes; ask for more in success.")
    if np.mean(idle) > max(busy):
        if solved is not None and not any(solved):  # to follow a command badly is worse than to stand still
            raise Noted(
                f"{np.mean(idle):.3g}, more than any of {len(busy)} random and scripted episodes (at most"
                f" {max(busy):.3g}); as doing nothing never succeeds, it is taken for a task that chance does not help"
            )
        raise Failed(
            f"Doing nothing scores {np.mean(idle):.3g}, more than anything of {len(busy)} random and scripted episodes"
            f" (at most {max(busy):.3g}); let fitness pay for what the task asks, not for what it forbids."
        )
    return f"{np.mean(idle):.3g}; random and scripted episodes reach {max(busy):.3g}"


CHECKS: tuple[Callable[[Subject], str], ...] = (
    *(shapes, finite, seeds, independent, endings, time_limit, documented, faithful, actions, pause),
    *(fitness, doing_nothing),
)


def conform(context: Context) -> dict[str, Json]:
    """`checks`: name, promise, verdict (passed, noted, failed) and what was seen or the cure."""
    try:
        subject = Subject(context)
        _ = subject.wide
    except Exception as error:  # the person's own code: what it raises is what is to be told
        return {"checks": [_said("world", "the world can be made", "failed", _told(error))]}
    made = _said("world", "the world can be made", "passed", f"{type(subject.wide).__name__}")
    return {"checks": [made, *(_checked(check, subject) for check in CHECKS)]}


def _checked(check: Callable[[Subject], str], subject: Subject) -> dict[str, Json]:
    name, promise = check.__name__.replace("_", " "), inspect.getdoc(check) or ""
    try:
        return _said(name, promise, "passed", check(subject))
    except Failed as failure:
        return _said(name, promise, "failed", str(failure))
    except Noted as remark:
        return _said(name, promise, "noted", str(remark))
    except Exception as error:  # as above
        return _said(name, promise, "failed", _told(error))


def _said(name: str, promise: str, verdict: str, said: str) -> dict[str, Json]:
    return {"name": name, "promise": promise, "verdict": verdict, "said": said}


def _told(error: Exception) -> str:
    """Our own errors as they are; others with the line of the person's code they came from."""
    if isinstance(error, RewardSynthError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = next((frame for frame in reversed(frames) if "site-packages" not in frame.filename), frames[-1])
    said = " ".join(str(error).split()) or "it says no more"
    return f"{type(error).__name__}: {said} ({place.filename}:{place.lineno}). Correct it."


def _code(file: Path) -> str:
    """A file's statements without docstrings and comments."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0] = ast.Pass()
    return ast.unparse(tree)
