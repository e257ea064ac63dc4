"""What a language model once answered to each method's prompts, replayed on a small budget."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
from program import ROOT, alone, events, run

RECORDINGS = ROOT / "tests" / "recordings_of_methods"
ASKED = {
    (method, task): ("--samples", "2", *asked)
    for task in ("cheetah_run", "craft_wood", "reacher_reach")
    for method, asked in {
        "best": (),
        "eureka": (),
        "icpl": ("--person", "simulated:0.1"),
        "mcreward": ("--set", "method.reviews=1"),
        "text2reward": ("--set", "method.shots=3"),
    }.items()
}
"""Method and task to what was asked for beside them, two rounds each."""
EXAMPLES = "shots.json"
MEASURED = {"icpl", "mcreward"}
"""Methods that quote what was measured in a first prompt of their own: these answers fit the budget they were given for."""
KEPT = {("best", "reacher_reach")}
"""So do these: on a smaller budget the first round leaves nothing to go on from."""
REPLAYED = [key for key in ASKED if key[0] not in MEASURED and key not in KEPT and key[1] != "craft_wood"]
"""The bank of `craft_wood` alone takes a minute."""


def slots(folder) -> set[str]:
    return {str(file.relative_to(folder).with_suffix("")) for file in folder.rglob("*.json")} - {"shots"}


def test_every_recording_is_known():
    assert {(path.parent.name, path.name) for path in RECORDINGS.glob("*/*")} == set(ASKED)


@pytest.mark.parametrize(("method", "task"), ASKED)
def test_hashes_fit_prompts_and_answers(method, task):
    folder = RECORDINGS / method / task
    for slot in slots(folder):
        record = json.loads((folder / f"{slot}.json").read_text())
        prompt = "\n".join(f"[{m['role']}]\n{m['content']}" for m in record["messages"])
        assert hashlib.sha256(prompt.encode()).hexdigest() == record["prompt_sha256"]
        assert hashlib.sha256(record["completion"]["text"].encode()).hexdigest() == record["answer_sha256"]


@pytest.mark.parametrize(("method", "task"), REPLAYED)
def test_a_whole_run_is_replayed(method, task, tmp_path, shared_cache):
    folder = RECORDINGS / method / task
    if (folder / EXAMPLES).exists():
        (tmp_path / "runs/r").mkdir()
        shutil.copy(folder / EXAMPLES, tmp_path / "runs/r")
    size = ("--preset", "smoke", "--rounds", "2", *ASKED[method, task], "--method", method)
    out, _ = run(tmp_path, "run", *alone(task), *size, "--model", f"recorded:{folder}", "--name", "r", "--json")
    assert json.loads(out)["best"]["scores"]
    answered = {event["slot"] for event in events(tmp_path / "runs/r") if event["event"] == "answered"}
    assert answered == slots(folder)
