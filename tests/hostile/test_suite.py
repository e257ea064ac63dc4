"""Every hostile reward twice: as a candidate would be judged, and with lint and the short list of builtins gone."""

from __future__ import annotations

import ast
import base64

import numpy as np
import pytest

from eureka_cli.core import Finding, Rewards
from eureka_cli.critics.lint import lint
from tests.hostile import suite

HOSTILE = [file for category in suite.CATEGORIES for file in suite.files(category)]
HONEST = suite.files("honest")


def named(file):
    return f"{file.parent.name}-{file.stem}"


@pytest.fixture(scope="module")
def witness(zygote):
    with suite.something_to_steal():
        honest = suite.Witness(zygote)
        yield honest
        honest.close()


def check_no_harm(outcome, witness):
    assert outcome.stage == "harmless" or outcome.rules
    assert suite.traces() == []
    assert suite.leaks(outcome) == []
    assert outcome.inputs_kept
    assert witness.is_unmoved()
    for finding in outcome.findings:
        assert finding.message.isprintable()
        assert len(finding.message) <= 800


@pytest.mark.parametrize("file", HOSTILE, ids=named)
def test_hostile_rewards_are_refused_or_fail_or_are_known_to_be_harmless(zygote, witness, file):
    outcome = suite.run(zygote, file.read_text(), with_lint=True)
    check_no_harm(outcome, witness)
    assert (outcome.stage == "harmless") == (file.stem in suite.HARMLESS)


@pytest.mark.parametrize("file", HOSTILE, ids=named)
def test_hostile_rewards_do_no_harm_with_lint_and_builtins_off(zygote, witness, file):
    check_no_harm(suite.run(zygote, file.read_text(), with_lint=False), witness)


@pytest.mark.slow
@pytest.mark.parametrize("file", HOSTILE, ids=named)
def test_hostile_rewards_do_no_harm_to_the_tracer_or_through_it(zygote, witness, file):
    pytest.importorskip("jax")
    check_no_harm(suite.run_traced(zygote, file.read_text()), witness)


@pytest.mark.parametrize("file", HONEST, ids=named)
def test_honest_rewards_pass_every_stage(zygote, file):
    outcome = suite.run(zygote, file.read_text(), with_lint=True)
    assert outcome.stage == "harmless", outcome.findings
    assert all(np.isfinite(rewards.total).all() for rewards in outcome.said)


@pytest.mark.parametrize("file", HONEST, ids=named)
def test_lint_refuses_no_honest_reward(file):
    assert [found for found in lint(file.read_text(), fields=suite.FIELDS) if found.severity == "error"] == []


@pytest.mark.parametrize("file", [*HOSTILE, *HONEST], ids=named)
def test_every_remark_says_where_what_why_and_how_else(file):
    code = file.read_text()
    for finding in lint(code, fields=suite.FIELDS):
        assert finding.rule
        assert finding.message
        assert finding.cure
        if finding.line is not None:
            assert finding.code
            assert finding.code in code.splitlines()[finding.line - 1]


@pytest.mark.parametrize("file", [*HOSTILE, *HONEST], ids=named)
def test_the_first_line_says_what_it_tries(file):
    first = file.read_text().splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith(".")


@pytest.mark.parametrize("way", ["error", "name", "numbers", "bytes", "hex", "base64"])
def test_a_leak_would_be_noticed(way):
    secret = suite.CANARY.encode()
    outcome = suite.Outcome("harmless")
    column = np.zeros(64)
    if way == "numbers":
        column[: len(secret)] = list(secret)
    elif way == "bytes":
        column[:2] = np.frombuffer(secret[:16])
        secret = secret[:16]
    told = {"hex": secret.hex(), "base64": base64.b64encode(b"x" * 3 + secret).decode()}.get(way, suite.CANARY)
    if way in ("error", "hex", "base64"):
        outcome.findings = (Finding(rule="raised", message=f"ValueError: {told}"),)
    outcome.said = [Rewards(column, {suite.CANARY if way == "name" else "plain": column}, None)]
    assert suite.leaks(outcome)
    assert suite.leaks(suite.Outcome("harmless", said=[Rewards(np.arange(64.0), {"plain": np.zeros(64)}, None)])) == []


def test_a_trace_would_be_noticed(monkeypatch, tmp_path):
    with suite.something_to_steal():
        assert suite.traces() == []
        (tmp_path / "secret.txt").write_text("changed")
        (tmp_path / "kept.txt").symlink_to(suite.WATCHED / "kept.txt")
        (tmp_path / "new").touch()
        monkeypatch.setattr(suite, "WATCHED", tmp_path)
        assert sorted(suite.traces()) == ["kept.txt", "new", "secret.txt"]


def test_the_shelf_is_full():
    assert len(HOSTILE) >= 90
    assert len(HONEST) >= 45
    codes = [ast.dump(ast.parse(file.read_text())) for file in HONEST]
    assert len(set(codes)) == len(codes)
