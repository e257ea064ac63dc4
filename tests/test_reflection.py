"""What is told about trials that did not go alike."""

from eureka_cli import reflection
from eureka_cli.core import Finding, Trial


def test_a_trial_that_failed_between_rungs_has_a_shorter_curve():
    failure = Finding(rule="not-finite", message="NaN")
    whole = Trial(candidate="a", seed=0, job="j", steps=40, curve={"fitness": (1.0, 2.0, 3.0, 4.0)})
    cut = Trial(candidate="a", seed=1, job="k", steps=20, curve={"fitness": (3.0, 4.0)}, failure=failure)
    assert reflection.fitness_curve([whole, cut]) == [2.0, 3.0]
