"""Read reward code without running it: an allow-list over the syntax tree, and remarks a model can act on.

Lint is for quality and early refusal; the process boundary is for security. What is not allowed is refused, so
syntax of later Python versions fails closed. Every finding names rule, line, what was written, why, and a cure.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence

from eureka_cli import combiners
from eureka_cli.core import Candidate, Finding
from eureka_cli.critics import lint_calls, lint_state
from eureka_cli.critics import lint_names as names
from eureka_cli.critics.answers import AGAIN, ENTRY
from eureka_cli.critics.lint_module import Module, leaves
from eureka_cli.run import Run

LARGEST_SOURCE = 32_768
MOST_NODES = 4_000
DEEPEST_BRACKETS = 60
DEEPEST_TREE = 100
"""A chain of signs or sums nests without brackets; deeper ones would end our own recursion."""
LARGEST_INTEGER = 2**53
STATES = ("state", "next_state")
CONTROL = frozenset(map(chr, [*range(9), *range(11, 32), 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
"""Characters that steer a terminal or turn the direction of writing."""

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
NO_ROWS = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
PARTS = (ast.ExceptHandler, ast.match_case, ast.pattern)
"""Only ever inside something refused, which is told once."""
CONSTRUCT = "Use assignments, arithmetic, NumPy functions, if on shapes, and for over short ranges."
NUMERIC = "Use NumPy functions: np.sum(x) and the like."


def check(run: Run, candidates: Sequence[Candidate]) -> dict[str, tuple[Finding, ...]]:
    """Findings by candidate id."""
    return {candidate.id: lint(candidate.code, fields=run.measurement["fields"]) for candidate in candidates}


def lint(code: str, *, fields: Collection[str]) -> tuple[Finding, ...]:
    """All findings of a reward's text, in the order of its lines. `fields` are those of the State."""
    tree = parsed(code)
    if isinstance(tree, Finding):
        return (tree,)
    module = Module(tree, code, fields)
    combine = combiners.declared(code)
    wrong = [combine] if isinstance(combine, Finding) else []
    return in_order([*wrong, *_findings(module)])


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By line, each told once."""
    distinct = {(found.rule, found.line, found.code): found for found in findings}
    return tuple(sorted(distinct.values(), key=lambda found: found.line or 0))


def parsed(code: str) -> ast.Module | Finding:
    """The syntax tree, unless the text is none or too large to be read."""
    early = _too_big(code)
    if early is not None:
        return early
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        text = (error.text or "").strip()[:120]
        message = f"It does not parse: {error.msg}."
        return Finding(rule="syntax", message=message, cure="Write valid Python.", line=error.lineno, code=text)
    except (RecursionError, MemoryError, ValueError):
        return Finding(rule="too-deep", message="It is nested too deeply to be read.", cure="Write it flat.")
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        return Finding(rule="too-long", message=f"More than {MOST_NODES} syntax nodes.", cure="Write it shorter.")
    if _depth(tree) > DEEPEST_TREE:
        message = f"Expressions nest more than {DEEPEST_TREE} deep."
        return Finding(rule="too-deep", message=message, cure="Write shorter sums, with names for their parts.")
    return tree


def _too_big(code: str) -> Finding | None:
    if len(code.encode(errors="replace")) > LARGEST_SOURCE or "\0" in code:
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


def _depth(tree: ast.AST) -> int:
    depth, level = 0, [tree]
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _findings(module: Module) -> Iterator[Finding]:
    yield from _entry(module)
    yield from recursion(module)
    yield from _batch_sizes(module)
    batches = _batches(module)
    for node in ast.walk(module.tree):
        if node not in module.annotations:
            yield from _node(module, node)
            yield from _condition(module, node, batches)
    yield from lint_state.findings(module)


# ---------------------------------------------------------------- the module as a whole


def _entry(module: Module) -> Iterator[Finding]:
    entry = module.functions.get(ENTRY)
    if entry is None:
        yield Finding(rule="no-entry-point", message=f"No function {ENTRY} at module level.", cure=AGAIN)
        return
    memory = "initial_memory" in module.functions
    count = len(entry.args.args)
    wanted = 4 if memory else 3
    extra = entry.args.vararg or entry.args.kwarg or entry.args.kwonlyargs or entry.args.posonlyargs
    if count != wanted or extra:
        names_ = "state, action, next_state" + (", memory" if memory else "")
        message = f"{ENTRY} takes {count} arguments" + (", and others than plain ones." if extra else ".")
        yield module.say(entry, "wrong-signature", message, f"Write def {ENTRY}({names_}).")


def recursion(module: Module) -> Iterator[Finding]:
    calls = {
        name: {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        for name, node in module.functions.items()
    }
    for name, node in module.functions.items():
        seen, reach = set(), set(calls[name])
        while reach:
            step = reach.pop()
            if step not in seen:
                seen.add(step)
                reach |= calls.get(step, set())
        if name in seen:
            yield module.say(node, "recursion", f"{name} calls itself.", "Use a loop over a range or NumPy.")


def _is_batch_size(node: ast.AST, batches: set[str]) -> bool:
    """`len(x)`, `x.shape[0]`, `x.size` of a field, the action, or what was computed from them."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len" and node.args:
        inner = node.args[0]
        return (isinstance(inner, ast.Attribute) and inner.attr != "shape") or (
            isinstance(inner, ast.Name) and inner.id in batches
        )
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
        return isinstance(node.slice, ast.Constant) and node.slice.value == 0
    if isinstance(node, ast.BinOp):
        sides = (node.left, node.right)
        counts = [_is_batch_size(side, batches) for side in sides]
        return any(counts) and all(isinstance(s, ast.Constant) or c for s, c in zip(sides, counts, strict=True))
    return isinstance(node, ast.Attribute) and node.attr == "size"


def _batch_sizes(module: Module) -> Iterator[Finding]:
    """A reward that asks how many rows there are can tell a probe from training; no honest one needs to."""
    batches = _batches(module)
    counts = {
        leaf.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and _is_batch_size(node.value, batches)
        for target in node.targets
        for leaf in leaves(target)
        if isinstance(leaf, ast.Name)
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            named = any(isinstance(side, ast.Name) and side.id in counts for side in sides)
            if named or any(_is_batch_size(side, batches) for side in sides):
                message = "The number of rows says nothing about a row; a reward that depends on it is refused."
                cure = "Leave the comparison out; NumPy works for any number of rows."
                yield module.say(node, "batch-size", message, cure)


def _batches(module: Module) -> set[str]:
    """Names that stand for one value per row: the action, and what is computed of fields or of such names."""
    found = module.inputs - module.states
    computed = (ast.BinOp, ast.BoolOp, ast.Compare, ast.UnaryOp, ast.Attribute, ast.Subscript, ast.Call)
    for node in ast.walk(module.tree):  # in the order of nesting, then of lines: as good as the order of running
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, computed)
            and _speaks_of_rows(module, node.value, found)
        ):
            found |= {leaf.id for target in node.targets for leaf in leaves(target) if isinstance(leaf, ast.Name)}
    return found


def _speaks_of_rows(module: Module, value: ast.AST, batches: set[str]) -> bool:
    """Whether an expression holds a value per row, shapes and lengths, `is` and `in` aside."""
    if isinstance(value, ast.Attribute) and value.attr in ("shape", "ndim", "size", "dtype"):
        return False
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("len", "isinstance"):
        return False
    if isinstance(value, ast.Compare) and any(isinstance(op, NO_ROWS) for op in value.ops):
        return False
    if isinstance(value, ast.Name) and value.id in batches:
        return True
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id in module.states:
        return True
    return any(_speaks_of_rows(module, part, batches) for part in ast.iter_child_nodes(value))


# ---------------------------------------------------------------- one node at a time


def _node(module: Module, node: ast.AST) -> Iterator[Finding]:
    if type(node) in REFUSED:
        rule, message, cure = REFUSED[type(node)]
        yield module.say(node, rule, message, cure)
    elif not isinstance(node, ALLOWED + PARTS):
        yield module.say(node, "outside-subset", f"{type(node).__name__} is not part of the reward subset.", CONSTRUCT)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from _import(module, node)
    elif isinstance(node, ast.FunctionDef) and node.decorator_list:
        yield module.say(node.decorator_list[0], "decorator", "Decorators run at import.", "Leave it out.")
    elif isinstance(node, ast.Attribute):
        yield from _attribute(module, node)
    elif isinstance(node, ast.Call):
        yield from lint_calls.of_call(module, node)
    elif isinstance(node, ast.With):
        yield from _with(module, node)
    elif isinstance(node, ast.Constant):
        yield from constant(module, node)
    elif isinstance(node, ast.BinOp):
        yield from lint_calls.of_operator(module, node)
    elif isinstance(node, ast.For):
        yield from lint_calls.of_loop(module, node)
    elif isinstance(node, ast.FormattedValue):
        yield from lint_calls.of_field(module, node)


def _import(module: Module, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
    cure = "Use numpy, math or reward_math."
    wanted = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    for name in wanted:
        if name not in names.MODULES and name not in names.ANNOTATIONS:
            escape = name.split(".")[0] in names.ESCAPES
            yield module.say(node, "import", f"{name} may not be imported.", cure, escape=escape)
            return
    if any(alias.name == "*" for alias in node.names):
        yield module.say(node, "import", "* hides which names are meant.", "Name what you import.")
    elif isinstance(node, ast.ImportFrom) and node.module in names.MODULES:
        for alias in node.names:
            if alias.name not in names.MODULES[node.module] - names.NEVER_CALLED:
                escape = alias.name in names.ESCAPES
                yield module.say(node, "import", f"{node.module} has no allowed {alias.name}.", cure, escape=escape)


def _attribute(module: Module, node: ast.Attribute) -> Iterator[Finding]:
    if node.attr.startswith("_"):
        yield module.say(node, "dunder", f".{node.attr} reaches inside an object.", "Leave it out.", escape=True)
        return
    owner = module.module_of(node.value)
    if owner is not None:
        yield from _of_module(module, node, owner)
        return
    if isinstance(node.value, ast.Name) and node.value.id in module.states | set(STATES):
        if node.attr not in module.fields:
            near = difflib.get_close_matches(node.attr, module.fields, n=1)
            known = f"Did you mean {near[0]}?" if near else f"The fields are: {', '.join(module.fields)}."
            yield module.say(node, "unknown-field", f"The state has no field {node.attr}.", known)
        return
    if node.attr in names.UFUNC_METHODS:
        message = f".{node.attr} of a NumPy function is not part of the reward subset; some of them write in place."
        cure = "Stack the arrays and reduce over the new axis: np.min(np.stack(values), axis=0)."
        yield module.say(node, "ufunc-method", message, cure)
    elif node.attr == "format" and isinstance(module.parents[node], ast.Call):
        return  # its text is looked at where the call is
    elif node.attr not in names.VALUES and node.attr not in module.fields:
        escape = node.attr in names.ESCAPES
        message = f"The attribute .{node.attr} is not part of the reward subset."
        yield module.say(node, "unknown-attribute", message, NUMERIC, escape=escape)


def _of_module(module: Module, node: ast.Attribute, owner: str) -> Iterator[Finding]:
    user = module.parents[node]
    if node.attr not in names.MODULES[owner]:
        near = difflib.get_close_matches(node.attr, names.MODULES[owner], n=1)
        cure = f"Did you mean {owner}.{near[0]}?" if near else "Use the plain numeric functions."
        message = f"{owner}.{node.attr} is not part of the reward subset or does not exist."
        yield module.say(node, "unknown-function", message, cure, escape=node.attr in names.ESCAPES)
    elif node.attr in names.NEVER_CALLED:
        if not (isinstance(user, ast.Call) and module.called(user.func) == "isinstance" and node in user.args):
            message = f"np.{node.attr} shows old memory, so what it holds differs from call to call."
            yield module.say(node, "uninitialised", message, "Use np.zeros.")
    elif f"{owner}.{node.attr}" in names.MODULES and not (isinstance(user, ast.Attribute) and user.value is node):
        message = f"{owner}.{node.attr} is a module; it may be used by its functions, not handed on as a value."
        yield module.say(node, "module-value", message, "Write np.linalg.norm and the like.", escape=True)


def _with(module: Module, node: ast.With) -> Iterator[Finding]:
    for item in node.items:
        called = item.context_expr.func if isinstance(item.context_expr, ast.Call) else item.context_expr
        if module.called(called) != "numpy.errstate" or item.optional_vars is not None:
            yield module.say(node, "with", "Only np.errstate may be used with `with`.", "Leave it out.")


def _condition(module: Module, node: ast.AST, batches: set[str]) -> Iterator[Finding]:
    """A Python condition on a batch is ambiguous: NumPy raises, or it silently takes one branch for all rows."""
    asked: list[ast.expr] = []
    if isinstance(node, ast.If | ast.IfExp | ast.Assert):
        asked = [node.test]
    elif isinstance(node, ast.BoolOp):
        asked = node.values
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        asked = [node]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        asked = [node.operand]
    elif isinstance(node, ast.comprehension):
        asked = node.ifs
    for test in asked:
        if _speaks_of_rows(module, test, batches):
            message = "A Python condition decides once for the whole batch."
            cure = "Use np.where(condition, a, b), which decides for every row; & and | and ~ for and, or, not."
            yield module.say(test, "python-if", message, cure)
            return


def constant(module: Module, node: ast.Constant) -> Iterator[Finding]:
    value = node.value
    if isinstance(value, (bytes, complex)):
        yield module.say(node, "literal", f"{type(value).__name__} literals are not needed.", "Use numbers.")
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        yield module.say(node, "too-big", "An integer beyond 2**53.", "Use a float.")
    elif isinstance(value, str) and "__" in value:
        yield module.say(node, "dunder", "A string with a dunder name.", "Leave it out.", escape=True)
    elif isinstance(value, str) and CONTROL & set(value):
        yield module.say(node, "literal", "A text with control characters.", "Use plain letters.", escape=True)
