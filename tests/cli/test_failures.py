"""Whatever goes wrong is one plain sentence with the cure, a non-zero exit, and nothing lost."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest
import server as fake
from program import ROOT, SMOKE, events, run, start


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "--task", "pen_spn"), "Did you mean 'pen_spin'"),
        (("run",), "--task NAME"),
        (("run", "--env", "Pendulum-v1"), "--goal"),
        (("run", "--env", "Pendulam-v1", "--goal", "x"), "Pendulum"),
        (("run", "--env", "Pendulum-v1", "--goal", "x", "--fitness", "none.py"), "No file none.py"),
        (("run", "--env", "Pendulum-v1", "--goal", "x", "--env-arg", "seed"), "--env-arg takes NAME=VALUE"),
        (("run", "--env", "Pendulum-v1", "--goal", "x", "--import", "no_such"), "No package 'no_such' for --import"),
        (("new", "mine"), "--env ID, or --on"),
        (("new", "mine", "--on", "hoper"), "No environment 'hoper'"),
        (("new", "pen_spin", "--on", "hopper"), "There is a task 'pen_spin' already"),
        (("run", *SMOKE, "--set", "serch.train_seeds=1"), "Did you mean 'search'"),
        (("run", *SMOKE, "--set", "trainer.hiden=1"), "Did you mean 'hidden'"),
        (("run", *SMOKE, "--set", "method.round=1"), "Did you mean 'rounds'"),
        (("run", *SMOKE, "--method", "eurek"), "Did you mean 'eureka'"),
        (("run", *SMOKE, "--model", "gpt-9"), "openai:gpt-9 or litellm:VENDOR/gpt-9"),
        (("run", *SMOKE, "--model", "claude-5.5"), "litellm:VENDOR/claude-5.5"),
        (("run", *SMOKE, "--model", "recorded:nowhere"), "needs a run folder"),
        (("run", *SMOKE, "--config", "none.toml"), "No file none.toml"),
        (("resume", "nothing"), "No run 'nothing'"),
    ],
)
def test_mistakes_get_one_sentence_and_the_cure(tmp_path, arguments, says):
    process = start(tmp_path, *arguments)
    _, err = process.communicate(timeout=60)
    assert process.returncode not in (0, 130)
    assert says in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 2, err


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    def obey() -> None:
        """Root gives up writing where modes forbid it (PR_CAPBSET_DROP of CAP_DAC_OVERRIDE)."""
        ctypes.CDLL(None).prctl(24, 1)

    tmp_path.chmod(0o555)
    process = start(tmp_path, "run", *SMOKE, before=obey)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "permission" in err.lower() and "Traceback" not in err


@pytest.mark.parametrize("text", ["preset = 'smoke", "[search\nracing = 1", "\xff\xfe"])
def test_a_broken_config_file_is_said_with_its_line(text, tmp_path):
    (tmp_path / "c.toml").write_bytes(text.encode("latin-1"))
    _, err = run(tmp_path, "run", "--config", "c.toml", code=2)
    assert "c.toml is not valid TOML" in err


def test_without_gl_there_is_no_video_but_all_else_and_the_cure(tmp_path):
    out, err = run(tmp_path, "run", *SMOKE, "--name", "r", "--set", "video=true", MUJOCO_GL="disabled")
    assert "apt-get install libegl1" in out + err
    assert not (tmp_path / "runs/r/best.mp4").exists()
    assert "best reward" in out and (tmp_path / "runs/r/report.html").exists()


ENDLESS = "import numpy as np\n\n\ndef compute_reward(state, action, next_state):\n    x = state.time\n    for i in range(9999):\n        x = x + np.sin(x[:, None] * np.ones(2000)).sum(axis=-1)\n    return x, {'x': x}"
ANSWERS = {
    "empty-answer": "",
    "no-code": "I would rather not say.",
    "no-entry-point": "```javascript\nfunction computeReward(state) { return 1 }\n```",
    "unclosed-block": "```python\ndef compute_reward(state, action, next_state):\n",
    "too-slow": f"```python\n{ENDLESS}\n```",
}


@pytest.mark.parametrize("rule", ANSWERS)
def test_a_useless_answer_is_a_finding_and_the_run_goes_on(rule, tmp_path):
    with fake.serving() as server:
        server.takes_n = False
        server.faults = [fake.says(ANSWERS[rule])]
        options = ("--model", "openai:tiny", "--set", f"model_options.base_url={server.url}")
        run(tmp_path, "run", *SMOKE, *options, "--name", "r", OPENAI_API_KEY="sk-0123456789")
    findings = [f for event in events(tmp_path / "runs/r") if event["event"] == "verdict" for f in event["findings"]]
    assert rule in [finding["rule"] for finding in findings]


def test_a_file_in_the_place_of_the_runs_folder_is_said(tmp_path):
    (tmp_path / "runs").write_text("")
    _, err = run(tmp_path, "run", *SMOKE, code=1)
    assert "Check the path" in err


def test_a_full_disk_is_said_and_loses_nothing(tmp_path):
    """RLIMIT_FSIZE stands in for the disk: writes beyond it fail as they do on a full one."""
    run(tmp_path, "run", *SMOKE, "--name", "one", "--budget-cpu-hours", "0.0001", code=3)
    program = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from eureka_cli.cli.main import main; sys.argv = ['reward-synth', 'resume', 'one', '--set', 'budget.cpu_hours=1'];"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    out, _ = run(tmp_path, "resume", "one", "--set", "budget.cpu_hours=1")
    assert "best reward" in out
