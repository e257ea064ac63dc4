"""A State as Python classes: every field once, in text that runs."""

from __future__ import annotations

import inspect
import keyword
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eureka_cli import abstraction, describe, tasks

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}(_[a-z0-9]{1,5}){0,2}", fullmatch=True)
MEANINGS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


def row(name, unit="m", meaning="where it is"):
    return {"name": name, "shape": "(B,)", "unit": unit, "min": 0, "median": 0, "max": 1, "meaning": meaning}


def built(text):
    """The State class of a text that has been run."""
    scope: dict = {}
    exec(compile(text, "classes", "exec"), scope)
    return scope["State"]


def declared(state):
    return [name for kind in inspect.getmro(state) for name in inspect.get_annotations(kind)]


@pytest.mark.parametrize("name", ["cartpole_balance", "craft_wood", "hopper_hop", "pen_spin", "dk5", "reacher_reach"])
def test_a_shipped_state_becomes_classes_that_hold_each_field_once(name):
    source = Path(tasks.find(name).paths["env"]).read_text()
    comments = describe.field_comments(source)
    rows = [row(field, *describe.split_comment(comment)) for field, comment in comments.items()]
    text = abstraction.classes([*rows, row("action")], describe.visible(source))
    assert sorted(declared(built(text))) == sorted(comments)
    for field, comment in comments.items():
        assert f"{field}: Array  # (B,) {describe.split_comment(comment)[0]}".replace(" -", "") in text


def test_constants_that_meanings_speak_of_are_shown_and_functions_are_not():
    source = Path(tasks.find("craft_wood").paths["env"]).read_text()
    rows = [row(field, *describe.split_comment(c)) for field, c in describe.field_comments(source).items()]
    text = abstraction.classes([*rows, row("action")], describe.visible(source))
    scope: dict = {}
    exec(text, scope)
    assert scope["ACHIEVEMENTS"][6] == "collect_wood" and scope["KINDS"][scope["TREE"]] == "tree"
    assert "place_table" in scope["ACTION_NAMES"] and "def " not in text


@given(st.lists(NAMES, min_size=1, max_size=12, unique=True), MEANINGS)
def test_any_names_and_meanings_give_text_that_compiles(names, meaning):
    fields = ["time", "terminated", *(name for name in names if name not in ("time", "terminated", "action"))]
    fields = [name for name in fields if name not in keyword.kwlist]
    text = abstraction.classes(
        [*(row(name, meaning=meaning) for name in fields), row("action")], '"""A world, "in words\\"."""'
    )
    assert sorted(declared(built(text))) == sorted(fields)
