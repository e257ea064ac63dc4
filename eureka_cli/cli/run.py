"""reward-synth run: from a sentence to a trained policy and a reward file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Flag = typer.Option

EPILOG = """Examples:

reward-synth run --task pen_spin

reward-synth run --task pen_spin --curriculum none --rounds 1

reward-synth run --task cartpole_balance --rounds 2 --samples 3 --seed 7

reward-synth run --env Reacher-v5 --goal "touch the target with the fingertip" --fitness my_fitness.py

reward-synth run --env Meta-World/goal_observable --env-arg env_name=drawer-close-v3 --env-arg seed=0 --goal "close it"

reward-synth run --task pen_spin --model openai:gpt-5-mini --budget-usd 2

reward-synth run --task hopper_hop --trainer sb3 --set trainer.algorithm=sac

reward-synth run --task pen_spin --model exchange:me --dry-run
"""


def command(
    task: Annotated[str | None, Flag(help="A task by name (`reward-synth tasks` lists them).")] = None,
    env: Annotated[str | None, Flag(help="Instead of a task: any registered Gymnasium id; needs --goal.")] = None,
    goal: Annotated[str | None, Flag(help="With --env: what to learn, in one sentence.")] = None,
    fitness: Annotated[str | None, Flag(help="With --env: a file with fitness(trajectory) -> float.")] = None,
    env_arg: Annotated[list[str] | None, Flag(help="With --env: NAME=VALUE it is made with; repeatable.")] = None,
    import_: Annotated[
        list[str] | None, Flag("--import", help="With --env: a package or .py file that registers it; repeatable.")
    ] = None,
    model: Annotated[
        str | None,
        Flag(
            help="Who writes rewards: builtin (no key needed), openai:NAME, litellm:VENDOR/NAME, exchange[:NAME],"
            " recorded:RUN, or auto (asks before it uses a key it finds)."
        ),
    ] = None,
    method: Annotated[
        str | None, Flag(help="The search method: eureka, best, text2reward, mcreward, or icpl (you judge).")
    ] = None,
    trainer: Annotated[str | None, Flag(help="native_ppo, sb3 (PPO, SAC, TD3, DQN), or mjx_ppo (GPU).")] = None,
    executor: Annotated[
        str | None, Flag(help="Where jobs run: local, ray, or slurm (--set executor.NAME=..., docs/executors.md).")
    ] = None,
    preset: Annotated[
        str | None, Flag(help="laptop (fits two cores), paper (its constants), smoke (plumbing).")
    ] = None,
    rounds: Annotated[int | None, Flag(help="Rounds of the search.")] = None,
    samples: Annotated[int | None, Flag(help="Candidates asked for in a round.")] = None,
    rung: Annotated[
        str | None, Flag(help="Search, train and measure on this rung of the task (lite, assist, free); no climb.")
    ] = None,
    curriculum: Annotated[
        str | None,
        Flag(help="How the winner reaches the goal: a curriculum of the task (its first unless said), or none."),
    ] = None,
    seed: Annotated[int | None, Flag(help="Decides everything that is chance.")] = None,
    person: Annotated[
        str | None,
        Flag(help="Who answers a method's questions: me (reward-synth answer), simulated:RATE of error, or judge."),
    ] = None,
    principles: Annotated[
        str | None, Flag(help="With --person judge: a file that says what the model is to judge by.")
    ] = None,
    critic: Annotated[
        str | None, Flag(help="Before training: standard, strict (refuses what is doubtful too), or off.")
    ] = None,
    racing: Annotated[str | None, Flag(help="halving: the weaker half stops early; off: the papers' protocol.")] = None,
    budget_steps: Annotated[int | None, Flag(help="Environment steps of one trial.")] = None,
    budget_hours: Annotated[float | None, Flag(help="Stop after so many hours (resumable).")] = None,
    budget_cpu_hours: Annotated[float | None, Flag(help="Stop after so many CPU-hours (resumable).")] = None,
    budget_tokens: Annotated[int | None, Flag(help="Stop after so many tokens (resumable).")] = None,
    budget_usd: Annotated[float | None, Flag(help="Stop after so many dollars (resumable).")] = None,
    cores: Annotated[int | None, Flag(help="Jobs side by side; all cores unless said.")] = None,
    tracker: Annotated[str | None, Flag(help="Tell the curves to wandb or trackio too; nobody unless asked.")] = None,
    set_: Annotated[list[str] | None, Flag("--set", help="Any setting: key=value, e.g. search.train_seeds=3.")] = None,
    config: Annotated[Path | None, Flag(help="Settings from a TOML file; flags win over it.")] = None,
    name: Annotated[str | None, Flag(help="Name of the run's folder.")] = None,
    runs: Annotated[Path, Flag(help="Folder that holds runs.")] = Path("runs"),
    dry_run: Annotated[
        bool, Flag("--dry-run", help="Show the first prompt and the cost estimate; train nothing.")
    ] = False,
    json: Annotated[bool, Flag("--json", help="Print the result as JSON; progress goes to standard error.")] = False,
) -> None:
    """Search a reward for a task, train a policy with it, and confirm it on fresh seeds.

    The same command again, or `reward-synth resume RUN`, continues an interrupted run.
    """
    from eureka_cli import config as settings
    from eureka_cli.cli import choose, scratch, session

    flags = {
        "task": task,
        "env": env,
        "goal": goal,
        "fitness": fitness,
        "env_args": settings.arguments(env_arg) if env_arg else None,
        "imports": import_ or None,
        "model": model,
        "method_name": method,
        "trainer_name": trainer,
        "executor_name": executor,
        "preset": preset,
        "method.rounds": rounds,
        "method.samples": samples,
        "params.rung": rung,
        "curriculum.name": curriculum,
        "seed": seed,
        "person": person,
        "principles": principles,
        "critic.level": critic,
        "search.racing": racing,
        "budget.steps": budget_steps,
        "budget.hours": budget_hours,
        "budget.cpu_hours": budget_cpu_hours,
        "budget.tokens": budget_tokens,
        "budget.usd": budget_usd,
        "cores": cores,
        "tracker.name": tracker,
    }
    resolved = session.settled(choose.model(settings.load(config, flags, set_ or [])))
    if dry_run:
        scratch.dry_run(resolved, runs, as_json=json)
        return
    task_found = session.find_task(resolved)
    folder = session.choose_folder(resolved, task_found, runs, name)
    session.search(folder, resolved, task_found, as_json=json)
