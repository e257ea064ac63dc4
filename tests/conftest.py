"""Shared fixtures. Nothing here stands in for our own code: processes, physics and files are real."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # before NumPy is loaded: two threads on small matrices wait more than they work

import numpy as np  # noqa: E402
import pytest  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def zygote():
    from eureka_cli.sandbox.client import Zygote

    started = Zygote.start()
    yield started
    started.close()


@pytest.fixture
def cli(tmp_path):
    """Run the command line in an empty folder, as a person would."""

    def run(*arguments: str, check: bool = True, **options):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-m", "eureka_cli.cli.main", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            **options,
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture
def shared_cache(tmp_path, tmp_path_factory):
    """runs/.cache shared by all tests that ask for it, in every worker: a bank is built once, as it is for a person."""
    base = tmp_path_factory.getbasetemp()
    common = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-cache"
    common.mkdir(exist_ok=True)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / ".cache").symlink_to(common, target_is_directory=True)


@pytest.fixture(scope="session")
def rng():
    return np.random.default_rng(0)
