"""Cells are measured once, in processes of their own, and whatever ends one of them ends no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from program import run, start

from eureka_cli.bench import meter, runner
from eureka_cli.bench.cells import Cell, Folder

TINY = ("bench", "speed", "--tasks", "cartpole_balance", "--repeats", "1", "--steps", "2048")


def measured(err: str) -> list[str]:
    """Names of the cells a call measured, in order."""
    return [line.split()[2] for line in err.splitlines() if line.startswith("speed ")]


def test_what_is_finished_is_not_measured_again_and_what_changed_is(tmp_path):
    arms = ("--arms", "native,physics")
    out, err = run(tmp_path, *TINY, *arms)
    assert measured(err) == ["native--cartpole_balance--0", "physics--cartpole_balance--0"]
    assert "**cartpole_balance**" in out and "| `native` |" in out
    folder = tmp_path / "runs/.bench/speed"
    kept = {file.name: file.read_bytes() for file in folder.glob("*.json")}
    assert len(kept) == 2
    native, physics = sorted(kept)
    assert native.startswith("native--cartpole_balance--0--") and physics.startswith("physics--cartpole_balance--0--")
    record = json.loads(kept[native])
    assert record["machine"]["cpu"] and record["versions"]["mujoco"]
    assert 0 < record["result"]["cpu_s"] < record["cpu_s"]

    again, err = run(tmp_path, *TINY, *arms)
    assert again == out and not measured(err)
    (folder / physics).unlink()
    _, err = run(tmp_path, *TINY, *arms)
    assert measured(err) == ["physics--cartpole_balance--0"]
    assert (folder / native).read_bytes() == kept[native]

    other = [*TINY[:-1], "3072", *arms]
    out, err = run(tmp_path, *other, "--only-tables")
    assert "2 were measured under other settings" in out and not measured(err)
    _, err = run(tmp_path, *other)
    assert len(measured(err)) == 2
    assert (folder / native).read_bytes() == kept[native]  # trying other settings out costs nothing finished
    _, err = run(tmp_path, *TINY, *arms)
    assert not measured(err)


def test_arms_of_a_repeat_come_before_the_next_repeat(tmp_path):
    from eureka_cli.bench import speed
    from eureka_cli.bench.cells import Plan

    cells = speed.cells(Plan(repeats=3, tasks=("cheetah_run", "pen_spin"), arms=("native", "physics")))
    assert [cell.repeat for cell in cells] == [0] * 4 + [1] * 4 + [2] * 4
    assert len({cell.key for cell in cells}) == 12


def test_a_killed_cell_is_told_of_and_measured_the_next_time(tmp_path):
    call = (*TINY, "--arms", "native,simulator,physics")
    process = start(tmp_path, *call)
    victim = wait_for_cell(process.pid)
    os.kill(victim, signal.SIGKILL)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "1 broke: native--cartpole_balance--0" in out and "`simulator`" in out
    assert "status -9" in err
    out, err = run(tmp_path, *call)
    assert measured(err) == ["native--cartpole_balance--0"] and "broke" not in out


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(tmp_path):
    call = ["bench", "speed", "--tasks", "cartpole_balance", "--arms", "physics,native", "--steps", "20000000"]
    process = start(tmp_path, *call)
    victim = wait_for_cell(process.pid)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "0 of 10 cells of speed are finished and kept. The same command goes on" in err
    assert "Traceback" not in err
    for _ in range(100):  # killed; the kernel may take a moment to bury it
        if not os.path.exists(f"/proc/{victim}"):
            return
        time.sleep(0.1)
    raise AssertionError("the cell lives on")


def wait_for_cell(pid: int) -> int:
    while True:
        for child in meter.below(pid):
            if "eureka_cli.bench.cell" in command_of(child):
                return child
        time.sleep(0.02)


def command_of(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().decode()
    except OSError:
        return ""


def test_a_broken_cell_is_listed_and_the_rest_goes_on(tmp_path):
    out, err = run(tmp_path, "bench", "replication", "--repeats", "1", "--tasks", "cheetah_run,hopper_hop")
    assert "0 of 2 cells are measured. 2 broke: fresh--cheetah_run--0, fresh--hopper_hop--0." in out
    assert "Measure it first: reward-synth bench racing" in err
    assert "Nothing is measured yet." in out


def test_without_a_name_all_are_listed_with_cost_and_progress(tmp_path):
    run(tmp_path, *TINY, "--arms", "physics")
    out, _ = run(tmp_path, "bench", "--tasks", "cartpole_balance", "--repeats", "1", "--steps", "2048")
    assert [line.split()[0] for line in out.splitlines()] == ["speed", "learning", "racing", "replication"]
    assert out.splitlines()[0].split()[1:5] == ["1", "of", "5", "cells,"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sped",), "Did you mean 'speed'"),
        (("speed", "--arms", "nativ"), "Did you mean 'native'"),
        (("speed", "--tasks", "pen_spn"), "Did you mean 'pen_spin'"),
        (("speed", "--only-tables", "--write", "none.md"), "none.md cannot be read"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_cure(tmp_path, words, says):
    _, err = run(tmp_path, "bench", *words, code=2)
    assert says in err


def test_a_missing_package_costs_only_the_cells_that_need_it(tmp_path):
    cell = Cell(benchmark="speed", arm="sb3", task="x", repeat=0, settings={}, packages=("numpy", "no-such-package"))
    folder = Folder(tmp_path, "speed")
    runner.run(folder, [cell], print)
    (note,) = runner.notes(runner.status(folder, [cell]))
    assert note == (
        "0 of 1 cells are measured. 1 are left out: no-such-package is not installed (pip install no-such-package)."
    )


def test_the_meter_counts_the_living_and_the_dead():
    burn = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
    before = meter.cpu_s()
    process = subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"done\n"
    assert meter.cpu_s() - before >= 0.28
    process.communicate(b"\n")
    assert meter.cpu_s() - before >= 0.3
