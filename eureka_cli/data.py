"""Where prompts/ and envs/ lie: the working folder first, then the copy that ships with the program."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def folders(name: str) -> list[Path]:
    """Existing folders called `name` (`prompts` or `envs`), the person's own first."""
    shipped = Path(str(files("eureka_cli"))) / "_data" / name
    if not shipped.is_dir():  # a checkout: the folders stand beside the package
        shipped = Path(__file__).resolve().parent.parent / name
    own = Path.cwd() / name
    return [folder for folder in dict.fromkeys((own, shipped)) if folder.is_dir()]
