"""The pages on adding tasks do what they say: files are written as shown, commands run as shown."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.glob("adding-*.md"))
TINY = ("--preset", "smoke", "--rounds", "1", "--set", "critic.bank=false", "--set", "trainer.num_envs=4")
LONGEST = 60


def blocks(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)


def follow(page: Path, cli, folder: Path, *, train: bool) -> list[str]:
    """Do what the page says, in order; its `run` commands on a tiny budget."""
    told = []
    for kind, text in blocks(page):
        if kind == "python":
            first, rest = text.split("\n", 1)
            file = folder / first.removeprefix("# ")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(rest)
            continue
        for line in text.splitlines():
            _, *words = shlex.split(line)
            if words[0] != "run":
                told.append(cli(*words).stdout)
            elif train:
                told.append(cli(*words, *TINY).stdout)
    return told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_short_and_its_files_pass_the_checks(page, cli, tmp_path):
    assert len(page.read_text().splitlines()) < LONGEST
    assert any("all checks passed" in text for text in follow(page, cli, tmp_path, train=False))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_leads_to_a_trained_reward(page, cli, tmp_path):
    assert "best reward" in follow(page, cli, tmp_path, train=True)[-1]
