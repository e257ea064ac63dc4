"""report.html: one self-contained page a person can mail: result, reward, every candidate and what became of it."""

from __future__ import annotations

import base64
import difflib
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from eureka_cli import prompts
from eureka_cli.config import read_toml
from eureka_cli.core import Json
from eureka_cli.reports import charts, climb, divergence, history, judgements, summary
from eureka_cli.reports.history import Answer
from eureka_cli.store import RunFolder, read_json, write_atomic

LARGEST_VIDEO = 8_000_000
ROUND = re.compile(r"round-(\d+)")


def write(folder: RunFolder) -> Path:
    """Write report.html from what the run folder holds; returns its path."""
    found = summary.compute(folder)
    answers = history.answers(folder)
    parents = {answer.candidate: answer for answer in reversed(answers)}
    file = folder.path / "report.html"
    best = next((answer for answer in answers if answer.candidate == found["best"]["candidate"]), None)
    page = prompts.page(
        "report/page",
        found=found,
        climb=climb,
        likeness=summary.likeness_text(found["likeness"]),
        stopped=summary.funnel_text(found["search"]),
        intervals=charts.intervals([_bar(row) for row in found["others"]]),
        lineage=charts.lineage([node(answer, found["best"]["candidate"]) for answer in answers]),
        best=shown(best, parents) if best else None,
        answers=[shown(answer, parents) for answer in answers],
        certificates=list(found["divergence"]["certificates"].items()),
        talks=_talks(folder),
        facts=_facts(folder),
        said=judgements.said(folder.events()),
        preferred=judgements.lines(found["preferences"]),
        style=style(),
        video=_data_uri(Path(found["video"])) if found["video"] else None,
    )
    write_atomic(file, page)
    return file


def _bar(row: dict[str, Json]) -> charts.Bar:
    label = f"{row['label']} {row['candidate']}" if row["label"] == "candidate" else row["label"]
    return charts.Bar(label, row["iqm"], row["interval"][0], row["interval"][1], row["scores"], row["best"])


def node(answer: Answer, best: str) -> charts.Node:
    found = ROUND.search(answer.slot)
    trained = answer.stage == "trained to the end"
    kind = "best" if answer.candidate == best else "trained" if trained else "stopped" if answer.accepted else "refused"
    fitness = f"  {answer.fitness:.3g}" if answer.fitness is not None else ""
    label = (answer.candidate[:12] or "no code") + fitness
    return charts.Node(answer.candidate, answer.parent, int(found[1]) if found else 1, label, kind)


def shown(answer: Answer, parents: Mapping[str, Answer]) -> dict[str, Any]:
    """An answer as the template wants it: highlighted code, difference to its parent, curves and a table of them."""
    parent = parents.get(answer.parent) if answer.parent else None
    turn, steps = answer.turn, answer.curves.get("steps", [])
    curves = {name: values for name, values in answer.curves.items() if name != "steps"}
    return {
        "answer": answer,
        "code": _highlighted(answer.code),
        "difference": _difference(parent.code, answer.code) if parent and answer.code else [],
        "curves": [(name, charts.curve(values)) for name, values in curves.items()],
        "both": charts.both(answer.curves, turn.since if turn else None),
        "told": divergence.of_candidate(answer.shares, turn, steps),
        "table": [(name, *_spread(values)) for name, values in curves.items()],
    }


def _spread(values: list[float]) -> tuple[float | None, float | None, float | None]:
    """Largest, mean and smallest of the finite ones."""
    known = [value for value in values if math.isfinite(value)]
    return (max(known), sum(known) / len(known), min(known)) if known else (None, None, None)


def _difference(before: str, after: str) -> list[tuple[str, str]]:
    """Lines of a unified diff, each with `added`, `removed` or `same`."""
    kinds = {"+": "added", "-": "removed"}
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return [(kinds.get(line[:1], "same"), line) for line in lines]


def _talks(folder: RunFolder) -> list[dict[str, Any]]:
    """Prompts, each once, with all answers it got."""
    talks: dict[str, dict[str, Any]] = {}
    for file in sorted((folder.path / "llm").rglob("*.json")):
        record = read_json(file)
        talk = talks.setdefault(record["prompt_sha256"], {"messages": record["messages"], "answers": []})
        talk["answers"].append({"slot": record["slot"], **record["completion"]})
    return list(talks.values())


def _facts(folder: RunFolder) -> dict[str, Json]:
    """Versions and settings that made the run."""
    table = read_toml(folder.path / "run.toml")
    measured = next(event["address"] for event in folder.events() if str(event.get("address")).startswith("measure/"))
    versions = read_json(folder.find(measured) / "result.json")["result"]["versions"]
    config = table["config"]
    return {
        "versions": {"reward-synth": table["version"], "python": table["python"], **versions},
        "settings": {name: config[name] for name in ("preset", "seed", "method_name", "trainer_name")}
        | config["search"]
        | {f"critic {name}": value for name, value in config["critic"].items() if value != {}},
    }


@lru_cache(maxsize=4096)
def _highlighted(code: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    text: str = highlight(code, PythonLexer(), HtmlFormatter(nowrap=True))
    return text


def style() -> str:
    from pygments.formatters import HtmlFormatter

    rules: str = HtmlFormatter(style="default").get_style_defs("pre.code")
    return rules


def _data_uri(file: Path) -> str | None:
    if not file.is_file() or file.stat().st_size > LARGEST_VIDEO:
        return None
    return "data:video/mp4;base64," + base64.b64encode(file.read_bytes()).decode()
