"""What a model may be shown of a task file written for Isaac Gym: its observation code, read without running it.

As Eureka's prompts have it (Ma et al. 2024, app. A: the environment source without reward and dynamics); there the
copies were cut out by hand.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from eureka_cli.errors import UsageError

OBSERVE = "compute_observations", "_get_observations", "get_observations", "compute_obs"
"""Methods that fill the observation; the first that a class has counts."""
HIDDEN_WORDS = "reward", "success", "bonus"
HIDDEN = frozenset("step pre_physics_step post_physics_step reset reset_idx render create_sim allocate_buffers".split())
SIMULATOR = frozenset("gym sim device cfg viewer".split())
OMITTED = '    """Rest of the environment definition omitted."""\n'
STUBS = Path(__file__).parent / "stubs"
TORCH_UTILS = STUBS / "isaacgym" / "torch_utils.py"


class Source(NamedTuple):
    """The visible part of a task file."""

    task: str
    """Name of its class."""
    observe: str
    """Name of its observation method."""
    code: str
    attributes: tuple[str, ...]
    """Of the task, `self.` left out, in the order the code names them; methods and the simulator aside."""
    functions: dict[str, str]
    """Functions of isaacgym's torch_utils that the code calls, to their signatures."""


def read(text: str, file: str = "the task file") -> Source:
    """Raises UsageError where the text is no Python, or no class in it has an observation method."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"{file} does not parse: {error}. Give the task's Python file.") from None
    task, methods = _task(tree, file)
    observe = next(name for name in OBSERVE if name in methods)
    shown_methods = _reached(methods[observe], methods, _self_calls)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    shown_functions: dict[str, ast.FunctionDef] = {}
    for method in shown_methods.values():
        for name in _calls(method):
            if name in functions and not hidden(name):
                shown_functions |= _reached(functions[name], functions, _calls)
    nodes = [*shown_methods.values(), *shown_functions.values()]
    lines = text.splitlines(keepends=True)
    inside = "\n".join(_text(node, lines) for node in shown_methods.values())
    outside = "".join("\n\n" + _text(node, lines) for node in shown_functions.values())
    bases = ", ".join(ast.unparse(base) for base in task.bases)
    attributes = [name for node in shown_methods.values() for name in _attributes(node)]
    known = signatures()
    return Source(
        task=task.name,
        observe=observe,
        code=f"class {task.name}({bases}):\n{OMITTED}{inside}{outside}",
        attributes=tuple(name for name in dict.fromkeys(attributes) if name not in SIMULATOR and name not in methods),
        functions={name: known[name] for node in nodes for name in _calls(node) if name in known},
    )


def hidden(name: str) -> bool:
    return name in HIDDEN or any(word in name.lower() for word in HIDDEN_WORDS)


def signatures() -> dict[str, str]:
    """What isaacgym's torch_utils offer: name to signature."""
    tree = ast.parse(TORCH_UTILS.read_text(encoding="utf-8"))
    found = {
        node.name: f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns) if node.returns else 'None'}"
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    return found | {"scale_transform": found["unscale"], "unscale_transform": found["scale"]}


def _task(tree: ast.Module, file: str) -> tuple[ast.ClassDef, dict[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
            if any(name in methods for name in OBSERVE):
                return node, methods
    raise UsageError(f"{file} has no class with a method {' or '.join(OBSERVE[:2])}: that is what a model is shown.")


def _reached(
    first: ast.FunctionDef,
    known: Mapping[str, ast.FunctionDef],
    calls: Callable[[ast.AST], Iterator[str]],
) -> dict[str, ast.FunctionDef]:
    """`first` and the functions it calls, directly or not, in this order; what computes rewards is not entered."""
    found = {first.name: first}
    queue = [first]
    while queue:
        for name in calls(queue.pop(0)):
            if name in known and name not in found and not hidden(name):
                found[name] = known[name]
                queue.append(known[name])
    return found


def _calls(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            yield part.func.id


def _self_calls(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and _is_self(part.func.value):
            yield part.func.attr


def _attributes(node: ast.AST) -> list[str]:
    """Attributes of the task in the order of lines."""
    found = [part for part in ast.walk(node) if isinstance(part, ast.Attribute) and _is_self(part.value)]
    return [part.attr for part in sorted(found, key=lambda part: (part.lineno, part.col_offset))]


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _text(node: ast.FunctionDef, lines: list[str]) -> str:
    """A function as it stands there, its decorators left out."""
    return "".join(lines[node.lineno - 1 : node.end_lineno]).rstrip() + "\n"
