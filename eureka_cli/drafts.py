"""Verbs of the search before any training: design asks for rewards, check puts them through the funnel.

Stages stand in order of cost. Each refuses, warns or ranks, and says what it saw in words the model can use.
"""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli import prompts, reflection
from eureka_cli.core import Candidate, Completion, Draft, Finding, Message, Verdict
from eureka_cli.critics import answers, bank, lint, probe, review, veto
from eureka_cli.critics.levels import weigh
from eureka_cli.run import Run
from eureka_cli.store import write_atomic

STAGES = {"veto": veto.check, "lint": lint.check, "probe": probe.probe, "bank": bank.screen}
"""Each sees only what the ones before let pass, all candidates side by side. Review comes after them."""


def design(
    run: Run, messages: Sequence[Message], *, slot: str, samples: int, parent: Candidate | None = None
) -> list[Draft]:
    """Ask for `samples` independent answers to one prompt; `parent` is the reward they are asked to improve."""
    slots = [f"{slot}/sample-{k}/attempt-0" for k in range(1, samples + 1)]
    completions = run.complete([(name, messages) for name in slots])
    origin = parent.id if parent else None
    return [_draft(run, name, completion, origin) for name, completion in zip(slots, completions, strict=True)]


def check(run: Run, drafts: Sequence[Draft], messages: Sequence[Message], *, repairs: int) -> list[Draft]:
    """The funnel: lint, probe, bank, review, in order of cost. What is refused goes back to the model `repairs` times.

    Of what is left, at most `critic.keep` are worth training: those that the bank ranks highest.
    """
    checked = _judge(run, drafts)
    for attempt in range(1, repairs + 1):
        refused = [draft for draft in checked if not draft.verdict.accepted]
        if not refused:
            break
        asked = [
            (_next_slot(draft.slot, attempt), [*messages, *reflection.repair(draft, draft.verdict.findings)])
            for draft in refused
        ]
        mended = _rewritten(run, refused, [slot for slot, _ in asked], run.complete(asked))
        replaced = dict(zip([draft.slot for draft in refused], mended, strict=True))
        checked = [replaced.get(draft.slot, draft) for draft in checked]
    return _keep_best(run, _reviewed(run, checked, messages))


def _rewritten(run: Run, old: Sequence[Draft], slots: Sequence[str], answers: Sequence[Completion]) -> list[Draft]:
    """New answers in the place of old drafts, judged by every test anew."""
    return _judge(
        run, [_draft(run, slot, answer, draft.parent) for draft, slot, answer in zip(old, slots, answers, strict=True)]
    )


def _reviewed(run: Run, drafts: Sequence[Draft], messages: Sequence[Message]) -> list[Draft]:
    """Let the model reread what was accepted; a rewrite counts only where every test accepts it too."""
    current = {draft.slot: draft for draft in drafts}
    going = {slot: draft for slot, draft in current.items() if draft.verdict.accepted}
    for attempt in range(1, run.config.critic.reviews + 1):
        wanted = review.review(run, list(going.values()), messages, attempt)
        places = [place for place, draft in going.items() if draft.slot in wanted]
        if not places:
            break
        slots, completions = zip(*(wanted[going[place].slot] for place in places), strict=True)
        rewritten = _rewritten(run, [going[place] for place in places], slots, completions)
        going = {place: new for place, new in zip(places, rewritten, strict=True) if new.verdict.accepted}
        current |= going
    return list(current.values())


def _draft(run: Run, slot: str, completion: Completion, parent: str | None) -> Draft:
    if completion.finish != "stop":
        why = {"length": "The answer was cut off at the token limit.", "refusal": "The model refused to answer."}
        cure = "Answer again, shorter: one sentence and one python block."
        finding = Finding(rule=completion.finish, message=why[completion.finish], cure=cure, stage="answer")
        return _codeless(slot, completion, parent, finding)
    code = answers.extract(completion.text)
    if isinstance(code, Finding):
        return _codeless(slot, completion, parent, code.model_copy(update={"stage": "answer"}))
    return _coded(run, slot, completion, parent, code)


def _coded(run: Run, slot: str, completion: Completion, parent: str | None, code: str) -> Draft:
    candidate = Candidate(code=code, slot=slot)
    write_atomic(run.folder.path / "candidates" / f"{candidate.id}.py", code)
    return Draft(slot, completion, parent, candidate, Verdict(candidate=candidate.id))


def _codeless(slot: str, completion: Completion, parent: str | None, finding: Finding) -> Draft:
    return Draft(slot, completion, parent, None, Verdict(candidate="", findings=(finding,)))


def _judge(run: Run, drafts: Sequence[Draft]) -> list[Draft]:
    """Every stage on what is still accepted; the verdicts are recorded."""
    critic = run.config.critic
    off = set(STAGES) - {"veto"} if critic.level == "off" else set()
    skipped = off | (set() if critic.bank else {"bank"})
    judged = list(drafts)
    for stage, test in STAGES.items():
        if stage in skipped:
            continue
        passed = {draft.candidate.id: draft.candidate for draft in judged if draft.candidate and draft.verdict.accepted}
        found = test(run, list(passed.values()))
        judged = [
            _with_findings(draft, weigh(found[draft.verdict.candidate], stage, critic))
            if draft.verdict.accepted and draft.verdict.candidate in found
            else draft
            for draft in judged
        ]
    for draft in judged:
        _record(run, draft)
    return judged


def given(run: Run, code: str, *, slot: str, by: str) -> Draft:
    """A reward that no model of this run wrote, judged like an answer by every stage that needs no model."""
    completion = Completion(text=prompts.fence(code, "python"), model=by)
    return _judge(run, [_coded(run, slot, completion, None, code)])[0]


def _with_findings(draft: Draft, findings: Sequence[Finding]) -> Draft:
    verdict = draft.verdict.model_copy(update={"findings": (*draft.verdict.findings, *findings)})
    return draft._replace(verdict=verdict)


def _record(run: Run, draft: Draft) -> None:
    verdict = draft.verdict
    run.event(
        "verdict",
        slot=draft.slot,
        candidate=verdict.candidate,
        parent=draft.parent,
        accepted=verdict.accepted,
        findings=[finding.model_dump() for finding in verdict.findings],
        spares=0 if verdict.accepted else run.trial_steps * run.config.search.train_seeds,
    )
    if verdict.candidate:
        file = run.folder.path / "candidates" / f"{verdict.candidate}.verdict.json"
        write_atomic(file, verdict.model_dump_json(indent=1) + "\n")


def _keep_best(run: Run, drafts: Sequence[Draft]) -> list[Draft]:
    """Of more accepted candidates than `critic.keep`, those whose returns rank episodes most like fitness does."""
    keep = run.config.critic.keep
    accepted = {draft.verdict.candidate: draft for draft in drafts if draft.verdict.accepted}
    if keep is None or len(accepted) <= keep:
        return list(drafts)
    agreed = {name: bank.agreement(run, name) for name in accepted}
    if all(rank is None for rank in agreed.values()):
        return list(drafts)  # the bank abstained: nobody is left out by chance
    left_out = set(sorted(accepted, key=lambda name: -(agreed[name] or 0.0))[keep:])
    kept = []
    for draft in drafts:
        if draft.verdict.candidate in left_out:
            message = f"{keep} candidates of this round rank recorded episodes more like fitness does."
            finding = Finding(rule="ranked-below", message=message, stage="bank")
            draft = _with_findings(draft, [finding])
            _record(run, draft)
        kept.append(draft)
    return kept


def _next_slot(slot: str, attempt: int) -> str:
    return f"{slot.rpartition('/')[0]}/attempt-{attempt}"
