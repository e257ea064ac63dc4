"""Find a plug-in by short name (`eureka`), dotted path (`my_package.my_method`) or file (`./my_method.py`).

A plug-in is a module with a `Config` and one function. No registry, no base class.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
from pathlib import Path
from types import ModuleType

import eureka_cli
from eureka_cli.errors import UsageError


def load(kind: str, name: str) -> ModuleType:
    """The plug-in module of a kind: `methods`, `trainers`, `models`, `executors`.

    Raises UsageError with the nearest name when there is none.
    """
    if name.endswith(".py"):
        return load_file(Path(name))
    if "." in name:
        return _import(name, kind)
    known = names(kind)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UsageError(f"No plug-in {name!r} among the {kind}.{hint} There are: {', '.join(known)}.")
    return _import(f"eureka_cli.{kind}.{name}", kind)


def names(kind: str) -> list[str]:
    """Short names of the shipped plug-ins of a kind: modules that are not another's part (`x_part` beside `x`)."""
    folder = Path(eureka_cli.__file__).parent / kind
    found = sorted(module.name for module in pkgutil.iter_modules([str(folder)]))
    return [name for name in found if not any(name.startswith(f"{other}_") for other in found)]


def load_file(file: Path) -> ModuleType:
    """Import a Python file under a name of its own, without touching sys.path."""
    spec = importlib.util.spec_from_file_location(f"reward_synth_{file.stem}", file)
    if spec is None or spec.loader is None or not file.is_file():
        raise UsageError(f"{file} is not a Python file that can be imported. Check the path.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _import(path: str, kind: str) -> ModuleType:
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError as error:
        raise UsageError(f"The plug-in {path!r} ({kind}) cannot be imported: {error}.") from None
