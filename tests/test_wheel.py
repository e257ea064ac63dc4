"""What is released runs in an empty folder of a fresh environment: worlds and words are inside the wheel."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def call(*command: str, folder: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, and the wheel made from it, as a release is built."""
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT), folder=folder)
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


NAMED_OTHERWISE = {"PIL": "pillow", "stable_baselines3": "stable-baselines3", "mujoco.mjx": "mujoco-mjx"}
COMES_ALONG = {"starlette": "fastapi", "httpx": "openai"}
"""Imported with what it is a part of."""
OTHERS = {"eureka_cli", "reward", "env", "task", "environment", "vec_env", "isaacgym"}
"""Ours, those of an export, and a stub for a type checker."""


def test_what_is_imported_is_declared():
    """An environment with every extra hides what is missing: Typer once brought click."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
    ]
    declared = {re.match(r"[\w-]+", line)[0].lower().replace("-", "_") for line in wanted}
    kits = {file.stem for file in (ROOT / "eureka_cli").rglob("*.py")}  # programs of one folder import each other so
    for file in (ROOT / "eureka_cli").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for top in {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - kits:
                named = NAMED_OTHERWISE.get(top, COMES_ALONG.get(top, top))
                assert top in OTHERS or named.lower().replace("-", "_") in declared, f"{file} imports {top}"


@pytest.mark.slow
def test_worlds_words_and_kit_are_inside(built):
    sdist, wheel = built
    names = zipfile.ZipFile(wheel).namelist()
    for inside in ("_data/envs/cartpole/model.xml", "_data/prompts/eureka/system.j2", "kit/train.py", "cli/main.py"):
        assert f"eureka_cli/{inside}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "LICENSE", "CITATION.cff", "envs/hand_pen/env.py", "tests/test_wheel.py"} <= held
    assert [name for name in held if name.startswith(("runs/", ".venv"))] == ["runs/.gitignore"]


@pytest.mark.slow
def test_the_wheel_runs_in_an_empty_folder(built, tmp_path):
    """Its dependencies are those of this environment: what they resolve to is what constraints.txt says."""
    place, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    options = ("--quiet", "--no-deps", "--no-compile", "--target", str(place))
    call(sys.executable, "-m", "pip", "install", *options, str(built[1]), folder=empty)
    ours = f"import sys; sys.path.insert(0, {str(place)!r}); import eureka_cli; assert {str(place)!r} in eureka_cli.__file__"
    start = f"{ours}; from eureka_cli.cli.main import main; main()"
    assert "pen_spin" in call(sys.executable, "-c", start, "tasks", folder=empty)
    smoke = ("--task", "cartpole_balance", "--preset", "smoke", "--rounds", "1", "--set", "critic.bank=false")
    program = f"import os; os.environ['PYTHONPATH'] = {str(place)!r}; {start}"  # jobs are processes of their own
    assert "best reward" in call(sys.executable, "-c", program, "run", *smoke, "--name", "one", folder=empty)
    assert (empty / "runs/one/report.html").is_file()
