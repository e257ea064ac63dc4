"""What a model may be shown of an environment: its code as context, its State with units, measured ranges.

Never the fitness, the success test or the environment's own reward.
"""

from __future__ import annotations

import ast
import importlib
import io
import re
import tokenize
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from eureka_cli import tasks
from eureka_cli.core import Array, Json, Simulator


class Environment(NamedTuple):
    """The describable parts of an environment."""

    code: str
    """Source shown as context."""
    comments: dict[str, str]
    """State field to its comment: shape, unit, frame, meaning."""
    termination: str
    model: str
    """Digest of the compiled model; empty where there is none."""


def environment(world: Mapping[str, Json], paths: Mapping[str, str], simulator: Simulator) -> Environment:
    if world["kind"] == "gymnasium":
        module = importlib.import_module("eureka_cli.simulators.gymnasium")
        source = module.observation_source(world["id"])
        text = module.documentation(world["id"])
        code = f'"""{text}"""\n\n{source}' if source else text
        limit = f"An episode is cut off after {simulator.horizon} steps."
        return Environment(code, simulator.describe(), f"As the environment documents it. {limit}", "")  # type: ignore[attr-defined]
    source = Path(paths["env"]).read_text(encoding="utf-8")
    env, digest = tasks.load(paths, "env"), ""
    if not hasattr(env, "advance"):  # a world of arrays has no model
        mujoco_batch = importlib.import_module("eureka_cli.simulators.mujoco_batch")
        digest = mujoco_batch.model_digest(mujoco_batch.compile_model(env, world["params"]))
    return Environment(visible(source), field_comments(source), _termination(source, simulator), digest)


def visible(source: str) -> str:
    """env.py as context: State, observe, terminated, actuate or advance, and what they use.

    How models, starts and pictures are made is left out, with the helpers that serve nothing else.
    """
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    hidden = {"model", "reset", "settled", "vary", "paint"}
    users = {name: {user for user, node in functions.items() if name in _names(node)} - {name} for name in functions}
    while more := {name for name in users if name not in hidden and users[name] and users[name] <= hidden}:
        hidden |= more
    lines = source.splitlines()
    kept: list[str] = []
    position = 0
    for node in tree.body:
        start = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", []))]) - 1
        if isinstance(node, ast.FunctionDef) and node.name in hidden:
            kept += lines[position:start]
            position = node.end_lineno or start
    kept += lines[position:]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(kept)).strip() + "\n"


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def field_comments(source: str) -> dict[str, str]:
    """The comment beside (and under) every field of `class State`."""
    tree = ast.parse(source)
    fields = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "State")
    remarks = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    ends = [node.lineno for node in fields.body if isinstance(node, ast.AnnAssign)]
    after = [node.lineno for node in tree.body if node.lineno > fields.lineno] or [(fields.end_lineno or 0) + 9]
    comments = {}
    for node in fields.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            following = [line for line in ends if line > node.lineno] or after
            text = [remarks[line] for line in range(node.lineno, following[0]) if line in remarks]
            comments[node.target.id] = " ".join(text)
    return comments


def state_table(
    rows: Mapping[str, Array], comments: Mapping[str, str], names: Sequence[str], simulator: Simulator
) -> list[dict[str, Json]]:
    """One row a field, measured over random rollouts: name, shape, unit, min, median, max, meaning."""
    table = []
    for name in names:
        values = np.asarray(rows[f"next_state/{name}"], dtype=float)
        unit, meaning = split_comment(comments.get(name, ""))
        table.append(_row(name, values, unit, meaning))
    action = np.asarray(rows["action"], dtype=float)
    kind = "choice" if simulator.spaces.discrete else "-"
    table.append(_row("action", action, kind, "what the policy does in this step"))
    return table


def split_comment(comment: str) -> tuple[str, str]:
    """'(B, 3) m, world frame: where it is' to ('m', 'world frame: where it is')."""
    text = re.sub(r"^\(B[^)]*\)\s*", "", comment)
    match = re.match(r"([^,:;]{1,16})[,:;]\s*(.*)$", text, re.DOTALL)
    return (match[1].strip(), match[2].strip()) if match else ("-", text)


def _row(name: str, values: Array, unit: str, meaning: str) -> dict[str, Json]:
    shape = "(B,)" if values.ndim == 1 else "(B, " + ", ".join(map(str, values.shape[1:])) + ")"
    numbers = {"min": values.min(), "median": np.median(values), "max": values.max()}
    return {
        "name": name,
        "shape": shape,
        "unit": unit,
        **{key: float(f"{float(value):.3g}") for key, value in numbers.items()},
        "meaning": meaning,
    }


def _termination(source: str, simulator: Simulator) -> str:
    function = next(
        (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == "terminated"),
        None,
    )
    text = (ast.get_docstring(function) or "") if function else ""
    return f"{text.strip()} An episode is cut off after {simulator.horizon} steps.".strip()
