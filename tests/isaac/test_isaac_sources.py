"""What a model sees of a task written for Isaac Gym, and the stand-in that tells its shapes."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from program import run, start

from eureka_cli.errors import UsageError
from eureka_cli.isaac import shapes, source

HERE = Path(__file__).parent
REACH = HERE / "reach.py"
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed (extra isaac)"
)


def on_stand_in(program: str) -> subprocess.CompletedProcess[str]:
    start = f"import sys, warnings; warnings.simplefilter('ignore'); sys.path.insert(0, {str(source.STUBS)!r})\n"
    return subprocess.run([sys.executable, "-c", start + program], capture_output=True, text=True, check=False)


def test_observation_code_is_shown_and_reward_and_step_are_not():
    seen = source.read(REACH.read_text())
    assert seen.task == "Reach"
    assert seen.code.startswith("class Reach(VecTask):\n")
    assert all(
        f"def {name}(" in seen.code for name in ("compute_observations", "compute_full_state", "reach_observations")
    )
    assert "# m" in seen.code and "# type: (Tensor" in seen.code
    hidden = ("compute_reward", "compute_reach_reward", "post_physics_step", "secret_bonus", "create_sim", "jit.script")
    assert not any(name in seen.code for name in hidden)
    assert seen.attributes[:3] == ("tip_pos", "root_states", "tip_rot")
    assert not {"gym", "sim", "compute_full_state"} & set(seen.attributes)
    assert seen.functions["quat_axis"].startswith("quat_axis(q: Tensor, axis: int")


def test_the_shown_code_is_python():
    compile(source.read(REACH.read_text()).code, "shown", "exec")


@pytest.mark.parametrize(("text", "says"), [("def f(:", "does not parse"), ("class A:\n    pass", "no class with")])
def test_what_is_no_task_is_told_in_a_sentence(text, says):
    with pytest.raises(UsageError, match=says):
        source.read(text, "x.py")


@needs_torch
def test_shapes_come_from_making_the_task():
    found = shapes.measure(REACH)
    told = {name: (about.shape, about.dtype) for name, about in found.tensors.items()}
    assert found.stopped == ""
    assert told["tip_pos"] == (("num_envs", "3"), "float32")
    assert told["obs_buf"] == (("num_envs", "13"), "float32")
    assert told["touch"] == (("num_envs", "12"), "float32")
    assert told["dof_pos"] == (("num_envs", "3"), "float32")  # as many as actions, and 13 observations then fit
    assert told["reset_buf"] == (("num_envs",), "int64")
    assert told["speed_scale"] == ((), "float")
    assert found.absent == ("notinstalled",)


@needs_torch
def test_a_task_that_breaks_tells_its_line_and_what_was_known_by_then(tmp_path):
    text = REACH.read_text().replace("self.tip_pos = self.root_states[:, 0:3]", "self.tip_pos = 1 / 0")
    file = tmp_path / "broken.py"
    file.write_text(text)
    found = shapes.measure(file)
    assert "ZeroDivisionError" in found.stopped and found.stopped.startswith("line ")
    assert found.tensors["dof_pos"].shape == ("num_envs", "dofs")


@needs_torch
def test_context_prints_code_and_shapes_and_nothing_of_our_environment_reaches_the_file(tmp_path):
    file = tmp_path / "reach.py"
    file.write_text("import os\nassert 'SECRET_KEY' not in os.environ\n" + REACH.read_text())
    out, _ = run(tmp_path, "context", str(file), SECRET_KEY="x")
    assert source.read(REACH.read_text()).code in out
    assert re.search(r"self.tip_pos +\(num_envs, 3\) float32", out)
    assert "empty modules stood in: notinstalled" in out


def test_context_without_shapes_runs_nothing_of_the_file(tmp_path):
    file = tmp_path / "reach.py"
    file.write_text("raise SystemExit\n" + REACH.read_text())
    facts = json.loads(run(tmp_path, "context", str(file), "--no-shapes", "--json")[0])
    assert facts["tensors"]["tip_pos"] is None
    assert facts["code"] == source.read(REACH.read_text()).code


@needs_torch
def test_quaternions_are_isaac_gyms_and_simulating_says_what_is_missing():
    """The maths against rotation matrices made from the definition, x y z w."""
    program = """
import numpy as np, torch, json
from isaacgym import gymapi, torch_utils as u
from isaacgymenvs.utils import torch_jit_utils
assert torch_jit_utils.quat_mul is u.quat_mul
rng = np.random.default_rng(0)
def unit(): 
    q = torch.tensor(rng.normal(size=(50, 4))); return q / q.norm(dim=-1, keepdim=True)
def matrix(q):
    x, y, z, w = q.unbind(-1)
    rows = [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), 2 * (x * y + z * w),
            1 - 2 * (x * x + z * z), 2 * (y * z - x * w), 2 * (x * z - y * w), 2 * (y * z + x * w),
            1 - 2 * (x * x + y * y)]
    return torch.stack(rows, -1).view(-1, 3, 3)
def same(a, b): assert torch.allclose(a, b, atol=1e-9), (a - b).abs().max()
a, b, v = unit(), unit(), torch.tensor(rng.normal(size=(50, 3)))
same(u.quat_apply(a, v), (matrix(a) @ v[..., None])[..., 0])
same(u.quat_rotate_inverse(a, u.quat_rotate(a, v)), v)
same(matrix(u.quat_mul(a, b)), matrix(a) @ matrix(b))
same(u.quat_axis(a, 1), matrix(a)[:, :, 1])
r, p, y = u.get_euler_xyz(a)
same(matrix(u.quat_from_euler_xyz(r, p, y)), matrix(a))
assert (r >= 0).all() and (r < 2 * np.pi).all()
angle, axis = u.quat_to_angle_axis(a)
same(matrix(u.quat_from_angle_axis(angle, axis)), matrix(a))
same(u.quat_diff_rad(a, a), torch.zeros(50, dtype=torch.double))
q, t = u.tf_combine(*u.tf_inverse(a, v), a, v)
same(t, torch.zeros_like(t)); same(q.abs()[:, 3], torch.ones(50, dtype=torch.double))
lower, upper = -torch.ones(3), 2 * torch.ones(3)
same(u.unscale(u.scale(v, lower, upper), lower, upper), v)
g = gymapi.Quat.from_axis_angle(gymapi.Vec3(0, 0, 1), np.pi / 2)
turned = gymapi.Transform(gymapi.Vec3(1, 0, 0), g).transform_point(gymapi.Vec3(1, 0, 0))
assert abs(turned.x - 1) < 1e-12 and abs(turned.y - 1) < 1e-12
print("same")
gym = gymapi.acquire_gym()
gym.simulate(gym.create_sim())
"""
    done = on_stand_in(program)
    assert done.stdout.strip() == "same", done.stderr
    assert "cannot simulate: install NVIDIA's Isaac Gym" in done.stderr.splitlines()[-1]


@needs_torch
def test_a_real_isaac_gym_wins(tmp_path):
    """Here a package that says who was asked."""
    package = tmp_path / "isaacgym"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('the real one')")
    arguments = [str(source.STUBS), str(REACH), "Reach", "compute_observations", "{}"]
    program = (
        f"import runpy, sys\nsys.path.insert(0, {str(tmp_path)!r})\nsys.argv[1:] = {arguments}\n"
        f"runpy.run_path({str(shapes.PROGRAM)!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "the real one" in json.loads(done.stdout)["stopped"], done.stderr


def states(file: Path, **changed: object) -> Path:
    rng = np.random.default_rng(0)
    turn = rng.normal(size=(32, 4))
    arrays = {
        "tip_pos": rng.normal(size=(32, 3)),
        "tip_rot": turn / np.linalg.norm(turn, axis=-1, keepdims=True),
        "goal": np.zeros((32, 3)),
        "weights/near": 2.0,
        "weights/up": 0.5,
        "sharp": 1.5,
    }
    np.savez(file, **{**arrays, **changed})
    return file


@needs_torch
def test_score_prints_statistics_of_every_component(tmp_path):
    file = states(tmp_path / "states.npz")
    said = json.loads(run(tmp_path, "score", str(HERE / "reach_reward.py"), "--states", str(file), "--json")[0])
    near = np.exp(-np.linalg.norm(np.load(file)["tip_pos"], axis=-1) * 1.5)
    assert list(said["statistics"]) == ["total", "near", "upright"]
    assert said["statistics"]["near"]["mean"] == pytest.approx(near.mean(), rel=1e-5)
    assert "seccomp" in said["isolation"]
    assert said["findings"] == []


@needs_torch
def test_score_runs_a_function_of_another_name_that_gives_the_total_alone(tmp_path):
    reward = tmp_path / "human.py"
    text = REACH.read_text()
    reward.write_text("import torch\n" + text[text.rindex("@torch.jit.script") :])
    file = tmp_path / "s.npz"
    np.savez(file, tip_pos=np.ones((8, 3)), goal=np.ones((8, 3)), speed_scale=1.0)
    out, _ = run(tmp_path, "score", str(reward), "--states", str(file), "--entry", "compute_reach_reward")
    assert "total" in out and " 1 " in out


@pytest.mark.parametrize(
    ("reward", "arrays", "says"),
    [
        ("import torch\ndef compute_reward(a, b):\n    return a + b\n", {"a": np.ones(4)}, "takes b"),
        ("import torch\ndef compute_reward(a):\n    return a\n", {"a": np.float64(1)}, "no array with rows"),
        ("import torch\ndef compute_reward(a):\n    return torch.load(a)\n", {"a": np.ones(4)}, "torch.load"),
        ("import torch\ndef other(a):\n    return a\n", {"a": np.ones(4)}, "--entry"),
    ],
)
def test_what_cannot_be_scored_is_told_in_a_sentence(tmp_path, reward, arrays, says):
    (tmp_path / "r.py").write_text(reward)
    np.savez(tmp_path / "s.npz", **arrays)
    out, err = start(tmp_path, "score", "r.py", "--states", "s.npz").communicate(timeout=60)
    assert says in out + err
    assert "Traceback" not in err
