"""Looking at runs and rewards: report, show, status, check, doctor --model."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser

import pytest
import server as fake
from playwright.sync_api import sync_playwright
from program import ROOT, SMOKE, run

CHROMIUM = shutil.which("chromium")
HUMAN = "envs/cartpole/rewards/cartpole_balance_human.py"


class Outside(HTMLParser):
    """What a page would load, and its text."""

    def __init__(self):
        super().__init__()
        self.loads, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.loads += [
            value for name, value in attrs if name in ("src", "href") and not value.startswith(("#", "data:"))
        ]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run whose first answer was refused and whose sentence would break a careless page."""
    folder = tmp_path_factory.mktemp("done")
    with fake.serving() as server:
        server.takes_n = False
        server.faults = [
            fake.says(
                "<script>alert(1)</script>\n```python\nimport os\n\n\ndef compute_reward(state, action, next_state):\n    return os\n```"
            )
        ] * 2
        url = ("--set", f"model_options.base_url={server.url}")
        run(folder, "run", *SMOKE, "--model", "openai:tiny", *url, "--name", "r", OPENAI_API_KEY="sk-0123456789")
    return folder


def test_the_report_is_one_file_with_everything_a_colleague_asks_for(done):
    page = done / "runs/r/report.html"
    before = page.read_text()
    page.unlink()
    out, _ = run(done, "report", "r")
    assert "best reward" in out
    assert page.read_text() == before
    outside = Outside()
    outside.feed(before)
    assert outside.loads == []
    assert "<script>alert" not in before
    assert "&lt;script&gt;alert" in before
    for wanted in ("interquartile mean", "os may not be imported", "Who came from whom", "mujoco 3.", "landlock"):
        assert wanted in outside.text
    assert re.search(r"<polyline points=", before)
    assert 'class="added"' in before  # a difference to a parent


@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
@pytest.mark.parametrize("width", [420, 1100])
def test_the_report_opens_in_a_browser_without_a_word_of_complaint(done, width):
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if "http" in request.url[:5] else None)
        page.goto((done / "runs/r/report.html").as_uri())
        for details in page.locator("details").all():
            details.locator("summary").first.click()
            assert details.evaluate("node => node.open")
        assert page.locator("h1").is_visible()
        assert page.locator("svg").count() >= 3
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
    assert complaints == []


def test_a_remembered_reward_is_said_to_be_one(tmp_path):
    """A model that writes the human reward, doubled, is not praised for inventing it."""
    code = (ROOT / HUMAN).read_text().replace("    return ", "    return 2.0 * ", 1)
    with fake.serving() as server:
        server.faults = [fake.says(f"```python\n{code}```")] * 9
        url = ("--set", f"model_options.base_url={server.url}", "--rounds", "1", "--samples", "1")
        key = {"OPENAI_API_KEY": "sk-0123456789"}
        out, _ = run(tmp_path, "run", *SMOKE, "--model", "openai:tiny", *url, "--name", "r", **key)
    assert "r = 1.000" in out and "in effect the same reward" in out
    assert "in effect the same reward" in (tmp_path / "runs/r/report.html").read_text()


def test_show_lists_answers_and_prints_one(done):
    out, _ = run(done, "show", "r")
    lines = out.splitlines()
    assert any("refused (" in line for line in lines)
    assert any("trained to the end, fitness" in line for line in lines)
    best, _ = run(done, "show", "r", "best")
    assert "def compute_reward" in best and "# fitness: " in best and "# component/" in best
    name = json.loads(run(done, "show", "r", "best", "--json")[0])[0]["candidate"]
    assert run(done, "show", "r", name[:6])[0] == best
    _, err = run(done, "show", "r", "zzz", code=2)
    assert "No candidate 'zzz' in r" in err


def test_status_tells_how_far_runs_are_and_how_to_go_on(done, tmp_path):
    rows = json.loads(run(done, "status", "--json")[0])
    assert [row["state"] for row in rows] == ["done"]
    assert rows[0]["round"] == 2 and rows[0]["best_fitness"] is not None
    assert "No run in runs/" in run(tmp_path, "status")[0]
    run(tmp_path, "run", *SMOKE, "--name", "half", "--budget-cpu-hours", "0.0000001", code=3)
    out, _ = run(tmp_path, "status")
    assert "half: stopped: " in out and "reward-synth resume half" in out
    _, err = run(tmp_path, "report", "half", code=2)
    assert "half is not finished" in err


def test_check_judges_a_file_as_the_critic_does(tmp_path):
    out, _ = run(tmp_path, "check", str(ROOT / HUMAN), "--task", "cartpole_balance")
    assert out.strip().endswith("accepted.")
    (tmp_path / "bad.py").write_text(
        "import os\n\n\ndef compute_reward(state, action, next_state):\n    return state.pole_tilt, {}\n"
    )
    out, _ = run(tmp_path, "check", "bad.py", "--task", "cartpole_balance", code=1)
    assert "bad.py:1: error" in out and "bad.py:5: error unknown-field" in out and "pole_angle" in out
    (tmp_path / "nan.py").write_text(
        "import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n"
        "    r = np.log(-np.abs(state.pole_angle) - 1)\n    return r, {'r': r}\n"
    )
    found = json.loads(run(tmp_path, "check", "nan.py", "--task", "cartpole_balance", "--json", code=1)[0])
    assert found[0]["rule"] == "not-finite"
    _, err = run(tmp_path, "check", "none.py", "--task", "cartpole_balance", code=2)
    assert "none.py cannot be read" in err


def test_doctor_asks_a_model_for_one_reward(tmp_path):
    with fake.serving() as server:
        ask = ("doctor", "--model", "openai:tiny", "--set", f"model_options.base_url={server.url}")
        out, _ = run(tmp_path, *ask, OPENAI_API_KEY="sk-0123456789")
        assert "1100 tokens, price unknown" in out and "reward      valid" in out
        assert len(server.requests) == 1
        server.faults = [fake.says("no")]
        out, _ = run(tmp_path, *ask, code=1, OPENAI_API_KEY="sk-0123456789")
        assert "reward      refused" in out
        server.faults = [fake.status(401, "wrong key")]
        _, err = run(tmp_path, *ask, code=1, OPENAI_API_KEY="sk-0123456789")
        assert "refused the key" in err


def test_auto_never_spends_because_a_key_lies_around(tmp_path):
    _, err = run(tmp_path, "run", *SMOKE, "--model", "auto", "--name", "r", OPENAI_API_KEY="sk-0123456789")
    assert "Rewards are written by builtin" in err and "OPENAI_API_KEY is set" in err
    assert 'model = "builtin"' in (tmp_path / "runs/r/run.toml").read_text()
