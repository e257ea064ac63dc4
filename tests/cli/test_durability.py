"""Full disks, folders that cannot be written, torn files, a second process: nothing that reached the disk is lost."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from program import ROOT, SMOKE, assert_nothing_finished_was_run_again, events, facts, run, start


@contextmanager
def mounted(folder, options: str):
    """A file system of its own in a folder; skipped where mounting is not allowed."""
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    run(folder, "run", *SMOKE, "--name", "one")
    return folder


def test_a_disk_that_fills_up_stops_the_run_in_a_sentence_and_more_space_lets_it_go_on(finished, tmp_path):
    with mounted(tmp_path, "size=900k"):
        _, err = run(tmp_path, "run", *SMOKE, "--name", "one", code=1)
        assert "No space left on device" in err and "Free some space and resume" in err
        assert len(err.strip().splitlines()[-1]) < 400
        whole = [json.loads(file.read_text()) for file in tmp_path.glob("runs/**/jobs/*/*/result.json")]
        assert all("result" in found for found in whole)
        log = (tmp_path / "runs/one/log.jsonl").read_text()
        assert log.endswith("\n")
        subprocess.run(["mount", "-o", "remount,size=64m", str(tmp_path)], check=True)
        run(tmp_path, "resume", "one")
        assert facts(tmp_path / "runs/one") == facts(finished / "runs/one")
        assert_nothing_finished_was_run_again(tmp_path / "runs/one")


def test_a_folder_mounted_read_only_is_said(finished, tmp_path):
    with mounted(tmp_path, "size=64m"):
        subprocess.run(["cp", "-r", f"{finished}/runs", str(tmp_path)], check=True)
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path)], check=True)
        _, err = run(tmp_path, "resume", "one", code=1)
        assert "Read-only file system" in err and "Traceback" not in err
        for command in (("status",), ("list",), ("cost",), ("show", "one", "best")):
            run(tmp_path, *command)


def test_the_event_after_a_torn_line_is_not_lost(tmp_path):
    from eureka_cli.store import RunFolder

    folder = RunFolder(tmp_path)
    folder.log("one")
    with folder.log_file.open("ab") as stream:
        stream.write(b'{"time": 1, "eve')
    folder.log("two")
    with folder.log_file.open("ab") as stream:
        stream.write(b"\0" * 4096)
    folder.log("three")
    assert [event["event"] for event in folder.events()] == ["one", "two", "three"]


def test_a_run_cut_off_anywhere_in_its_log_goes_on_to_the_same_result(finished, tmp_path):
    subprocess.run(["cp", "-r", f"{finished}/runs", str(tmp_path)], check=True)
    log = tmp_path / "runs/one/log.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole[: whole.index(b"\n", len(whole) * 2 // 3) + 20])
    jobs = {file: file.stat().st_ino for file in tmp_path.glob("runs/**/result.json")}
    run(tmp_path, "resume", "one")
    assert facts(tmp_path / "runs/one") == facts(finished / "runs/one")
    assert {file: file.stat().st_ino for file in tmp_path.glob("runs/**/result.json")} == jobs


def test_the_second_process_names_the_first_and_stop_ends_it_resumably(finished, tmp_path):
    process = start(tmp_path, "run", *SMOKE, "--name", "one")
    while not (tmp_path / "runs/one/run.toml").exists():
        time.sleep(0.05)
    _, err = run(tmp_path, "resume", "one", code=1)
    assert f"another process ({process.pid})" in err and "reward-synth stop one" in err
    out, _ = run(tmp_path, "stop", "one")
    assert "resume one" in out
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert events(tmp_path / "runs/one")[-1]["event"] == "interrupted"
    _, err = run(tmp_path, "stop", "one", code=2)
    assert "Nothing works on one" in err
    run(tmp_path, "resume", "one")
    assert facts(tmp_path / "runs/one") == facts(finished / "runs/one")


def test_stop_reaches_a_run_that_a_shell_began_in_the_background(tmp_path):
    process = start(
        tmp_path, "run", *SMOKE, "--name", "one", before=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)
    )
    while not (tmp_path / "runs/one/run.toml").exists():
        time.sleep(0.05)
    run(tmp_path, "stop", "one")
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_clean_frees_what_can_be_made_again_and_changes_nothing_that_is_told(finished, tmp_path):
    subprocess.run(["cp", "-r", f"{finished}/runs", str(tmp_path)], check=True)
    folder = tmp_path / "runs/one"
    half = folder / "llm/.attempt-0.json.0123abcd"
    half.write_text("half")
    told = run(tmp_path, "report", "one", "--json")[0]
    best = json.loads(told)["best"]["candidate"]
    _, err = run(tmp_path, "clean", code=2)
    assert "--yes" in err and half.exists()
    shown = json.loads(run(tmp_path, "clean", "--json")[0])
    assert [row["name"] for row in shown["clean"]] == ["one", ".cache"] and not shown["removed"]
    before = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    run(tmp_path, "clean", "--yes")
    after = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert not half.exists() and after < before
    assert not list((tmp_path / "runs/.cache").rglob("*.npz"))
    kept = {json.loads((file.parent / "job.json").read_text())["spec"].get("candidate") for file in folder.glob("jobs/train/*/policy-00.npz")}  # fmt: skip
    assert kept == {best}
    assert run(tmp_path, "report", "one", "--json")[0] == told
    run(tmp_path, "resume", "one")
    assert facts(folder)["decisions"] == facts(finished / "runs/one")["decisions"]
    run(tmp_path, "run", *SMOKE, "--name", "two", "--set", "search.racing=off")  # makes again what it shares


def test_clean_leaves_what_is_being_worked_on(tmp_path):
    process = start(tmp_path, "run", *SMOKE, "--name", "one")
    log = tmp_path / "runs/one/log.jsonl"
    while not log.exists() or "train/" not in log.read_text():
        time.sleep(0.05)
    process.send_signal(signal.SIGSTOP)
    out, _ = run(tmp_path, "clean", "--yes")
    assert "one is being worked on" in out and "0.0 MB in all" in out
    process.send_signal(signal.SIGCONT)
    process.communicate(timeout=240)
    assert process.returncode == 0


def test_list_has_a_line_for_every_run(finished):
    out, _ = run(finished, "list")
    assert out.splitlines()[1].split()[:2] == ["one", "done"]
    assert json.loads(run(finished, "list", "--json")[0])["one"]["spent"]["steps"] > 0


def test_no_decision_reads_the_wall_clock():
    """It names folders and marks events, curves and words; a server may ask to wait until one. All else is monotonic."""
    clocks = {"time.time", "datetime.date.today", "datetime.datetime.now", "datetime.now", "date.today", "time.localtime"}  # fmt: skip
    found = set()
    for file in (ROOT / "eureka_cli").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in clocks:
                found.add(os.path.relpath(file, ROOT / "eureka_cli"))
    marks = {"store.py", "event_files.py", "together.py", "cli/session.py", "cli/scratch.py", "web/processes.py"}
    assert found == {*marks, "chat.py"}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["eureka", "text2reward", "mcreward"])
def test_whole_runs_killed_again_and_again_end_as_if_nobody_had(method, tmp_path):
    numbers = tmp_path / "kills.json"
    how = ("--kills", "8", "--method", method, "--seed", str(os.getpid()), "--file", str(numbers))
    subprocess.run([sys.executable, ROOT / "benchmarks/kills.py", *how], check=True, timeout=1200)
    found = json.loads(numbers.read_text())[method]
    assert found["kills"] == 8 and found["results checked"] > 10
    assert not any(found[name] for name in ("results written again", "answered calls repeated", "runs that differ"))
