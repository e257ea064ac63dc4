"""The grammar of `builtin`: reward programs made of fields, units, shapes and measured ranges. Draw, mutate, emit.

A program is a list of terms. A term is a feature (a scalar read from the state), a form (what is wanted of it) and a
weight. Features come from the state table alone; a field's chance grows with the words its name and meaning share
with the sentence. This is plain genetic programming: the baseline every language model should be compared with.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Term = dict[str, Any]
Program = list[Term]
MARK = "# program: "
FORMS = ("more", "less", "near", "saturating")
WEIGHTS = (0.1, 0.3, 1.0, 3.0)
TEMPERATURES = (0.1, 0.3, 1.0)
MOST_TERMS = 4
EFFORT: Term = {"feature": {"kind": "effort"}, "form": "less", "scale": 1.0, "weight": 0.03}
ENDING: Term = {"feature": {"kind": "ended"}, "form": "less", "scale": 1.0, "weight": 3.0}
STOP_WORDS = frozenset(
    "a an and as at by for from in into is it its of on or out the then to up with without you".split()
)


class Field(NamedTuple):
    """A row of the state table."""

    name: str
    shape: tuple[int, ...]
    unit: str
    low: float
    high: float
    words: frozenset[str]

    @property
    def size(self) -> float:
        """Largest magnitude seen."""
        return max(abs(self.low), abs(self.high), 1e-3)

    @property
    def span(self) -> float:
        return max(self.high - self.low, 1e-3)


def parse_table(text: str) -> list[Field]:
    """Fields of a fenced state table: name | shape | unit | min | median | max | meaning."""
    fields = []
    for line in text.strip().splitlines():
        columns = [column.strip() for column in line.split("|", 6)]
        if len(columns) < 7:
            continue
        shape = tuple(int(size) for size in re.findall(r"\d+", columns[1]))
        words = stems(columns[0].replace("_", " ") + " " + columns[6])
        fields.append(Field(columns[0], shape, columns[2], float(columns[3]), float(columns[5]), words))
    return fields


def stems(text: str) -> frozenset[str]:
    """Word stems by their first five letters: enough to match spin with spinning."""
    return frozenset(word[:5] for word in re.findall(r"[a-z]{3,}", text.lower()) if word not in STOP_WORDS)


class Grammar:
    """Draws programs for one state table and sentence."""

    def __init__(self, fields: Sequence[Field], sentence: str, dt: float, rng: np.random.Generator) -> None:
        self._rng, self._dt = rng, dt
        self._fields = [field for field in fields if field.name not in ("time", "terminated", "action")]
        self._ends = any(field.name == "terminated" and field.high > 0 for field in fields)
        goal = stems(sentence)
        common = {word: sum(word in field.words for field in self._fields) for word in goal}
        # A word that names every field tells them apart no better than none.
        self._relevance = np.array(
            [1.0 + 6.0 * sum(1 / common[word] for word in goal & field.words) for field in self._fields]
        )
        self._relevance *= [1.5 if "/s" in field.unit else 1.0 for field in self._fields]
        self._relevance /= self._relevance.sum()

    # ------------------------------------------------------------ drawing

    def draw(self) -> Program:
        """A program from scratch: one leading term, up to two more, at times a cost of effort or of ending."""
        program = [self.term(leading=True)]
        program.extend(self.term(leading=False) for _ in range(int(self._rng.integers(0, 3))))
        return self._tidy(program + self._costs())

    def _costs(self) -> Program:
        costs: Program = []
        if self._rng.random() < 0.3:
            costs.append(dict(EFFORT))
        if self._ends and self._rng.random() < 0.6:
            costs.append(dict(ENDING))
        return costs

    def term(self, *, leading: bool) -> Term:
        feature, size = self.feature()
        odds = (0.55, 0.15, 0.15, 0.15) if leading else (0.25, 0.25, 0.3, 0.2)
        form = str(self._rng.choice(FORMS, p=odds))
        weight = 1.0 if leading else float(self._rng.choice(WEIGHTS[:3]))
        term: Term = {"feature": feature, "form": form, "scale": _round(size), "weight": weight}
        if form == "near":
            term["temperature"] = float(self._rng.choice(TEMPERATURES))
            term["target"] = 0.0
        return term

    def feature(self) -> tuple[dict[str, Any], float]:
        """A scalar of the state and its typical size."""
        field = self._fields[int(self._rng.choice(len(self._fields), p=self._relevance))]
        partners = [
            other for other in self._fields if other.shape[-1:] == field.shape[-1:] and other.unit == field.unit
        ]
        partners = [other for other in partners if other.name != field.name and field.shape]
        if partners and len(field.shape) <= 2 and self._rng.random() < 0.4:
            other = partners[int(self._rng.integers(len(partners)))]
            size = max(field.span, other.span) / 2
            return {
                "kind": "distance",
                "field": field.name,
                "other": other.name,
                "shapes": [len(field.shape), len(other.shape)],
            }, size
        if field.shape and self._rng.random() < 0.35:
            return {"kind": "norm", "field": field.name, "axes": len(field.shape)}, field.size
        feature: dict[str, Any] = {"kind": "field", "field": field.name, "index": self._index(field)}
        if "/s" not in field.unit and self._rng.random() < 0.35:
            return {**feature, "kind": "rate"}, field.span / (20 * self._dt)
        return feature, field.size

    def _index(self, field: Field) -> list[int]:
        return [int(self._rng.integers(extent)) for extent in field.shape]

    # ------------------------------------------------------------ changing

    def mutate(self, parent: Program, advice: Mapping[str, float], *, lasting_helps: bool = False) -> Program:
        """A neighbour of `parent`; advice per component: below zero drop or turn it, above zero keep it."""
        program = [dict(term) for term in parent]
        charged = any(term["feature"]["kind"] == "ended" for term in program)
        if lasting_helps and self._ends and not charged and self._rng.random() < 0.5:
            return self._tidy([*program, dict(ENDING)])
        names = component_names(program)
        bad = [k for k, name in enumerate(names) if advice.get(name, 0.0) < 0]
        action = self._rng.random()
        if bad and action < 0.5:
            k = bad[int(self._rng.integers(len(bad)))]
            if self._rng.random() < 0.5 and len(program) > 1:
                del program[k]
            else:
                program[k] = self._turned(program[k])
        elif action < 0.6 and len(program) < MOST_TERMS:
            program.append(self.term(leading=False))
        elif action < 0.7 and len(program) > 1:
            del program[int(self._rng.integers(len(program)))]
        elif action < 0.85:
            k = int(self._rng.integers(len(program)))
            program[k]["weight"] = float(self._rng.choice(WEIGHTS))
        else:
            k = int(self._rng.integers(len(program)))
            program[k] = self._turned(program[k]) if self._rng.random() < 0.4 else self.term(leading=k == 0)
        return self._tidy(program)

    def cross(self, one: Program, other: Program) -> Program:
        """Terms of both, each kept with even chance."""
        pool = [dict(term) for term in [*one, *other]]
        kept = [term for term in pool if self._rng.random() < 0.5]
        return self._tidy(kept or [dict(one[0])])

    def _turned(self, term: Term) -> Term:
        opposite = {"more": "less", "less": "more", "near": "more", "saturating": "more"}
        return {**term, "form": opposite[term["form"]]} if term["feature"]["kind"] not in ("effort", "ended") else term

    def _tidy(self, program: Program) -> Program:
        """At most MOST_TERMS terms plus costs, no term twice."""
        seen: dict[str, Term] = {}
        for term in program:
            seen.setdefault(json.dumps([term["feature"], term["form"]], sort_keys=True), term)
        terms = list(seen.values())
        costs = [term for term in terms if term["feature"]["kind"] in ("effort", "ended")]
        others = [term for term in terms if term not in costs]
        return (others or [self.term(leading=True)])[:MOST_TERMS] + costs


def _round(value: float) -> float:
    return float(f"{value:.2g}")


# ---------------------------------------------------------------- text


def component_names(program: Program) -> list[str]:
    """A name for every term, told apart by number where two are alike."""
    names: list[str] = []
    for term in program:
        feature = term["feature"]
        stem = {"effort": "effort", "ended": "ended"}.get(feature["kind"]) or f"{feature['field']}_{term['form']}"
        if feature["kind"] in ("rate", "norm", "distance"):
            stem = f"{feature['kind']}_{stem}"
        stem = stem[:40]
        names.append(stem if stem not in names else f"{stem}_{len(names)}")
    return names


def emit(program: Program, dt: float) -> str:
    """The module of a program: readable, with a line from which the program can be read back."""
    lines = [MARK + json.dumps(program, sort_keys=True), "import numpy as np", ""]
    if any(term["feature"]["kind"] == "rate" for term in program):
        lines += [f"STEP_S = {dt:g}", ""]
    lines += ["", "def compute_reward(state, action, next_state):"]
    names = component_names(program)
    for name, term in zip(names, program, strict=True):
        lines.append(f"    {name} = {_expression(term)}")
    lines.append(f"    total = {' + '.join(names)}")
    parts = ", ".join(f'"{name}": {name}' for name in names)
    lines.append(f"    return total, {{{parts}}}")
    return "\n".join(lines) + "\n"


def read_back(code: str) -> Program | None:
    """The program of the first emitted module in a text; None for code of other authors."""
    return next(iter(_programs(code)), None)


def difference(text: str) -> str:
    """Which terms the first of two emitted modules has and the second has not, and the other way round."""
    terms = [dict(zip(component_names(program), program, strict=True)) for program in _programs(text)]
    if len(terms) < 2:
        return "The two cannot be compared: one of them is by another author.\n"
    new, old = terms[:2]
    changed = [name for name in new if name in old and new[name] != old[name]]
    parts = (("adds", set(new) - set(old)), ("drops", set(old) - set(new)), ("weighs otherwise", changed))
    told = [f"{verb} {', '.join(sorted(names))}" for verb, names in parts if names]
    return f"The preferred reward {'; '.join(told) or 'pays for the same'}.\n"


def _programs(text: str) -> list[Program]:
    found: list[Program] = []
    for line in text.splitlines():
        if line.startswith(MARK):
            try:
                found.append(json.loads(line.removeprefix(MARK)))
            except json.JSONDecodeError:
                break
    return found


def _expression(term: Term) -> str:
    value = _feature_text(term["feature"])
    weight, scale, form = term["weight"], term["scale"], term["form"]
    if form == "more":
        return f"{weight:g} * {value} / {scale:g}"
    if form == "less":
        size = value if term["feature"]["kind"] in ("effort", "ended", "norm", "distance") else f"np.abs({value})"
        return f"-{weight:g} * {size} / {scale:g}"
    if form == "near":
        return f"{weight:g} * np.exp(-np.abs({value} - {term['target']:g}) / {_round(term['temperature'] * scale):g})"
    return f"{weight:g} * np.tanh({value} / {scale:g})"


def _feature_text(feature: dict[str, Any]) -> str:
    kind = feature["kind"]
    if kind == "effort":
        return "np.mean(np.square(action).reshape(len(action), -1), axis=1)"
    if kind == "ended":
        return "np.where(next_state.terminated, 1.0, 0.0)"
    if kind == "norm":
        axes = ", ".join(str(-k) for k in range(feature["axes"], 0, -1))
        return f"np.sqrt(np.sum(np.square(next_state.{feature['field']}), axis=({axes},)))"
    if kind == "distance":
        ours, theirs = feature["shapes"]
        left, right = f"next_state.{feature['field']}", f"next_state.{feature['other']}"
        left, right = (
            (left, f"{right}[:, None]")
            if ours > theirs
            else (f"{left}[:, None]", right)
            if theirs > ours
            else (left, right)
        )
        apart = f"np.sqrt(np.sum(np.square({left} - {right}), axis=-1))"
        return f"np.mean({apart}.reshape(len(action), -1), axis=1)"
    index = "".join(f", {k}" for k in feature["index"])
    now = f"next_state.{feature['field']}" + (f"[:{index}]" if index else "")
    if kind == "rate":
        return f"({now} - {now.replace('next_state', 'state')}) / STEP_S"
    return now
