"""Lint's rules about calls, sizes, types and text: what is handed to a function, and how large it may grow."""

from __future__ import annotations

import ast
import math
import re
import string
from collections.abc import Iterator

from eureka_cli.core import Finding
from eureka_cli.critics import lint_names as names
from eureka_cli.critics.lint_module import Module

LARGEST_POWER = 64
LARGEST_SIZE = 1_000_000
LONGEST_RANGE = 10_000
MOST_PASSES = 100_000
SHORT = 1_000
SPEC = re.compile(r"[-+ #0]?\d{0,2}(?:\.\d{1,2})?[a-z%]?")
PERCENT = re.compile(r"%(?:%|[-+ 0#]?\d{0,2}(?:\.\d{1,2})?[dsifeg])|[^%]")
KEYWORDS = frozenset("out subok like casting buffer allow_pickle signature sig extobj order".split())
SIZED = dict.fromkeys("zeros ones full eye arange".split(), 0) | {
    "linspace": 2,
    "tile": 1,
    "repeat": 1,
    "broadcast_to": 1,
}
"""NumPy functions that make as much as they are told, and the argument that tells it."""
TYPED = {"zeros": 1, "ones": 1, "array": 1, "asarray": 1, "full": 2}
"""NumPy functions whose n-th argument is a dtype."""


def of_call(module: Module, node: ast.Call) -> Iterator[Finding]:
    called = module.called(node.func)
    method = node.func.attr if isinstance(node.func, ast.Attribute) and not called else ""
    yield from _keywords(module, node, called, method)
    yield from _out(module, node, called, method)
    yield from _dtype(module, node, called, method)
    yield from _sizes(module, node, called)
    if method == "format":
        yield from _format_call(module, node)


def _keywords(module: Module, node: ast.Call, called: str, method: str) -> Iterator[Finding]:
    library = called.startswith("numpy") or bool(method)
    for keyword in node.keywords:
        if keyword.arg in KEYWORDS:
            yield module.say(node, "keyword", f"{keyword.arg}= is not part of the reward subset.", "Leave it out.")
        elif keyword.arg is None and library and method != "update":
            yield module.say(node, "keyword", "** hides which keywords are meant.", "Write the keywords out.")
        elif keyword.arg == "copy" and called == "numpy.nan_to_num":
            yield module.say(node, "keyword", "copy= may change an input in place.", "Leave it out.")


def _out(module: Module, node: ast.Call, called: str, method: str) -> Iterator[Finding]:
    """NumPy takes the array to write its result into by position, too."""
    name = called.removeprefix("numpy.") if called.startswith("numpy.") else ""
    most = names.MOST_POSITIONAL.get(name) if name else names.MOST_POSITIONAL_METHOD.get(method)
    if most is None:
        return
    if name and any(isinstance(argument, ast.Starred) for argument in node.args):
        cure = "Write the arguments out, or stack them and reduce over the new axis."
        yield module.say(node, "positional-out", f"* hides how many arguments np.{name} gets.", cure)
    elif len(node.args) > most:
        message = f"{name or method} takes an array to overwrite as argument {most + 1}; inputs are read-only."
        yield module.say(node, "positional-out", message, "Use the returned value, and keywords such as axis=-1.")


def _dtype(module: Module, node: ast.Call, called: str, method: str) -> Iterator[Finding]:
    given = [keyword.value for keyword in node.keywords if keyword.arg == "dtype"]
    place = TYPED.get(called.removeprefix("numpy.")) if called.startswith("numpy.") else None
    if place is not None and len(node.args) > place:
        given.append(node.args[place])
    if method == "astype":
        given += node.args[:1]
    for value in given:
        plain = isinstance(value, ast.Name) and value.id in ("float", "int", "bool")
        text = isinstance(value, ast.Constant) and (value.value is None or value.value in names.DTYPES)
        known = module.called(value).removeprefix("numpy.") in {*names.DTYPES, "bool_"}
        same = isinstance(value, ast.Attribute) and value.attr == "dtype"
        if not (plain or text or known or same):
            message = f"The type {ast.unparse(value)[:40]} is not one a reward is computed in."
            yield module.say(node, "dtype", message, "Use float, int or bool; rewards are float64.")


def _sizes(module: Module, node: ast.Call, called: str) -> Iterator[Finding]:
    name = called.removeprefix("numpy.")
    given = [keyword.value for keyword in node.keywords if keyword.arg in ("shape", "num", "reps", "repeats", "stop")]
    if called.startswith("numpy.") and name in SIZED and (given or len(node.args) > SIZED[name]):
        size = given[0] if given else node.args[SIZED[name]]
        extents = [module.fold(part) for part in (size.elts if isinstance(size, ast.Tuple | ast.List) else [size])]
        count = math.prod(max(abs(extent), 1) for extent in extents if extent is not None)
        if count > LARGEST_SIZE:
            yield module.say(node, "too-big", f"An array of {count:.3g} elements.", "Stay with the batch size.")
    if called == "range":
        bounds = [module.fold(argument) for argument in node.args]
        if any(bound is not None and abs(bound) > LONGEST_RANGE for bound in bounds):
            message = f"A range beyond {LONGEST_RANGE} takes too long in Python."
            yield module.say(node, "too-big", message, "Use np.arange and vectorised NumPy.")
    if called == "pow" and len(node.args) > 1:
        exponent = module.fold(node.args[1])
        if exponent is None or exponent > LARGEST_POWER:
            message = "pow of integers may be a number of millions of digits."
            yield module.say(node, "too-big", message, "Use x ** 2 with a small literal, or np.power.")


def of_loop(module: Module, node: ast.For) -> Iterator[Finding]:
    """Loops inside loops that are each short enough, and lists that grow while they are read."""
    passes, inner = 1, [node]
    while inner:
        loop = inner.pop()
        known = [module.fold(argument) for argument in loop.iter.args] if isinstance(loop.iter, ast.Call) else []
        passes *= max([abs(bound) for bound in known if bound is not None], default=1) or 1
        inner += [part for part in loop.body if isinstance(part, ast.For)][:1]
    if passes > MOST_PASSES:
        message = f"Loops within loops run {passes:.3g} times."
        yield module.say(node, "too-big", message, "Use vectorised NumPy with one axis more.")
    if isinstance(node.iter, ast.Name):
        grown = [part for part in ast.walk(node) if isinstance(part, ast.Attribute) and part.attr in names.MUTATORS]
        if any(isinstance(part.value, ast.Name) and part.value.id == node.iter.id for part in grown):
            message = f"{node.iter.id} grows while it is read: the loop may never end."
            yield module.say(node, "endless-loop", message, "Collect into another list.")


def of_operator(module: Module, node: ast.BinOp) -> Iterator[Finding]:
    if isinstance(node.op, ast.Pow):
        yield from _power(module, node)
    elif isinstance(node.op, ast.LShift):
        amount = module.fold(node.right)
        if amount is None or amount > LARGEST_POWER:
            yield module.say(node, "too-big", "Shifting may make an integer of gigabytes.", "Use 2.0 ** x.")
    elif isinstance(node.op, ast.Mult):
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, ast.List | ast.Tuple | ast.JoinedStr) or _is_text(side):
                times = module.fold(other)
                if times is None or times > SHORT:
                    message = "Repeating a sequence this way may fill the memory."
                    yield module.say(node, "repetition", message, "Use np.full or np.tile with the batch size.")
    elif isinstance(node.op, ast.Mod):
        text = module.text(node.left)
        if text is not None and PERCENT.sub("", text):
            message = "Only plain fields such as %d and %.2f may be formatted."
            yield module.say(node, "format", message, "Use an f-string without a width.")


def _power(module: Module, node: ast.BinOp) -> Iterator[Finding]:
    exponent = module.fold(node.right)
    if exponent is not None and exponent > LARGEST_POWER:
        yield module.say(node, "too-big", f"A power of {exponent:.3g}.", "Use np.exp with a temperature.")
    both = isinstance(node.left, ast.Constant) and isinstance(node.right, ast.BinOp)
    if both and any(isinstance(part, ast.Pow) for part in ast.walk(node.right)):
        yield module.say(node, "too-big", "A tower of powers.", "Use np.exp with a temperature.")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


# ---------------------------------------------------------------- text


def of_field(module: Module, node: ast.FormattedValue) -> Iterator[Finding]:
    """A field of an f-string: a wide one is a memory bomb, a conversion prints an object's inside."""
    parts = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
    spec = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
    if node.conversion != -1 or not SPEC.fullmatch(spec):
        message = "An f-string may hold plain fields such as {k} and {x:.2f} only."
        yield module.say(node, "format", message, "Leave conversion and width out.")


def _format_call(module: Module, node: ast.Call) -> Iterator[Finding]:
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    text = receiver.value if isinstance(receiver, ast.Constant) else None
    cure = "Use an f-string."
    if not isinstance(text, str):
        yield module.say(node, "format", "Only a literal text may be formatted.", cure, escape=True)
        return
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        yield module.say(node, "format", "The format string is broken.", cure)
        return
    for _, name, spec, conversion in fields:
        if name and not re.fullmatch(r"\w*", name):
            yield module.say(node, "format", f"{{{name[:40]}}} reaches inside an object.", cure, escape=True)
        elif conversion or not SPEC.fullmatch(spec or ""):
            yield module.say(node, "format", "Only plain fields such as {} and {:.2f} may be formatted.", cure)
