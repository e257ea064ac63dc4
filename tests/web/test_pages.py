"""Reading runs and answering their questions by plain forms, as a browser without scripts does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import SMOKE, start
from serving import log, serving

from eureka_cli import people
from eureka_cli.people import Answer, Option, Question
from eureka_cli.store import RunFolder

METHOD = Path(__file__).parents[1] / "cli" / "asking_method.py"
SLOT = "asking/round-1/preference"
PAGE = f"/runs/r/questions/{SLOT}"
HOSTILE = "</textarea><script>alert(1)</script>"
REWARD = (
    "import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n"
    "    upright = np.cos(next_state.pole_angle)\n    return upright, {'upright': upright, '<i>x</i>': upright}\n"
)


def until(true, timeout_s=60.0):
    """Waits for something to become true; returns it."""
    end = time.monotonic() + timeout_s
    while not (found := true()):
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """A run that was killed while its question waits."""
    folder = tmp_path_factory.mktemp("asked")
    process = start(folder, "run", *SMOKE, "--name", "r", "--method", str(METHOD), "--cores", "1")
    until((folder / "runs/r/asks" / f"{SLOT}.question.json").exists)
    process.kill()
    process.communicate()
    return folder


@pytest.fixture(scope="module")
def server(asked):
    with serving(asked) as served:
        yield served


@pytest.fixture
def page(server, asked):
    with server.client() as client:
        yield client
    (asked / "runs/r/asks" / f"{SLOT}.answer.json").unlink(missing_ok=True)


def given(asked) -> dict:
    return json.loads((asked / "runs/r/asks" / f"{SLOT}.answer.json").read_text())


def seen(page) -> str:
    return page.get(PAGE).text.partition('name="seen" value="')[2].partition('"')[0]


def test_the_list_says_what_became_of_a_run_and_that_it_asks(page):
    text = page.get("/").text
    assert "killed" in text and "asks you" in text and PAGE in text
    text = page.get("/runs/r").text
    assert "r: killed" in text and "Resume" in text and "A question waits for you" in text


def test_a_ranking_with_a_tie_is_written_taken_back_and_replaced(page, asked):
    form = {"place-first": "1", "place-second": "1", "words": "slower\r\nplease", "veto": ["effort", "wobble"]}
    assert page.post(PAGE, data=form).status_code == 303
    said = given(asked)
    assert said["ranks"] == [["first", "second"]] and said["words"] == "slower\nplease"
    assert said["veto"] == ["effort", "wobble"] and said["asked"] == 1 and said["by"] == "person"
    assert "Answered: first = second" in page.get(PAGE).text
    page.post(PAGE, data={"undo": "yes"})
    assert not (asked / "runs/r/asks" / f"{SLOT}.answer.json").exists()
    page.post(PAGE, data={"place-second": "1", "place-first": "2", "seen": seen(page)})
    assert given(asked)["ranks"] == [["second"], ["first"]]
    page.post(PAGE, data={"none": "yes", "seen": seen(page)})
    assert given(asked)["none"] is True


def test_of_two_viewers_the_slower_one_is_told_and_overwrites_nothing(page, asked):
    first, second = seen(page), seen(page)
    assert page.post(PAGE, data={"place-first": "1", "seen": first}).status_code == 303
    late = page.post(PAGE, data={"place-second": "1", "seen": second})
    assert late.status_code == 409 and "Somebody has answered meanwhile" in late.text
    assert given(asked)["ranks"] == [["first"]]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "An answer says something"),
        ({"place-first": "best"}, "is no place"),
        ({"undo": ""}, "An answer says something"),
    ],
)
def test_an_answer_that_says_nothing_or_nonsense_is_refused(page, asked, form, says):
    refused = page.post(PAGE, data=form)
    assert refused.status_code == 409 and says in refused.text
    assert not (asked / "runs/r/asks" / f"{SLOT}.answer.json").exists()


def test_an_answer_that_was_used_can_no_longer_be_changed(server, asked):
    question = Question(slot="asking/used", kind="words", text="Anything?")
    people.put(asked / "runs/r", question)
    people.keep(asked / "runs/r", question, Answer(by="person", words="slower"))
    with server.client() as page:
        assert "used by the run" in page.get("/runs/r/questions/asking/used").text
        for form in ({"words": "faster"}, {"undo": "yes"}):
            late = page.post("/runs/r/questions/asking/used", data=form)
            assert late.status_code == 409 and "has been used already" in late.text


def test_what_runs_and_models_write_is_text_not_markup(server, asked):
    options = (Option(name="aaaa", says=HOSTILE, code=REWARD + f'# {HOSTILE}\n"""{HOSTILE}"""\n'),)
    question = Question(slot=f"asking/{'<i>'}", kind="code", text=HOSTILE, options=options)
    people.put(asked / "runs/r", question)
    with server.client() as page:
        text = page.get(f"/runs/r/questions/{question.slot}").text
        assert "<script>alert" not in text and "<i>" not in text and "&lt;script&gt;alert" in text
        assert 'value="upright"' in text
        text = page.get("/runs/r").text
        assert "<script>alert" not in text and "<i>" not in text
        text = page.post("/runs/r/check", data={"code": f"x = '{HOSTILE}'\n"}).text
        assert "<script>alert" not in text
        assert "<script>" not in page.get("/runs/%3Cscript%3E").text


def test_approval_and_edited_code_are_told_apart_from_code_left_as_it_was(server, asked):
    question = Question(slot="asking/a", kind="approve", text="?", options=(Option(name="aaaa", code=REWARD),))
    people.put(asked / "runs/r", question)
    address, file = "/runs/r/questions/asking/a", asked / "runs/r/asks/asking/a.answer.json"
    with server.client() as page:
        assert page.post(address, data={"words": "hm"}).status_code == 409  # a yes or a no is wanted
        page.post(address, data={"approve": "yes", "code": REWARD.replace("\n", "\r\n")})
        assert json.loads(file.read_text())["approve"] is True and json.loads(file.read_text())["code"] == ""
        page.post(address, data={"undo": "yes"})
        page.post(address, data={"approve": "no", "code": REWARD.replace("cos", "sin")})
        assert json.loads(file.read_text())["code"] == REWARD.replace("cos", "sin")


def test_the_critic_reads_code_without_running_it(page):
    bad = REWARD.replace("pole_angle", "pole_tilt") + "open('/tmp/x')\n"
    text = page.post("/runs/r/check", data={"code": bad}, headers={"HX-Request": "true"}).text
    assert "error unknown-field" in text and 'data-line="5"' in text and "<html" not in text
    fine = page.post("/runs/r/check", data={"code": REWARD.replace("<i>x</i>", "again")}).text
    assert "<html" in fine and "The lint has nothing to say" in fine


@pytest.mark.slow
def test_on_request_the_sandbox_tests_code(page):
    poor = REWARD.replace("np.cos(next_state.pole_angle)", "np.log(-1.0 - np.abs(next_state.pole_angle))")
    text = page.post("/runs/r/check", data={"code": poor.replace("<i>x</i>", "again"), "test": "yes"}).text
    assert "not-finite" in text


# ---------------------------------------------------------------- processes


def working(path: Path) -> bool:
    return (path / "run.toml").exists() and RunFolder(path).is_locked()


def test_a_run_is_started_stopped_and_resumed_from_the_page_and_outlives_it(tmp_path):
    path = tmp_path / "runs" / "mine"
    form = {"task": "cartpole_balance", "method_name": "eureka", "model": "exchange", "preset": "smoke"}
    with serving(tmp_path) as first, first.client() as page:
        assert page.post("/runs", data=form | {"name": "mine"}).headers["location"] == "/runs/mine"
        assert page.get("/runs/mine").status_code == 200
        until(lambda: working(path) and list(path.rglob("*.question.md")))
        with page.stream("GET", "/runs/mine/live") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: board"
            assert any("mine: running" in line for line in lines)
        again = page.post("/runs", data=form | {"name": "mine"})
        assert again.status_code == 409 and "a run &#39;mine&#39; already" in again.text
        first.process.kill()
    assert working(path)
    with serving(tmp_path) as second, second.client() as page:
        assert "mine: running" in page.get("/runs/mine").text
        assert page.post("/runs/mine/resume").status_code == 409
        assert page.post("/runs/mine/stop").status_code == 303
        until(lambda: not working(path))
        assert log(path)[-1]["event"] == "interrupted"
        text = page.get("/runs/mine").text
        assert "mine: interrupted" in text
        assert page.post("/runs/mine/stop").status_code == 409
        page.post("/runs/mine/resume")
        until(lambda: working(path) and log(path)[-1]["event"] != "interrupted")
        os.kill(int((path / ".lock").read_text()), signal.SIGKILL)
        until(lambda: not working(path))
        assert "mine: killed" in page.get("/runs/mine").text


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"task": "--help"}, "No task"),
        ({"method_name": str(METHOD)}, "No method_name"),
        ({"model": "openai:gpt-5"}, "No model"),
        ({"model": "recorded", "recording": "../../etc"}, "Choose one"),
        ({"name": "../up"}, "no name for a folder"),
        ({"name": ".cache"}, "no name for a folder"),
    ],
)
def test_only_what_is_offered_is_started(page, asked, said, says):
    form = {"task": "cartpole_balance", "method_name": "eureka", "model": "builtin", "preset": "smoke"}
    refused = page.post("/runs", data=form | said)
    assert refused.status_code == 409 and says in refused.text
    assert not (asked / "runs/.ui").exists()


def test_a_start_that_fails_says_why(tmp_path):
    form = {"task": "cartpole_balance", "method_name": "eureka", "model": "builtin", "preset": "smoke", "name": "bad"}
    with serving(tmp_path) as server, server.client() as page:
        page.post("/runs", data=form | {"seed": "x"})
        until(lambda: "did not start" in page.get("/runs/bad").text)
        assert "--seed" in page.get("/runs/bad").text


def test_stop_reaches_nobody_but_the_process_that_holds_the_run(server, asked, tmp_path):
    """A lock file that names another process: that one gets no signal."""
    shutil.copytree(asked / "runs/r", asked / "runs/held")
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    try:
        with RunFolder(asked / "runs/held").lock(), server.client() as page:
            (asked / "runs/held/.lock").write_text(str(bystander.pid))
            refused = page.post("/runs/held/stop")
            assert refused.status_code == 409 and "cannot be reached from here" in refused.text
            (asked / "runs/held/.lock").write_text("nonsense")
            assert page.post("/runs/held/stop").status_code == 409
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_ctrl_c_ends_the_page_while_somebody_watches(asked):
    with serving(asked) as server, server.client() as page, page.stream("GET", "/runs/r/live") as stream:
        next(stream.iter_lines())
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0


def test_no_fitness_is_shown_to_who_is_still_to_judge(server, asked):
    path = asked / "runs" / "blind"
    shutil.copytree(asked / "runs/r", path)
    (path / "run.toml").write_text((path / "run.toml").read_text().replace(f'"{METHOD}"', '"icpl"'))
    (path / "candidates").mkdir(exist_ok=True)
    (path / "candidates" / "abc123.py").write_text(REWARD)
    folder = RunFolder(path)
    folder.log("verdict", slot="icpl/round-1/sample-1/attempt-0", candidate="abc123", accepted=True, findings=[])
    facts = {"fitness": 0.7654, "steps": 9, "total": 9, "failure": None, "curve": [0.7654, 0.7655], "jobs": []}
    folder.log("score", candidate="abc123", **facts)
    with server.client() as page:
        for address in ("/", "/runs/blind", "/runs/blind/candidates/abc123"):
            text = page.get(address).text
            assert "blind" in text and "0.765" not in text
        assert "until you have judged" in page.get("/runs/blind").text
        folder.log("run-done")
        for address in ("/", "/runs/blind", "/runs/blind/candidates/abc123"):
            assert "0.765" in page.get(address).text
