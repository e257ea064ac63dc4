"""What a model is told never holds how it is judged: no fitness, success or reward code in any prompt of a whole run."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from pathlib import Path

import gymnasium
import pytest
from program import alone, run

from eureka_cli import tasks

QUICK = {"cartpole_balance", "cheetah_run", "dk5", "hopper_hop", "pen_spin", "reacher_reach"}
"""Tasks of every kind of world whose bank is quickly built; the others are slow tests."""
NAMES = [name for name in sorted(tasks.names()) if not name.startswith("mw_")]  # each would build a bank of minutes
EVERY = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in NAMES]
FITNESS = "def fitness(trajectory):\n    return float(trajectory.next_state.time[-1] / 1234.5)\n"


def statements(source: str, functions: set[str] | None = None) -> set[str]:
    """Statements of some functions (all: None), written as Python writes them; what any code may hold is left out."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and (functions is None or node.name in functions):
            inside = [n for n in ast.walk(node) if isinstance(n, ast.Assign | ast.AugAssign | ast.Return)]
            found |= {ast.unparse(statement) for statement in inside}
    return {statement for statement in found if len(statement) > 15}


def secrets(name: str) -> set[str]:
    """Statements of a task's fitness and success and of its baseline rewards, without what env.py shows anyway."""
    task = tasks.find(name)
    judged = [Path(task.paths["task"]).read_text(), tasks.baseline(task, "human"), tasks.baseline(task, "sparse")]
    found = set.union(*map(statements, judged)) - statements(Path(task.paths["env"]).read_text())
    assert len(found) >= 4
    return found


def told(messages: list[dict]) -> str:
    """All that a model was told, not what it said itself, with white space made one."""
    return " ".join(" ".join(m["content"] for m in messages if m["role"] != "assistant").split())


def test_the_comparison_finds_code_that_is_written_otherwise():
    written = statements("def fitness(t):\n    reached = (t.x >\n        0.5)\n    return float( reached.mean() )")
    assert written == {"reached = t.x > 0.5", "return float(reached.mean())"}


@pytest.mark.parametrize("name", EVERY)
def test_every_prompt_of_a_whole_run(name, tmp_path, shared_cache):
    run(tmp_path, "run", *alone(name), "--preset", "smoke", "--name", "r")
    records = [json.loads(file.read_text()) for file in (tmp_path / "runs/r/llm").rglob("*.json")]
    assert len(records) >= 4
    for record in records:
        text = told(record["messages"])
        assert tasks.find(name).sentence in text
        assert not [secret for secret in secrets(name) if secret in text]


@pytest.mark.parametrize("gym_id", ["Pendulum-v1", "Reacher-v5", "Hopper-v5"])
def test_the_first_prompt_of_a_gymnasium_id(gym_id, tmp_path):
    (tmp_path / "fitness.py").write_text(FITNESS)
    goal = ("--goal", "do something else", "--fitness", "fitness.py")
    out, _ = run(tmp_path, "run", "--env", gym_id, *goal, "--dry-run", "--json")
    text = told(json.loads(out)["messages"])
    source = inspect.getsource(sys.modules[gymnasium.make(gym_id).unwrapped.__class__.__module__])
    own = statements(source, {"step", "_get_rew"})
    assert len(own) >= 3
    assert not [secret for secret in own | statements(FITNESS) if secret in text]
