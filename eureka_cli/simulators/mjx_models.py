"""Which models MJX computes, and how like the official physics. Without JAX, so that it can be said before anything.

What MJX takes is what `mujoco.mjx.put_model` of 3.11 checks, written down; putting the model says the last word.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Literal, NamedTuple

import mujoco
import numpy as np

from eureka_cli import tasks
from eureka_cli.core import Task
from eureka_cli.simulators.mujoco_batch import compile_model, model_file

MOST_CONTACTS = 12
"""Of one kind (condim) at a time in a model with meshes. The pen has at most 7, measured over random behaviour."""
MOST_VERTICES = 32
"""Of a mesh's convex hull: MJX tests every face and edge of both."""
INTEGRATORS = ("EULER", "RK4", "IMPLICITFAST")
SENSORS = """MAGNETOMETER CAMPROJECTION RANGEFINDER JOINTPOS TENDONPOS ACTUATORPOS BALLQUAT FRAMEPOS FRAMEXAXIS
FRAMEYAXIS FRAMEZAXIS FRAMEQUAT SUBTREECOM CLOCK VELOCIMETER GYRO JOINTVEL TENDONVEL ACTUATORVEL BALLANGVEL
FRAMELINVEL FRAMEANGVEL SUBTREELINVEL SUBTREEANGMOM TOUCH CONTACT ACCELEROMETER FORCE TORQUE ACTUATORFRC JOINTACTFRC
TENDONACTFRC FRAMELINACC FRAMEANGACC""".split()
EQUALITIES = ("CONNECT", "WELD", "JOINT", "TENDON")
APART = frozenset(
    (first, second)
    for first, others in {
        "HFIELD": ("ELLIPSOID", "CYLINDER"),
        "ELLIPSOID": ("BOX", "MESH"),
        "CYLINDER": ("BOX", "MESH"),
    }.items()
    for second in others
)
"""Shapes MJX finds no contacts between, in MuJoCo's order."""
ROUND = frozenset(("SPHERE", "CAPSULE", "ELLIPSOID", "CYLINDER"))
SEARCHED = frozenset(("ELLIPSOID", "CYLINDER"))
"""What MJX knows as a signed distance alone: a contact of one with ROUND is the end of a short gradient descent."""


class Fit(NamedTuple):
    """How MJX does with a task."""

    physics: Literal["same", "near", "no"]
    """`same`: no difference is known; `near`: one is, told why; `no`: it cannot compute it."""
    why: str


def fit(task: Task) -> Fit:
    """Reads and runs the task's env.py, compiles its model."""
    if task.world["kind"] != "files":
        return Fit("no", "MJX needs an env.py with a model of its own, which a Gymnasium id has not.")
    env = tasks.load(task.paths, "env")
    assert env is not None
    if hasattr(env, "advance"):
        return Fit("no", "MJX needs a MuJoCo model, which a world of arrays has not.")
    if getattr(env, "DISCRETE", 0):
        return Fit("no", "mjx_ppo trains continuous actions only.")
    mj_model = compile_model(env, task.params)
    if hasattr(env, "vary") and env.vary(np, np.full((1, env.VARIED), 0.5), mj_model, task.params):
        return Fit("no", "Every episode has a world of its own, which MJX would have to compile.")
    given = gpu_model(env, task.params, mj_model)
    lacking = next(unknown(given), "")
    if lacking:
        return Fit("no", f"MJX has no {lacking}.")
    differences = list(differing(mj_model))
    return Fit("near", " ".join(differences)) if differences else Fit("same", "")


def gpu_model(env: ModuleType, params: Mapping[str, Any], mj_model: Any) -> Any:
    """The model as MJX can compute it. Without meshes: the very same.

    MJX knows no contact margins of meshes, so where there are meshes there are none; and it solves for every pair of
    geoms that might touch, every face of them: only the MOST_CONTACTS deepest of a kind are kept, hulls are coarser.
    """
    if not mj_model.nmesh:
        return copy.copy(mj_model)
    spec = env.model(params) if hasattr(env, "model") else mujoco.MjSpec.from_file(model_file(env))
    for geom in spec.geoms:
        geom.margin = geom.gap = 0.0
    for mesh in spec.meshes:
        mesh.maxhullvert = MOST_VERTICES
    spec.add_numeric(name="max_contact_points", data=[MOST_CONTACTS], size=1)
    return spec.compile()


def unknown(mj_model: Any) -> Iterator[str]:
    """What of a model MJX cannot compute."""
    options, mj = mj_model.opt, mujoco
    integrator = _named(mj.mjtIntegrator, options.integrator)
    if integrator not in INTEGRATORS:
        yield f"{integrator.lower()} integrator"
    if integrator == "IMPLICITFAST" and (options.density > 0 or options.viscosity > 0 or options.wind.any()):
        yield "drag of a fluid with the implicitfast integrator"
    if options.solver not in (mj.mjtSolver.mjSOL_CG, mj.mjtSolver.mjSOL_NEWTON):
        yield f"{_named(mj.mjtSolver, options.solver)} solver"
    if mj_model.nflex:
        yield "flexible bodies"
    for kind, values, known in (
        (mj.mjtSensor, mj_model.sensor_type, SENSORS),
        (mj.mjtEq, mj_model.eq_type, EQUALITIES),
    ):
        for name in sorted({_named(kind, value) for value in values} - set(known)):
            yield f"{name.lower()} {'sensor' if kind is mj.mjtSensor else 'equality'}"
    for first, second in sorted({_shapes(mj_model, a, b) for a, b in touching(mj_model)} & APART):
        yield f"contacts of {first.lower()} and {second.lower()}"


def differing(mj_model: Any) -> Iterator[str]:
    """What MJX computes otherwise than MuJoCo, in sentences."""
    if mj_model.nmesh:
        yield (
            f"Meshes are coarser (hulls of {MOST_VERTICES} vertices), without contact margins, and only the"
            f" {MOST_CONTACTS} deepest contacts of a kind are kept."
        )
    pyramids = mj_model.opt.cone == mujoco.mjtCone.mjCONE_PYRAMIDAL
    free = (mj_model.jnt_type == mujoco.mjtJoint.mjJNT_FREE).any()
    if pyramids and free and any(_shapes(mj_model, a, b) == ("PLANE", "CAPSULE") for a, b in touching(mj_model)):
        yield "Under a capsule that stands steeply on a plane the friction pyramid is turned otherwise."
    for first, second in sorted({_shapes(mj_model, a, b) for a, b in touching(mj_model)}):
        if first in ROUND and second in SEARCHED:
            yield (
                f"Where {first.lower()} and {second.lower()} touch is searched for in ten steps, not computed,"
                " so contacts are off by millimetres in depth and by degrees in direction."
            )


def touching(mj_model: Any) -> Iterator[tuple[Any, Any]]:
    """Pairs of geoms that may touch, by kind and body; exclusions that a model names are not looked at."""
    kind, sought = mj_model.geom_contype, mj_model.geom_conaffinity
    welded = mj_model.body_weldid[mj_model.geom_bodyid]
    above = mj_model.body_weldid[mj_model.body_parentid]
    geoms = np.flatnonzero(kind | sought)
    for i, a in enumerate(geoms):
        for b in geoms[i + 1 :]:
            one, other = welded[a], welded[b]
            near = one and other and (above[one] == other or above[other] == one)
            if one != other and not near and (kind[a] & sought[b] or kind[b] & sought[a]):
                yield a, b


def _shapes(mj_model: Any, a: int, b: int) -> tuple[str, str]:
    first, second = sorted(mj_model.geom_type[[a, b]])
    return _named(mujoco.mjtGeom, first), _named(mujoco.mjtGeom, second)


def _named(kind: Any, value: Any) -> str:
    """EULER of mjINT_EULER."""
    return str(kind(int(value)).name).partition("_")[2]
