"""The page in a real browser, by keyboard: watched, ranked, undone, left half-written, killed, answered."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect, sync_playwright
from program import SMOKE, start
from serving import log, serving
from test_pages import METHOD, PAGE, REWARD, SLOT, until

from eureka_cli import people
from eureka_cli.people import Answer, Option, Question

CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("SCREENSHOTS")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def visit(browser):
    """Opens pages at a width; a word of complaint or a request elsewhere fails the test."""
    complaints: list[str] = []
    contexts = []

    def at(width: int, **more) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **more))
        page = contexts[-1].new_page()
        page.complaints = complaints
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: None if "127.0.0.1" in request.url else complaints.append(request.url))
        return page

    yield at
    for context in contexts:
        context.close()
    assert complaints == []


def shot(page: Page, name: str) -> None:
    """A picture to look at, where SCREENSHOTS names a folder; nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)


def film(file: Path, seconds: float) -> None:
    """A real film whose brightness tells the time."""
    import imageio_ffmpeg

    file.parent.mkdir(parents=True, exist_ok=True)
    writer = imageio_ffmpeg.write_frames(str(file), (64, 64), fps=20, codec="libx264", macro_block_size=1)
    writer.send(None)
    for k in range(round(20 * seconds)):
        writer.send(np.full((64, 64, 3), 5 * k % 255, np.uint8).tobytes())
    writer.close()


def test_a_run_is_watched_ranked_by_keyboard_and_answered_after_the_page_was_killed(visit, tmp_path):
    film(tmp_path / "runs/r/videos/first.mp4", 1.0)
    with serving(tmp_path) as server:
        run = start(tmp_path, "run", *SMOKE, "--name", "r", "--method", str(METHOD), "--cores", "1")
        until((tmp_path / "runs/r/run.toml").exists)
        page = visit(1280)
        page.goto(server.address + "runs/r")
        asked = page.get_by_role("link", name="A question waits for you")
        expect(asked).to_be_visible(timeout=60_000)  # it came by itself: nobody reloaded
        shot(page, "board")
        asked.press("Enter")
        places = page.get_by_role("group", name="Place of B")
        places.get_by_label("1", exact=True).press(" ")
        page.get_by_role("group", name="Place of A").get_by_label("1", exact=True).press(" ")
        told = page.locator("[data-ranking]")
        expect(told).to_have_text("Your ranking: A = B")
        page.get_by_role("button", name="Undo the last change").press("Enter")
        expect(told).to_have_text("Your ranking: B")
        page.get_by_role("group", name="Place of A").get_by_label("2", exact=True).press(" ")
        page.get_by_label("What the model should hear").fill("B is smooth, but it leans")
        shot(page, "question")
        server.process.kill()
        server.process.wait()
        port = server.port
    with serving(tmp_path, port=port) as server:
        page.reload()
        expect(page.locator("[data-ranking]")).to_have_text("Your ranking: B > A")
        expect(page.get_by_label("What the model should hear")).to_have_value("B is smooth, but it leans")
        page.get_by_role("button", name="Answer").press("Enter")
        run.communicate(timeout=60)
        page.goto(server.address + PAGE[1:])
        expect(page.locator("[role=status]")).to_contain_text("Answered, and used by the run: second > first")
        expect(page.get_by_role("button", name="Answer")).to_be_disabled()
        page.goto(server.address + "runs/r")
        expect(page.get_by_role("heading", name="Whom people prefer")).to_be_visible()
        person = next(event for event in log(tmp_path / "runs/r") if event["event"] == "person")
        assert person["ranks"] == [["second"], ["first"]] and person["words"] == "B is smooth, but it leans"
        shot(page, "answered")
    expect(page.get_by_role("alert")).to_contain_text("server does not answer")
    gone = [said for said in page.complaints if "ERR_" in said or said == "[object Event]"]
    assert page.complaints == gone  # they are of the server, which has ended
    page.complaints.clear()


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A measured run whose process is gone, and a server."""
    folder = tmp_path_factory.mktemp("waiting")
    process = start(folder, "run", *SMOKE, "--name", "r", "--method", str(METHOD), "--cores", "1")
    until((folder / "runs/r/asks" / f"{SLOT}.question.json").exists)
    process.kill()
    process.communicate()
    with serving(folder) as server:
        yield folder / "runs" / "r", server


@pytest.mark.parametrize("width", [390, 1280])
def test_films_play_together_under_one_set_of_controls(visit, waiting, width):
    path, server = waiting
    film(path / "videos/long.mp4", 2.0)
    film(path / "videos/short.mp4", 1.0)
    page = visit(width)
    page.goto(server.address + "runs/r/films")
    times = "[...document.querySelectorAll('video')].map(film => film.currentTime)"
    expect(page.get_by_text("of 2.0 s")).to_be_visible()
    seek = page.get_by_label("Time")
    seek.focus()
    for _ in range(40):
        seek.press("ArrowRight")
    assert page.evaluate(times) == pytest.approx([0.4, 0.4], abs=0.05)
    play = page.get_by_role("button", name="Play")
    play.press("Enter")
    until(lambda: min(page.evaluate(times)) > 0.45)
    page.get_by_role("button", name="Pause").press("Enter")
    long, short = page.evaluate(times)
    assert short == pytest.approx(min(long, 1.0), abs=0.2)
    seek.press("End")
    assert page.evaluate(times) == pytest.approx([2.0, 1.0], abs=0.05)
    shot(page, "films")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_critic_speaks_beside_the_lines_as_code_is_typed(visit, waiting, width):
    path, server = waiting
    question = Question(slot="asking/edit", kind="approve", text="Train it?", options=(Option(name="a", code=REWARD),))
    people.put(path, question)
    page = visit(width)
    page.goto(server.address + "runs/r/questions/asking/edit")
    code = page.get_by_label("Code of the reward")
    expect(page.locator("#findings")).to_have_text("The lint has nothing to say.")
    code.press("Control+End")
    code.press("Tab")
    code.type("state.pole_tilt")
    expect(page.locator("#findings")).to_contain_text("line 7")
    expect(page.locator(".gutter .error")).to_have_text("7")
    shot(page, "editor")
    code.press("Escape")
    code.press("Tab")
    expect(code).not_to_be_focused()
    page.get_by_role("group", name="Shall it be trained?").get_by_label("No").check()
    page.reload()
    assert "pole_tilt" in code.input_value()  # what was typed outlives the page


def test_a_draft_outlives_another_answer_and_a_look_at_other_code(visit, waiting):
    path, server = waiting
    options = tuple(Option(name=name, code=REWARD) for name in ("aa", "bb"))
    question = Question(slot="asking/both", kind="rank", text="Which of both?", options=options)
    people.put(path, question)
    page = visit(1280)
    page.goto(server.address + "runs/r/questions/asking/both")
    page.get_by_role("group", name="Place of A").get_by_label("1", exact=True).check()
    page.get_by_label("What the model should hear").fill("A, clearly")
    page.get_by_text("Write a reward yourself").click()
    page.get_by_role("link", name="B", exact=True).click()
    code = page.get_by_label("Code of the reward")
    expect(code).to_have_value(REWARD)
    expect(code).to_be_focused()
    code.press("Control+End")
    code.type("# mine")
    page.reload()
    expect(code).to_have_value(REWARD + "# mine")  # not B's code anew
    expect(page.locator("[data-ranking]")).to_have_text("Your ranking: A")
    people.answer(path, question, Answer(by="person", ranks=(("bb",), ("aa",))))
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody has answered meanwhile")
    page.goto(server.address + "runs/r/questions/asking/both")
    expect(page.locator("p[role=status]")).to_contain_text("Answered: bb > aa")
    expect(page.get_by_label("What the model should hear")).to_have_value("A, clearly")
    page.get_by_role("button", name="Replace the answer").click()
    expect(page.locator("p[role=status]")).to_contain_text("Answered: aa, an edited reward, 'A, clearly'")
    page.complaints[:] = [said for said in page.complaints if "409" not in said]


@pytest.mark.slow
def test_on_request_the_whole_critic_speaks(visit, waiting):
    path, server = waiting
    code = REWARD.replace("np.cos(next_state.pole_angle)", "np.log(-1.0 - np.abs(next_state.pole_angle))")
    options = (Option(name="a", code=code.replace("<i>x</i>", "again")),)
    people.put(path, Question(slot="asking/poor", kind="code", text="Mend it.", options=options))
    page = visit(390)
    page.goto(server.address + "runs/r/questions/asking/poor")
    page.get_by_role("button", name="Test it in the sandbox").press("Enter")
    expect(page.locator("#findings")).to_contain_text("not-finite", timeout=240_000)
    shot(page, "tested")


def test_without_scripts_a_question_is_read_and_answered(visit, waiting):
    path, server = waiting
    page = visit(390, java_script_enabled=False)
    page.goto(server.address)
    shot(page, "home")
    page.get_by_role("link", name="r", exact=True).click()
    page.get_by_role("link", name="Which is better?").click()
    page.get_by_role("group", name="Place of A").get_by_label("1", exact=True).check()
    page.get_by_role("group", name="Place of B").get_by_label("1", exact=True).check()
    page.get_by_role("button", name="Answer").click()
    expect(page.locator("[role=status]")).to_contain_text("Answered: first = second")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_role("button", name="Answer")).to_be_visible()
    assert not (path / "asks" / f"{SLOT}.answer.json").exists()
