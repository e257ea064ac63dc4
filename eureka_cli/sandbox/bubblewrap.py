"""The second wall: the zygote inside bubblewrap, in namespaces of its own, with a view of what it runs and no more.

It stands around the lock, not in its place: what gets through both the lock and a hole in NumPy finds no file of the
person's, no network, no process but its own, and no way to write.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

PROGRAM = "bwrap"
NAMESPACES = ("ipc", "mnt", "net", "pid")
"""Each must be another than ours; the zygote compares before it promises anything."""
SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
LINKER = ("/etc/ld.so.cache", "/etc/alternatives")
"""All there is of /etc: where the dynamic linker looks, and where Debian's own NumPy finds its BLAS."""


def program() -> str | None:
    return shutil.which(PROGRAM)


def our_namespaces() -> dict[str, str]:
    return {name: os.readlink(f"/proc/self/ns/{name}") for name in NAMESPACES}


def interpreter() -> str:
    """The interpreter behind a virtual environment: inside there is no environment to find it by."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def walled(bwrap: str, command: Iterable[str], numpy: Path, files: Iterable[Path]) -> list[str]:
    """`command` inside the wall, seeing the interpreter, its libraries, NumPy and `files`."""
    arguments = [bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    for folder in (*SYSTEM_LIBRARIES, *_interpreter_libraries()):
        if os.path.islink(folder) and folder in SYSTEM_LIBRARIES:
            arguments += ["--symlink", os.readlink(folder), folder]
        elif os.path.isdir(folder):
            arguments += ["--ro-bind", folder, folder]
    for path in LINKER:
        arguments += ["--ro-bind-try", path, path]
    masks = [folder for folder in _installed_packages() if os.path.isdir(folder)]
    for folder in masks:
        arguments += ["--tmpfs", folder]
    for path in (interpreter(), str(numpy), *map(str, files)):
        arguments += ["--ro-bind", path, path]
    # Wheels keep the libraries NumPy needs beside it.
    arguments += ["--ro-bind-try", f"{numpy}.libs", f"{numpy}.libs"]
    for folder in masks:
        arguments += ["--remount-ro", folder]
    arguments += ["--proc", "/proc", "--dev-bind", "/dev/null", "/dev/null", "--remount-ro", "/", "--chdir", "/"]
    return [*arguments, "--", *command]


def _interpreter_libraries() -> list[str]:
    """Standard library and libpython; /usr is there already."""
    if sys.base_prefix == "/usr":
        return []
    return [f"{sys.base_prefix}/lib", f"{sys.base_prefix}/lib64"]


def _installed_packages() -> list[str]:
    """Packages beside the standard library; a reward process has use for NumPy alone."""
    standard = sysconfig.get_path("stdlib")
    return [f"{standard}/site-packages", f"{standard}/dist-packages", "/usr/lib/python3/dist-packages"]
