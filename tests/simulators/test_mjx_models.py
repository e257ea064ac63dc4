"""What is said of MJX before anything runs, without JAX; and, where JAX is, that MJX says so too."""

from __future__ import annotations

import mujoco
import pytest

from eureka_cli import tasks
from eureka_cli.simulators import mjx_models

BODY = "<body pos='0 0 1'><freejoint/><geom type='{shape}' size='.1 .1 .1'/></body>"


def model(shape: str = "sphere", option: str = "", more: str = "", ground: str = "plane", sensor: str = ""):
    return mujoco.MjModel.from_xml_string(
        f"<mujoco>{option}<worldbody><geom type='{ground}' size='1 1 1'/>{BODY.format(shape=shape)}{more}</worldbody>"
        f"<sensor>{sensor}</sensor></mujoco>"
    )


LACKING = [
    (model(), ""),
    (model(option="<option integrator='implicit'/>"), "implicit integrator"),
    (model(option="<option integrator='implicitfast' density='1'/>"), "drag of a fluid"),
    (model(option="<option solver='PGS'/>"), "PGS solver"),
    (model("box", ground="cylinder"), "contacts of cylinder and box"),
    (model(sensor="<e_kinetic/>"), "e_kinetic sensor"),
]


@pytest.mark.parametrize(("mj_model", "lacks"), LACKING)
def test_what_mjx_lacks_is_named(mj_model, lacks):
    assert lacks in next(mjx_models.unknown(mj_model), "")


@pytest.mark.parametrize(("mj_model", "lacks"), LACKING)
def test_mjx_itself_says_the_same(mj_model, lacks):
    pytest.importorskip("jax")
    mjx = pytest.importorskip("mujoco.mjx")
    if not lacks:
        mjx.put_model(mj_model, impl="jax")
        return
    with pytest.raises(NotImplementedError):
        mjx.put_model(mj_model, impl="jax")


def test_shipped_tasks_fit():
    found = {name: mjx_models.fit(tasks.find(name)).physics for name in ("cheetah_run", "ant_run", "pen_spin")}
    assert found == {"cheetah_run": "same", "ant_run": "near", "pen_spin": "near"}


def test_a_world_that_differs_by_episode_does_not_fit():
    fit = mjx_models.fit(tasks.find("pen_spin", {"randomise": 1.0}))
    assert fit.physics == "no" and "world of its own" in fit.why
