"""The two jobs behind a certificate: one runs fitness and sees no reward, one asks a reward and runs no fitness."""

from __future__ import annotations

from typing import Any

import numpy as np

from eureka_cli import evaluator, policies, tasks, tracing
from eureka_cli.analysis import certificate
from eureka_cli.analysis.certificate import Steps
from eureka_cli.context import ONE_BY_ONE_S, Context
from eureka_cli.core import Array, Json, Rewards
from eureka_cli.errors import JobFailed, RewardFailure
from eureka_cli.tracing import Trace

FILM = "film"


def trace(context: Context) -> dict[str, Json]:
    """Chance, the checkpoints before the shipped one, the shipped one: `seeds` episodes each, and the filmed one."""
    spec = context.spec
    seeds = np.array(spec["seeds"], np.uint64)
    simulator = context.simulator(len(seeds))
    shipped = policies.load(context.folder / "shipped.npz")
    before = [policies.load(context.folder / f"before-{k:02d}.npz") for k in range(spec["before"])]
    acts = {"chance": evaluator.acting_at_random(simulator, spec["seeds"][0]), "shipped": evaluator.acting(shipped)}
    if before:
        share = np.arange(len(seeds)) * len(before) // len(seeds)
        acts["before"] = tracing.in_turn([before[int(k)] for k in share])
    seen = {name: tracing.watch(simulator, act, seeds) for name, act in acts.items()}
    if spec["film"] is not None:  # alone, as the renderer will see it
        seed = np.array([spec["film"]], np.uint64)
        seen[FILM] = tracing.watch(context.simulator(1), evaluator.acting(shipped), seed)
    trajectories = [each for part in seen.values() for each in part.trajectories]
    failure = None
    try:
        truth = evaluator.per_step(trajectories, tasks.load(context.paths, "task"))
    except JobFailed as error:
        failure = str(error)
        truth = [np.full(len(each), np.nan) for each in trajectories]
    tracing.save(context.folder / "trace.npz", tracing.judged(seen, truth))
    return {"failure": failure, "horizon": simulator.horizon}


def certify(context: Context) -> dict[str, Json]:
    """The certificate of a reward on a trace; `film.npz` says what it paid, and for what, in the filmed episode."""
    traces = tracing.load(context.folder / "trace.npz")
    film = traces.pop(FILM, None)
    paid: dict[str, Array] = {}
    try:
        rows = max(len(each.truth) for each in (*traces.values(), film) if each is not None)
        with context.reward(traces["shipped"], rows, seconds_per_row=ONE_BY_ONE_S) as process:
            paid = {name: process.score(each.rollout).total[:, 0] for name, each in traces.items()}
            if film is not None:
                _save_film(context, film, process.score(film.rollout))
            context.reward_cpu_s += process.cpu_s
    except RewardFailure as failure:
        return {"failure": failure.finding.message}
    if not all(np.isfinite(each.truth).all() for each in traces.values()):
        return {"failure": "fitness cannot be taken of part of an episode, so no step can be judged"}
    sides = {name: Steps(paid[name], each.truth, each.place, each.lengths) for name, each in traces.items()}
    shipped = sides.pop("shipped")
    found = certificate.certify(shipped, certificate.join(list(sides.values())), horizon=context.spec["horizon"])
    return {"failure": None, **found._asdict()}


def _save_film(context: Context, film: Trace, rewards: Rewards) -> None:
    """Per step: what was paid, by component, and what it added to fitness (NaN where nobody can say)."""
    arrays: dict[str, Any] = {f"component/{name}": values[:, 0] for name, values in rewards.components.items()}
    arrays |= {"own": rewards.total[:, 0], "truth": film.truth}
    np.savez(context.folder / "film.npz", **arrays)
