"""In-Context Preference Learning: a person watches, the model writes, and the person decides.

Yu et al. 2024, "Few-shot In-context Preference Learning Using Large Language Models": K rewards a round, each trained;
a person names the best and the worst of the videos; both codes, what their components did in training, and the model's
own account of how the best changed from round to round go into the next prompt.

Faithful: answers that do not run are replaced until there are K, everyone is trained to the end, no fitness is used or
told where the person decides (`settled`), the prompt is the last round's alone. K=6 and N=5 in the paper, which counts
2(K-1) comparisons of a person a round. Ours: any ranking with ties will do, "none of these" too, words, vetoes and code
of the person are heard, the best so far is among those compared so that rounds connect, and what is shipped is the most
preferred by Bradley-Terry over all judgements, where the paper takes the last round's best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pydantic import Field

from eureka_cli import asking, drafts, prompts, racing, reflection, rounds, showing, steps
from eureka_cli.analysis import preferences
from eureka_cli.config import RunConfig
from eureka_cli.confirm import confirm
from eureka_cli.core import Candidate, Draft, Entry, Frozen, Message
from eureka_cli.critics import veto
from eureka_cli.errors import RunError
from eureka_cli.people import Answer, Question
from eureka_cli.products import publish
from eureka_cli.rounds import opening
from eureka_cli.run import Run

__all__ = ["Config", "opening", "search", "settled"]

LONGEST_DIFFERENCE = 1500
"""Characters of the model's account of a difference that later prompts carry."""


class Config(Frozen):
    rounds: int = Field(3, ge=1)
    """N: rounds of the search (5 in the paper)."""
    samples: int = Field(4, ge=2, le=20)
    """K: rewards shown in a round (6 in the paper)."""
    repairs: int = Field(1, ge=0)
    """How often a refused candidate goes back to the model with its findings."""
    repeats: int = Field(3, ge=0)
    """How often those that do not run are replaced by others."""
    start: str = ""
    """A reward to begin with: `human`, or a file. It counts as what round 0 found."""
    words: str = ""
    """What a person says of that start."""
    veto: tuple[str, ...] = ()
    """Components of it that must not be paid for."""


class Turn(NamedTuple):
    """A round as the next prompt tells it."""

    good: Entry | None
    bad: Entry | None
    said: Answer
    difference: str = ""
    """How this round's best differs from the one before it, in the model's words."""


def settled(config: RunConfig) -> RunConfig:
    """The person decides: no race and no rollout bank, which go by fitness; what is shipped is what is confirmed."""
    search = config.search.model_copy(update={"racing": "off", "confirm": 1})
    critic = config.critic.model_copy(update={"bank": False, "keep": None})
    return config.model_copy(update={"search": search, "critic": critic})


def search(run: Run, config: Config) -> Candidate:
    """The reward that the person prefers, measured on fresh seeds."""
    task = opening(run)
    turns: list[Turn] = []
    judged: list[Answer] = []
    known: dict[str, Entry] = {}
    best: Entry | None = None
    if config.start:
        best = rounds.begin(run, config.start, slot="icpl/round-0/start")
        known[best.candidate.id] = best
        run.vetoed |= set(config.veto)
        turns.append(Turn(best, None, Answer(by="start", words=config.words, veto=config.veto)))
    for number in range(1, config.rounds + 1):
        run.event("round-start", round=number)
        fresh = _executable(run, config, number, [*task, *_told(turns)], turns, known)
        known |= fresh
        shown = [*([best] if best else []), *fresh.values()]
        said = _ask(run, number, shown)
        judged.append(said)
        best = _preferred(run, number, judged, known)
        turns.append(_turn(run, number, turns, said, shown))
        if best:
            publish(run, best.candidate, f"most preferred after round {number}, not yet measured on fresh seeds")
    if best is None:
        raise RunError(
            f"Nothing was preferred, so nothing is shipped. Go on with: reward-synth refine {run.folder.name}"
        )
    return confirm(run, [best])


# ---------------------------------------------------------------- a round


def _executable(
    run: Run,
    config: Config,
    number: int,
    messages: Sequence[Message],
    turns: Sequence[Turn],
    known: Mapping[str, Entry],
) -> dict[str, Entry]:
    """K new rewards that train to the end, and the person's; who fails is replaced, `repeats` times at most."""
    code, parent = turns[-1].said.code if turns else "", turns[-1].good if turns else None
    trained: dict[str, Entry] = {}
    if code:
        by_hand = drafts.given(run, code, slot=f"icpl/round-{number}/person", by="a person")
        trained |= _train(run, [by_hand], known)
    wanted = config.samples + len(trained)
    for repeat in range(config.repeats + 1):
        if len(trained) == wanted:
            break
        slot = f"icpl/round-{number}" + (f"/repeat-{repeat}" if repeat else "")
        origin = parent.candidate if parent else None
        designed = drafts.design(run, messages, slot=slot, samples=wanted - len(trained), parent=origin)
        checked = drafts.check(run, designed, messages, repairs=config.repairs)
        trained |= _train(run, checked, known)
    if not trained:
        raise rounds.nobody(run, f"icpl/round-{number}", config.repeats + 1)
    return trained


def _train(run: Run, checked: Sequence[Draft], known: Mapping[str, Entry]) -> dict[str, Entry]:
    """Those that reach the end, by id; what was seen in an earlier round is nothing new."""
    new = [draft for draft in checked if draft.candidate and draft.candidate.id not in known]
    return {entry.candidate.id: entry for entry in racing.race(run, new) if steps.finished(run, entry)}


def _ask(run: Run, number: int, entries: Sequence[Entry]) -> Answer:
    text = prompts.render("icpl/question", sentence=run.task.sentence)
    options = showing.options(run, entries)
    question = Question(slot=f"icpl/round-{number}/preference", kind="rank", text=text, options=options)
    return asking.ask(run, question, truth={entry.candidate.id: entry.fitness or 0.0 for entry in entries})


def _preferred(run: Run, number: int, judged: Sequence[Answer], known: Mapping[str, Entry]) -> Entry | None:
    """The most preferred over all judgements so far that no veto hits; how surely, and in what cycles, is logged."""
    found = preferences.estimate([said.ranks for said in judged])
    if not found.standings:
        return None
    ranked = [known[standing.name] for standing in found.standings]
    best = next((entry for entry in ranked if not veto.named(entry.candidate.code, run.vetoed)), None)
    run.event(
        "preferred",
        round=number,
        best=best.candidate.id if best else None,
        standings=[standing._asdict() for standing in found.standings],
        surely=found.surely,
        cycles=found.cycles,
    )
    return best


# ---------------------------------------------------------------- what the model is told


def _turn(run: Run, number: int, turns: Sequence[Turn], said: Answer, shown: Sequence[Entry]) -> Turn:
    """Best and worst as the person sees them; where they named none, the best of before stays the example."""
    by_name = {entry.candidate.id: entry for entry in shown}
    before = turns[-1].good if turns else None
    good = by_name[said.ranks[0][0]] if said.ranks else before
    worst = said.ranks[-1][-1] if len(said.ranks) > 1 else shown[-1].candidate.id if said.none else ""
    bad = by_name.get(worst)
    return Turn(good, bad, said, _difference(run, number, before, good))


def _difference(run: Run, number: int, before: Entry | None, good: Entry | None) -> str:
    """The model's account of what changed; nothing where the same is preferred again."""
    if before is None or good is None or before.candidate.id == good.candidate.id:
        return ""
    text = prompts.render("icpl/difference", before=before.candidate.code, good=good.candidate.code)
    slot = f"icpl/round-{number}/difference"
    return run.complete([(slot, [Message(role="user", content=text)])])[0].text.strip()[:LONGEST_DIFFERENCE]


def _told(turns: Sequence[Turn]) -> list[Message]:
    """The last round's examples, and the history of differences; empty before the first."""
    if not turns:
        return []
    last = turns[-1]
    example = last.good or last.bad
    facts = {
        "good": _facts(last.good),
        "bad": _facts(last.bad),
        "none": last.said.none,
        "history": [turn.difference for turn in turns if turn.difference],
        "remark": rounds.remark(last.said.words, last.said.veto),
    }
    answer = [Message(role="assistant", content=example.draft.completion.text)] if example else []
    return [*answer, Message(role="user", content=prompts.render("icpl/improve", **facts))]


def _facts(entry: Entry | None) -> reflection.Facts | None:
    """Code, traces and behaviour of an example: no fitness, which the person alone stands for."""
    if entry is None:
        return None
    trial = showing.typical(entry)
    rows = [row for row in reflection.curve_rows(entry.trials) if row["name"] != "fitness"]
    return {"code": entry.candidate.code, "rows": rows, "behaviour": trial.score.behaviour if trial.score else ""}
