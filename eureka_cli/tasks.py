"""Find and load tasks and environments.

    envs/<env>/env.py  model.xml  <task>.py  rewards/<task>_human.py  rewards/<task>_sparse.py

A task file may stand alone in the working folder's envs/<env>/: env.py is then the shipped one. An env.py with
GYMNASIUM is a State over a registered id (simulators/gymnasium.py).

The controller reads only the literals of a task file; workers import it.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from pydantic import Field, ValidationError

from eureka_cli import plugins, worlds
from eureka_cli.core import Frozen, Json, Params, Task, digest
from eureka_cli.data import folders
from eureka_cli.errors import UsageError

LITERALS = (
    *("DESCRIPTION", "HORIZON", "BUDGET", "TIER", "CAMERA", "PARAMS", "CHOICES", "RANGES"),
    *("CURRICULA", "GOALS", "VARIANTS", "TRAINER", "SUITES"),
)
OVER_GYMNASIUM = ("GYMNASIUM", "KWARGS", "IMPORT")
"""Of env.py; a task file's own go before them."""
GYM_BUDGET = 50_000
"""Environment steps of a trial on a Gymnasium id, where nobody said otherwise."""


class Curriculum(Frozen):
    """A way up from a world made easy: where it begins, and its budgets in environment steps."""

    start: Params
    chunk: int = Field(ge=1)
    """Of training between two evaluations; the world is fixed within it."""
    rank: int = Field(ge=1)
    """After which candidates are ranked by how far up they are."""
    budget: int = Field(ge=1)
    """Of one climb: the schedule the chunks are pauses of."""
    trainer: dict[str, dict[str, Json]] = Field(default_factory=dict)
    """By trainer, settings that serve so long a schedule; the run's own go before them."""


def names() -> dict[str, Path]:
    """Every task by its unique file name; the working folder's own win."""
    found: dict[str, Path] = {}
    for root in folders("envs"):
        for file in sorted(root.glob("*/*.py")):
            if file.name != "env.py":
                found.setdefault(file.stem, file)
    return found


def suites() -> dict[str, list[str]]:
    """Names of tasks by the tier and by every suite that their files name, in the order of their names."""
    found: dict[str, list[str]] = {}
    for name, file in sorted(names().items()):
        tier = _literals(file, ("TIER",)).get("TIER", "quick")
        for suite in dict.fromkeys([tier, *memberships(name)]):
            found.setdefault(suite, []).append(name)
    return found


def memberships(name: str) -> tuple[str, ...]:
    """The suites a task belongs to: SUITES of its file, such as ("eureka", "icpl"). UsageError where malformed."""
    file = names()[name]
    found = _literals(file, ("SUITES",)).get("SUITES", ())
    if not isinstance(found, tuple | list) or not all(isinstance(suite, str) for suite in found):
        raise UsageError(f'SUITES in {file} must be a tuple of names, such as ("eureka",); not {found!r}.')
    return tuple(found)


def find(name: str, params: Mapping[str, float | str] | None = None) -> Task:
    """The task of a file name. Raises UsageError with the nearest name when there is none."""
    known = names()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise UsageError(
            f"No task {name!r}.{hint} Shipped tasks: {', '.join(sorted(known))}."
            " For a Gymnasium environment use --env ID --goal TEXT."
        )
    file = known[name]
    env = env_file(file)
    facts = _literals(file, LITERALS)
    for needed in ("DESCRIPTION", "HORIZON", "BUDGET"):
        if needed not in facts:
            raise UsageError(f"Task file {file} lacks {needed}.")
    allowed = dict(facts.get("PARAMS", {}))
    for key in params or {}:
        if key not in allowed:
            raise UsageError(f"Task {name!r} has no parameter {key!r}. It has: {', '.join(allowed) or 'none'}.")
    settings = {**allowed, **(params or {})}
    _check(name, settings, facts)
    words = _words(facts, settings)
    world, paths = _world(env, file)
    return Task(
        name=name,
        sentence=facts["DESCRIPTION"].format(**words) if words else facts["DESCRIPTION"],
        env=file.parent.name,
        horizon=facts["HORIZON"],
        budget=facts["BUDGET"],
        params=settings,
        tier=facts.get("TIER", "quick"),
        trainer=facts.get("TRAINER", {}),
        **_climb(file, facts),
        world={
            **world,
            "env": worlds.hash_files([env, env.with_name("model.xml")]),
            "ending": _hash_ending(file),
            "params": settings,
            "horizon": facts["HORIZON"],
        },
        judge={"fitness": worlds.hash_files([file])},
        camera=_literals(env, ("CAMERA",)).get("CAMERA", {}) | facts.get("CAMERA", {}),
        paths={"env": str(env), "task": str(file), **paths},
    )


def env_file(task_file: Path) -> Path:
    """The env.py of a task file: beside it, else of the environment of that name elsewhere."""
    name = task_file.parent.name
    places = [task_file.parent, *(root / name for root in folders("envs"))]
    found = next((place / "env.py" for place in places if (place / "env.py").is_file()), None)
    if found is None:
        raise UsageError(f"{task_file} has no env.py: neither beside it nor in a shipped environment {name!r}.")
    return found


def _world(env: Path, task_file: Path) -> tuple[dict[str, Json], dict[str, str]]:
    """(world, paths) that are not the same for all: whether the physics are files or a Gymnasium id."""
    base, own = _literals(env, OVER_GYMNASIUM), _literals(task_file, OVER_GYMNASIUM)
    if "GYMNASIUM" not in base:
        return {"kind": "files"}, {}
    gym_id = str(own.get("GYMNASIUM", base["GYMNASIUM"]))
    imports = [*base.get("IMPORT", []), *own.get("IMPORT", [])]
    return worlds.gymnasium(gym_id, {**base.get("KWARGS", {}), **own.get("KWARGS", {})}, imports)


def _climb(file: Path, facts: Mapping[str, Json]) -> dict[str, Json]:
    """Curricula, goals and variants of a task file, where it has them. UsageError for what cannot be."""
    found = {part: facts.get(part.upper(), {}) for part in ("curricula", "goals", "variants")}
    if found["curricula"] and not found["goals"]:
        raise UsageError(f"Task file {file} has CURRICULA but no GOALS, so nobody knows where they lead.")
    try:
        starts = [Curriculum.model_validate(table).start for table in found["curricula"].values()]
    except ValidationError as error:
        problem = error.errors()[0]
        raise UsageError(f"CURRICULA in {file}: {problem['loc'][0]}: {problem['msg'].lower()}.") from None
    for params in [*starts, *found["goals"].values(), *found["variants"].values()]:
        if unknown := set(params) - set(facts.get("PARAMS", {})):
            raise UsageError(f"Task file {file} sets the parameter {min(unknown)!r}, which its PARAMS lacks.")
        _check(file.stem, params, facts)
    return found


def curricula(task: Task) -> dict[str, Curriculum]:
    """By name; the first is the one to take where nobody says otherwise."""
    return {name: Curriculum.model_validate(table) for name, table in task.curricula.items()}


def under(task: Task, params: Params) -> Task:
    """The task in the world of other parameters, which is yet to be measured."""
    settings = {**task.params, **params}
    world = {key: value for key, value in task.world.items() if key != "measured"}
    return task.model_copy(update={"params": settings, "world": {**world, "params": settings}})


def from_gymnasium(
    gym_id: str,
    goal: str,
    *,
    fitness: str | None,
    budget: int | None,
    kwargs: Mapping[str, Json] | None = None,
    imports: Sequence[str] = (),
) -> Task:
    """A task made of a registered Gymnasium id and a sentence; fitness from a file, or from info["success"].

    `kwargs` are what the id is made with, `imports` the packages (or .py files) that register it.
    """
    world, paths = worlds.gymnasium(gym_id, kwargs or {}, imports)
    judge: dict[str, Json] = {"fitness": "info"}
    if fitness is not None:
        file = Path(fitness).resolve()
        if not file.is_file():
            raise UsageError(f"No file {fitness} for --fitness. It must define fitness(trajectory) -> float.")
        paths["task"] = str(file)
        judge = {"fitness": worlds.hash_files([file])}
    words = "_".join([gym_id, *(value for value in (kwargs or {}).values() if isinstance(value, str))])
    return Task(
        name=re.sub(r"\W+", "_", words).lower(),
        sentence=goal,
        env=gym_id,
        horizon=0,
        budget=budget or GYM_BUDGET,
        world={**world, "reading": worlds.READING},
        judge=judge,
        paths=paths,
    )


def unwritten(file: Path, name: str) -> bool:
    """Whether a function of a file still is the placeholder that `reward-synth new` wrote."""
    body = next((n.body for n in _tree(file).body if isinstance(n, ast.FunctionDef) and n.name == name), [])
    return bool(body) and isinstance(body[-1], ast.Raise) and "NotImplementedError" in ast.unparse(body[-1])


def literals(file: Path) -> dict[str, Json]:
    """What a task file says without being run."""
    return _literals(file, LITERALS)


def state_fields(env: Path) -> list[str]:
    """Names in `class State` of an env.py."""
    kinds = [node for node in _tree(env).body if isinstance(node, ast.ClassDef) and node.name == "State"]
    fields = [node.target for kind in kinds for node in kind.body if isinstance(node, ast.AnnAssign)]
    return [field.id for field in fields if isinstance(field, ast.Name)]


def baseline(task: Task, kind: str) -> str | None:
    """Code of the task's `human` or `sparse` reward, where it ships one.

    A task worded in several ways may ship one for each: `pen_spin_human_clockwise.py` before `pen_spin_human.py`. One
    named for the environment serves all tasks there that have none of their own: `gridworld_human.py`.
    """
    if "env" not in task.paths:
        return None
    words = _words(_literals(Path(task.paths["task"]), ("CHOICES",)), task.params).values()
    names = [*(f"{task.name}_{kind}_{word}" for word in words), f"{task.name}_{kind}", f"{task.env}_{kind}"]
    files = [Path(task.paths["task"]).parent / "rewards" / f"{name}.py" for name in names]
    found = next((file for file in files if file.is_file()), None)
    return None if found is None or unwritten(found, "compute_reward") else found.read_text(encoding="utf-8")


def load(paths: Mapping[str, str], name: str) -> ModuleType | None:
    """Import env.py or the task file of a job (workers only)."""
    return plugins.load_file(Path(paths[name])) if name in paths else None


def _check(name: str, settings: Mapping[str, float | str], facts: Mapping[str, Json]) -> None:
    """Raises UsageError where a parameter is given what it cannot be."""
    for key, value in settings.items():
        usual = facts["PARAMS"][key]
        choices, limits = facts.get("CHOICES", {}).get(key), facts.get("RANGES", {}).get(key)
        if choices is not None and value not in choices:
            wanted = f"is one of {', '.join(map(str, choices))}"
        elif isinstance(value, str) != isinstance(usual, str):
            wanted = "is a text" if isinstance(usual, str) else "is a number"
        elif limits is not None and not limits[0] <= value <= limits[1]:
            wanted = f"lies between {limits[0]:g} and {limits[1]:g}"
        else:
            continue
        raise UsageError(f"{key} of task {name!r} {wanted}; not {value!r}.")


def _words(facts: Mapping[str, Json], settings: Mapping[str, float | str]) -> dict[str, str]:
    """Parameters that a task puts in words: choices that are not listed but mapped to what its sentence says."""
    worded = {key: words for key, words in facts.get("CHOICES", {}).items() if isinstance(words, dict)}
    return {key: words[settings[key]] for key, words in worded.items()}


def _literals(file: Path, wanted: tuple[str, ...]) -> dict[str, Json]:
    """Top-level constants of a file, read without running it."""
    found: dict[str, Json] = {}
    for node in _tree(file).body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        for target in targets:
            if isinstance(target, ast.Name) and target.id in wanted and getattr(node, "value", None) is not None:
                try:
                    found[target.id] = ast.literal_eval(node.value)  # type: ignore[attr-defined]
                except ValueError:
                    raise UsageError(f"{target.id} in {file} must be a literal, so it can be read unrun.") from None
    return found


def _tree(file: Path) -> ast.Module:
    try:
        return ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"{file} cannot be read: {error}.") from None


def _hash_ending(file: Path) -> str:
    """Names the task's own termination rule, the only code of a task file that touches training.

    Editing a fitness must not retrain anything; editing the ending must.
    """
    tree = _tree(file)
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return digest(ast.dump(tree)) if "terminated" in defined else ""
