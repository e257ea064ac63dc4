"""Jobs as bytes: what travels, what does not, and answers that try to write where they may not."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from eureka_cli import parcels, tasks
from eureka_cli.core import Job
from eureka_cli.errors import JobFailed
from eureka_cli.store import RunFolder, read_json, write_json


@pytest.fixture
def prepared(tmp_path):
    """A job folder as a run writes it."""
    task = tasks.find("cartpole_balance")
    (tmp_path / "runs" / "r").mkdir(parents=True)
    trainer = {"name": str(tmp_path / "mine.py"), "config": {}}
    (tmp_path / "mine.py").write_text("TRAINER = 1\n")
    spec = {"world": task.world, "trainer": trainer}
    job = Job(kind="train", spec=spec, texts={"reward.py": "REWARD = 1\n"}, paths=task.paths)
    return RunFolder(tmp_path / "runs" / "r").prepare(job)


def parcel(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_a_job_arrives_with_all_it_reads_and_no_path_of_ours(prepared, tmp_path):
    (prepared / "checkpoint.npz").write_bytes(b"half of one, of a process that was killed")
    packed = parcels.pack(prepared, {"from": "us"})
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert {"env/env.py", "env/model.xml", "env/cartpole_balance.py", "job/reward.py"} <= set(names)
    assert not [name for name in names if "rewards/" in name or "checkpoint" in name]
    told = zipfile.ZipFile(io.BytesIO(packed)).read("job/job.json")
    assert str(tmp_path) not in json.dumps(json.loads(told)["paths"])

    folder, sender = parcels.unpack(packed, tmp_path / "there", tmp_path / "cache")
    job = read_json(folder / "job.json")
    assert sender == {"from": "us"}
    assert Path(job["paths"]["task"]).with_name("env.py") == Path(job["paths"]["env"])
    assert Path(job["paths"]["env"]).is_relative_to(tmp_path / "there")
    assert Path(job["spec"]["trainer"]["name"]).read_text() == "TRAINER = 1\n"
    assert job["paths"]["cache"] == str(tmp_path / "cache")


def test_a_fitness_of_a_persons_home_takes_nothing_else_along(tmp_path):
    fitness = tmp_path / "home" / "fitness.py"
    fitness.parent.mkdir()
    fitness.write_text("def fitness(trajectory): return 0.0\n")
    (fitness.parent / "secret.txt").write_text("sk-secret")
    task = tasks.from_gymnasium("Reacher-v5", "reach", fitness=str(fitness), budget=None)
    job = Job(kind="evaluate", spec={"world": task.world}, paths=task.paths)
    packed = parcels.pack(RunFolder(tmp_path / "runs" / "r").prepare(job), {})
    assert b"sk-secret" not in packed
    folder, _ = parcels.unpack(packed, tmp_path / "there", tmp_path)
    assert "def fitness" in Path(read_json(folder / "job.json")["paths"]["task"]).read_text()


def test_an_answer_is_what_was_written_and_comes_back_whole(prepared, tmp_path):
    folder, _ = parcels.unpack(parcels.pack(prepared, {}), tmp_path / "there", tmp_path)
    (folder / "checkpoint.npz").write_bytes(b"weights")
    (folder / ".lock").write_text("77")
    (folder / "reward.py").write_text("REWARD = 2\n")
    write_json(folder / "result.json", {"result": 1})
    parcels.take_answer(parcels.pack_answer(folder), prepared)
    assert (prepared / "checkpoint.npz").read_bytes() == b"weights"
    assert read_json(prepared / "result.json") == {"result": 1}
    assert (prepared / "reward.py").read_text() == "REWARD = 1\n"
    assert not (prepared / ".lock").exists()


def test_the_second_answer_counts_for_nothing(prepared):
    parcels.take_answer(parcel(**{"result.json": b"1"}), prepared)
    parcels.take_answer(parcel(**{"result.json": b"2", "more.npz": b""}), prepared)
    assert (prepared / "result.json").read_bytes() == b"1"
    assert not (prepared / "more.npz").exists()


@pytest.mark.parametrize("name", ["../up", "/etc/up", "a/b", "job.json", "reward.py", ".lock", "a\\b", "."])
def test_an_answer_writes_new_files_of_its_folder_and_nothing_else(name, prepared):
    before = {file: file.read_bytes() for file in prepared.parent.rglob("*") if file.is_file()}
    with pytest.raises(JobFailed):
        parcels.take_answer(parcel(**{"result.json": b"1", name: b"x"}), prepared)
    assert before == {file: file.read_bytes() for file in prepared.parent.rglob("*") if file.is_file()}


@pytest.mark.parametrize("data", [b"", b"no zip", parcel(a=b"x" * 100)[:90]])
def test_what_is_no_parcel_is_said(data, prepared):
    with pytest.raises(JobFailed, match="cannot be read"):
        parcels.take_answer(data, prepared)


def test_a_bomb_is_not_unpacked(prepared, monkeypatch):
    monkeypatch.setattr(parcels, "MOST_BYTES", 1000)
    with pytest.raises(JobFailed, match="more than"):
        parcels.take_answer(parcel(**{"a.npz": bytes(1001)}), prepared)
