"""Bradley-Terry: what must hold of any judgements, and the cycles no ranking is true to."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eureka_cli.analysis.preferences import PRIOR_SD, estimate

NAMES = list("abcdef")


def order(found):
    return [standing.name for standing in found.standings]


def test_one_full_ranking_is_the_order():
    found = estimate([[["c"], ["a"], ["b"]]])
    assert order(found) == ["c", "a", "b"]
    assert found.cycles == ()
    assert sum(standing.ability for standing in found.standings) == pytest.approx(0, abs=1e-9)


def test_two_are_told_apart_the_more_surely_the_more_often_one_won():
    sure = [estimate([[["a"], ["b"]]] * count).surely for count in (1, 4, 16)]
    assert 0.5 < sure[0] < sure[1] < sure[2] < 1
    assert estimate([[["a"], ["b"]], [["b"], ["a"]]]).surely == pytest.approx(0.5)


def test_a_tie_leaves_the_first_judged_first_and_unsure():
    found = estimate([[["b", "a"]]])
    assert order(found) == ["b", "a"] and found.surely == pytest.approx(0.5)


def test_rounds_connect_through_whom_they_share():
    found = estimate([[["a"], ["b"]], [["c"], ["a"]], [["c"], ["d"]]])
    assert order(found)[0] == "c"
    assert order(found).index("a") < order(found).index("b")


def test_two_in_a_million_games_stay_finite():
    found = estimate([[["a"], ["b"]]] * 3000)
    assert all(np.isfinite(standing).all() for standing in (s[1:] for s in found.standings))
    assert 0 < found.standings[0].ability < 10 * PRIOR_SD


def test_cycles_are_found_and_named_in_order():
    found = estimate([[["a"], ["b"]], [["b"], ["c"]], [["c"], ["a"]], [["c"], ["d"]]])
    assert found.cycles == (("a", "b", "c"),)
    longer = estimate([[[one], [other]] for one, other in ["ab", "bc", "cd", "da"]])
    assert [set(cycle) for cycle in longer.cycles] == [set("abcd")]


def test_abilities_are_those_of_the_model_that_judged():
    rng = np.random.default_rng(0)
    truth = np.array([1.0, 0.5, 0.0, -0.5, -1.0])
    rankings = []
    for _ in range(600):
        i, j = rng.choice(5, 2, replace=False)
        first = rng.random() < 1 / (1 + np.exp(truth[j] - truth[i]))
        rankings.append([[NAMES[i]], [NAMES[j]]] if first else [[NAMES[j]], [NAMES[i]]])
    for standing in estimate(rankings).standings:
        assert standing.low - 0.2 < truth[NAMES.index(standing.name)] < standing.high + 0.2


@given(st.lists(st.tuples(st.permutations(NAMES), st.lists(st.booleans(), min_size=5, max_size=5)), max_size=12))
def test_any_judgements_give_a_gradient_of_zero_and_intervals_that_hold_their_ability(drawn):
    rankings = []
    for names, breaks in drawn:
        groups = [[names[0]]]
        for name, apart in zip(names[1:], breaks, strict=True):
            groups.append([name]) if apart else groups[-1].append(name)
        rankings.append(groups)
    found = estimate(rankings)
    assert len(found.standings) == (6 if drawn else 0)
    ability = {standing.name: standing.ability for standing in found.standings}
    for name in ability:
        won = played = 0.0
        for groups in rankings:
            place = {one: k for k, group in enumerate(groups) for one in group}
            for other in ability:
                if other != name:
                    won += (place[name] < place[other]) + 0.5 * (place[name] == place[other])
                    played += 1 / (1 + np.exp(ability[other] - ability[name]))
        assert won - played - ability[name] / PRIOR_SD**2 == pytest.approx(0, abs=1e-6)
    assert all(standing.low < standing.ability < standing.high for standing in found.standings)
    assert 0.5 <= found.surely <= 1
