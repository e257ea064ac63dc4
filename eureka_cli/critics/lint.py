"""Read reward code without running it: an allow-list over the syntax tree, and remarks a model can act on.

Lint is for quality and early refusal; the process boundary is for security. What is not allowed is refused, so
syntax of later Python versions fails closed.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterator, Sequence

from eureka_cli.core import Candidate, Finding
from eureka_cli.critics import lint_names as names
from eureka_cli.critics.answers import AGAIN, ENTRY
from eureka_cli.run import Run

LARGEST_SOURCE = 32_768
MOST_NODES = 4_000
DEEPEST_BRACKETS = 60
LARGEST_POWER = 64
LARGEST_SIZE = 1_000_000
STATES = ("state", "next_state")
AT_MODULE_LEVEL = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)

REFUSED: dict[type[ast.AST], tuple[str, str, str]] = {
    ast.While: ("while-loop", "A while loop may never end.", "Use vectorised NumPy, or a for loop over a range."),
    ast.Try: ("try", "Catching exceptions hides errors that would be told back to you.", "Guard values with np.where."),
    ast.Raise: ("raise", "A reward must give a number for every state.", "Return a number instead."),
    ast.ClassDef: ("class", "Classes are not needed in a reward.", "Use functions and module constants."),
    ast.Global: (
        "global",
        "State between calls makes the reward impure.",
        "Use initial_memory for a reward with a past.",
    ),
    ast.Nonlocal: (
        "global",
        "State between calls makes the reward impure.",
        "Use initial_memory for a reward with a past.",
    ),
    ast.Delete: ("delete", "Nothing needs deleting in a reward.", "Leave it out."),
    ast.Yield: ("generator", "A reward returns; it does not yield.", "Return (total, components)."),
    ast.YieldFrom: ("generator", "A reward returns; it does not yield.", "Return (total, components)."),
    ast.Await: ("async", "A reward is an ordinary function.", "Leave await out."),
    ast.AsyncFunctionDef: ("async", "A reward is an ordinary function.", "Use def."),
    ast.Match: ("match", "match is not part of the reward subset.", "Use np.where."),
}
ALLOWED: tuple[type[ast.AST], ...] = (
    ast.Module, ast.FunctionDef, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.If, ast.IfExp, ast.For,
    ast.Expr, ast.Pass, ast.Break, ast.Continue, ast.Assert, ast.Import, ast.ImportFrom, ast.alias, ast.With,
    ast.withitem, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Lambda, ast.NamedExpr, ast.ListComp,
    ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.comprehension, ast.Dict, ast.Set, ast.List, ast.Tuple, ast.Starred,
    ast.Subscript, ast.Slice, ast.Attribute, ast.Name, ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.keyword,
    ast.arguments, ast.arg, ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip


def check(run: Run, candidates: Sequence[Candidate]) -> dict[str, tuple[Finding, ...]]:
    """Findings by candidate id."""
    return {candidate.id: lint(candidate.code, fields=run.measurement["fields"]) for candidate in candidates}


def lint(code: str, *, fields: Collection[str]) -> tuple[Finding, ...]:
    """All findings of a reward's text, in the order of its lines. `fields` are those of the State."""
    early = _too_big(code)
    if early is not None:
        return (early,)
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        text = (error.text or "").strip()[:120]
        message = f"It does not parse: {error.msg}."
        return (Finding(rule="syntax", message=message, cure="Write valid Python.", line=error.lineno, code=text),)
    except (RecursionError, MemoryError, ValueError):
        return (Finding(rule="too-deep", message="It is nested too deeply to be read.", cure="Write it flat."),)
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        return (Finding(rule="too-long", message=f"More than {MOST_NODES} syntax nodes.", cure="Write it shorter."),)
    check = Check(tree, code, fields)
    distinct = {(found.rule, found.line, found.code): found for found in check.findings()}
    return tuple(sorted(distinct.values(), key=lambda found: found.line or 0))


def _too_big(code: str) -> Finding | None:
    if len(code) > LARGEST_SOURCE or "\0" in code:
        return Finding(
            rule="too-long", message=f"The code is longer than {LARGEST_SOURCE} bytes.", cure="Write it shorter."
        )
    depth = deepest = 0
    for letter in code:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST_BRACKETS:
        return Finding(rule="too-deep", message=f"Brackets nest {deepest} deep.", cure="Write it flat.")
    return None


class Check:
    """One pass over one module: knows its imports, functions, constants and what each function binds."""

    def __init__(self, tree: ast.Module, code: str, fields: Collection[str]) -> None:
        self._tree, self._lines, self._fields = tree, code.splitlines(), fields
        self._annotations = set(self._annotation_nodes())
        self._imports = dict(self._imported())
        self._functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self._constants = {name for node in tree.body for name in _bound(node)} - set(self._functions)
        entry = self._functions.get(ENTRY)
        arguments = [argument.arg for argument in entry.args.args] if entry else []
        self._states = {arguments[k] for k in (0, 2) if k < len(arguments)}
        self._inputs = set(arguments)

    def findings(self) -> Iterator[Finding]:
        yield from self._entry()
        yield from self._recursion()
        for statement in self._tree.body:
            docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if not docstring and not isinstance(statement, AT_MODULE_LEVEL):
                message = "Only imports, constants and functions belong at module level."
                yield self._say(statement, "module-code", message)
        for node in ast.walk(self._tree):
            if node in self._annotations:
                continue
            yield from self._node(node)
        yield from self._scopes()

    # ------------------------------------------------------------ the module as a whole

    def _entry(self) -> Iterator[Finding]:
        entry = self._functions.get(ENTRY)
        if entry is None:
            yield Finding(rule="no-entry-point", message=f"No function {ENTRY} at module level.", cure=AGAIN)
            return
        memory = "initial_memory" in self._functions
        count = len(entry.args.args)
        wanted = 4 if memory else 3
        extra = entry.args.vararg or entry.args.kwarg or entry.args.kwonlyargs
        if count != wanted or extra:
            names_ = "state, action, next_state" + (", memory" if memory else "")
            yield self._say(
                entry, "wrong-signature", f"{ENTRY} takes {count} arguments.", f"Write def {ENTRY}({names_})."
            )

    def _recursion(self) -> Iterator[Finding]:
        calls = {
            name: {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
            for name, node in self._functions.items()
        }
        for name, node in self._functions.items():
            seen, reach = set(), set(calls[name])
            while reach:
                step = reach.pop()
                if step not in seen:
                    seen.add(step)
                    reach |= calls.get(step, set())
            if name in seen:
                yield self._say(node, "recursion", f"{name} calls itself.", "Use a loop over a range or NumPy.")

    # ------------------------------------------------------------ one node at a time

    def _node(self, node: ast.AST) -> Iterator[Finding]:
        if type(node) in REFUSED:
            rule, message, cure = REFUSED[type(node)]
            yield self._say(node, rule, message, cure)
        elif not isinstance(node, ALLOWED):
            yield self._say(node, "outside-subset", f"{type(node).__name__} is not part of the reward subset.")
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from self._import(node)
        elif isinstance(node, ast.FunctionDef) and node.decorator_list:
            yield self._say(node.decorator_list[0], "decorator", "Decorators run at import.", "Leave it out.")
        elif isinstance(node, ast.Attribute):
            yield from self._attribute(node)
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For):
            yield from self._stores(node)
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.With):
            yield from self._with(node)
        elif isinstance(node, ast.If | ast.IfExp | ast.Assert):
            yield from self._condition(node, node.test)
        elif isinstance(node, ast.Constant):
            yield from self._constant(node)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.LShift):
            yield from self._power(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
        cure = "Use numpy, math or reward_math."
        wanted = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
        for module in wanted:
            if module not in names.MODULES and module not in names.ANNOTATIONS:
                escape = module.split(".")[0] in names.ESCAPES
                yield self._say(node, "import", f"{module} may not be imported.", cure, escape=escape)
                return
        if isinstance(node, ast.ImportFrom) and node.module in names.MODULES:
            for alias in node.names:
                if alias.name not in names.MODULES[node.module]:
                    escape = alias.name in names.ESCAPES
                    yield self._say(node, "import", f"{node.module} has no allowed {alias.name}.", cure, escape=escape)

    def _attribute(self, node: ast.Attribute) -> Iterator[Finding]:
        if node.attr.startswith("_"):
            yield self._say(node, "dunder", f".{node.attr} reaches inside an object.", "Leave it out.", escape=True)
            return
        module = self._module_of(node.value)
        if module is not None:
            if node.attr not in names.MODULES[module]:
                near = difflib.get_close_matches(node.attr, names.MODULES[module], n=1)
                cure = f"Did you mean {module}.{near[0]}?" if near else "Use the plain numeric functions."
                escape = node.attr in names.ESCAPES
                message = f"{module}.{node.attr} is not part of the reward subset or does not exist."
                yield self._say(node, "unknown-function", message, cure, escape=escape)
            return
        if isinstance(node.value, ast.Name) and node.value.id in self._states | set(STATES):
            if node.attr not in self._fields and node.attr != "_replace":
                near = difflib.get_close_matches(node.attr, self._fields, n=1)
                known = f"Did you mean {near[0]}?" if near else f"The fields are: {', '.join(self._fields)}."
                yield self._say(node, "unknown-field", f"The state has no field {node.attr}.", known)
            return
        if node.attr not in names.VALUES and node.attr not in self._fields:
            escape = node.attr in names.ESCAPES
            message = f"The attribute .{node.attr} is not part of the reward subset."
            yield self._say(
                node, "unknown-attribute", message, "Use NumPy functions: np.sum(x) and the like.", escape=escape
            )

    def _stores(self, node: ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For) -> Iterator[Finding]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in (leaf for whole in targets for leaf in _leaves(whole)):
            if isinstance(target, ast.Subscript) and not self._is_local_dict(target):
                message = "Writing into an array changes it in place; inputs are read-only."
                yield self._say(
                    target, "item-assignment", message, "Compute a new array with np.where(condition, a, b)."
                )
            elif isinstance(target, ast.Attribute):
                yield self._say(target, "attribute-assignment", "Attributes may not be set.", "Use a local name.")
            elif isinstance(target, ast.Name) and (target.id in self._imports or target.id.startswith("__")):
                yield self._say(target, "rebinding", f"{target.id} is taken.", "Choose another name.", escape=True)

    def _is_local_dict(self, target: ast.Subscript) -> bool:
        """`components["name"] = value` on a local dict is ordinary style."""
        key = target.slice
        literal = isinstance(key, ast.JoinedStr) or (isinstance(key, ast.Constant) and isinstance(key.value, str))
        local = isinstance(target.value, ast.Name) and target.value.id not in self._constants | self._inputs
        return literal and local

    def _call(self, node: ast.Call) -> Iterator[Finding]:
        for keyword in node.keywords:
            if (
                keyword.arg in ("out", "subok", "like", "casting", "buffer", "allow_pickle", "where")
                and keyword.arg != "where"
            ):
                yield self._say(node, "keyword", f"{keyword.arg}= is not part of the reward subset.", "Leave it out.")
        if isinstance(node.func, ast.Attribute) and self._module_of(node.func.value) == "numpy":
            if node.func.attr in ("empty", "empty_like", "ndarray"):
                yield self._say(
                    node, "uninitialised", f"np.{node.func.attr} shows old memory.", "Use np.zeros.", escape=False
                )
            for size in node.args[:1]:
                if isinstance(size, ast.Constant) and isinstance(size.value, int) and size.value > LARGEST_SIZE:
                    yield self._say(node, "too-big", f"An array of {size.value} elements.", "Stay with the batch size.")

    def _with(self, node: ast.With) -> Iterator[Finding]:
        for item in node.items:
            if not (isinstance(item.context_expr, ast.Call) and _dotted(item.context_expr.func) == "np.errstate"):
                yield self._say(node, "with", "Only np.errstate may be used with `with`.", "Leave it out.")

    def _condition(self, node: ast.AST, test: ast.expr) -> Iterator[Finding]:
        """A Python condition on a batch is ambiguous: NumPy raises, or it silently takes one branch for all rows."""
        for part in ast.walk(test):
            is_state = (
                isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in self._states
            )
            if is_state and not _reduced(test):
                message = "A Python condition decides once for the whole batch."
                yield self._say(
                    node, "python-if", message, "Use np.where(condition, a, b), which decides for every row."
                )
                return

    def _constant(self, node: ast.Constant) -> Iterator[Finding]:
        if isinstance(node.value, (bytes, complex)):
            yield self._say(node, "literal", f"{type(node.value).__name__} literals are not needed.", "Use numbers.")
        elif isinstance(node.value, int) and abs(node.value) > 2**53:
            yield self._say(node, "too-big", "An integer beyond 2**53.", "Use a float.")
        elif isinstance(node.value, str) and "__" in node.value:
            yield self._say(node, "dunder", "A string with a dunder name.", "Leave it out.", escape=True)

    def _power(self, node: ast.BinOp) -> Iterator[Finding]:
        for side in (node.right,) if isinstance(node.op, ast.Pow) else (node.left, node.right):
            if isinstance(side, ast.Constant) and isinstance(side.value, (int, float)) and side.value > LARGEST_POWER:
                yield self._say(node, "too-big", f"A power of {side.value}.", "Use np.exp with a temperature.")
        both = isinstance(node.left, ast.Constant) and isinstance(node.right, ast.BinOp)
        if both and any(isinstance(part, ast.Pow) for part in ast.walk(node.right)):
            yield self._say(node, "too-big", "A tower of powers.", "Use np.exp with a temperature.")

    # ------------------------------------------------------------ names

    def _scopes(self) -> Iterator[Finding]:
        """Every loaded name must be bound somewhere: finds invented names on branches no test reaches."""
        known = set(self._imports) | set(self._functions) | self._constants | names.BUILTINS
        for node in self._tree.body:
            local = (
                {name for part in ast.walk(node) for name in _bound(part)}
                if isinstance(node, ast.FunctionDef)
                else set()
            )
            for part in ast.walk(node):
                if part in self._annotations or not isinstance(part, ast.Name):
                    continue
                if part.id.startswith("__"):
                    yield self._say(part, "dunder", f"{part.id} reaches inside Python.", "Leave it out.", escape=True)
                elif isinstance(part.ctx, ast.Load) and part.id not in known | local:
                    yield self._unknown(part, known | local)
                elif (
                    isinstance(part.ctx, ast.Load)
                    and part.id in self._imports
                    and self._imports[part.id] in names.MODULES
                ):
                    continue

    def _unknown(self, node: ast.Name, known: set[str]) -> Finding:
        if node.id == "np":
            return self._say(node, "unknown-name", "np is not imported.", "Begin with `import numpy as np`.")
        near = difflib.get_close_matches(node.id, known, n=1)
        cure = f"Did you mean {near[0]}?" if near else "Compute it from state, action and next_state."
        escape = node.id in names.ESCAPES
        return self._say(node, "unknown-name", f"{node.id} is not defined or not allowed.", cure, escape=escape)

    def _imported(self) -> Iterator[tuple[str, str]]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield (
                        alias.asname or alias.name.split(".")[0],
                        alias.name if alias.asname else alias.name.split(".")[0],
                    )
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    yield alias.asname or alias.name, whole

    def _module_of(self, node: ast.expr) -> str | None:
        """The allowed module an expression names: `np`, `np.linalg`, `math`; None for values."""
        if isinstance(node, ast.Name):
            module = self._imports.get(node.id)
            return module if module in names.MODULES else None
        if isinstance(node, ast.Attribute) and node.attr == "linalg" and self._module_of(node.value) == "numpy":
            return "numpy.linalg"
        return None

    def _annotation_nodes(self) -> Iterator[ast.AST]:
        for node in ast.walk(self._tree):
            for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
                if annotation is not None and not any(isinstance(part, ast.Call) for part in ast.walk(annotation)):
                    yield from ast.walk(annotation)

    def _say(self, node: ast.AST, rule: str, message: str, cure: str = "", *, escape: bool = False) -> Finding:
        line = getattr(node, "lineno", None)
        text = self._lines[line - 1].strip()[:120] if line and line <= len(self._lines) else ""
        return Finding(rule=rule, message=message, cure=cure, line=line, code=text, escape=escape)


def _bound(node: ast.AST) -> Iterator[str]:
    """Names a node binds."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.FunctionDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for leaf in (leaf for target in targets for leaf in _leaves(target)):
            if isinstance(leaf, ast.Name):
                yield leaf.id


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _leaves(element)
    elif isinstance(target, ast.Starred):
        yield from _leaves(target.value)
    else:
        yield target


def _dotted(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, ast.Attribute | ast.Name) else ""


def _reduced(test: ast.expr) -> bool:
    """Whether the condition asks about a shape or dimension, not about values."""
    asks = ("shape", "ndim", "size", "dtype")
    return any(isinstance(part, ast.Attribute) and part.attr in asks for part in ast.walk(test))
