"""Each benchmark end to end, tiny: numbers without meaning from the real processes."""

from __future__ import annotations

import importlib.util
import json
import re

import pytest
from program import run

HAS_SB3 = importlib.util.find_spec("stable_baselines3") is not None


def cells(folder, name: str, *options: str) -> dict[str, dict]:
    """Results of a benchmark's cells by arm."""
    out, err = run(folder, "bench", name, "--repeats", "1", "--json", *options)
    found = json.loads(out)[name]
    assert "cells are measured" not in found["tables"], err
    return {record["cell"]["arm"]: record["result"] for record in found["cells"]}


def test_the_parts_of_a_training_make_a_whole(tmp_path):
    found = cells(tmp_path, "speed", "--tasks", "cheetah_run", "--arms", "parts", "--steps", "4096")["parts"]
    assert sum(found["parts"].values()) == pytest.approx(1)
    assert all(0 < found["parts"][name] < 1 for name in ("physics", "policy", "update", "reward process"))


needs_sb3 = pytest.mark.skipif(not HAS_SB3, reason="needs the extra sb3")


@needs_sb3
@pytest.mark.slow
def test_stable_baselines_is_measured_as_people_use_it(tmp_path):
    arms = ("--arms", "sb3-subproc4-1thread,sb3-tuned-1thread", "--steps", "600")
    found = cells(tmp_path, "speed", "--tasks", "cheetah_run", *arms)
    assert found["sb3-subproc4-1thread"]["steps"] == 4 * 2048
    assert found["sb3-tuned-1thread"]["steps"] == 2 * 512
    assert found["sb3-tuned-1thread"]["threads"] == 1


@needs_sb3
@pytest.mark.slow
def test_a_task_without_a_gymnasium_id_is_trained_through_the_plug_in(tmp_path):
    found = cells(tmp_path, "speed", "--tasks", "pen_spin", "--arms", "sb3-1thread", "--steps", "600")
    assert found["sb3-1thread"]["steps"] == 2048
    assert found["sb3-1thread"]["reward_cpu_s"] > 0


@pytest.mark.slow
def test_learning_puts_table_and_picture_into_a_document(tmp_path):
    document = tmp_path / "docs" / "b.md"
    document.parent.mkdir()
    document.write_text("<!-- bench:learning -->\n<!-- /bench:learning -->\n")
    tiny = ("--tasks", "cartpole_balance", "--steps", "20000", "--arms", "native", "--write", str(document))
    found = cells(tmp_path, "learning", *tiny)
    assert len(found["native"]["curve"]) == 10
    assert found["native"]["cpu_s"] > 0
    assert re.search(r"\| `native` \| \S+ \|", document.read_text())
    assert (document.parent / "pictures" / "learning.svg").read_text().startswith("<svg")


@pytest.mark.slow
def test_racing_spares_steps_and_its_runs_are_replicated(tmp_path):
    tiny = ("--tasks", "cartpole_balance", "--steps", "4096")
    found = cells(tmp_path, "racing", *tiny)
    assert found["on"]["saved_steps"] > 0 == found["off"]["saved_steps"]
    assert found["on"]["search_steps"] < found["off"]["search_steps"]
    fresh = cells(tmp_path, "replication", *tiny)["fresh"]
    assert len(fresh["fresh"]) == 10
    assert fresh["reported"]["scores"] == found["on"]["best"]["scores"]
