from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eureka_cli import recordings
from eureka_cli.core import Completion, Job, Message
from eureka_cli.errors import ReplayMismatch, RunError
from eureka_cli.store import RunFolder, write_atomic, write_json

ROOT = Path(__file__).parent.parent


def test_readers_see_the_old_text_or_the_new_one_never_half(tmp_path):
    """A writer is killed at random moments; the file is always one of its whole texts."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path; from eureka_cli.store import write_atomic\n"
        "k = 0\nwhile True:\n    write_atomic(Path(sys.argv[1]), str(k % 10) * 200_000); k += 1\n"
    )
    file = tmp_path / "text"
    write_atomic(file, "x" * 200_000)
    for wait in (0.25, 0.31, 0.4):
        writer = subprocess.Popen([sys.executable, "-c", program, str(file), str(ROOT)])
        time.sleep(wait)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        text = file.read_text()
        assert len(text) == 200_000
        assert len(set(text)) == 1


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch):
    file = tmp_path / "text"
    write_atomic(file, "old")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(file, "new")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["text"]


def test_a_torn_last_line_of_the_log_is_skipped(tmp_path):
    folder = RunFolder(tmp_path)
    folder.log("one", x=1)
    with (tmp_path / "log.jsonl").open("a") as stream:
        stream.write('{"time": 1, "eve')
    assert [event["event"] for event in folder.events()] == ["one"]


def test_two_processes_cannot_work_on_one_run(tmp_path):
    folder = RunFolder(tmp_path)
    with folder.lock(), pytest.raises(RunError, match="another process"), RunFolder(tmp_path).lock():
        pass
    with folder.lock():
        pass


def test_a_job_key_holds_what_decides_its_result_and_nothing_else():
    job = Job(kind="train", spec={"seed": 1}, texts={"reward.py": "a"}, links={"s": "train/x/c"}, paths={"env": "/a"})
    moved = job.model_copy(update={"paths": {"env": "/elsewhere"}, "shared": True})
    assert moved.key == job.key
    for change in ({"spec": {"seed": 2}}, {"texts": {"reward.py": "b"}}, {"links": {}}, {"kind": "probe"}):
        assert job.model_copy(update=change).key != job.key


def test_a_job_folder_holds_all_its_inputs(tmp_path):
    folder = RunFolder(tmp_path / "runs" / "one")
    first = Job(kind="train", spec={}, texts={"reward.py": "code"})
    made = folder.prepare(first)
    (made / "checkpoint.npz").write_bytes(b"arrays")
    second = Job(kind="train", spec={"until": 2}, links={"start.npz": f"{first.address}/checkpoint.npz"})
    with pytest.raises(RunError, match="not finished"):
        folder.prepare(second)
    write_json(made / "result.json", {"result": {}, "cpu_s": 1.0})
    prepared = folder.prepare(second)
    assert (prepared / "start.npz").read_bytes() == b"arrays"
    assert json.loads((prepared / "job.json").read_text())["spec"] == {"until": 2}


# ---------------------------------------------------------------- recordings

MESSAGES = [Message(role="user", content="Spin. Ranges: 0.123 to 4.5e-3, 100 steps.")]


def test_numbers_may_drift_words_may_not(tmp_path):
    recordings.write(tmp_path, "a/b", MESSAGES, Completion(text="answer", model="m"))
    same = recordings.read(tmp_path, "a/b", MESSAGES, strict=True)
    assert same.completion.text == "answer"
    assert not same.drifted
    drifted = [Message(role="user", content="Spin. Ranges: 0.124 to 4.6e-3, 99 steps.")]
    assert recordings.read(tmp_path, "a/b", drifted, strict=False).drifted
    with pytest.raises(ReplayMismatch):
        recordings.read(tmp_path, "a/b", drifted, strict=True)
    other = [Message(role="user", content="Throw. Ranges: 0.123 to 4.5e-3, 100 steps.")]
    with pytest.raises(ReplayMismatch, match="another prompt"):
        recordings.read(tmp_path, "a/b", other, strict=False)
    assert recordings.read(tmp_path, "a/c", MESSAGES, strict=False) is None


def test_after_the_first_answer_results_may_drift_and_the_words_around_them_may_not(tmp_path):
    def dialogue(code: str, fitness: str, rule: str) -> list[Message]:
        text = f"It reached {fitness}:\n\n```python\n{code}\n```\nOthers:\n- {code} fitness 1\n\n{rule}"
        return [*MESSAGES, Message(role="assistant", content=code), Message(role="user", content=text)]

    recordings.write(tmp_path, "a", dialogue("x = 1", "3.5", "Improve it."), Completion(text="b", model="m"))
    assert recordings.read(tmp_path, "a", dialogue("y = spin", "0.1", "Improve it."), strict=False).drifted
    with pytest.raises(ReplayMismatch, match="another prompt"):
        recordings.read(tmp_path, "a", dialogue("x = 1", "3.5", "Rewrite it."), strict=False)
