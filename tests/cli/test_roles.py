"""Text2Reward and Auto MC-Reward as a person runs them: what models and people are asked, and that nothing is lost."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

from program import answering, assert_nothing_finished_was_run_again, events, facts, run, start

from eureka_cli import combiners

CART = (
    "--task",
    "cartpole_balance",
    "--preset",
    "smoke",
    "--cores",
    "1",
    "--set",
    "critic.bank=false",
    "--name",
    "one",
)
TEXT2REWARD = ("run", *CART, "--method", "text2reward", "--set", "method.shots=2")


def prompts(folder: Path) -> dict[str, str]:
    """All that was asked of the model, by slot."""
    records = [json.loads(file.read_text()) for file in sorted((folder / "llm").rglob("*.json"))]
    return {r["slot"]: "\n".join(message["content"] for message in r["messages"]) for r in records}


def killed_once(tmp_path: Path, moment: Path, *arguments: str) -> None:
    """Start a run and kill it as soon as `moment` lies there."""
    process = start(tmp_path, *arguments)
    while not moment.exists():
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_words_of_a_person_refine_the_reward_across_a_kill(tmp_path):
    arguments = (*TEXT2REWARD, "--set", "method.feedback_rounds=1")
    folder = tmp_path / "runs/one"
    question = folder / "asks/text2reward/round-1/words.question.json"
    killed_once(tmp_path, question, *arguments)
    shots = (folder / "shots.json").read_text()
    assert len(json.loads(shots)) == 2 and "pole_angle" not in shots
    told = json.loads(question.read_text())
    assert "steps on average" in told["options"][0]["says"] and "fitness" not in question.read_text()
    run(tmp_path, "answer", "one", "--words", "let the cart tremble less")
    run(tmp_path, *arguments)
    asked = prompts(folder)
    first, second = (asked[f"text2reward/round-{number}/sample-1/attempt-0"] for number in (1, 2))
    assert "class Pole:" in first and "Example 2" in first and "def observe" not in first
    assert "After training, I can see that" in second and "let the cart tremble less" in second
    assert "fitness" not in second.rpartition("After training")[2]
    assert_nothing_finished_was_run_again(folder)
    assert (folder / "shots.json").read_text() == shots
    assert not list((tmp_path / "runs").glob("*/shots.json.*"))


def test_without_words_it_is_refined_by_what_the_policy_did_and_comes_out_the_same_after_a_kill(tmp_path):
    arguments = (*TEXT2REWARD, "--set", "method.feedback_rounds=1", "--person", "simulated:0")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir(), cut.mkdir()
    run(whole, *arguments)
    killed_once(cut, cut / "runs/one/people/text2reward/round-1/words.json", *arguments)
    run(cut, *arguments)
    assert facts(whole / "runs/one") == facts(cut / "runs/one")
    assert "Feedback of the person" not in prompts(cut / "runs/one")["text2reward/round-2/sample-1/attempt-0"]


def test_three_roles_talk_and_deaths_in_lava_are_told(tmp_path):
    size = ("--preset", "smoke", "--cores", "1", "--set", "critic.bank=false", "--set", "search.evaluation_episodes=4")
    arguments = ("run", "--task", "craft_lava_cross", "--method", "mcreward", *size, "--name", "one", "--json")
    folder = tmp_path / "runs/one"
    killed_once(tmp_path, folder / "llm/mcreward/round-1/analysis.json", *arguments)
    out, _ = run(tmp_path, *arguments)
    assert_nothing_finished_was_run_again(folder)
    asked = prompts(folder)
    assert any(slot.startswith("mcreward/round-1/sample-1/review-") for slot in asked)
    analysis = asked["mcreward/round-1/analysis"]
    assert "Episode 1 of 4: failed." in analysis and "lava deaths" in analysis and "def fitness" not in analysis
    assert "INSTRUCTION: Let" in asked["mcreward/round-2/sample-1/attempt-0"]
    best = json.loads(out)
    assert all(0 <= row["extras"]["lava_deaths"] <= 1 for row in best["others"])
    assert "Measured besides, of the best reward: lava deaths" in (folder / "report.html").read_text()
    for event in events(folder):
        if event["event"] == "verdict" and event["accepted"]:
            code = (folder / "candidates" / f"{event['candidate']}.py").read_text()
            assert combiners.declared(code) == combiners.Combine("signs")


PLAIN = """One idea.

```python
def compute_reward(state, action, next_state):
    upright = -next_state.pole_angle**2
    return upright, {"upright": upright}
```
"""
SIGNS = PLAIN.replace("def compute", 'COMBINE = "signs"\n\n\ndef compute').replace(
    'upright, {"upright": upright}', '{"sparse": 0.0 * upright, "dense": upright - upright * 0.9}'
)


def test_a_reward_that_makes_its_own_total_goes_back_to_the_designer(tmp_path):
    def answer(question: str, number: int) -> str:
        if "VERDICT: ACCEPT" in question.rpartition("Review your reward")[2]:
            return "VERDICT: ACCEPT"
        return SIGNS if "other-combine" in question else PLAIN

    with answering(tmp_path / "runs/one/asks", answer):
        run(tmp_path, "run", *CART, "--method", "mcreward", "--model", "exchange", "--rounds", "1", "--samples", "1")
    verdicts = [e for e in events(tmp_path / "runs/one") if e["event"] == "verdict"]
    assert [finding["rule"] for finding in verdicts[0]["findings"]] == ["other-combine"]
    assert verdicts[-1]["accepted"]
