"""What lint knows of one module before it judges any node: imports, functions, constants, annotations, sizes."""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Iterator

from eureka_cli.core import Finding
from eureka_cli.critics import lint_names as names
from eureka_cli.critics.answers import ENTRY

LARGEST_FOLDED = 2**63
LONGEST_FOLDED = 64


class Module:
    """The facts of a parsed reward, and the one way to make a finding about a node of it."""

    def __init__(self, tree: ast.Module, code: str, fields: Collection[str]) -> None:
        self.tree, self.fields = tree, fields
        self._lines = code.splitlines()
        self.imports = dict(_imported(tree))
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._values = dict(_assigned(tree))
        self.constants = {
            name for node in tree.body if not isinstance(node, ast.FunctionDef) for name in bound(node)
        } - set(self.functions)
        self.types = {name for name, value in self._values.items() if self._is_type(value)}
        """Names that stand for a type, as in `Array = np.ndarray`."""
        self.annotations = set(self._annotation_nodes())
        self.parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        entry = self.functions.get(ENTRY)
        arguments = [argument.arg for argument in entry.args.args] if entry else []
        self.states = {arguments[k] for k in (0, 2) if k < len(arguments)}
        self.inputs = set(arguments)

    def say(self, node: ast.AST, rule: str, message: str, cure: str, *, escape: bool = False) -> Finding:
        line = getattr(node, "lineno", None)
        text = self._lines[line - 1].strip()[:120] if line and line <= len(self._lines) else ""
        return Finding(rule=rule, message=message, cure=cure, line=line, code=text, escape=escape)

    def module_of(self, node: ast.expr) -> str | None:
        """The allowed module an expression names: `np`, `np.linalg`, `math`; None for values."""
        if isinstance(node, ast.Name):
            module = self.imports.get(node.id)
            return module if module in names.MODULES else None
        if isinstance(node, ast.Attribute) and node.attr == "linalg" and self.module_of(node.value) == "numpy":
            return "numpy.linalg"
        return None

    def called(self, node: ast.expr) -> str:
        """The full name of a called library function, as in `numpy.add`; a builtin by its plain name; else empty."""
        if isinstance(node, ast.Attribute):
            module = self.module_of(node.value)
            return f"{module}.{node.attr}" if module else ""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id if node.id in names.BUILTINS else "")
        return ""

    def is_input_view(self, node: ast.expr) -> bool:
        """Whether an expression is an input or looks into one without a copy."""
        while isinstance(node, ast.Subscript | ast.Attribute):
            if isinstance(node, ast.Attribute) and node.attr not in {*self.fields, "T"}:
                return False
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.inputs

    def text(self, node: ast.expr) -> str | None:
        """The text an expression plainly is, through the name of a constant if need be."""
        value = self._values.get(node.id) if isinstance(node, ast.Name) else node
        return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None

    def shares(self, node: ast.expr) -> str | None:
        """The array constant of the module that an expression is, or looks into without a copy."""
        below: ast.expr | None = node
        while below is not None and not isinstance(below, ast.Name):
            below = self._looked_into(below)
        return below.id if below is not None and self.is_mutable(below.id) else None

    def _looked_into(self, node: ast.expr) -> ast.expr | None:
        """What a slice, `.T`, `np.reshape(x, ...)` or `x.reshape(...)` is a view of; None for anything else."""
        if isinstance(node, ast.Subscript):
            return node.value if any(isinstance(part, ast.Slice) for part in ast.walk(node.slice)) else None
        if isinstance(node, ast.Attribute):
            return node.value if node.attr == "T" else None
        if isinstance(node, ast.Call) and self.called(node.func) in names.MAKES_VIEW:
            return node.args[0] if node.args else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not self.called(node.func):
            return node.func.value if f"numpy.{node.func.attr}" in names.MAKES_VIEW else None
        return None

    def is_mutable(self, name: str) -> bool:
        """Whether a constant of the module is something that could be changed in place."""
        value = self._values.get(name)
        changing = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.Call)
        return value is not None and any(
            isinstance(part, changing) and not self._gives_number(part) for part in ast.walk(value)
        )

    def _gives_number(self, node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        called = self.called(node.func)
        return called.startswith("math.") or called in ("float", "int", "len", "abs", "round", "min", "max", "sum")

    def fold(self, node: ast.AST) -> int | None:
        """The integer an expression of literals and constants gives; None where that is not plain to see."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return int(node.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, float) and math.isfinite(node.value):
            return int(node.value)
        if isinstance(node, ast.Name) and node.id in self._values and not isinstance(self._values[node.id], ast.Name):
            return self.fold(self._values[node.id])
        if isinstance(node, ast.BinOp):
            left, right = self.fold(node.left), self.fold(node.right)
            return None if left is None or right is None else _folded(node.op, left, right)
        return None

    def _is_type(self, value: ast.expr) -> bool:
        """`np.ndarray`, `Dict[str, np.ndarray]`, `npt.NDArray[np.float64]`: no call, and a type's name within."""
        parts = list(ast.walk(value))
        if any(isinstance(part, ast.Attribute) and part.attr.startswith("_") for part in parts):
            return False
        plain = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.Constant, ast.BinOp, ast.BitOr, ast.Load)
        if not all(isinstance(part, (*plain, ast.List)) for part in parts):
            return False
        heads = [part for part in parts if isinstance(part, ast.Name)]
        only = any(self.imports.get(head.id, "").rpartition(".")[0] in names.ANNOTATIONS for head in heads)
        whole = any(self.imports.get(head.id) in names.ANNOTATIONS for head in heads)
        return only or whole or any(isinstance(part, ast.Attribute) and part.attr == "ndarray" for part in parts)

    def _annotation_nodes(self) -> Iterator[ast.AST]:
        for node in ast.walk(self.tree):
            for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
                if annotation is not None and not any(isinstance(part, ast.Call) for part in ast.walk(annotation)):
                    yield from ast.walk(annotation)
        for name in self.types:
            yield from ast.walk(self._values[name])


def _folded(op: ast.operator, left: int, right: int) -> int | None:
    if isinstance(op, ast.Pow | ast.LShift):
        if right < 0:
            return None
        # Beyond what may be written anyway; computing it would be the bomb.
        return LARGEST_FOLDED if right > LONGEST_FOLDED else left**right if isinstance(op, ast.Pow) else left << right
    if isinstance(op, ast.Add):
        return left + right
    if isinstance(op, ast.Sub):
        return left - right
    return left * right if isinstance(op, ast.Mult) else None


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                yield alias.asname or first, alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield from paired(target, node.value)


def paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Names of an assignment, each with what it gets: `a, b = x, y` gives both; of one value for many, all that."""
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List):
        alike = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
        for k, element in enumerate(target.elts):
            yield from paired(element, value.elts[k] if alike and isinstance(value, ast.Tuple | ast.List) else value)


def bound(node: ast.AST) -> Iterator[str]:
    """All names that are bound anywhere in a piece of code."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.arg):
            yield part.arg
        elif isinstance(part, ast.FunctionDef):
            yield part.name


def leaves(target: ast.expr) -> Iterator[ast.expr]:
    """The single targets of an assignment."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from leaves(element)
    elif isinstance(target, ast.Starred):
        yield from leaves(target.value)
    else:
        yield target
