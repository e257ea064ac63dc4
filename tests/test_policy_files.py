"""Policies from elsewhere: read as data, acting as where they come from."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pytest

from eureka_cli import policies, policy_exports
from eureka_cli.core import Spaces
from eureka_cli.errors import UsageError
from eureka_cli.policies import Policy
from eureka_cli.policy_files import acting

SEEN = np.random.default_rng(1).normal(size=(40, 5)).astype(np.float32) * 20  # some beyond where they are cut off


def made(*, discrete: bool = False, squashed: bool = False, activation: str = "tanh") -> Policy:
    rng = np.random.default_rng(0)

    def draw(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    shapes = [(5, 7), (7, 4), (4, 3)]
    weights, biases = tuple(draw(*shape) for shape in shapes), tuple(draw(shape[1]) for shape in shapes)
    spread = np.abs(draw(5)) + 0.1
    return Policy(weights, biases, draw(3), draw(5), spread, discrete, activation, squashed)  # type: ignore[arg-type]


KINDS = [{}, {"discrete": True}, {"squashed": True, "activation": "relu"}]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["zip", "onnx"])
def test_what_is_written_for_others_acts_the_same(kind, form, tmp_path):
    pytest.importorskip({"zip": "stable_baselines3", "onnx": "onnxruntime"}[form])
    policy, file = made(**kind), tmp_path / f"p.{form}"
    (policy_exports.to_sb3 if form == "zip" else policy_exports.to_onnx)(policy, file)
    act = acting(file, Spaces(5, 3, policy.discrete))
    assert np.allclose(act(SEEN), policies.act(policy, SEEN), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_stable_baselines3_itself_acts_the_same_with_what_is_written_for_it(kind, tmp_path):
    sb3 = pytest.importorskip("stable_baselines3")
    policy = made(**kind)
    policy_exports.to_sb3(policy, tmp_path / "p.zip")
    model = (sb3.TD3 if policy.squashed else sb3.PPO).load(tmp_path / "p.zip", device="cpu")
    seen = np.clip((SEEN - policy.mean) / policy.std, -10, 10)
    assert np.allclose(model.predict(seen, deterministic=True)[0], policies.act(policy, SEEN), atol=1e-4)


@pytest.mark.parametrize(
    ("algorithm", "gym_id"),
    [
        ("PPO", "Pendulum-v1"),
        ("A2C", "CartPole-v1"),
        ("SAC", "Pendulum-v1"),
        ("TD3", "Pendulum-v1"),
        ("DQN", "CartPole-v1"),
    ],
)
def test_a_strangers_save_acts_as_its_own_library_says(algorithm, gym_id, tmp_path):
    sb3 = pytest.importorskip("stable_baselines3")
    import torch

    how = {"activation_fn": torch.nn.ReLU} if algorithm == "PPO" else {}
    model = getattr(sb3, algorithm)("MlpPolicy", gym_id, policy_kwargs={"net_arch": [8, 8], **how}, seed=0)
    model.save(tmp_path / "s.zip")
    space = model.action_space
    discrete = hasattr(space, "n")
    size = model.observation_space.shape[0]
    act = acting(tmp_path / "s.zip", Spaces(size, int(space.n) if discrete else space.shape[0], discrete))
    seen = np.random.default_rng(0).normal(size=(30, size)).astype(np.float32)
    theirs = model.predict(seen, deterministic=True)[0]
    ours = act(seen) if discrete else act(seen) * 2.0  # the pendulum's torque lies in [-2, 2]
    assert np.allclose(ours, theirs, atol=1e-5)


class Bomb:
    """Leaves a file when it is unpickled."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return (open, (self.mark, "w"))


def zipped(file, members):
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_a_pickle_in_a_save_is_never_run(tmp_path):
    pytest.importorskip("stable_baselines3")
    import base64
    import pickle

    import torch

    mark = tmp_path / "opened"
    policy_exports.to_sb3(made(), tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    poison = base64.b64encode(pickle.dumps(Bomb(mark))).decode()
    data = json.loads(held["data"])
    data["policy_class"] = {":type:": "x", ":serialized:": poison}
    held["data"] = json.dumps(data).encode()
    harmless = tmp_path / "data.zip"
    zipped(harmless, held)
    acting(harmless, Spaces(5, 3))  # its JSON is read, what is serialized in it is left alone
    assert not mark.exists()
    buffer = io.BytesIO()
    torch.save({"action_net.weight": Bomb(mark)}, buffer)
    mark.unlink(missing_ok=True)
    held["policy.pth"] = buffer.getvalue()
    harmful = tmp_path / "weights.zip"
    zipped(harmful, held)
    with pytest.raises(UsageError, match="no Stable-Baselines3 policy"):
        acting(harmful, Spaces(5, 3))
    assert not mark.exists()


def test_what_is_no_policy_is_said_in_a_sentence(tmp_path):
    pytest.importorskip("torch")
    for name in ("p.zip", "p.npz"):
        (tmp_path / name).write_bytes(b"PK nonsense")
        with pytest.raises(UsageError):
            acting(tmp_path / name, Spaces(5, 3))
    policies.save(tmp_path / "q.npz", made())
    with pytest.raises(UsageError, match="sees 5 numbers and has 3 actions"):
        acting(tmp_path / "q.npz", Spaces(6, 3))


def test_without_onnxruntime_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    (tmp_path / "p.onnx").write_bytes(b"x")
    with pytest.raises(UsageError, match=r"pip install 'reward-synth\[onnx\]'"):
        acting(tmp_path / "p.onnx", Spaces(5, 3))
