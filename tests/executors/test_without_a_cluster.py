"""What is said where Ray, Slurm or a cluster is missing."""

from __future__ import annotations

import importlib.util
import shutil

import pytest

from eureka_cli.cli import session
from eureka_cli.config import RunConfig
from eureka_cli.errors import ConfigError
from eureka_cli.store import RunFolder


def test_ray_is_named_with_what_installs_it(cli):
    if importlib.util.find_spec("ray"):
        pytest.skip("Ray is here")
    done = cli("run", "--task", "cartpole_balance", "--executor", "ray", check=False)
    assert done.returncode == 2
    assert "pip install 'reward-synth[ray]'" in done.stderr


def test_slurm_is_named_with_where_to_start(cli):
    if shutil.which("sbatch"):
        pytest.skip("Slurm is here")
    done = cli("run", "--task", "cartpole_balance", "--executor", "slurm", check=False)
    assert done.returncode == 2
    assert "no sbatch here" in done.stderr


def test_a_setting_of_another_executor_is_refused_with_the_nearest_name(cli):
    done = cli("run", "--task", "cartpole_balance", "--set", "executor.isolaton=landlock", check=False)
    assert done.returncode == ConfigError.exit_code
    assert "Did you mean 'isolation'?" in done.stderr


def test_an_unknown_executor_is_refused_with_those_there_are(cli):
    done = cli("run", "--task", "cartpole_balance", "--executor", "slrum", check=False)
    assert done.returncode == 2
    assert "There are: local, ray, slurm." in done.stderr


@pytest.mark.parametrize(
    ("assignment", "name", "table"),
    [
        ("executor_name=local", "local", {}),
        ("executor.cpus=2", "ray", {"address": "head:6379", "cpus": 2}),
        ("budget.hours=1", "ray", {"address": "head:6379"}),
    ],
)
def test_a_run_is_resumed_where_it_ran_or_elsewhere(assignment, name, table, tmp_path):
    text = '[config]\ntask = "cartpole_balance"\nexecutor_name = "ray"\n[config.executor]\naddress = "head:6379"\n'
    (tmp_path / "run.toml").write_text(text)
    found = session.read_config(RunFolder(tmp_path), [assignment])
    assert (found.executor_name, found.executor) == (name, table)


def test_where_jobs_run_makes_no_other_run(tmp_path):
    (tmp_path / "run.toml").write_text('[config]\ntask = "cartpole_balance"\n')
    there = RunConfig(task="cartpole_balance", executor_name="slurm", executor={"cpus": 2})
    assert session.has_settings(RunFolder(tmp_path), there)
