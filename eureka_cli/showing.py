"""What a person or a judge is shown of a candidate: a film, what it did in words, its code; never its fitness."""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli.core import Entry, Trial
from eureka_cli.people import Option
from eureka_cli.products import film
from eureka_cli.run import Run
from eureka_cli.steps import shipped_checkpoint


def options(run: Run, entries: Sequence[Entry]) -> tuple[Option, ...]:
    """One policy of every trained candidate; films start alike. In the order of ids, which says nothing of merit."""
    shown, able = [], run.config.video
    for entry in sorted(entries, key=lambda entry: entry.candidate.id):
        trial = typical(entry)
        file = f"videos/{entry.candidate.id}.mp4"
        policy = f"{trial.job}/policy-{shipped_checkpoint(trial):02d}.npz"
        able = able and film(run, run.task, policy, run.folder.path / file) is not None
        assert trial.score is not None
        shown.append(
            Option(
                name=entry.candidate.id,
                film=file if able else "",
                says=trial.score.behaviour,
                code=entry.candidate.code,
            )
        )
    return tuple(shown)


def typical(entry: Entry) -> Trial:
    """The seed whose own return peaks in the middle: chosen, as the checkpoint is, without a look at fitness."""
    ordered = sorted(entry.trials, key=lambda trial: trial.curve["return"][shipped_checkpoint(trial)])
    return ordered[(len(ordered) - 1) // 2]
