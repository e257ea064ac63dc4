"""What a search will cost, before anything is spent: calls, tokens, environment steps, CPU-time."""

from __future__ import annotations

import os
from collections.abc import Sequence

from eureka_cli import climbing, racing, tasks
from eureka_cli.core import Json, Message
from eureka_cli.run import Run
from eureka_cli.steps import measured

CHARACTERS_PER_TOKEN = 3.6
ANSWER_TOKENS = 900
"""A sentence and a reward of some forty lines."""
REFLECTION_TOKENS = 1500
TRAINING_OVER_SIMULATION = 1.6
"""Policy, update and reward per unit of physics, measured with native_ppo on the shipped tasks."""


def steps(run: Run, rounds: int, samples: int) -> tuple[int, int]:
    """Environment steps of training, search and its end (a climb, or confirmation): where nobody ties, and at most."""
    final = climb_steps(run) if climbing.plan(run) else _confirmation_steps(run)
    most = rounds * samples * run.config.search.train_seeds * run.trial_steps
    return _search_steps(run, rounds, samples) + final, most + final


def _search_steps(run: Run, rounds: int, samples: int) -> int:
    """Of so many rounds, where nobody ties."""
    search = run.config.search
    rungs = search.race_rungs if search.racing == "halving" else ()
    floors = [max(1, search.confirm - samples * before) for before in range(rounds)]
    raced = sum(racing.trainings(samples, rungs, floor) for floor in floors)
    return round(raced * search.train_seeds * run.trial_steps)


def _confirmation_steps(run: Run) -> int:
    search = run.config.search
    return search.confirm * search.confirm_seeds * run.trial_steps + baseline_steps(run)


def baseline_steps(run: Run) -> int:
    """Of the baselines' trainings, which runs of one task, budget and seed share; 0 where the run ends with a climb."""
    baselines = sum(tasks.baseline(run.task, kind) is not None for kind in ("human", "sparse"))
    return 0 if climbing.plan(run) else baselines * run.config.search.confirm_seeds * run.trial_steps


def climb_steps(run: Run) -> int:
    """Of the ranking and of the climb itself; 0 where there is none."""
    plan, search, asked = climbing.plan(run), run.config.search, run.config.curriculum
    if plan is None:
        return 0
    ranked = search.confirm * search.train_seeds * plan.rank if search.confirm > 1 else 0
    contenders = 1 + (asked.human and tasks.baseline(run.task, "human") is not None)
    return ranked + contenders * asked.seeds * plan.budget


def _step_cpu_s(run: Run) -> tuple[float, float]:
    """CPU-seconds of an environment step where the search trains, and on the way from the start to the goal."""
    plan = climbing.plan(run)
    ends = measured(run, [plan.start, run.task.goals[plan.goal]]) if plan else []
    found = [run.measurement, *(outcome.result for _, outcome in ends)]
    search, *way = (one["simulation_cpu_s"] / one["steps"] for one in found)
    return search, sum(way) / len(way) if way else 0.0


def costs(run: Run, rounds: int, samples: int, messages: Sequence[Message]) -> dict[str, Json]:
    """Calls, tokens, steps, CPU-seconds and dollars (None where the price is unknown)."""
    prompt = sum(len(message.content) for message in messages) / CHARACTERS_PER_TOKEN
    calls = rounds * samples
    later = max(0, rounds - 1) * samples * (REFLECTION_TOKENS + ANSWER_TOKENS)
    input_tokens, output_tokens = round(calls * prompt + later), calls * ANSWER_TOKENS
    total, most = steps(run, rounds, samples)
    climb = climb_steps(run)
    step_cpu_s, climb_step_cpu_s = _step_cpu_s(run)
    price = run.config.price
    usd = (input_tokens * price.input + output_tokens * price.output) / 1e6 if price else None
    return {
        "calls": calls,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "usd": usd if run.paid else 0.0,
        "steps": total,
        "most_steps": most,
        "climb_steps": climb,
        "cpu_s": round(TRAINING_OVER_SIMULATION * ((total - climb) * step_cpu_s + climb * climb_step_cpu_s)),
        "cores": run.config.cores,
    }


def too_short(run: Run, rounds: int, samples: int, messages: Sequence[Message]) -> list[str]:
    """A sentence for each limit that buys less than the first two rounds, or the one there is."""
    few = min(2, rounds)
    found, steps = costs(run, few, samples, messages), _search_steps(run, few, samples)
    cpu_hours = TRAINING_OVER_SIMULATION * steps * _step_cpu_s(run)[0] / 3600
    needs = {
        "tokens": found["input_tokens"] + found["output_tokens"],
        "usd": found["usd"],
        "all_steps": steps,
        "cpu_hours": cpu_hours,
        "hours": cpu_hours / (run.config.cores or len(os.sched_getaffinity(0))),
    }
    limits = run.config.budget.model_dump(exclude_none=True)
    return [
        f"budget.{name} = {limits[name]:,g} buys about {few * limits[name] / need:.2g} rounds of {rounds}:"
        f" a round takes about {need / few:,.3g}."
        for name, need in needs.items()
        if name in limits and need and need > limits[name]
    ]


def text(found: dict[str, Json]) -> str:
    money = (
        "unknown price (give --set price.input=... price.output=...)"
        if found["usd"] is None
        else f"${found['usd']:.2f}"
    )
    climb = f", {found['climb_steps']:,} of them to rank and to climb" if found["climb_steps"] else ""
    return (
        f"{found['calls']} answers, about {found['input_tokens']:,} + {found['output_tokens']:,} tokens, {money}\n"
        f"about {found['steps']:,} environment steps (at most {found['most_steps']:,}){climb},"
        f" about {found['cpu_s']:,} CPU-seconds"
    )
