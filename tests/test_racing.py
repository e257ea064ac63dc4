"""Who goes on in a race, on fitness made up for the purpose; real races are in cli/test_races.py."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eureka_cli import racing
from eureka_cli.core import Score, Trial
from eureka_cli.racing import Standing

RUNGS = (0.2, 0.4)


class Course:
    """Candidates whose standing at each share is known beforehand, and what a race does with them."""

    def __init__(self, *standings, failing=()):
        self.standings, self.failing = standings, failing
        self.reached, self.stops = dict.fromkeys(range(len(standings)), 0.0), []

    def at(self, name, share):
        found = self.standings[name]
        return found[share] if isinstance(found, dict) else found

    def measure(self, names, share):
        self.reached.update(dict.fromkeys(names, share))
        return {name: self.at(name, share) for name in names if (name, share) not in self.failing}

    def run(self, *, rungs=RUNGS, ties=0.0, floor=1):
        names = range(len(self.standings))
        return racing.halve(
            names, self.measure, lambda *stop: self.stops.append(stop), rungs=rungs, ties=ties, floor=floor
        )


def sure(*fitness):
    return [Standing(value, 0.0) for value in fitness]


@pytest.mark.parametrize(
    ("count", "floor", "at_the_end"),
    [(1, 2, 1), (2, 2, 2), (2, 1, 1), (3, 2, 2), (3, 1, 1), (5, 2, 2), (5, 1, 2), (16, 2, 4), (16, 6, 6), (16, 16, 16)],
)
def test_half_stops_at_each_rung_until_as_many_are_left_as_are_to_be_confirmed(count, floor, at_the_end):
    course = Course(*sure(*range(count)))
    assert sorted(course.run(floor=floor)) == list(range(count))[-at_the_end:]
    assert sum(course.reached.values()) == pytest.approx(racing.trainings(count, RUNGS, floor))


def test_a_rung_that_would_stop_nobody_is_no_pause():
    course = Course(*sure(1, 2, 3, 4))
    course.run(floor=2)
    assert sorted(course.reached.values()) == [0.2, 0.2, 1.0, 1.0]
    paused = []
    racing.halve(
        [0, 1],
        lambda names, share: paused.append(share) or course.measure(names, share),
        print,
        rungs=RUNGS,
        ties=0,
        floor=2,
    )
    assert paused == [1.0]


def test_no_rungs_no_race():
    course = Course(*sure(1, 2, 3, 4))
    assert course.run(rungs=()) == [0, 1, 2, 3]


def test_equal_fitness_is_a_tie_whatever_the_noise():
    assert len(Course(*sure(1, 1, 1, 1)).run()) == 4
    assert sorted(Course(*sure(0, 1, 1, 1)).run()) == [1, 2, 3]


def test_who_cannot_be_told_from_the_bar_stays_by_as_many_standard_errors_as_asked():
    near = [Standing(10, 3), Standing(9, 3), Standing(5, 4), Standing(1, 0)]
    assert Course(*near).run(floor=2, rungs=(0.2,)) == [0, 1]
    assert Course(*near).run(floor=2, rungs=(0.2,), ties=1.0) == [0, 1, 2]  # 4 below, error of the difference 5
    assert Course(*near).run(floor=2, rungs=(0.2,), ties=3.0) == [0, 1, 2, 3]


def test_the_log_is_told_where_each_stood_and_at_which_bar():
    course = Course(*sure(1, 2, 3, 4))
    course.run(floor=2)
    assert course.stops == [(0, 0.2, Standing(1, 0), Standing(3, 0)), (1, 0.2, Standing(2, 0), Standing(3, 0))]


def test_who_fails_never_goes_on_and_is_not_counted_among_the_field():
    course = Course(*sure(9, 1, 2, 3, 4), failing=[(0, 0.2)])
    assert course.run(floor=2) == [3, 4]
    assert 0 not in {name for name, *_ in course.stops}


def test_the_best_of_the_stopped_take_the_place_of_those_that_fail_later():
    course = Course(*sure(1, 2, 3, 4), failing=[(3, 1.0), (2, 1.0)])
    assert course.run(floor=2) == [1, 0]
    assert Course(*sure(1, 2, 3, 4), failing=[(3, 1.0)]).run(floor=2) == [2, 1]


@pytest.mark.parametrize("share", [0.2, 0.4, 1.0])
def test_a_round_that_fails_whole_ends_with_nobody(share):
    failing = [(name, at) for name in range(5) for at in (0.2, 0.4, 1.0) if at >= share]
    assert Course(*sure(1, 2, 3, 4, 5), failing=failing).run() == []
    assert Course().run() == []


numbers = st.floats(-1e6, 1e6)
standings = st.builds(Standing, numbers, st.floats(0, 1e6))
courses = st.lists(st.fixed_dictionaries({0.2: standings, 0.4: standings, 1.0: standings}), min_size=1, max_size=16)


@settings(deadline=None)  # no timed asserts
@given(courses, st.floats(0, 3), st.integers(1, 6))
def test_whatever_happens(standings, ties, floor):
    course = Course(*standings)
    done = course.run(ties=ties, floor=floor)
    assert len(done) >= min(len(standings), floor)
    stopped = {name: share for name, share, *_ in course.stops}
    assert sorted([*done, *stopped]) == list(range(len(standings)))
    for share in RUNGS:
        field = [name for name, reached in course.reached.items() if reached >= share]
        best = max(field, key=lambda name: course.at(name, share), default=None)
        assert stopped.get(best) != share
    for _, _, at, bar in course.stops:
        assert at.fitness < bar.fitness
    saved = sum(1 - share for share in stopped.values())
    assert saved + sum(course.reached.values()) == pytest.approx(len(standings))


# ---------------------------------------------------------------- noise


def trial(*episodes):
    score = Score(fitness=sum(episodes) / len(episodes), episodes=episodes)
    return Trial(candidate="c", seed=0, job="", steps=1, score=score)


def test_the_spread_of_seeds_is_the_error_where_it_is_the_larger():
    found = racing.standing([trial(1.0, 1.0), trial(3.0, 3.0)])
    assert found == Standing(2.0, 1.0)  # sd of 1 and 3 is sqrt 2, over sqrt 2 seeds


def test_seeds_that_agree_by_chance_leave_the_error_of_their_episodes():
    found = racing.standing([trial(0.0, 4.0), trial(0.0, 4.0)])
    assert found == Standing(2.0, 1.0)  # sd 2, over sqrt of four episodes
    assert racing.standing([trial(0.0, 4.0)]) == Standing(2.0, math.sqrt(2))
