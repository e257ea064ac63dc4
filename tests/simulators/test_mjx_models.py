"""What is said of MJX before anything runs, without JAX; and, where JAX is, that MJX says so too."""

from __future__ import annotations

import mujoco
import pytest

from eureka_cli import tasks
from eureka_cli.simulators import mjx_models

SAME = (
    "cartpole_balance cheetah_backwards cheetah_run delayed_cheetah delayed_reacher hopper_back_flip hopper_forward"
    " hopper_front_flip hopper_hop hopper_jump quadcopter_hover reacher_reach"
).split()
"""Of the shipped tasks; test_mjx.py holds each to it."""
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


def test_what_differs_is_told():
    near = {name: mjx_models.fit(tasks.find(name)) for name in ("ant_run", "ball_balance", "pen_spin")}
    assert {fit.physics for fit in near.values()} == {"near"}
    assert "capsule" in near["ant_run"].why and "Meshes" in near["pen_spin"].why
    assert "sphere and cylinder" in near["ball_balance"].why


def test_the_tasks_that_are_compared_with_mjx_are_those_said_to_be_the_same():
    fits = {name: mjx_models.fit(tasks.find(name)) for name in tasks.names()}
    assert {name for name, fit in fits.items() if fit.physics == "same"} == set(SAME)
    assert all(fit.why for fit in fits.values() if fit.physics != "same")


def test_a_world_that_differs_by_episode_does_not_fit():
    fit = mjx_models.fit(tasks.find("pen_spin", {"randomise": 1.0}))
    assert fit.physics == "no" and "world of its own" in fit.why
