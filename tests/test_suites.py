"""What a suite file says, and what it may not."""

from __future__ import annotations

import pytest

from eureka_cli import suites, tasks
from eureka_cli.errors import UsageError

SUITE = """
tasks = ["hopper_hop", "cartpole_balance"]
models = { none = "builtin", claude = "recorded:answers/{task}/{seed}" }
seeds = [3, 1]
[settings]
preset = "smoke"
search.confirm_seeds = 3
[budget]
usd = 2
[[override]]
task = "cartpole_balance"
model = "claude"
settings.method.samples = 1
"""


def load(tmp_path, text, flags=None, assignments=()):
    file = tmp_path / "s.toml"
    file.write_text(text)
    return suites.load(file, flags or {}, assignments)


def test_every_combination_is_a_run_of_its_own_name_with_all_seeds_of_one_number_first(tmp_path):
    cells = suites.cells(load(tmp_path, SUITE))
    assert [cell.name for cell in cells[:4]] == [
        "hopper_hop-eureka-none-s3",
        "hopper_hop-eureka-claude-s3",
        "cartpole_balance-eureka-none-s3",
        "cartpole_balance-eureka-claude-s3",
    ]
    assert len(cells) == 8 and [cell.seed for cell in cells] == [3] * 4 + [1] * 4
    assert {cell.arm for cell in cells} == {"eureka, none", "eureka, claude"}


def test_settings_reach_every_run_overrides_those_they_match_and_places_are_filled_in(tmp_path):
    cells = {cell.name: cell.config for cell in suites.cells(load(tmp_path, SUITE, {}, ["video=true"]))}
    assert {config.search.confirm_seeds for config in cells.values()} == {3}
    assert all(config.video and config.budget.steps == 4096 and config.budget.usd is None for config in cells.values())
    assert [name for name, config in cells.items() if config.method["samples"] == 1] == [
        "cartpole_balance-eureka-claude-s3",
        "cartpole_balance-eureka-claude-s1",
    ]
    assert cells["hopper_hop-eureka-claude-s1"].model == "recorded:answers/hopper_hop/1"


def test_flags_win_over_the_file(tmp_path):
    suite = load(tmp_path, SUITE, {"tasks": ["reacher_reach"], "seeds": [7], "models": [], "budget.steps": 9}, [])
    with_models = load(tmp_path, SUITE, {"models": ["builtin"], "tasks": None})
    assert suite.tasks == ("reacher_reach",) and suite.seeds == (7,) and suite.budget.steps == 9
    assert suite.budget.usd == 2 and with_models.models == {"builtin": "builtin"}


def test_it_is_read_back_as_it_was_written(tmp_path):
    suite = load(tmp_path, SUITE)
    suites.write(tmp_path / "sweep", suite)
    assert suites.read(tmp_path / "sweep") == suite


def test_tiers_and_the_suites_that_task_files_name_stand_for_their_tasks(tmp_path, monkeypatch):
    folder = tmp_path / "envs" / "own"
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text('TIER = "long"\nSUITES = ("classic", "other")\n')
    monkeypatch.chdir(tmp_path)
    found = tasks.suites()
    assert found["long"] == found["classic"] == found["other"] == ["mine"]
    assert "hopper_hop" in found["quick"] and "cartpole_balance" in found["smoke"]
    assert suites.load(None, {"tasks": ["classic", "mine"]}, []).tasks == ("mine",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tasks = ['hopper_hop", "s.toml is not valid TOML"),
        ("", "Which tasks?"),
        ("tasks = []", "tasks"),
        ("tasks = 'hopper_hop'", "Setting 'tasks'"),
        ("tasks = ['hoper_hop']", "Did you mean 'hopper_hop'"),
        ("tasks = ['quik']", "Did you mean 'quick'"),
        ("tasks = ['smoke']\nmethod = ['eureka']", "Did you mean 'methods'"),
        ("tasks = ['smoke']\nmethods = ['eurka']", "Did you mean 'eureka'"),
        ("tasks = ['smoke']\nseeds = [-1]", "seed"),
        ("tasks = ['smoke']\nsettings = 5", "Setting 'settings'"),
        ("tasks = ['smoke']\n[settings]\nseed = 1", "list it under 'seeds'"),
        ("tasks = ['smoke']\n[settings]\nserch.confirm = 1", "Did you mean 'search'"),
        ("tasks = ['smoke']\n[settings]\npreset = 3", "No preset 3"),
        ("tasks = ['smoke']\n[budget]\ndollars = 1", "Unknown setting 'budget.dollars'"),
        ("tasks = ['smoke']\n[[override]]\ntask = 'hoper_hop'\nsettings = {}", "Did you mean 'hopper_hop'"),
        ("tasks = ['smoke']\n[[override]]\nmodel = 'bultin'\nsettings = {}", "Did you mean 'builtin'"),
        ("tasks = ['smoke']\nmodels = ['a:b', 'a/b']", "Two models would share folders"),
    ],
)
def test_mistakes_are_one_sentence_with_the_cure(text, says, tmp_path):
    with pytest.raises(UsageError) as error:
        suites.cells(load(tmp_path, text))
    assert says in str(error.value) and "\n" not in str(error.value)
