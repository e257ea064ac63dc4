"""Videos of a policy. Without a GL library there is none, and the cure is said; fitness never depends on it."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from eureka_cli import overlay
from eureka_cli.core import Array, Simulator
from eureka_cli.errors import UsageError
from eureka_cli.evaluator import Act
from eureka_cli.overlay import Panel

SIZE = 320
"""Pixels a side; a multiple of 16 keeps every player happy."""
MOST_FRAMES_PER_S = 25
PICTURES, PICTURE_SIZE = 6, 200
GL_CURE = (
    "MuJoCo found no GL library. Install one: apt-get install libegl1 libgl1-mesa-dri (or libosmesa6),"
    " then `reward-synth resume` renders it."
)
VIDEO_CURE = "imageio-ffmpeg is not installed. Install it: pip install 'reward-synth[video]'."
PANEL_CURE = "Pillow is not installed. Install it: pip install 'reward-synth[video]'."


def told_video(
    make: Callable[[], Simulator], act: Act, *, seed: int, camera: Mapping[str, Any], file: Path, film: Path | None
) -> tuple[int, str]:
    """A video with what the reward paid beside it, as `film` says; frames, and why there is no panel.

    Whatever is wrong with the panel costs the panel, never the video.
    """
    why = "nothing is known of the filmed episode"
    if film is not None:
        try:
            panel = overlay.panel(overlay.read(film), SIZE)
            return video(make(), act, seed=seed, camera=camera, file=file, panel=panel), ""
        except UsageError:
            raise  # no GL, no encoder: without them there is no plain video either
        except ImportError:
            why = PANEL_CURE
        except Exception as error:  # drawing numbers of any size and names of any kind
            why = f"the panel could not be drawn: {error}"
    return video(make(), act, seed=seed, camera=camera, file=file), why


def video(
    simulator: Simulator, act: Act, *, seed: int, camera: Mapping[str, Any], file: Path, panel: Panel | None = None
) -> int:
    """Write one deterministic episode as mp4, `panel` to its right; returns the number of frames."""
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        raise UsageError(VIDEO_CURE)
    import imageio_ffmpeg

    every = max(1, round(1 / (simulator.dt * MOST_FRAMES_PER_S)))
    rate = 1 / (simulator.dt * every)
    size = (SIZE if panel is None else 2 * SIZE, SIZE)
    writer = imageio_ffmpeg.write_frames(str(file), size, fps=rate, quality=6, macro_block_size=16)
    writer.send(None)
    count = 0
    try:
        for frame in _frames(simulator, act, seed, camera, every):
            beside = [] if panel is None else [panel(count * every)]
            writer.send(np.ascontiguousarray(np.concatenate([frame, *beside], axis=1)))
            count += 1
    finally:
        writer.close()
    return count


def strip(movie: Path, frames: int, picture: Path) -> None:
    """Write pictures of a video without its panel, evenly spaced in time, side by side as one PNG."""
    import imageio_ffmpeg

    every = max(1, frames // PICTURES)
    look = f"select=not(mod(n\\,{every})),crop={SIZE}:{SIZE}:0:0,scale={PICTURE_SIZE}:-1,tile={min(PICTURES, frames)}x1"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", "-i", str(movie)]
    subprocess.run([*command, "-vf", look, "-frames:v", "1", str(picture)], check=True, capture_output=True)


def _frames(simulator: Simulator, act: Act, seed: int, camera: Mapping[str, Any], every: int) -> Iterator[Array]:
    _, observation = simulator.reset(np.array([seed], np.uint64))
    draw, close = _renderer(simulator, camera)
    try:
        for step_number in range(simulator.horizon):
            step = simulator.step(act(observation))
            observation = step.observation
            if step.terminated[0] or step.truncated[0]:
                return
            if step_number % every == 0:
                yield draw()
    finally:
        close()


def _renderer(simulator: Any, camera: Mapping[str, Any]) -> tuple[Any, Any]:
    """(draw, close): through MuJoCo where there is a model, else as the world paints itself."""
    if getattr(simulator, "picture", lambda: None)() is not None:
        return lambda: _scaled(simulator.picture()), lambda: None
    if not hasattr(simulator, "physics"):
        raise UsageError("This environment cannot be drawn here.")
    import mujoco
    from mujoco.rendering.classic import gl_context

    mj_model, _ = simulator.physics()
    data = mujoco.MjData(mj_model)
    os.environ.setdefault("MUJOCO_GL", gl_backend())
    try:
        importlib.reload(gl_context)  # MuJoCo chose when it was imported, long before anybody wanted a picture
        renderer = mujoco.Renderer(mj_model, SIZE, SIZE)
    except (mujoco.FatalError, AttributeError, ImportError, RuntimeError) as error:
        raise UsageError(GL_CURE) from error
    view = mujoco.MjvCamera()
    mujoco.mjv_defaultFreeCamera(mj_model, view)
    for name, value in camera.items():
        if name == "track":  # a body the camera follows
            view.type, view.trackbodyid = mujoco.mjtCamera.mjCAMERA_TRACKING, mj_model.body(value).id
        else:
            setattr(view, name, value)

    def draw() -> Array:
        _, qpos = simulator.physics()
        data.qpos[:] = qpos
        mujoco.mj_forward(mj_model, data)
        renderer.update_scene(data, view)
        pixels: Array = renderer.render()
        return pixels

    return draw, renderer.close


def _scaled(pixels: Array) -> Array:
    """(SIZE, SIZE, 3) of (h, w, 3) blocks as large as fit, in the middle of black."""
    block = SIZE // max(pixels.shape[:2])
    large = pixels.repeat(block, axis=0).repeat(block, axis=1)
    frame = np.zeros((SIZE, SIZE, 3), np.uint8)
    top, left = (SIZE - large.shape[0]) // 2, (SIZE - large.shape[1]) // 2
    frame[top : top + large.shape[0], left : left + large.shape[1]] = large
    return frame


def gl_backend() -> str:
    """The way MuJoCo can draw here: a screen, else EGL, else OSMesa."""
    if os.environ.get("DISPLAY"):
        return "glfw"
    try:
        ctypes.CDLL("libEGL.so.1")
    except OSError:
        return "osmesa"
    return "egl"


def gl_works() -> bool:
    """Whether MuJoCo can draw here; tried in a process of its own, since a GL failure may abort."""
    program = "import mujoco; mujoco.Renderer(mujoco.MjModel.from_xml_string('<mujoco/>'), 16, 16).close()"
    environment = {"MUJOCO_GL": gl_backend(), **os.environ}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    return done.returncode == 0
