"""One run from its start to its end in a real browser, by keyboard alone: watched, judged, edited, killed, gone on."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from serving import log, serving
from test_browser import CHROMIUM, browser, shot, visit  # noqa: F401

from eureka_cli import people

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")]
LONG_MS = 240_000
WORDS = "both stand; C drifts"
WIDTHS = (1280, 390)


def tab_to(page: Page, wanted: Locator) -> None:
    """Tab until it has the focus; out of the editor, which indents by Tab, as its note says."""
    expect(wanted).to_be_visible()
    for _ in range(120):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        if page.evaluate("document.activeElement.id") == "code":
            page.keyboard.press("Escape")
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {wanted}")


def press(page: Page, role: str, name: str, key: str = "Enter") -> None:
    tab_to(page, page.get_by_role(role, name=name, exact=True))
    page.keyboard.press(key)


def fill(page: Page, field: str, text: str) -> None:
    tab_to(page, page.locator(f"[name={field}]"))
    page.keyboard.type(text)


def choose(page: Page, field: str, wanted: str) -> None:
    offered = page.locator(f"[name={field}]")
    tab_to(page, offered)
    page.keyboard.press("Home")
    for _ in range(offered.locator("option").count()):
        if offered.input_value() == wanted:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{field} does not offer {wanted}")


def place(page: Page, letter: str, number: int) -> None:
    """Tab reaches the chosen button of a group, arrows choose another."""
    group = page.get_by_role("group", name=f"Place of {letter}")
    tab_to(page, group.locator("input:checked"))
    for _ in range(number):
        page.keyboard.press("ArrowDown")
    expect(group.get_by_label(str(number), exact=True)).to_be_checked()


def looked_at(page: Page, name: str) -> None:
    """Wide and narrow."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        shot(page, name)
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def begin(page: Page) -> None:
    choose(page, "method_name", "icpl")
    choose(page, "preset", "smoke")
    for field, text in (("rounds", "2"), ("samples", "3"), ("name", "r")):
        fill(page, field, text)
    looked_at(page, "1-start")
    page.keyboard.press("Enter")


def watch(page: Page, number: int, *, live: bool = False) -> None:
    """From the board to the question it comes to show; nobody reloads."""
    asked = page.get_by_role("link", name="A question waits for you")
    expect(asked).to_be_visible()
    expect(page.locator("#state")).to_contain_text(f"round {number} of 2")
    assert page.evaluate("window.live === true") or not live
    looked_at(page, f"{number}-asks")
    tab_to(page, asked)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Which is better?")).to_be_visible()


def judge(page: Page) -> None:
    for letter, number in (("A", 1), ("B", 1), ("C", 2)):
        place(page, letter, number)
    expect(page.locator("[data-ranking]")).to_have_text("Your ranking: A = B > C")
    fill(page, "words", WORDS)
    looked_at(page, "judged")


def edit(page: Page) -> str:
    """A's code, made such that the critic refuses it, then such that it does not; returns it."""
    tab_to(page, page.get_by_text("Write a reward yourself"))
    page.keyboard.press("Enter")
    press(page, "link", "A")
    code, findings = page.get_by_label("Code of the reward"), page.locator("#findings")
    expect(code).to_have_value(re.compile("def compute_reward"))
    expect(findings).to_have_text("The lint has nothing to say.")
    tab_to(page, code)
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\ndef lean(state):\n")
    page.keyboard.press("Tab")
    page.keyboard.type("return state.pole_tilt")
    expect(findings).to_contain_text("error")
    looked_at(page, "refused")
    for _ in "pole_tilt":
        page.keyboard.press("Backspace")
    page.keyboard.type("pole_angle")
    expect(findings).not_to_contain_text("error")
    press(page, "button", "Test it in the sandbox")
    expect(findings).to_contain_text("Every test passes.")
    looked_at(page, "accepted")
    return code.input_value()


@pytest.fixture
def page(visit):  # noqa: F811
    """Waits as long as a run takes, on a busy machine too."""
    expect.set_options(timeout=LONG_MS)
    opened = visit(1280)
    opened.set_default_timeout(LONG_MS)
    yield opened
    expect.set_options(timeout=None)


def test_a_run_is_led_from_its_start_to_its_end_by_keyboard(page, tmp_path):
    run = tmp_path / "runs" / "r"
    with serving(tmp_path) as server:
        page.goto(server.address)
        begin(page)
        expect(page.locator("#state")).to_contain_text("running")
        page.evaluate("window.live = true")  # gone, were the page loaded again
        looked_at(page, "watched")
        expect(page.locator("#state")).to_contain_text("at work")
        watch(page, 1, live=True)
        judge(page)
        code = edit(page)
        server.process.kill()
        server.process.wait()
        port = server.port
    with serving(tmp_path, port=port) as server:
        page.reload()
        expect(page.locator("[data-ranking]")).to_have_text("Your ranking: A = B > C")
        expect(page.get_by_label("What the model should hear")).to_have_value(WORDS)
        expect(page.get_by_label("Code of the reward")).to_have_value(code)
        press(page, "button", "Answer")
        expect(page.locator("p[role=status]")).to_contain_text("Answered")
        looked_at(page, "answered")
        press(page, "link", "Back to the run")
        expect(page.get_by_role("heading", name="What people said")).to_be_visible()
        press(page, "button", "Stop")
        expect(page.get_by_role("button", name="Resume")).to_be_visible()
        looked_at(page, "stopped")
        press(page, "button", "Resume")
        watch(page, 2)
        looked_at(page, "second")
        press(page, "checkbox", "None of these is any good", key=" ")
        press(page, "button", "Answer")
        expect(page.locator("p[role=status]")).to_contain_text("Answered")
        press(page, "link", "Back to the run")
        expect(page.get_by_role("heading", name="What people said")).to_be_visible()
        page.evaluate("window.live = true")
        expect(page.locator("#state")).to_contain_text("r: done")
        assert page.evaluate("window.live")
        expect(page.locator("#shipped")).to_contain_text("preferred by person")
        looked_at(page, "done")
        said = [event for event in log(run) if event["event"] == "person"]
        press(page, "link", "Report")
        page.wait_for_url(re.compile("report"))
        page.wait_for_load_state()
        looked_at(page, "report")
        # Of the server that was not there for a while.
        page.complaints[:] = [said for said in page.complaints if "ERR_" not in said and said != "[object Event]"]
    question, first = people.kept(run, "icpl/round-1/preference")
    names = [option.name for option in question.options]
    assert first.ranks == ((names[0], names[1]), (names[2],)) and first.words == WORDS
    assert first.code.strip() == code.strip()
    assert first.code in [option.code for option in people.kept(run, "icpl/round-2/preference")[0].options]
    assert not list((tmp_path / "runs").rglob("jobs/bank"))  # nor was the edit: fitness has no say here
    assert said[1]["none"] and json.loads((run / "summary.json").read_text())["best"]["candidate"] in names[:2]
