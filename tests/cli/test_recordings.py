"""Whole runs replayed from what a language model once answered, on a small budget."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from program import ROOT, alone, events, run

from eureka_cli.critics import answers

RECORDINGS = sorted(path for path in (ROOT / "tests" / "recordings").iterdir() if path.is_dir())


def records(folder: Path) -> dict[str, dict]:
    return {r["slot"]: r for r in (json.loads(file.read_text()) for file in sorted(folder.rglob("*.json")))}


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.name)
def test_hashes_fit_prompts_and_answers(recording):
    for record in records(recording).values():
        prompt = "\n".join(f"[{m['role']}]\n{m['content']}" for m in record["messages"])
        assert hashlib.sha256(prompt.encode()).hexdigest() == record["prompt_sha256"]
        assert hashlib.sha256(record["completion"]["text"].encode()).hexdigest() == record["answer_sha256"]


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.name)
def test_a_whole_run_is_replayed(recording, tmp_path, shared_cache):
    told = records(recording)
    rounds = len({slot.split("/")[1] for slot in told})
    samples = len({slot.split("/")[2] for slot in told})
    size = ("--preset", "smoke", "--rounds", str(rounds), "--samples", str(samples))
    model = ("--model", f"recorded:{recording}")
    out, _ = run(tmp_path, "run", *alone(recording.name), *size, *model, "--name", "r", "--json")
    found = json.loads(out)
    assert found["best"]["scores"] and {"human", "sparse", "random"} <= set(found["comparison"])
    log = events(tmp_path / "runs/r")
    judged = {event["slot"] for event in log if event["event"] == "verdict" and event["accepted"]}
    assert judged == set(told)
    written = {file.read_text() for file in (tmp_path / "runs/r/candidates").glob("*.py")}
    assert written == {answers.extract(record["completion"]["text"]) for record in told.values()}
