"""Rollout banks: graded, labelled episodes of a task, on which a reward is judged before any training is paid for.

behaviours   scripted policies that no reward has touched
corruptions  honest episodes spoilt on purpose: reversed, frozen, trembling, cut short, with another goal
episodes     the Bank itself: arrays, labels, sources
build        from a simulator and a fitness to a Bank
judging      one reward on a Bank
"""

VERSION = 5
"""Raise by hand when a change here changes a bank or what it says: it is part of every key of both."""
