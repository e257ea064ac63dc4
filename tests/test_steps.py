"""Settings a task advises: taken where nobody says otherwise, in the key of its trainings."""

import shutil
from pathlib import Path

import pytest

from eureka_cli import steps, tasks
from eureka_cli.bench.searching import run_in
from eureka_cli.cli import scaffold
from eureka_cli.config import RunConfig
from eureka_cli.errors import UsageError


@pytest.fixture
def advised(tmp_path, monkeypatch):
    """Names of a task to the folder of which `TRAINER` was added."""
    folder = Path(tasks.find("cartpole_balance").paths["env"]).parent
    shutil.copytree(folder, tmp_path / "envs" / "mine")
    (tmp_path / "envs/mine/cartpole_balance.py").rename(tmp_path / "envs/mine/my_balance.py")
    monkeypatch.chdir(tmp_path)

    def advise(text):
        with (tmp_path / "envs/mine/my_balance.py").open("a", encoding="utf-8") as file:
            file.write(f"\nTRAINER = {text}\n")
        return "my_balance"

    return advise


def test_a_task_advises_its_trainer_and_the_run_has_the_last_word(advised, tmp_path):
    task = advised('{"native_ppo": {"epochs": 2, "minibatch": 64}}')
    with run_in(tmp_path / "run", RunConfig(task=task, trainer={"minibatch": 128}), cores=1) as run:
        of_run = steps.trainer(run)["config"]
        of_climb = steps.trainer(run, {"epochs": 3})["config"]
    assert (of_run["epochs"], of_run["minibatch"]) == (2, 128)
    assert (of_climb["epochs"], of_climb["minibatch"]) == (3, 128)


def test_advice_that_its_trainer_does_not_know_is_said(advised, tmp_path):
    task = advised('{"native_ppo": {"epoch": 2}}')
    with pytest.raises(UsageError, match="epoch"), run_in(tmp_path / "run", RunConfig(task=task), cores=1):
        pass


@pytest.mark.parametrize("name", ["fitness", "success"])
def test_what_new_left_to_be_written_is_said_before_anything_is_spent(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    task = scaffold.beside("tilt", "cartpole", "keep the pole up")[0]
    written = {"fitness": "return 1.0", "success": "return True"} | {name: 'raise NotImplementedError("Write it.")'}
    kept = task.read_text().split("\n\ndef fitness")[0]
    task.write_text(kept + "".join(f"\n\ndef {key}(trajectory):\n    {body}\n" for key, body in written.items()))
    with pytest.raises(UsageError, match=f"^{name} in .*tilt.py is still to be written"):
        with run_in(tmp_path / "run", RunConfig(task="tilt"), cores=1):
            pass
    assert not list(tmp_path.rglob("job.json"))
