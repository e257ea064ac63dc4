"""What names a world of Gymnasium in the keys of jobs: the id, how it is made, and the person's code behind it.

The controller imports none of that code; workers do.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from eureka_cli.core import Json
from eureka_cli.errors import UsageError

READING = 2
"""Raise by hand when a State is derived otherwise: it is part of the key of every world without an env.py."""
MOST_FILES = 2000
"""Python files of a package that are hashed."""
IMPORT = "import:"
"""Before the name of an imported file among a task's paths."""
PACKAGES = {"Meta-World/": "metaworld", "MiniGrid-": "minigrid", "BabyAI-": "minigrid"}
"""How ids begin that come with packages of the extra `worlds`."""


def gymnasium(
    gym_id: str, kwargs: Mapping[str, Json], imports: Sequence[str]
) -> tuple[dict[str, Json], dict[str, str]]:
    """(world, paths) of a registered id. UsageError for an import that cannot be found."""
    module, colon, gym_id = gym_id.rpartition(":")  # Gymnasium's module:Id names its import itself
    imports = [module, *imports] if colon else imports
    world: dict[str, Json] = {"kind": "gymnasium", "id": gym_id}
    paths = {}
    if kwargs:
        world["kwargs"] = dict(kwargs)
    if imports:
        world["imports"] = {}
    for name in imports:
        if name.endswith(".py"):
            paths[IMPORT + name] = str(Path(name).resolve())
        world["imports"][name] = _hash_import(name)
    return world, paths


def imports(world: Mapping[str, Json], paths: Mapping[str, str]) -> list[str]:
    """What a worker imports so that the id is registered: names, and files by their absolute paths."""
    return [paths.get(IMPORT + name, name) for name in world.get("imports", ())]


def lacking(world: Mapping[str, Json]) -> str:
    """The package a world needs, where it is of the extra `worlds` and not installed; else empty."""
    for start, package in PACKAGES.items():
        if str(world.get("id", "")).startswith(start):
            with contextlib.suppress(ImportError):
                return "" if importlib.util.find_spec(package) else package
            return package
    return ""


def hash_files(files: Iterable[Path]) -> str:
    """Sixteen hex digits of the names and bytes of those that exist."""
    whole = hashlib.sha256()
    for file in files:
        if file.is_file():
            whole.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


def _hash_import(name: str) -> str:
    if name.endswith(".py"):
        if not Path(name).is_file():
            raise UsageError(f"No file {name} for --import. Check the path.")
        return hash_files([Path(name)])
    top = name.split(".")[0]
    if not top.isidentifier():
        raise UsageError(f"--import takes the name of a package or a .py file, not {name!r}.")
    found = sys.modules.get(top)
    spec = found.__spec__ if found else PathFinder.find_spec(top, [str(Path.cwd())]) or importlib.util.find_spec(top)
    if spec is None:
        raise UsageError(f"No package {name!r} for --import. Install it, or run where its folder lies.")
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return hash_files(files[:MOST_FILES] or [Path(spec.origin or "")])
