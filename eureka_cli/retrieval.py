"""Earlier rewards that are nearest to a task, to learn from by example: shipped human ones and what own runs found.

Xie et al. 2024, "Text2Reward": the k nearest instructions by sentence embedding, with their expert rewards. Ours:
likeness of texts is the cosine of TF-IDF vectors over words and letters, which needs no download. A reward of the task
itself is never shown, whichever way it turns and however it is called: what a run finds must be its own. What was shown
is kept in the run's folder, so later runs cannot change the prompts of this one.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from pydantic import RootModel

from eureka_cli import combiners, describe, tasks
from eureka_cli.core import Array, Frozen, Json, Task
from eureka_cli.errors import RunError, UsageError
from eureka_cli.run import Run
from eureka_cli.store import RunFolder, read_as, read_json, write_json

LETTERS = 4
"""Length of the letter sequences that are compared, within words."""
HEAD = re.compile(r"\A(?:#[^\n]*\n|\s*\n)+")
"""What best.py says of itself before the code begins."""


class Shot(Frozen):
    """One earlier reward, with the vocabulary it is written in."""

    task: str
    sentence: str
    source: str
    """Who wrote it and what it reached, in words."""
    fields: tuple[str, ...]
    """What its code reads: `pole_angle (B,) rad, from upright; ...`."""
    code: str


def recall(run: Run, count: int) -> list[Shot]:
    """The shots of a search: found once, then read from its folder."""
    file = run.folder.path / "shots.json"
    if not file.exists():
        write_json(file, [shot.model_dump() for shot in nearest(run, count)])
    return recalled(file)


def recalled(file: Path) -> list[Shot]:
    return list(read_as(file, RootModel[tuple[Shot, ...]]).root)


def nearest(run: Run, count: int) -> list[Shot]:
    """The `count` shots whose sentences are most like the task's, the nearest first; ties by name."""
    if count == 0:
        return []
    shots = pool(run.task, run.folder.path.parent)
    alike = likeness(run.task.sentence, [shot.sentence for shot in shots])
    order = sorted(range(len(shots)), key=lambda k: (-alike[k], shots[k].task, shots[k].source, shots[k].code))
    return [shots[k] for k in order[:count]]


# ---------------------------------------------------------------- the pool


def pool(task: Task, runs: Path) -> list[Shot]:
    """All that may be shown to a search on `task`: of other tasks, each code once, experts before own runs.

    Rewards that leave their total to a combiner are left out: they answer another contract.
    """
    own = {_bare(code) for code in (tasks.baseline(task, kind) for kind in ("human", "sparse")) if code}
    found: dict[str, Shot] = {}
    for shot in (*experts(), *earlier(runs)):
        bare = _bare(shot.code)
        itself = shot.task == task.name or _plain(shot.sentence) == _plain(task.sentence) or bare in own
        if not itself and combiners.declared(shot.code) is None:
            found.setdefault(bare, shot)
    return list(found.values())


def experts() -> Iterator[Shot]:
    """The human reward of every task there is, one way round."""
    for name in sorted(tasks.names()):
        try:
            task = tasks.find(name)
            code = tasks.baseline(task, "human")
            comments = describe.field_comments(Path(task.paths["env"]).read_text(encoding="utf-8"))
        except (UsageError, OSError, SyntaxError, StopIteration):
            continue  # a broken file of another task is none of this run's business
        if code is not None:
            fields = {field: f"{field} {comment}" for field, comment in comments.items()}
            yield Shot(task=name, sentence=task.sentence, source="by an expert", fields=_read(code, fields), code=code)


def earlier(runs: Path) -> Iterator[Shot]:
    """The best reward of every finished run that is better than chance."""
    for file in sorted(runs.glob("*/summary.json")):
        try:
            summary, code = read_json(file), (file.parent / "best.py").read_text(encoding="utf-8")
            verdicts = {label: row["verdict"] for label, row in summary["comparison"].items()}
            best, task, sentence = summary["best"]["iqm"], summary["task"], summary["sentence"]
            fields = _read(code, _measured_fields(RunFolder(file.parent)))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError, RunError):
            continue  # cut short, edited, or by another version
        if verdicts.get("random") == "better":
            beside = verdicts.get("human", "too few seeds to tell")
            source = f"by an earlier search, fitness {best:.3g} (beside the human reward: {beside})"
            yield Shot(task=task, sentence=sentence, source=source, fields=fields, code=HEAD.sub("", code))


def _measured_fields(folder: RunFolder) -> dict[str, str]:
    address = next((e["address"] for e in folder.events() if e.get("address", "").startswith("measure/")), None)
    table: list[dict[str, Json]] = []
    if address is not None:
        table = read_json(folder.find(address) / "result.json")["result"]["table"]
    return {row["name"]: f"{row['name']} {row['shape']} {row['unit']}, {row['meaning']}" for row in table}


def _read(code: str, fields: Mapping[str, str]) -> tuple[str, ...]:
    """Of `fields`, those that the code reads."""
    named = {node.attr for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Attribute)}
    return tuple(told for field, told in fields.items() if field in named)


def _bare(code: str) -> str:
    """Code without comments, docstrings and layout, to be compared."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def _plain(sentence: str) -> str:
    return " ".join(re.findall(r"[a-z]+", sentence.lower()))


# ---------------------------------------------------------------- likeness of texts


def likeness(text: str, others: Sequence[str]) -> Array:
    """(n,) cosine in [0, 1] of TF-IDF vectors of words and of letter sequences within them."""
    counts = [Counter(_pieces(one)) for one in (text, *others)]
    pieces = sorted({piece for count in counts for piece in count})
    if not pieces or not others:
        return np.zeros(len(others))
    table = np.array([[count[piece] for piece in pieces] for count in counts], dtype=float)
    rarity = np.log((1 + len(table)) / (1 + (table > 0).sum(axis=0))) + 1.0
    weighted = np.log1p(table) * rarity
    sizes = np.linalg.norm(weighted, axis=1)
    found: Array = weighted[1:] @ weighted[0] / np.maximum(sizes[1:] * sizes[0], 1e-12)
    return found


def _pieces(text: str) -> Iterator[str]:
    for word in _plain(text).split():
        yield f"<{word}>"
        yield from (f"<{word}>"[k : k + LETTERS] for k in range(len(word) + 3 - LETTERS))
