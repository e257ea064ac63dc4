"""Lint's rules about names and what survives a call: rebinding, definition-time code, writing in place."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from operator import itemgetter
from typing import TypeGuard

from eureka_cli.core import Finding
from eureka_cli.critics import lint_names as names
from eureka_cli.critics.answers import ENTRY
from eureka_cli.critics.lint_module import Module, bound, leaves, paired

Function = ast.FunctionDef | ast.Lambda
KEEP = "Keep nothing between calls; use initial_memory for a reward with a past."
OWN = "Begin with an empty list or dict of the function's own, and return it."
AT_MODULE_LEVEL = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)
ITERATORS = ("enumerate", "zip", "map", "reversed")


def findings(module: Module) -> Iterator[Finding]:
    yield from _module_level(module)
    yield from _defaults(module)
    yield from _defined_once(module)
    yield from _rebound(module)
    yield from _loaded(module)
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef):
            yield from _Body(module, node).findings()
    yield from _mutators_outside(module)


# ---------------------------------------------------------------- definition time


def _module_level(module: Module) -> Iterator[Finding]:
    for statement in module.tree.body:
        docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not docstring and not isinstance(statement, AT_MODULE_LEVEL):
            message = "Only imports, constants and functions belong at module level."
            cure = "Move it into compute_reward, or leave it out: nothing here runs as a program."
            yield module.say(statement, "module-code", message, cure)
        elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            yield from _constant_value(module, statement.value)


def _constant_value(module: Module, value: ast.expr) -> Iterator[Finding]:
    """A constant may be computed by NumPy, math and builtins; an iterator among constants would be state."""
    for part in _run_at_once(value):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in module.functions:
            message = "Functions of the module do not run while it is being defined."
            yield module.say(part, "module-code", message, "Write the constant out, or compute it in compute_reward.")
        called = module.called(part.func) if isinstance(part, ast.Call) else ""
        lazy = isinstance(part, ast.GeneratorExp) or called in ITERATORS
        user = module.parents[part]
        if lazy and not isinstance(user, ast.comprehension) and not (isinstance(user, ast.Call) and part in user.args):
            message = "An iterator remembers how far it was read, so it is state between calls."
            yield module.say(part, "module-state", message, "Make it a tuple or a list.")


def _run_at_once(value: ast.expr) -> Iterator[ast.AST]:
    """The parts of an expression that run with it: a lambda's body runs later."""
    waiting: list[ast.AST] = [value]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += [] if isinstance(part, ast.Lambda) else ast.iter_child_nodes(part)


def _defaults(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            for default in [*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)]:
                names_in = [part.id for part in ast.walk(default) if isinstance(part, ast.Name)]
                mutable = any(module.is_mutable(name) for name in names_in)
                if mutable or not all(isinstance(part, names.IN_DEFAULTS) for part in ast.walk(default)):
                    message = "A default is made once and kept between calls, so it must be a plain constant."
                    yield module.say(default, "default", message, "Use a number, text or None.")


def _defined_once(module: Module) -> Iterator[Finding]:
    seen: set[str] = set()
    for statement in module.tree.body:
        if isinstance(statement, ast.FunctionDef):
            if statement.name in seen:
                message = f"{statement.name} is defined twice; only the last one counts."
                yield module.say(statement, "rebinding", message, "Keep one of them.")
            seen.add(statement.name)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef) and node.name == ENTRY and node not in module.tree.body:
            message = f"{ENTRY} is defined inside something else."
            yield module.say(node, "rebinding", message, "Define it once, at module level.")


# ---------------------------------------------------------------- names


def _rebound(module: Module) -> Iterator[Finding]:
    taken = {name for name, whole in module.imports.items() if whole.rpartition(".")[0] not in names.ANNOTATIONS}
    for node in ast.walk(module.tree):
        name = ""
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.FunctionDef):
            name = node.name
        if name in taken or name.startswith("__"):
            escape = name.startswith("__")
            yield module.say(node, "rebinding", f"{name} is taken.", "Choose another name.", escape=escape)
        elif name in names.BUILTINS:
            message = f"{name} is a function of Python; rebinding it changes what later lines mean."
            yield module.say(node, "rebinding", message, "Choose another name.")
        elif name in module.functions and node not in module.tree.body and _is_used_beside(module, node, name):
            message = f"{name} is a function of this module; binding it again hides the function."
            yield module.say(node, "rebinding", message, "Choose another name.")


def _is_used_beside(module: Module, scope: ast.AST, name: str) -> bool:
    """Whether the module, or the function that binds a helper's name anew, also means the helper by it."""
    while scope in module.parents and not isinstance(scope, ast.FunctionDef):
        scope = module.parents[scope]
    if isinstance(scope, ast.Module) or name == ENTRY:
        return True
    calls = [part.func for part in ast.walk(scope) if isinstance(part, ast.Call)]
    return any(isinstance(called, ast.Name) and called.id == name for called in calls)


def _loaded(module: Module) -> Iterator[Finding]:
    """Every loaded name must be bound somewhere: finds invented names on branches no test reaches."""
    known = set(module.imports) | set(module.functions) | module.constants | names.BUILTINS
    for statement in module.tree.body:
        local = set(bound(statement))
        for part in ast.walk(statement):
            if part in module.annotations or not isinstance(part, ast.Name):
                continue
            if part.id.startswith("__"):
                escape = part.id != "__name__"  # a slip of habit: the guard of a program
                yield module.say(part, "dunder", f"{part.id} reaches inside Python.", "Leave it out.", escape=escape)
            elif isinstance(part.ctx, ast.Load) and part.id not in known | local:
                yield _unknown(module, part, known | local)
            elif isinstance(part.ctx, ast.Load):
                yield from _value_of_module(module, part)


def _value_of_module(module: Module, node: ast.Name) -> Iterator[Finding]:
    whole = module.imports.get(node.id, "")
    user = module.parents[node]
    isinstance_call = isinstance(user, ast.Call) and module.called(user.func) == "isinstance"
    if whole in names.MODULES and not (isinstance(user, ast.Attribute) and user.value is node):
        message = f"{node.id} is a module; it may be used by its functions, not handed on as a value."
        yield module.say(node, "module-value", message, f"Write {node.id}.sum and the like.", escape=True)
    only_annotates = whole in names.ANNOTATIONS or whole.rpartition(".")[0] in names.ANNOTATIONS
    if (only_annotates or node.id in module.types) and not isinstance_call:
        message = f"{node.id} is there to annotate and has no other use."
        yield module.say(node, "annotation-only", message, "Leave it to annotations.", escape=only_annotates)


def _unknown(module: Module, node: ast.Name, known: set[str]) -> Finding:
    if node.id == "np":
        return module.say(node, "unknown-name", "np is not imported.", "Begin with `import numpy as np`.")
    near = difflib.get_close_matches(node.id, known, n=1)
    cure = f"Did you mean {near[0]}?" if near else "Compute it from state, action and next_state."
    escape = node.id in names.ESCAPES
    return module.say(node, "unknown-name", f"{node.id} is not defined or not allowed.", cure, escape=escape)


# ---------------------------------------------------------------- writing in place


class _Body:
    """One function's own assignments: which names hold something it made itself and may therefore change.

    Functions within it belong to it: what they write lives as long as its call.
    """

    def __init__(self, module: Module, function: ast.FunctionDef) -> None:
        self._module, self._function = module, function
        self._given: dict[str, list[tuple[tuple[int, int], ast.expr | None]]] = {}
        self._nodes = list(ast.walk(function))
        for node in self._nodes:
            for name, value in self._bindings(node):
                self._given.setdefault(name, []).append((_place(node), value))

    def _bindings(self, node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from paired(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and isinstance(node.target, ast.Name):
            yield node.target.id, node.value
        elif isinstance(node, ast.arg):
            yield node.arg, None
        elif isinstance(node, ast.For | ast.comprehension):
            for leaf in leaves(node.target):
                if isinstance(leaf, ast.Name):
                    yield leaf.id, None

    def findings(self) -> Iterator[Finding]:
        for node in self._nodes:
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For):
                yield from self._stores(node)
            elif _is_mutator(node, self._module) and not self._owned(node.value):
                message = f".{node.attr} changes something this function did not make."
                yield self._module.say(node, "module-state", message, f"{OWN} {KEEP}")

    def _stores(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For) -> Iterator[Finding]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in (leaf for whole in targets for leaf in leaves(whole)):
            if isinstance(target, ast.Subscript) and not self._owned(target.value):
                message = "Writing into an array or dict that is not this function's own changes it for others."
                cure = "Compute a new array with np.where(condition, a, b)."
                yield self._module.say(target, "item-assignment", message, cure)
            elif isinstance(target, ast.Attribute):
                message = "Attributes may not be set."
                yield self._module.say(target, "attribute-assignment", message, "Use a local name.")
            elif isinstance(target, ast.Name) and isinstance(node, ast.AugAssign):
                yield from self._in_place(node, target.id)

    def _in_place(self, node: ast.AugAssign, name: str) -> Iterator[Finding]:
        """`x -= y` on a name that stands for an input, or for a constant of the module, changes that."""
        before = [
            value for place, value in sorted(self._given.get(name, []), key=itemgetter(0)) if place < _place(node)
        ]
        value = before[-1] if before else None
        constant = self._module.shares(value) if value is not None else None
        shared = constant is not None and constant not in self._given
        if value is not None and (shared or self._module.is_input_view(value)):
            what = "a constant of the module" if shared else "an input"
            message = f"{name} is {what}, and an augmented assignment changes it in place."
            yield self._module.say(node, "in-place", message, f"Write {name} = {name} + ... once; the result is new.")

    def _owned(self, node: ast.expr) -> bool:
        """Whether an expression is a name that only ever holds what this function made."""
        if not isinstance(node, ast.Name):
            return False
        given = self._given.get(node.id, [])
        return bool(given) and all(value is not None and self._fresh(value) for _, value in given)

    def _fresh(self, value: ast.expr) -> bool:
        if isinstance(value, names.FRESH):
            return True
        if isinstance(value, ast.IfExp):
            return self._fresh(value.body) and self._fresh(value.orelse)
        if not isinstance(value, ast.Call):
            return False
        called = self._module.called(value.func)
        method = value.func.attr if isinstance(value.func, ast.Attribute) and not called else ""
        own = called.removeprefix("numpy.") in names.MAKES_NEW and called.startswith("numpy.")
        return own or called in ("dict", "list", "set", "sorted") or method in names.MAKES_NEW_METHOD


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _is_mutator(node: ast.AST, module: Module) -> TypeGuard[ast.Attribute]:
    """`x.append` and the like; `np.add` and `np.sort` are functions that leave x alone."""
    return isinstance(node, ast.Attribute) and node.attr in names.MUTATORS and module.module_of(node.value) is None


def _mutators_outside(module: Module) -> Iterator[Finding]:
    """Lambdas and constants of the module; functions are looked at one by one above."""
    for statement in module.tree.body:
        if isinstance(statement, ast.FunctionDef):
            continue
        for node in ast.walk(statement):
            if _is_mutator(node, module):
                message = f".{node.attr} outside a function changes what is kept between calls."
                yield module.say(node, "module-state", message, KEEP)
            elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
                rule = "attribute-assignment" if isinstance(node, ast.Attribute) else "item-assignment"
                yield module.say(node, rule, "Only names may be set at module level.", "Use a name of its own.")
