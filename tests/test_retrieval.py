"""Earlier rewards as examples: the nearest by words, the same every time, and never one of the task itself."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eureka_cli import retrieval, tasks

TEXTS = st.text("abcdefgh ", max_size=40)
BEST = '# Reward 3fa9c1 for my_task: {sentence}\n# fitness 1\n\n# program: []\nimport numpy as np\n\n\ndef compute_reward(state, action, next_state):\n    near = -np.abs({field})\n    return near, {{"near": near}}\n'


def a_run(folder, *, task="my_task", sentence="fetch the green cup", verdict="better", field="next_state.cup_distance"):
    folder.mkdir(parents=True)
    table = [{"name": "cup_distance", "shape": "(B,)", "unit": "m", "meaning": "from hand to cup"}]
    job = folder / "jobs/measure/0123"
    job.mkdir(parents=True)
    (job / "result.json").write_text(json.dumps({"result": {"table": table}}))
    (folder / "log.jsonl").write_text(json.dumps({"time": 0.0, "event": "job-done", "address": "measure/0123"}) + "\n")
    (folder / "best.py").write_text(BEST.format(sentence=sentence, field=field))
    comparison = {"random": {"verdict": verdict}, "human": {"verdict": "not distinguishable"}}
    summary = {"task": task, "sentence": sentence, "best": {"iqm": 0.5}, "comparison": comparison}
    (folder / "summary.json").write_text(json.dumps(summary))


@pytest.mark.parametrize("name", sorted(tasks.names()))
def test_no_reward_of_the_task_itself_is_ever_shown_whatever_it_is_called(name, tmp_path):
    task = tasks.find(name)
    folder = tasks.names()[name].parent / "rewards"
    own = {file.read_text() for file in folder.glob(f"{name}_*.py")}
    for k, code in enumerate(sorted(own)):  # even where a run of the person's own found it again
        a_run(tmp_path / f"run-{k}")
        (tmp_path / f"run-{k}" / "best.py").write_text("# found again\n" + code)
    shots = retrieval.pool(task, tmp_path)
    assert shots
    human = {retrieval._bare(code) for code in own if code == tasks.baseline(task, "human")}
    assert not human & {retrieval._bare(shot.code) for shot in shots}
    assert not [shot for shot in shots if shot.task == name or shot.sentence == task.sentence]


def test_all_directions_of_a_task_are_itself(tmp_path):
    for direction in (1, -1):
        shots = retrieval.pool(tasks.find("pen_spin", {"direction": direction}), tmp_path)
        assert not [shot for shot in shots if "pen_azimuth" in shot.code]


def test_the_nearest_come_first_and_the_same_each_time(tmp_path):
    task = tasks.find("ant_run")
    first, again = (retrieval.pool(task, tmp_path) for _ in range(2))
    assert first == again
    alike = retrieval.likeness(task.sentence, [shot.sentence for shot in first])
    nearest = {first[k].task for k in np.argsort(-alike)[:2]}
    assert nearest == {"hopper_hop", "cheetah_run"}


def test_own_finished_runs_join_with_their_vocabulary_and_broken_ones_do_not(tmp_path):
    a_run(tmp_path / "good")
    a_run(tmp_path / "no-better-than-chance", field="next_state.a", verdict="not distinguishable")
    a_run(tmp_path / "of-the-task", task="reacher_reach", field="next_state.b")
    a_run(tmp_path / "of-signs", field="next_state.e")
    with (tmp_path / "of-signs/best.py").open("a") as file:
        file.write('\n\nCOMBINE = "signs"\n')
    a_run(tmp_path / "cut", field="next_state.c")
    (tmp_path / "cut/best.py").write_text("def compute_reward(")
    a_run(tmp_path / "older", field="next_state.d")
    (tmp_path / "older/summary.json").write_text("{}")
    found = [shot for shot in retrieval.pool(tasks.find("reacher_reach"), tmp_path) if "expert" not in shot.source]
    assert [shot.task for shot in found] == ["my_task"]
    assert found[0].fields == ("cup_distance (B,) m, from hand to cup",)
    assert found[0].code.startswith("import numpy") and "fitness 0.5" in found[0].source


@given(TEXTS, st.lists(TEXTS, max_size=6))
def test_likeness_lies_in_0_to_1_and_is_1_for_the_same_words(text, others):
    alike = retrieval.likeness(text, [*others, text])
    assert ((alike >= 0) & (alike <= 1 + 1e-9)).all()
    assert alike[-1] == (pytest.approx(1.0) if text.strip() else 0.0)
    assert (retrieval.likeness(text, [*others, text]) == alike).all()
