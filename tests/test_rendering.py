from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eureka_cli import overlay, plugins, rendering
from eureka_cli.errors import UsageError
from eureka_cli.simulators import mujoco_batch

ROOT = Path(__file__).parent.parent


def world(tmp_path):
    env = plugins.load_file(ROOT / "envs/cartpole/env.py")
    return mujoco_batch.make(env, task=None, params={}, horizon=50, num_envs=1, cache=tmp_path)


def nothing(observation):
    return np.zeros((1, 1))


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)  # ffmpeg's pipes
@pytest.mark.skipif(not rendering.gl_works(), reason="no GL library on this machine")
def test_a_video_shows_something_that_moves(tmp_path):
    import imageio_ffmpeg

    file = tmp_path / "v.mp4"
    frames = rendering.video(world(tmp_path), nothing, seed=0, camera={}, file=file)
    assert frames >= 20
    reader = imageio_ffmpeg.read_frames(str(file))
    next(reader)
    images = [np.frombuffer(frame, np.uint8).astype(float) for frame in reader]
    assert images[0].std() > 5
    assert np.abs(images[-1] - images[0]).max() > 50
    rendering.strip(file, frames, tmp_path / "s.png")
    header = (tmp_path / "s.png").read_bytes()[:24]
    assert header[1:4] == b"PNG"
    assert (int.from_bytes(header[16:20]), int.from_bytes(header[20:24])) == (6 * 200, 200)


def film(tmp_path, steps=50):
    file = tmp_path / "film.npz"
    paid = np.linspace(-1, 1, steps)
    np.savez(file, own=paid, truth=np.full(steps, 1 / steps), **{"component/an endless name of a component": paid})
    return file


def test_the_panel_shows_the_step_it_is_asked_for(tmp_path):
    panel = overlay.panel(overlay.read(film(tmp_path)), 320)
    early, late = panel(3), panel(45)
    assert early.shape == late.shape == (320, 320, 3) and early.dtype == np.uint8
    assert (early != late).any()
    unknown = dict(overlay.read(film(tmp_path)), truth=np.full(50, np.nan))  # a fitness of whole episodes only
    assert (overlay.panel(unknown, 320)(3) != early).any()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(not rendering.gl_works(), reason="no GL library on this machine")
@pytest.mark.parametrize(("steps", "width"), [(50, 640), (5, 320)])
def test_a_panel_that_fails_costs_the_panel_and_not_the_video(tmp_path, steps, width):
    import imageio_ffmpeg

    file = tmp_path / "v.mp4"
    count, why = rendering.told_video(
        lambda: world(tmp_path), nothing, seed=0, camera={}, file=file, film=film(tmp_path, steps)
    )
    assert count >= 20
    assert ("could not be drawn" in why) == (width == 320)
    reader = imageio_ffmpeg.read_frames(str(file))
    assert next(reader)["size"] == (width, 320)
    reader.close()


def test_without_gl_the_cure_is_said(tmp_path, monkeypatch):
    import mujoco

    def fails(*arguments):
        raise RuntimeError("no GL")

    monkeypatch.setattr(mujoco, "Renderer", fails)
    with pytest.raises(UsageError, match="apt-get install"):
        rendering.video(world(tmp_path), nothing, seed=0, camera={}, file=tmp_path / "v.mp4")
