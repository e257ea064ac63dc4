"""Tables say what was measured, how often, and touch nothing but their place."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from eureka_cli.bench import documents, learning, replication, speed
from eureka_cli.bench.cells import Cell, Record
from eureka_cli.errors import UsageError

MACHINE = {"cpu": "C", "cores": 2, "python": "3", "load": 0.5}


def record(arm: str, repeat: int, task: str = "cheetah_run", **result) -> Record:
    cell = Cell(benchmark="x", arm=arm, task=task, repeat=repeat, settings={})
    return Record(cell=cell, key="", result=result, cpu_s=60, wall_s=1, machine=MACHINE, versions={"numpy": "2"})


def test_ratios_are_paired_within_a_repeat_and_n_is_said():
    rates = {"native": [(0, 10), (1, 40), (2, 30)], "sb3": [(0, 5), (1, 10)], "physics": [(1, 80)]}
    cells = [record(arm, k, steps=v, cpu_s=1.0) for arm, found in rates.items() for k, v in found]
    text = speed.report(cells)
    assert "| `native` | 30 [10, 40] | 3.0 (smallest 2.0) | - | 50% (smallest 50%) | 3 |" in text
    assert "| `sb3` | 8 [5, 10] | 1.0 (smallest 1.0) | - | 12% (smallest 12%) | 2 |" in text
    assert "6 cells, 6.0 CPU-minutes; C, 2 cores, Python 3; load 0.5 to 0.5; numpy 2." in text


def test_time_to_equal_fitness_is_that_of_the_first_checkpoint_which_has_it():
    curve = {"steps": [10.0, 20.0, 30.0, 40.0], "cpu_s": 8.0}
    fast = record("native", 0, fitness=3.0, curve=[0.5, 1.5, 2.5, 3.0], **curve)
    slow = record("sb3", 0, fitness=1.0, curve=[0.0, 0.2, 0.5, 1.0], **{**curve, "cpu_s": 80.0})
    assert learning.target([[fast], [slow]]) == 1.0
    assert learning.cpu_s_until(fast, 1.0) == 4.0
    assert learning.cpu_s_until(slow, 1.0) == 80.0
    assert learning.cpu_s_until(slow, 1.1) == float("inf")
    text = learning.report([fast, slow])
    assert "80 against 4 to 1 (20.0 times)" in text and "too few seeds to tell" in text


def test_curves_become_a_picture_that_stands_alone():
    cells = [
        record(arm, k, steps=[1, 2], curve=[0.1, float("nan")], fitness=0.1, cpu_s=1.0)
        for arm in ("native", "sb3")
        for k in range(2)
    ]
    root = ElementTree.fromstring(learning.picture(cells))
    assert root.tag.endswith("svg") and len(root.findall(".//{*}polyline")) == 2


def test_coverage_counts_intervals_that_hold_the_fresh_seeds():
    reported = {"scores": [1.0, 1.1, 1.2, 1.3, 1.4], "interval": [1.0, 1.4], "iqm": 1.2}
    cells = [
        record("fresh", 0, reported=reported, fresh=[1.2] * 10),
        record("fresh", 1, reported=reported, fresh=[0.1] * 10),
    ]
    text = replication.report(cells)
    assert "1 of 2 reported intervals hold the fresh seeds' IQM; 1 of 2 differ." in text


def test_only_what_stands_between_the_markers_is_replaced(tmp_path):
    file = tmp_path / "b.md"
    before = "# Prose\n\n<!-- bench:speed -->\nold\n<!-- /bench:speed -->\n\nmore \\1 prose\n<!-- bench:learning -->"
    file.write_text(before)
    documents.put(file, {"speed": "new \\1"})
    assert file.read_text() == before.replace("old", "new \\1")
    with pytest.raises(UsageError, match="bench:learning"):
        documents.put(file, {"speed": "x", "learning": "y"})
    assert "new" in file.read_text()
