"""An environment as Python classes instead of its source: things with typed attributes, shapes, units and meanings.

Xie et al. 2024, "Text2Reward", show a model a compact environment in Pythonic style, written by hand for each. This one
is made of the State's own names and comments, and its attributes are those that rewards read, so no second set of names
has to be translated back.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeGuard

from eureka_cli.core import Json

EPISODE, REST = "Episode", "World"
ALWAYS = {"time": EPISODE, "terminated": EPISODE}
TAKEN = {"State", "Action", "Array"}
SHORTEST_THING = 3
"""Letters of a first word that names a thing: `pole_angle` is of a Pole, `in_a` of nothing."""


def classes(table: Sequence[Mapping[str, Json]], code: str) -> str:
    """Python text: one class for each thing the State's names speak of, and State, which inherits them all.

    table: rows {name, shape, unit, min, median, max, meaning} of the measured State, `action` among them.
    code: the environment's visible source; of it come its docstring and the constants that meanings refer to.
    """
    fields = [row for row in table if row["name"] != "action"]
    things = _things([row["name"] for row in fields])
    ordered = sorted(fields, key=lambda row: list(things.values()).index(things[row["name"]]))
    blocks = [_head(code), *_constants(code, table)]
    for thing, rows in groupby(ordered, key=lambda row: things[row["name"]]):
        blocks.append("\n".join([f"class {thing}:", *(f"    {_attribute(row)}" for row in rows)]))
    parents = ", ".join(dict.fromkeys(things[row["name"]] for row in ordered))
    doc = '    """All there is to know before a step (`state`) and after it (`next_state`)."""'
    blocks.append(f"class State({parents}):\n{doc}")
    action = next(row for row in table if row["name"] == "action")
    blocks.append(f"Action = Array  # {_remark(action)}")
    return "\n\n".join(blocks) + "\n"


def _head(code: str) -> str:
    tree = _parsed(code)
    told = ast.get_docstring(tree) if tree else code.strip()
    doc = '"""' + told.replace("\\", "\\\\").replace('"', "'").strip() + '"""\n\n' if told else ""
    return f"{doc}import numpy as np\n\nArray = np.ndarray  # the first axis is the batch B"


def _things(names: Sequence[str]) -> dict[str, str]:
    """Field to class: the first word of its name where several fields share it, else the world at large."""
    first = {name: name.partition("_")[0] for name in names}
    shared = {word for word in first.values() if list(first.values()).count(word) > 1 and len(word) >= SHORTEST_THING}
    found = {name: word.capitalize() if (word := first[name]) in shared else REST for name in names}
    clashing = TAKEN | set(keyword.kwlist)
    return {name: ALWAYS.get(name) or (f"{thing}_" if thing in clashing else thing) for name, thing in found.items()}


def _attribute(row: Mapping[str, Json]) -> str:
    return f"{row['name']}: Array  # {_remark(row)}"


def _remark(row: Mapping[str, Json]) -> str:
    unit = "" if row["unit"] == "-" else f" {row['unit']}"
    return " ".join(f"{row['shape']}{unit}, {row['meaning']}".split()).rstrip(", ")


def _constants(code: str, table: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """Assignments of the source whose names meanings refer to (KINDS, TREE), and the names of the actions."""
    tree = _parsed(code)
    if tree is None:
        return
    wanted = {word for row in table for word in re.findall(r"\b[A-Z][A-Z_]+\b", row["meaning"])} | {"ACTION_NAMES"}
    found = [
        ast.get_source_segment(code, node) or ""
        for node in tree.body
        if isinstance(node, ast.Assign) and wanted & {name.id for name in ast.walk(node) if _is_bound(name)}
    ]
    if found:
        yield "# Constants of the environment; write those you need into your module.\n" + "\n".join(found)


def _is_bound(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _parsed(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except SyntaxError:
        return None  # a Gymnasium id may have a text for a source
