"""Make one registered Gymnasium environment, with the person's packages imported; every refusal names its cure."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import random
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from eureka_cli import plugins
from eureka_cli.core import Json
from eureka_cli.errors import UsageError

LATE_PACKAGES = ("gymnasium_robotics", "minigrid", "metaworld", "ale_py", "highway_env", "shimmy")
"""Packages whose ids appear only after an import."""
CURES = {
    "metaworld": "pip install 'reward-synth[worlds]'",
    "meta-world": "pip install 'reward-synth[worlds]'",
    "minigrid": "pip install 'reward-synth[worlds]'",
    "babyai": "pip install 'reward-synth[worlds]'",
    "box2d": "pip install 'reward-synth[worlds]'",
    "ale": "pip install ale-py",
}
"""What a name in an id or an error is installed with."""
MAKING_SEED = 0
"""Of the global generators while an environment is made: some draw their goals there, and copies must be alike."""


def create(gym_id: str, kwargs: Mapping[str, Json], packages: Sequence[str] = ()) -> Any:
    """One environment without time limit or checker; both are ours here. UsageError for what cannot be made."""
    bring_in(packages)
    spec = find(gym_id)
    seed_globally(MAKING_SEED)
    try:
        with _quiet():
            return gym.make(spec, max_episode_steps=-1, disable_env_checker=True, **kwargs)
    except ImportError as error:
        raise UsageError(f"{gym_id} cannot be made: {_sentence(error)} {_cure(str(error))}".strip()) from None
    except Exception as error:  # the package's own code: whatever it raises, it is about what was asked
        given = ", ".join(f"{key}={value}" for key, value in kwargs.items()) or "no arguments"
        cure = "Give what it needs as --env-arg NAME=VALUE (KWARGS in an env.py)."
        raise UsageError(f"{gym_id} cannot be made with {given}: {_sentence(error)} {cure}") from None


def find(gym_id: str) -> Any:
    """The registered spec. Packages that register on import only are tried."""
    try:
        return gym.spec(gym_id)
    except (gym.error.Error, ImportError) as error:
        first = error
    for package in LATE_PACKAGES:
        with contextlib.suppress(ImportError), _quiet():
            module = importlib.import_module(package)
            gym.register_envs(module)
    with contextlib.suppress(gym.error.Error, ImportError):
        return gym.spec(gym_id)
    close = difflib.get_close_matches(gym_id, gym.registry, n=1, cutoff=0.75)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    known = _cure(gym_id)
    cure = known or "Check the id; an id of your own package needs --import PACKAGE."
    said = "" if close or known else f" {_sentence(first)}"
    raise UsageError(f"No environment {gym_id!r} is registered.{said}{hint} {cure}") from None


def bring_in(packages: Sequence[str]) -> None:
    """Import the person's packages (a name or a file), so that their ids are registered."""
    for package in packages:
        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        try:
            if package.endswith(".py"):
                module = plugins.load_file(Path(package))
                sys.modules[module.__name__] = module  # ids name their class as module:Class
            else:
                importlib.import_module(package)
        except ImportError as error:
            cure = "Install it, or run where it lies."
            raise UsageError(f"--import {package} failed: {_sentence(error)} {cure}") from None
        except Exception as error:  # the person's own code
            raise UsageError(f"--import {package} failed: {type(error).__name__}: {_sentence(error)}") from None


def seed_globally(seed: int) -> None:
    """The generators that packages without one of their own draw from."""
    np.random.seed(seed % 2**32)
    random.seed(seed)


@contextlib.contextmanager
def _quiet() -> Any:
    """Notices that packages print or warn of while they are imported or made."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _cure(about: str) -> str:
    found = next((cure for word, cure in CURES.items() if word in about.lower()), "")
    return f"Try: {found}." if found else ""


def _sentence(error: BaseException) -> str:
    """An error's first line, ended."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0].split(" was raised from the environment")[0]
    return text if text.endswith((".", "!", "?")) else f"{text}."
