"""What is said where Ray, Slurm or a cluster is missing."""

from __future__ import annotations

import importlib.util
import shutil

import pytest

from eureka_cli.errors import ConfigError


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
