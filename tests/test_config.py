from __future__ import annotations

import pytest

from eureka_cli import config
from eureka_cli.errors import ConfigError


def test_flags_win_over_the_file_and_set_over_flags(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('task = "a"\nseed = 1\n[search]\ntrain_seeds = 4\n[method]\nrounds = 9\n')
    found = config.load(file, {"seed": 2, "task": None, "method.samples": 3}, ["search.train_seeds=5", "model=builtin"])
    assert (found.task, found.seed, found.search.train_seeds) == ("a", 2, 5)
    assert found.method == {"rounds": 9, "samples": 3}


def test_presets_lie_below_everything():
    paper = config.load(None, {"preset": "paper"}, [])
    assert paper.method == {"rounds": 5, "samples": 16}
    assert (paper.search.racing, paper.search.train_seeds) == ("off", 1)
    assert config.load(None, {"preset": "paper", "method.rounds": 2}, []).method["rounds"] == 2


@pytest.mark.parametrize(
    ("assignments", "says"),
    [
        (["serch.train_seeds=3"], "Did you mean 'search'"),
        (["search.train_seed=3"], "Did you mean 'train_seeds'"),
        (["search.train_seeds=0"], "search.train_seeds"),
        (["search.racing=fast"], "search.racing"),
        (["search.race_rungs=0.4"], "search.race_rungs.*shares of the budget that rise"),
        (["search.race_rungs=[]"], "racing=off stops nobody"),
        (["search.race_rungs=[0.4, 0.2]"], "such as"),
        (["search.race_rungs=[0.4, 0.4]"], "such as"),
        (["search.race_rungs=[0.05, 0.2]"], "from 0.1"),
        (["search.race_rungs=[0.2, 1.0]"], "below 1"),
        (["search.race_rungs=[nan]"], "such as"),
        (["search.race_rungs=['half']"], "such as"),
        (["search.race_ties=-1"], "search.race_ties"),
        (["seed=-1"], "seed"),
        (["search"], "key=value"),
        (["task.x=1", "task=1"], "task"),
        (["preset=huge"], "No preset"),
    ],
)
def test_every_mistake_names_its_key(assignments, says):
    with pytest.raises(ConfigError, match=says):
        config.load(None, {}, assignments)


def test_broken_and_missing_files_are_said(tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("seed = = 1")
    with pytest.raises(ConfigError, match="not valid TOML"):
        config.load(broken, {}, [])
    with pytest.raises(ConfigError, match="No file"):
        config.load(tmp_path / "none.toml", {}, [])
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid TOML"):
        config.load(broken, {}, [])
