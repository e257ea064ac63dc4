from __future__ import annotations

import pytest

from eureka_cli.config import Critic
from eureka_cli.core import Finding
from eureka_cli.critics.levels import weigh

WARNING = Finding(rule="jump", message="m", severity="warning")
ERROR = Finding(rule="pays-tremble", message="m")
REMARK = Finding(rule="not-the-sum", message="m", severity="warning")


def severities(critic, *findings):
    return {finding.rule: finding.severity for finding in weigh(findings, "bank", critic)}


def test_standard_keeps_what_each_test_said():
    assert severities(Critic(), WARNING, ERROR) == {"jump": "warning", "pays-tremble": "error"}


def test_strict_refuses_what_is_doubtful_but_not_what_is_a_remark():
    assert severities(Critic(level="strict"), WARNING, REMARK) == {"jump": "error", "not-the-sum": "warning"}


@pytest.mark.parametrize("level", ["standard", "strict"])
def test_a_rule_of_ones_own_wins_over_the_level(level):
    critic = Critic(level=level, rules={"jump": "off", "pays-tremble": "warn", "not-the-sum": "refuse"})
    assert severities(critic, WARNING, ERROR, REMARK) == {"pays-tremble": "warning", "not-the-sum": "error"}


def test_every_finding_knows_its_stage():
    assert {finding.stage for finding in weigh([WARNING, ERROR], "bank", Critic())} == {"bank"}
