"""Reward code as the untrusted programs load it: the one `exec` of the project, and how a failure becomes a sentence.

Part of the programs child.py and tracer.py; nothing of ours imports it.
"""

from __future__ import annotations
import __future__

import builtins
import collections.abc
import importlib.util
import math
import sys
import typing
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing
import wire  # type: ignore[import-not-found]

BUILTINS = """abs all any bool dict enumerate filter float frozenset int isinstance len list map max min pow range
reversed round set slice sorted str sum tuple zip True False None Exception ValueError TypeError KeyError IndexError
ZeroDivisionError ArithmeticError AssertionError""".split()
REWARD_FILE = "<reward>"
IMPORTABLE = ("math", "reward_math", "typing", "collections.abc", "numpy.typing", "__future__")
PACKAGES = ("numpy", "torch", "isaacgym", "isaacgymenvs")
"""Importable as far as they are loaded: all but NumPy only in a process that was asked for PyTorch."""


class Refused(Exception):
    """The reward broke its contract; carries the rule's name and a sentence."""


def load(
    code: str, known: dict[str, Any], *, entry: str = "compute_reward", names: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The module's names after running its text with `known` builtins, and `names` that it need not import."""
    scope: dict[str, Any] = {**(names or {}), "__name__": "reward", "__builtins__": known}
    exec(compile(code, REWARD_FILE, "exec"), scope)
    if not callable(scope.get(entry)):
        raise Refused("no-entry-point", f"The module defines no function {entry}.")
    return scope


def load_reward_math(file: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reward_math", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules["reward_math"] = module
    return module


def complaint(error: BaseException) -> bytes:
    """Rule, line inside the reward and message, separated by NUL."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == REWARD_FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno or 0
    if isinstance(error, Refused):
        rule, text = error.args
    elif isinstance(error, MemoryError):
        rule, text = "out-of-memory", "The reward asked for more memory than a reward process has (2 GiB)."
    else:
        rule, text = "raised", f"{type(error).__name__}: {error}"
    return f"{rule}\0{line}\0{text[: wire.LONGEST_MESSAGE]}".encode(errors="replace")


def kind(value: object) -> str:
    return type(value).__name__


def safe_builtins() -> dict[str, object]:
    """What reward code may call. Quality, not security: the lock is the wall."""
    allowed = {name: getattr(builtins, name) for name in BUILTINS}

    def guarded(name, globals=None, locals=None, fromlist=(), level=0):  # type: ignore[no-untyped-def]
        """Only what is loaded already: NumPy's C code asks for its own parts by this name."""
        known = name in IMPORTABLE or name.split(".")[0] in PACKAGES
        if level == 0 and known and name in sys.modules:
            return __import__(name, globals, locals, fromlist, level)
        raise ImportError(f"a reward may import numpy, math and reward_math, not {name}")

    return {**allowed, "__import__": guarded, "__build_class__": builtins.__build_class__, "__name__": "reward"}


# Loaded before the lock, for rewards that import them after it.
assert math.pi and __future__ and numpy.typing and typing and collections.abc and np
