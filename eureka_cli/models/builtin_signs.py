"""What `builtin` answers to Auto MC-Reward's prompts: a program as signs, and a word on failed episodes by template."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from eureka_cli.models.builtin_programs import MARK, Field, Program, Term, feature_text

WANTED = 'COMBINE = "signs"'
"""What a prompt holds that wants signs."""
NARRATED = re.compile(r"`{3,}trajectories\n(.*?)\n`{3,}", re.S)
REACHED = {"more": "{value} > {high:g}", "saturating": "{value} > {high:g}", "less": "np.abs({value}) < {low:g}"}
SHARE = 0.8
"""Of its scale, where a feature counts as reached."""


def emit(program: Program, dt: float, fields: Sequence[Field]) -> str:
    """The module of a program of which only signs count.

    sparse: +1 where the leading feature is where the program wants it, -1 where the episode ends early if that is a
    cost. dense: the weighted sum of features that are rates, and of the changes of those that are not.
    """
    units = {field.name: field.unit for field in fields}
    terms = [term for term in program if term["feature"]["kind"] not in ("effort", "ended")]
    ending = any(term["feature"]["kind"] == "ended" for term in program)
    lines = [MARK + json.dumps(program, sort_keys=True), "import numpy as np", "", WANTED]
    lines += [f"STEP_S = {dt:g}"] if any(term["feature"]["kind"] == "rate" for term in terms) else []
    lines += ["", "", "def sparse(state, action, next_state):"]
    lines += [f"    reached = np.where({_reached(terms[0])}, 1.0, 0.0)"]
    lines += ["    return reached - np.where(next_state.terminated, 2.0, 0.0)" if ending else "    return reached"]
    lines += ["", "", "def dense(state, action, next_state):"]
    lines += [f"    return {' + '.join(_guidance(term, units) for term in terms)}"]
    lines += ["", "", "def compute_reward(state, action, next_state):"]
    parts = ", ".join(f'"{name}": {name}(state, action, next_state)' for name in ("sparse", "dense"))
    return "\n".join([*lines, f"    return {{{parts}}}"]) + "\n"


def _reached(term: Term) -> str:
    value, scale = feature_text(term["feature"]), term["scale"]
    if term["form"] == "near":
        return f"np.abs({value} - {term['target']:g}) < {term['temperature'] * scale:g}"
    return REACHED[term["form"]].format(value=value, high=SHARE * scale, low=(1 - SHARE) * scale)


def _guidance(term: Term, units: dict[str, str]) -> str:
    after, form = _goodness(term), f"{term['weight']:g} * {{}} / {term['scale']:g}"
    if term["feature"]["kind"] == "rate" or "/s" in units.get(term["feature"]["field"], ""):
        return form.format(f"({after})")
    return form.format(f"(({after}) - ({after.replace('next_state', 'state')}))")


def _goodness(term: Term) -> str:
    value = feature_text(term["feature"])
    if term["form"] in ("more", "saturating"):
        return value
    return f"-np.abs({value} - {term.get('target', 0.0):g})"


def analysis(prompt: str) -> str | None:
    """Causes and an instruction for narrated episodes, from how they ended; None where none are narrated."""
    narrated = NARRATED.search(prompt)
    if narrated is None:
        return None
    episodes = re.findall(r"^Episode (\d+) of .*?(early by termination|by the time limit)", narrated[1], re.M)
    early = [number for number, how in episodes if how.startswith("early")]
    header = re.search(r"^step \| (.*)$", narrated[1], re.M)
    moving = [name for name in (header[1].split(" | ") if header else []) if name != "action"]
    by = f" Fields that moved at the end: {', '.join(moving)}." if moving else ""
    if 2 * len(early) >= len(episodes):
        count, cause = len(early), "ended early, and the reward did not punish it enough."
        cure = "Let sparse be -1 where next_state.terminated, and dense negative on the way there."
    else:
        count, cause = len(episodes) - len(early), "ran to the time limit: the reward left the agent without guidance."
        cure = "Let dense be positive where a step brings the goal nearer, by a field not used yet."
    return f"CAUSES: {count} of {len(episodes)} failed episodes {cause}\nINSTRUCTION: {cure}{by}\n"
