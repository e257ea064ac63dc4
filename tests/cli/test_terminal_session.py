"""One run from its start to its end on a terminal: judged, edited, stopped, gone on, refined."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from program import ROOT, SMOKE, events, run, start

from eureka_cli import people

pytestmark = pytest.mark.slow
EDITOR = """#!/bin/sh
if grep -q pole_tilt "$1"; then sed -i s/pole_tilt/pole_angle/ "$1"
else printf '\\n\\ndef lean(state):\\n    return state.pole_tilt\\n' >> "$1"; fi
"""
"""Writes what the critic refuses, and mends it when it is opened again."""


def typed(folder: Path, keys: str, *arguments: str) -> tuple[str, str]:
    """What a command prints to somebody who types at a terminal."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "eureka_cli.cli.main", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "EDITOR": str(folder / "editor")},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.write(ours, keys.encode())
    out, err = process.communicate(timeout=900)
    os.close(ours), os.close(theirs)
    assert process.returncode == 0, err
    return out, err


def asks(folder: Path, number: int, process: subprocess.Popen) -> None:
    while not people.question_file(folder / "runs/r", f"icpl/round-{number}/preference").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)


def test_a_run_is_judged_edited_stopped_resumed_and_refined(tmp_path):
    (tmp_path / "editor").write_text(EDITOR)
    (tmp_path / "editor").chmod(0o755)
    how = ("--method", "icpl", "--cores", "1", "--name", "r", "--rounds", "2", "--samples", "3")
    process = start(tmp_path, "run", *SMOKE, *how)
    asks(tmp_path, 1, process)
    keys = "A = B > C\nboth stand\n\ny\ny\n"  # to edit, and to edit again what is refused
    out, err = typed(tmp_path, keys, "answer", "r")
    assert "pole_tilt" in err and "Edit it again?" in err and "an edited reward, 'both stand'" in out
    asks(tmp_path, 2, process)
    run(tmp_path, "stop", "r")
    process.communicate()
    question, first = people.kept(tmp_path / "runs/r", "icpl/round-1/preference")
    names = [option.name for option in question.options]
    assert first.ranks == ((names[0], names[1]), (names[2],)) and "return state.pole_angle" in first.code
    process = start(tmp_path, "resume", "r")
    out, _ = typed(tmp_path, "none\n\n\n", "answer", "r")
    assert "none of these" in out
    out, err = process.communicate(timeout=900)
    assert process.returncode == 0, err
    assert "preferred by person" in out and len([e for e in events(tmp_path / "runs/r") if e["event"] == "person"]) == 2
    out, _ = typed(tmp_path, "A\nstand still\n\nn\nC > A\n\n\nn\n", "refine", "r", "--rounds", "1", "--samples", "2")
    judged, last = people.kept(tmp_path / "runs/r-refine-1", "icpl/round-1/preference")
    assert f"best reward {last.ranks[0][0]}" in out and last.ranks[0][0] == judged.options[2].name
