"""What a search will cost, before anything is spent: calls, tokens, environment steps, CPU-time."""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli import racing, tasks
from eureka_cli.core import Json, Message
from eureka_cli.run import Run

CHARACTERS_PER_TOKEN = 3.6
ANSWER_TOKENS = 900
"""A sentence and a reward of some forty lines."""
REFLECTION_TOKENS = 1500
TRAINING_OVER_SIMULATION = 1.6
"""Policy, update and reward per unit of physics, measured with native_ppo on the shipped tasks."""


def steps(run: Run, rounds: int, samples: int) -> tuple[int, int]:
    """Environment steps of training, search, confirmation and baselines: where nobody ties in a race, and at most."""
    search, trial = run.config.search, run.trial_steps
    rungs = search.race_rungs if search.racing == "halving" else ()
    floors = [max(1, search.confirm - samples * before) for before in range(rounds)]
    raced = sum(racing.trainings(samples, rungs, floor) for floor in floors)
    baselines = sum(tasks.baseline(run.task, kind) is not None for kind in ("human", "sparse"))
    final = (search.confirm + baselines) * search.confirm_seeds * trial
    expected, most = (round(count * search.train_seeds * trial) + final for count in (raced, rounds * samples))
    return expected, most


def costs(run: Run, rounds: int, samples: int, messages: Sequence[Message]) -> dict[str, Json]:
    """Calls, tokens, steps, CPU-seconds and dollars (None where the price is unknown)."""
    prompt = sum(len(message.content) for message in messages) / CHARACTERS_PER_TOKEN
    calls = rounds * samples
    later = max(0, rounds - 1) * samples * (REFLECTION_TOKENS + ANSWER_TOKENS)
    input_tokens, output_tokens = round(calls * prompt + later), calls * ANSWER_TOKENS
    total, most = steps(run, rounds, samples)
    price = run.config.price
    usd = (input_tokens * price.input + output_tokens * price.output) / 1e6 if price else None
    return {
        "calls": calls,
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "usd": usd if run.paid else 0.0,
        "steps": total,
        "most_steps": most,
        "cpu_s": round(
            TRAINING_OVER_SIMULATION * total * run.measurement["simulation_cpu_s"] / run.measurement["steps"]
        ),
        "cores": run.config.cores,
    }


def text(found: dict[str, Json]) -> str:
    money = (
        "unknown price (give --set price.input=... price.output=...)"
        if found["usd"] is None
        else f"${found['usd']:.2f}"
    )
    return (
        f"{found['calls']} answers, about {found['input_tokens']:,} + {found['output_tokens']:,} tokens, {money}\n"
        f"about {found['steps']:,} environment steps (at most {found['most_steps']:,}),"
        f" about {found['cpu_s']:,} CPU-seconds"
    )
