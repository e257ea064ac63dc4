"""Rules of the house that import-linter cannot say."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eureka_cli import climbing, evaluator, steps, training

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "eureka_cli").rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 50


def calls(tree: ast.AST, *names: str):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in names:
                yield called, node


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_and_functions_stay_small(file):
    text = file.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        # A command's signature is its --help: it may be long.
        if isinstance(node, ast.FunctionDef) and file.parent.name != "cli":
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, node.name


def test_the_evaluators_version_is_told_twice_alike():
    assert steps.EVALUATOR_VERSION == evaluator.VERSION


def test_the_last_policy_is_named_twice_alike():
    assert climbing.LAST_POLICY == training.LAST_POLICY


def test_one_place_executes_text_and_it_is_the_sandboxed_child():
    found = {file.name for file in FILES for _ in calls(ast.parse(file.read_text()), "exec", "eval")}
    assert found == {"reward_code.py"}


def test_nothing_is_unpickled():
    for file in FILES:
        tree = ast.parse(file.read_text())
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not names & {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}, file
        for _, call in calls(tree, "np.load"):
            said = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
            assert said.get("allow_pickle") == "False", file


def test_only_the_evaluator_touches_fitness_and_success():
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("fitness", "success"):
                owner = ast.unparse(node.value)
                assert owner != "task" or file.name == "evaluator.py", f"{file}:{node.lineno}"


def test_help_imports_nothing_heavy():
    heavy = "{'numpy', 'mujoco', 'gymnasium', 'torch', 'jinja2', 'mjbatch', 'rich'}"
    program = (
        "import sys; from typer.testing import CliRunner; from eureka_cli.cli.main import app;"
        "r = CliRunner().invoke(app, ['run', '--help']); assert r.exit_code == 0 and '--task' in r.output;"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_a_job_sees_no_key_of_ours(monkeypatch):
    """What the job server and the reward zygote get of our environment, read from the kernel."""
    from eureka_cli.executors import local

    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    executor = local.start(local.Config(cores=1))
    try:
        executor._start()
        server = executor._server.pid
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        seen = [Path(f"/proc/{pid}/environ").read_bytes() for pid in [server, *children]]
        assert children
        assert all(b"sk-secret" not in environment for environment in seen)
        assert b"HOME" not in seen[1] or "HOME" not in os.environ  # the zygote gets nothing but thread counts
    finally:
        executor.close()
