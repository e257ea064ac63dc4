"""Whatever a file the program reads holds, what comes out is one of our own errors, never a traceback."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eureka_cli import (
    arrays,
    chat,
    config,
    judging,
    people,
    policies,
    recordings,
    retrieval,
    run,
    suites,
    tasks,
    tracing,
)
from eureka_cli.bank import episodes
from eureka_cli.cli import scratch, session
from eureka_cli.core import Completion, Job, Message
from eureka_cli.errors import RewardSynthError
from eureka_cli.isaac import states
from eureka_cli.people import Option, Question
from eureka_cli.policies import Policy
from eureka_cli.reports import account, history
from eureka_cli.store import RunFolder, read_json, write_json

few = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
trees: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
MESSAGES = (Message(role="user", content="write"),)
QUESTION = Question(slot="q", kind="rank", text="Which?", options=(Option(name="a"), Option(name="b")))


KINDS = ("cut", "hole", "other", "byte", "tree", "entry")
"""A log of whole lines is damaged as crashes do it: its lines are many, and each is read by itself."""


@st.composite
def damage(draw: st.DrawFn, whole: bytes, kinds: Sequence[str]) -> bytes:
    """A file as it was written, with a hole, a wrong byte, a missing end; or something else altogether."""
    kind = draw(st.sampled_from(kinds))
    place = draw(st.integers(0, max(0, len(whole) - 1)))
    if kind == "cut":
        return whole[:place]
    if kind == "hole":
        return whole[:place] + bytes(min(64, len(whole) - place)) + whole[place + 64 :]
    if kind == "byte":
        return whole[:place] + draw(st.binary(min_size=1, max_size=1)) + whole[place + 1 :]
    if kind == "other":
        return draw(st.binary(max_size=200))
    found = draw(trees)
    if kind == "entry" and whole[:1] == b"{":
        table = json.loads(whole)
        found = {**table, draw(st.sampled_from(sorted(table))): found}
    return json.dumps(found).encode()


def read_or_say(read: Callable[[], Any]) -> None:
    """Reading gives something, or one of our errors."""
    with contextlib.suppress(RewardSynthError):
        read()


def npz(**given_arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **given_arrays)
    return buffer.getvalue()


def policy(folder: Path) -> bytes:
    ones = np.ones(3)
    policies.save(
        folder / "p.npz", Policy((np.ones((3, 2)),), (np.ones(2),), np.ones(2), ones, ones, False, "tanh", False)
    )
    return (folder / "p.npz").read_bytes()


def recording(folder: Path) -> bytes:
    recordings.write(folder, "s", MESSAGES, Completion(text="code", model="m"))
    return recordings.file_of(folder, "s").read_bytes()


def answer(folder: Path) -> bytes:
    return people.Answer(by="person", ranks=(("a",), ("b",))).model_dump_json().encode()


def used(folder: Path) -> bytes:
    people.keep(folder, QUESTION, people.Answer(by="person", none=True))
    return people.record_file(folder, "q").read_bytes()


JOB = Job(kind="probe", spec={"candidate": "a"})


def log(folder: Path) -> bytes:
    made = RunFolder(folder)
    made.log("run-start", task="t", sentence="s", model="m", params={})
    made.log("asked", slot="s", model="m", paid=True)
    return made.log_file.read_bytes()


SHOT = b'[{"task": "t", "sentence": "s", "source": "o", "fields": ["f"], "code": "c"}]'
RESULT = b'{"result": {"findings": []}, "cpu_s": 1.0, "reward_cpu_s": 0.5, "peak": 1}'
TOML = b'model = "builtin"\nseed = 1\n[search]\ntrain_seeds = 2\nrace_rungs = [0.2, 0.4]\n[budget]\nusd = 2.5\n'
SUITE = b'tasks = ["cartpole_balance"]\nseeds = [0, 1]\n[models]\none = "builtin"\n[settings]\npreset = "smoke"\n'
TASK = b'DESCRIPTION = "balance"\nHORIZON = 10\nBUDGET = 100\nPARAMS = {"x": 1.0}\n\ndef fitness(trajectory):\n    return 1.0\n'

READERS: dict[str, tuple[str, bytes | Callable[[Path], bytes], Callable[[Path], Any]]] = {
    "settings": ("c.toml", TOML, lambda f: config.load(f, {}, [])),
    "run.toml": ("run.toml", b"[config]\n" + TOML, lambda f: session.read_config(RunFolder(f.parent), [])),
    "suite": ("s.toml", SUITE, lambda f: suites.cells(suites.load(f, {}, []))),
    "sweep.toml": ("sweep.toml", SUITE, lambda f: suites.cells(suites.read(f.parent))),
    "task": ("t.py", TASK, tasks.literals),
    "reward": ("r.py", b"def compute_reward(s, a, n): pass", scratch.read_text),
    "principles": ("p.txt", b"Be kind.", judging.principles),
    "key file": ("key", b"sk-0123456789", lambda f: chat.secret(chat.Settings(key_file=str(f)), "NONE")),
    "recording": ("s.json", recording, lambda f: recordings.read(f.parent, "s", MESSAGES, strict=False)),
    "answer": ("asks/q.answer.json", answer, lambda f: people.given(f.parents[1], QUESTION)),
    "question": ("asks/q.question.json", QUESTION.model_dump_json().encode(), lambda f: people.waiting(f.parents[1])),
    "used answer": ("people/q.json", used, lambda f: people.kept(f.parents[1], "q")),
    "result": (f"jobs/{JOB.address}/result.json", RESULT, lambda f: RunFolder(f.parents[3]).result(JOB)),
    "json": ("x.json", RESULT, read_json),
    "shots": ("shots.json", SHOT, retrieval.recalled),
    "policy": ("p.npz", policy, policies.load),
    "states": ("x.npz", npz(a=np.ones(3), b=np.array("t")), states.load),
    "bank": ("b.npz", npz(action=np.ones(3), source=np.frombuffer(b'["a"]', np.uint8)), episodes.load),
    "trace": ("t.npz", npz(**{"a/action": np.ones(3)}), tracing.load),
    "checkpoint": ("c.npz", npz(a=np.ones(3)), arrays.read),
    "log": ("log.jsonl", log, lambda f: account.of(RunFolder(f.parent))),
}


@pytest.fixture
def written(name, tmp_path):
    """A file as the program writes it."""
    path, whole, _ = READERS[name]
    content = whole if isinstance(whole, bytes) else whole(tmp_path)
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file, content


@pytest.mark.parametrize("name", READERS)
@few
@given(data=st.data())
def test_a_damaged_file_is_one_of_our_errors(name, data, written):
    file, content = written
    file.write_bytes(data.draw(damage(content, KINDS[:3] if name == "log" else KINDS)))
    read_or_say(lambda: READERS[name][2](file))


@pytest.mark.parametrize("name", READERS)
def test_the_whole_file_is_read(name, written):
    file, _ = written
    read = READERS[name][2]
    if name not in ("bank", "trace"):  # parts of one: what is missing is said
        read(file)


@few
@given(content=st.binary(max_size=300) | st.builds(lambda tree: json.dumps(tree).encode(), trees))
def test_the_error_of_a_job_may_be_broken_too(content, tmp_path):
    (tmp_path / "error.json").write_bytes(content)
    read_or_say(lambda: run.told(tmp_path / "error.json"))


def test_a_result_that_is_whole_json_but_no_result_says_which_file_and_the_cure(tmp_path):
    folder = RunFolder(tmp_path)
    write_json(folder.job_folder(JOB) / "result.json", {"cpu_s": 1.0})
    with pytest.raises(RewardSynthError, match=r"result\.json is damaged .*delete it and resume"):
        folder.result(JOB)


def test_history_reads_what_a_torn_log_still_says(tmp_path):
    (tmp_path / "log.jsonl").write_bytes(log(tmp_path)[:-20])
    assert history.state(RunFolder(tmp_path)) == "killed"
