"""The addresses of the page. Each reads from disk or writes one file; what a page shows is made in `runs`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles

from eureka_cli import people, prompts
from eureka_cli.errors import RewardSynthError, UsageError
from eureka_cli.reports import page as report
from eureka_cli.store import RunFolder
from eureka_cli.web import checking, guard, processes, questions, runs

STATIC = Path(__file__).parent / "static"
LOOK_S = 0.5
"""Between two looks at a run that is watched."""
STALE_S = 5.0
"""After which a working run's board is drawn anew though nothing was logged."""
router = APIRouter()


def make(folder: Path, leaving: Callable[[], bool]) -> FastAPI:
    """The app over a folder of runs; `leaving` tells streams that the server wants to end."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.runs, app.state.leaving = folder, leaving
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_exception_handler(RewardSynthError, _told)
    app.add_exception_handler(404, _nowhere)
    return app


def _told(request: Request, error: Exception) -> Response:
    """Our errors are sentences with a cure; a fragment for a fragment, a page for a page."""
    name = "web/note" if "hx-request" in request.headers else "web/message"
    status = 200 if "hx-request" in request.headers else 409 if request.method == "POST" else 404
    return HTMLResponse(prompts.page(name, says=str(error)), status)


def _nowhere(request: Request, error: Exception) -> Response:
    return HTMLResponse(prompts.page("web/message", says="There is no such page."), 404)


def _page(name: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(prompts.page(f"web/{name}", **values))


def _folder(request: Request) -> RunFolder:
    return runs.find(request.app.state.runs, request.path_params["run"])


def _back(where: str) -> RedirectResponse:
    return RedirectResponse(where, 303)


@router.get("/style.css")
def style() -> Response:
    return Response(prompts.render("web/style.css", code=report.style()), media_type="text/css")


# ---------------------------------------------------------------- runs


@router.get("/")
def home(request: Request) -> Response:
    folder = request.app.state.runs
    return _page("home", rows=runs.listed(folder), choices=processes.choices(folder), folder=str(folder))


@router.post("/runs")
async def start(request: Request) -> Response:
    form = await request.form()
    said = {name: value for name, value in form.items() if isinstance(value, str)}
    return _back(f"/runs/{await run_in_threadpool(processes.start, request.app.state.runs, said)}")


@router.get("/runs/{run}")
def run(request: Request, run: str) -> Response:
    printed = processes.printed(request.app.state.runs, run)
    try:
        folder = _folder(request)
    except UsageError:
        if printed is None:
            raise
        return _page("starting", run=run, printed=printed)
    return _page("run", board=runs.board(folder), printed=printed)


@router.get("/runs/{run}/live")
async def live(request: Request, run: str) -> Response:
    """The board again whenever it has changed, as server-sent events."""
    folder = await run_in_threadpool(_folder, request)
    return StreamingResponse(_boards(folder, request.app.state.leaving), media_type="text/event-stream")


async def _boards(folder: RunFolder, leaving: Callable[[], bool]) -> AsyncIterator[str]:
    sent, stamp, drawn = "", None, 0.0
    while not leaving():
        now = await run_in_threadpool(runs.stamp, folder)
        if now != stamp or time.monotonic() - drawn > STALE_S:
            board = await run_in_threadpool(lambda: prompts.page("web/board", board=runs.board(folder)))
            stamp, drawn = now, time.monotonic()
            if board != sent:
                lines = "".join(f"data: {line}\n" for line in board.splitlines())
                yield f"event: board\n{lines}\n"
                sent = board
            else:
                yield ": still here\n\n"  # how a closed tab is noticed
        await asyncio.sleep(LOOK_S)


@router.post("/runs/{run}/stop")
def stop(request: Request, run: str) -> Response:
    processes.stop(_folder(request))
    return _back(f"/runs/{run}")


@router.post("/runs/{run}/resume")
def resume(request: Request, run: str) -> Response:
    processes.resume(_folder(request))
    return _back(f"/runs/{run}")


@router.get("/runs/{run}/candidates/{candidate}")
def candidate(request: Request, run: str, candidate: str) -> Response:
    return _page("candidate", run=run, row=runs.candidate(_folder(request), candidate))


@router.get("/runs/{run}/films")
def films(request: Request, run: str) -> Response:
    return _page("films", run=run, films=runs.films(_folder(request)))


@router.get("/runs/{run}/files/{path:path}")
def file(request: Request, run: str, path: str) -> Response:
    found = runs.file_of(_folder(request), path)
    if found is None:
        raise UsageError(f"{run} shows no file of that name.")
    headers = {"Content-Security-Policy": guard.REPORT} if found.suffix == ".html" else None
    return FileResponse(found, headers=headers)


# ---------------------------------------------------------------- questions


@router.get("/runs/{run}/questions/{slot:path}")
def question(request: Request, run: str, slot: str, base: str = "") -> Response:
    folder = _folder(request)
    return _page("question", run=run, shown=questions.shown(folder, questions.find(folder, slot), base))


@router.post("/runs/{run}/questions/{slot:path}")
async def answer(request: Request, run: str, slot: str) -> Response:
    form = await request.form()
    folder = await run_in_threadpool(_folder, request)
    asked = await run_in_threadpool(questions.find, folder, slot)
    if form.get("undo"):
        await run_in_threadpool(people.withdraw, folder.path, asked.slot)
        return _back(request.url.path)
    await run_in_threadpool(questions.answer, folder, asked, form)
    return _back(f"{request.url.path}?saved=1")  # the browser may forget its draft


@router.post("/runs/{run}/check")
async def check(request: Request, run: str) -> Response:
    """Findings on code as it is typed; with `test`, those of the sandbox too."""
    form = await request.form()
    folder, code = await run_in_threadpool(_folder, request), str(form.get("code", "")).replace("\r\n", "\n")
    if not code.strip():
        return HTMLResponse("")
    judge = checking.test if form.get("test") else checking.read
    found = await run_in_threadpool(judge, folder, code)
    fragment = "hx-request" in request.headers
    return _page("findings" if fragment else "checked", findings=found, tested=bool(form.get("test")))
