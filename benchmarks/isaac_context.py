"""Isaac Gym task files of a checkout of Eureka: does `context` name what their hand-made copies name, do rewards run?

    git clone https://github.com/eureka-research/Eureka
    python benchmarks/isaac_context.py Eureka

For each of eureka/envs/*/*.py: the share of the names in its hand-made *_obs.py that our observation code holds, the
attributes whose shape the stand-in for Isaac Gym tells, and whether the file's own reward (compute_success, as Eureka
renamed the human one) runs in the sandbox's torch profile on random states of those shapes, with lint's word on it.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from eureka_cli.critics import lint_torch
from eureka_cli.errors import RewardFailure
from eureka_cli.isaac import shapes, source
from eureka_cli.sandbox.torch_process import TorchProcess, Zygote

REWARD = "compute_success"
ROWS = 64
EXTENTS = {"num_envs": ROWS, "dofs": 24, "bodies": 67, "?": 24}
"""What unknown extents are taken for; 24 joints are the Shadow hand's."""
PLAIN = {"float": 1.0, "int": 1, "bool": False, "str": "cpu"}


def names(code: str) -> set[str]:
    """Every name in a piece of code: variables, attributes, arguments, functions, classes."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        found |= {
            getattr(node, part) for part in ("id", "attr", "arg", "name") if isinstance(getattr(node, part, 0), str)
        }
    return found


def extent(text: str) -> int:
    """`3 bodies` as a number."""
    count, _, name = text.rpartition(" ")
    return int(text) if text.isdecimal() else int(count or 1) * EXTENTS[name]


def random(name: str, about: shapes.Tensor, rng: np.random.Generator) -> Any:
    """A value of an attribute's shape and kind; unit quaternions where the name says rotation."""
    if about.dtype in PLAIN:
        return PLAIN[about.dtype]
    shape = tuple(extent(part) for part in about.shape)
    if "int" in about.dtype or about.dtype == "bool":
        return np.zeros(shape, about.dtype)
    values = np.asarray(rng.normal(size=shape), np.float32)
    turns = shape[-1:] == (4,) and ("rot" in name or "quat" in name)
    return values / np.linalg.norm(values, axis=-1, keepdims=True) if turns else values


def arguments(tree: ast.Module, reward: ast.FunctionDef, seen: shapes.Shapes) -> dict[str, Any]:
    """Random arguments of the reward, of the shapes of what the task hands it. ValueError where one is not known."""
    rng = np.random.default_rng(0)
    known = {name: random(name, about, rng) for name, about in seen.tensors.items()}
    # All tasks have the first, of this shape; one stops before it is made.
    task = SimpleNamespace(**{"consecutive_successes": np.zeros(1), **known, "num_envs": ROWS})
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == REWARD]
    handed = dict(zip((a.arg for a in reward.args.args), calls[0].args, strict=True)) if calls else {}
    local = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    values = {}
    for name in (argument.arg for argument in reward.args.args):
        expression = handed.get(name, ast.Name(name))
        expression = local.get(expression.id, expression) if isinstance(expression, ast.Name) else expression
        keys = sorted(dictionary_keys(reward, name))
        try:  # as the task's own line gives it: `self.obs_buf[:, 2]`, `self.object_type == "pen"`
            values[name] = dict.fromkeys(keys, 1.0) if keys else eval(ast.unparse(expression), {"self": task})
        except (AttributeError, NameError) as error:
            raise ValueError(str(error)) from None
    return values


def dictionary_keys(reward: ast.FunctionDef, name: str) -> Iterator[str]:
    for node in ast.walk(reward):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == name and isinstance(node.slice, ast.Constant):
            yield node.slice.value


def reward_code(text: str, tree: ast.Module) -> str:
    """The reward and the functions of the file it calls, as they stand there."""
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    wanted = [REWARD]
    for name in wanted:
        called = {
            n.func.id for n in ast.walk(functions[name]) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        }
        wanted += sorted((called & set(functions)) - set(wanted))
    lines = text.splitlines()
    parts = []
    for name in reversed(wanted):
        node = functions[name]
        start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        parts.append("\n".join(lines[start - 1 : node.end_lineno]))
    return "\n\n\n".join(parts) + "\n"


def ran(text: str, seen: shapes.Shapes, zygote: Zygote) -> str:
    """What became of the file's own reward."""
    tree = ast.parse(text)
    code = reward_code(text, tree)
    refused = lint_torch.check(code, entry=REWARD)
    if refused:
        return f"lint: {refused[0].rule}"
    reward = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == REWARD)
    try:
        with TorchProcess(zygote, code, arguments(tree, reward, seen), rows=ROWS, entry=REWARD) as process:
            total = process.score().total
    except RewardFailure as failure:
        return f"{failure.finding.rule}: {failure.finding.message}"
    except ValueError as error:
        return f"no states: {error}"
    return f"ran, {total.min():.3g} to {total.max():.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path, help="a clone of eureka-research/Eureka")
    folder = parser.parse_args().checkout / "eureka" / "envs"
    files = [file for file in sorted(folder.glob("*/*.py")) if not file.stem.endswith("_obs")]
    if not files:
        raise SystemExit(f"No task files in {folder}: give a clone of github.com/eureka-research/Eureka.")
    print("| Task | Names of the hand-made copy we have | Attributes with a shape | The file's reward |")
    print("| --- | --- | --- | --- |")
    zygote = Zygote.start(torch=True)
    for file in files:
        text = file.read_text()
        ours, theirs = source.read(text), names(file.with_name(f"{file.stem}_obs.py").read_text())
        seen = shapes.measure(file)
        known = sum(name in seen.tensors for name in ours.attributes)
        had = len(theirs & names(ours.code))
        outcome = ran(text, seen, zygote)
        print(f"| {file.stem} | {had} of {len(theirs)} | {known} of {len(ours.attributes)} | {outcome} |", flush=True)
    zygote.close()


if __name__ == "__main__":
    main()
