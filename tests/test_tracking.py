"""Curves for other programs: TensorBoard's files, and trackers that hear of a run in a process of their own."""

from __future__ import annotations

import importlib.util
import json
import os
import struct
import zlib

import pytest
from program import SMOKE, run

from eureka_cli import event_files, tracking
from eureka_cli.config import RunConfig
from eureka_cli.store import RunFolder


def records(data: bytes):
    """The records of a TFRecord file, checksums checked."""
    while data:
        [length] = struct.unpack("<Q", data[:8])
        assert struct.unpack("<I", data[8:12])[0] == event_files.masked(data[:8])
        body = data[12 : 12 + length]
        assert struct.unpack("<I", data[12 + length : 16 + length])[0] == event_files.masked(body)
        yield body
        data = data[16 + length :]


def test_the_checksum_is_crc32c_and_not_the_other_one():
    assert event_files.crc32c(b"123456789") == 0xE3069283  # RFC 3720, appendix B.4, and the catalogue's check value
    assert event_files.crc32c(bytes(32)) == 0x8A9136AA
    assert event_files.crc32c(b"123456789") != zlib.crc32(b"123456789")


def test_a_scalar_is_the_protobuf_that_the_schema_says():
    data = event_files.scalars(1.5, 300, {"return": 2.0})
    value = b"\x0a\x06return\x15" + struct.pack("<f", 2.0)
    summary = b"\x0a" + bytes([len(value)]) + value
    assert data == b"\x09" + struct.pack("<d", 1.5) + b"\x10\xac\x02" + b"\x2a" + bytes([len(summary)]) + summary


def test_a_run_leaves_a_folder_of_curves_for_every_candidate(tmp_path):
    run(tmp_path, "run", *SMOKE, "--rounds", "1", "--set", "critic.bank=false", "--name", "one")
    root = tmp_path / "runs/one/tensorboard"
    candidates = {file.stem for file in (tmp_path / "runs/one/candidates").glob("*.py")}
    assert {folder.name for folder in root.iterdir()} >= candidates
    for file in root.rglob(event_files.FILE):
        first, *rest = records(file.read_bytes())
        assert b"brain.Event:2" in first
        assert len(rest) >= 3
        assert any(b"component/" in body for body in rest)
    searched = [file for name in candidates for file in (root / name).rglob(event_files.FILE)]
    assert any(b"fitness" in file.read_bytes() for file in searched)
    before = {file: file.stat().st_size for file in searched}
    run(tmp_path, "resume", "one")
    assert {file: file.stat().st_size for file in searched} == before
    run(tmp_path, "resume", "one", "--set", "tracker.tensorboard=false")


def test_tensorboard_reads_them(tmp_path):
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    write = event_files.Writer(tmp_path)
    for step in (100, 200):
        write(tracking.Row("abc/seed-1", step, {"return": step / 7, "component/speed": -1.0}))
    found = reader.EventAccumulator(str(tmp_path / "abc/seed-1"))
    found.Reload()
    assert found.Tags()["scalars"] == ["return", "component/speed"]
    assert [(e.step, e.value) for e in found.Scalars("return")] == [
        (100, pytest.approx(100 / 7)),
        (200, pytest.approx(200 / 7)),
    ]


@pytest.mark.skipif(importlib.util.find_spec("wandb") is not None, reason="wandb is here")
def test_a_tracker_that_is_not_installed_is_said_before_anything_is_spent(tmp_path):
    _, err = run(tmp_path, "run", *SMOKE, "--tracker", "wandb", "--name", "one", code=2)
    assert "pip install 'reward-synth[wandb]'" in err
    assert not list(tmp_path.glob("runs/one/jobs/*"))


def test_an_unknown_tracker_is_refused(tmp_path):
    assert "tracker.name" in run(tmp_path, "run", *SMOKE, "--tracker", "mlflow", code=2)[1]


STUB = """
import json, os, sys
told = open(os.environ["WANDB_TOLD"], "a")
def say(*what):
    print(json.dumps(what), file=told, flush=True)
def init(**how): say("init", how, sorted(os.environ))
def define_metric(name, step_metric): say("axis", name, step_metric)
def log(row): say("row", row)
def finish(): say("finish")
"""


def test_a_tracker_gets_rows_and_its_own_keys_and_no_other(tmp_path, monkeypatch):
    """A library of wandb's shape stands in for it, so what it is told can be read."""
    (tmp_path / "wandb.py").write_text(STUB)
    told = tmp_path / "told"
    path = f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}{os.pathsep}{os.getcwd()}"
    for name, value in {"PYTHONPATH": path, "WANDB_TOLD": str(told), "OPENAI_API_KEY": "sk-secret"}.items():
        monkeypatch.setenv(name, value)
    config = RunConfig.model_validate(
        {"tracker": {"name": "wandb", "tensorboard": False}, "model_options": {"k": "sk-2"}}
    )
    process = tracking.Process(RunFolder(tmp_path), config)
    for step in range(3000):  # more than a pipe holds
        process(tracking.Row("abc/seed-1", step, {"return": 1.0, "a-component-with-a-long-name": float(step)}))
    process.close()
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    assert [line[0] for line in lines][:2] == ["init", "axis"] and lines[-1] == ["finish"]
    assert "OPENAI_API_KEY" not in lines[0][2] and "WANDB_TOLD" in lines[0][2]
    assert "sk-" not in told.read_text()
    assert lines[0][1]["project"] == "reward-synth" and lines[0][1]["mode"] == "offline"
    rows = [line[1] for line in lines if line[0] == "row"]
    assert len(rows) == 3000 and rows[-1]["abc/seed-1/steps"] == 2999


def test_a_tracker_that_dies_costs_no_run(tmp_path, monkeypatch, capfd):
    (tmp_path / "wandb.py").write_text("raise SystemExit('no room')")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.getcwd()}")
    config = RunConfig.model_validate({"tracker": {"name": "wandb"}})
    process = tracking.Process(RunFolder(tmp_path), config)
    for step in range(5000):
        process(tracking.Row("abc/seed-1", step, {"return": 1.0}))
    process.close()
    assert "tracker.txt says why" in capfd.readouterr().err
    assert "no room" in (tmp_path / "tracker.txt").read_text()


def test_a_tracker_that_hangs_holds_nobody_up(tmp_path, monkeypatch, capfd):
    (tmp_path / "wandb.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.getcwd()}")
    monkeypatch.setattr(tracking, "LAST_WORDS_S", 1.0)
    process = tracking.Process(RunFolder(tmp_path), RunConfig.model_validate({"tracker": {"name": "wandb"}}))
    for step in range(5000):
        process(tracking.Row("abc/seed-1", step, {"return": 1.0}))
    process.close()
    assert "kept no curves" in capfd.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wandb", "trackio"])
def test_the_real_libraries_keep_a_run_without_a_network(name, tmp_path):
    pytest.importorskip(name)
    own = {"WANDB_MODE": "offline", "TRACKIO_DIR": str(tmp_path / "trackio"), "HOME": str(tmp_path)}
    quick = ("--rounds", "1", "--set", "critic.bank=false", "--tracker", name, "--set", "tracker.project=tries")
    run(tmp_path, "run", *SMOKE, *quick, "--name", "one", **own)
    kept = {"wandb": "runs/one/wandb/offline-run-*/*.wandb", "trackio": "trackio/*.db"}[name]
    assert [file for file in tmp_path.glob(kept) if file.stat().st_size > 1000], (
        tmp_path / "runs/one/tracker.txt"
    ).read_text()
