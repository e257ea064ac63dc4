"""Run: the recorded effects of a search on the world, and its budgets.

A method asks models, people and workers. Each answer is recorded under a key made of all its inputs; what is recorded
is answered from disk. So resuming is calling the method again from the top.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from eureka_cli import accounts, batches, errors, people, recordings
from eureka_cli.config import RunConfig
from eureka_cli.core import Completion, Executor, Job, Json, Message, Model, Outcome, Request, Task, digest
from eureka_cli.errors import (
    BudgetSpent,
    JobFailed,
    ModelError,
    OutOfMemory,
    ReplayMismatch,
    RewardFailure,
    RewardSynthError,
    Stalled,
    UsageError,
)
from eureka_cli.people import Answer, Question
from eureka_cli.store import RunFolder, read_record

OnEvent = Callable[[dict[str, Json]], None]
ANSWER_POLL_S = 0.2
PURPOSES = (
    "training",
    "evaluation",
    "curve",
    "bank",
    "confirmation",
    "confirmation-evaluation",
    "measure",
    "comparison",
    "replication",
    "replication-evaluation",
    "trace",
    "climb",
    "climb-evaluation",
)


class Run:
    """One search: its folder, settings, task, model, executor. All it knows is on disk, or comes of calling again."""

    def __init__(
        self, folder: RunFolder, config: RunConfig, *, task: Task, model: Model, executor: Executor, on_event: OnEvent
    ) -> None:
        self.folder = folder
        self.config = config
        self.task = task
        self._model = model
        self._executor = executor
        self._on_event = on_event
        self._started = time.monotonic()
        self._lock = Lock()
        self.measurement: dict[str, Json] = {}
        self.screened: dict[str, Outcome] = {}
        """Candidate to what the bank said of it."""
        self.evaluated: dict[str, list[str]] = {}
        """Candidate to the jobs that measured its policies: their episodes join the bank of later rounds."""
        self.vetoed: set[str] = set()
        """Components that a person, in what they answered so far, does not want paid for."""
        self.paid = model.paid
        events = folder.events()
        self.spent = accounts.total(events)
        started, done = ({e["address"] for e in events if e["event"] == kind} for kind in ("job-start", "job-done"))
        self._unlogged = started - done
        self._known = {event["address"] for event in events if "address" in event}
        """Jobs a process that was killed had begun: one may have finished without a line in the log."""
        self._unheard = _unheard(events)
        """Calls that such a process had begun: one may have been answered without a line in the log."""

    @property
    def trial_steps(self) -> int:
        """Environment steps of one trial."""
        return self.config.budget.steps or self.task.budget

    # ------------------------------------------------------------ chance

    def seeds(self, purpose: str, count: int) -> list[int]:
        """`count` seeds of a purpose's own pool; pools of different purposes never meet."""
        place = PURPOSES.index(purpose)
        sequences = [np.random.SeedSequence([self.config.seed, place, k]) for k in range(count)]
        return [int(sequence.generate_state(1, np.uint32)[0]) for sequence in sequences]

    # ------------------------------------------------------------ models

    def complete(self, prompts: Sequence[tuple[str, Sequence[Message]]]) -> list[Completion]:
        """Answers to (slot, messages) pairs, in their order; recorded ones from disk, the others asked side by side."""
        answers: dict[str, Completion] = {}
        missing: list[Request] = []
        for slot, messages in prompts:
            found = recordings.read(self.folder.path / "llm", slot, messages, strict=self.config.strict)
            if found is None:
                missing.append(Request(slot=slot, messages=tuple(messages), seed=self._seed_of(slot)))
                continue
            answers[slot] = found.completion
            if slot in self._unheard:
                self._log_answered(slot, found.completion, self._unheard.pop(slot))
            if found.drifted:
                self.event("replay-drift", slot=slot)
        while missing:
            self._check_time()
            self._stop_if(accounts.money_is_spent(self.config.budget, self.spent))
            asked = self._affordable(missing)
            answers |= self._ask_all(asked)
            missing = missing[len(asked) :]
        return [answers[slot] for slot, _ in prompts]

    def _seed_of(self, slot: str) -> int:
        return int(digest([self.config.seed, slot]), 16) % 2**32

    def _affordable(self, requests: list[Request]) -> list[Request]:
        """The first of them that the limits surely pay for; BudgetSpent where they pay for none."""
        if not self.paid:
            return requests
        longest, limits = getattr(self._model, "most_tokens", None), self.config.budget
        found = accounts.affordable(requests, longest, limits=limits, price=self.config.price, spent=self.spent)
        if not found:
            self._stop_if(accounts.too_little(limits, self.spent))
        return found

    def _ask_all(self, requests: Sequence[Request]) -> dict[str, Completion]:
        answers = {}
        open_calls = {request.slot: self._written_ahead(request) for request in requests}
        self.folder.to_disk()
        try:
            for request, raw in self._model.complete(requests, run_folder=self.folder.path, note=self._note):
                completion = self._priced(raw)
                recordings.write(self.folder.path / "llm", request.slot, request.messages, completion)
                answers[request.slot] = completion
                self._log_answered(request.slot, completion, open_calls.pop(request.slot))
        except ModelError as error:
            for slot, most in open_calls.items() if error.unpaid else ():
                self.event("not-paid", slot=slot, paid=self.paid, **most)
            raise
        return answers

    def _written_ahead(self, request: Request) -> dict[str, Json]:
        """Log a call before it goes out, with the most it can take: one that is cut off may have been paid."""
        most = accounts.most(request, self.config.price)
        facts: dict[str, Json] = {"most_tokens": most.tokens, "most_usd": most.usd}
        self.event("asked", slot=request.slot, model=self._model.name, paid=self.paid, **facts)
        return facts

    def _log_answered(self, slot: str, completion: Completion, most: dict[str, Json]) -> None:
        self.event(
            "answered",
            slot=slot,
            model=completion.model,
            finish=completion.finish,
            tokens=completion.input_tokens + completion.output_tokens,
            tokens_estimated=completion.tokens_estimated,
            usd=completion.cost_usd,
            paid=self.paid,
            **most,
        )

    def _note(self, text: str) -> None:
        self.event("model-waits", why=text)

    def _priced(self, completion: Completion) -> Completion:
        price = self.config.price
        if completion.cost_usd is not None or price is None:
            return completion
        usd = (completion.input_tokens * price.input + completion.output_tokens * price.output) / 1e6
        return completion.model_copy(update={"cost_usd": usd})

    # ------------------------------------------------------------ people

    def ask(self, question: Question, answering: Callable[[Question], Answer] | None = None) -> Answer:
        """The answer to a question: as it was used before, else `answering`'s, else waited for on disk.

        Raises BudgetSpent when the hours are over; Ctrl-C and a killed process leave the question where it waits.
        """
        used = self._used(question)
        if used is not None and used[1] is not None:
            self.vetoed |= set(used[1].veto)
            return used[1]
        if answering is None:
            people.put(self.folder.path, question)
        self.event("question", slot=question.slot, kind=question.kind, waits=answering is None)
        while (found := answering(question) if answering else people.given(self.folder.path, question)) is None:
            self._check_time()
            time.sleep(ANSWER_POLL_S)
        self._use(question, found)
        self.vetoed |= set(found.veto)
        return found

    def peek(self, question: Question) -> Answer | None:
        """What a person has said by now; that it was nothing is recorded too, so results hang on no clock.

        Put the question up early with `offer`.
        """
        used = self._used(question)
        if used is None:
            self._use(question, people.given(self.folder.path, question))
            used = self._used(question)
        assert used is not None
        self.vetoed |= set(used[1].veto) if used[1] else set()
        return used[1]

    def offer(self, question: Question) -> None:
        """Put a question up that nobody has to answer."""
        if self._used(question) is None:
            people.put(self.folder.path, question)

    def _used(self, question: Question) -> tuple[Question, Answer | None] | None:
        used = people.kept(self.folder.path, question.slot)
        if used is not None and {option.name for option in used[0].options} != {o.name for o in question.options}:
            raise ReplayMismatch(
                f"The answer recorded at {question.slot} compares other candidates than this run has."
                " Replay it with the settings and version it was given under, or start a new run (--name)."
            )
        return used

    def _use(self, question: Question, found: Answer | None) -> None:
        people.keep(self.folder.path, question, found)
        if found is not None:
            said = found.model_dump(mode="json", exclude={"code"})
            self.event("person", slot=question.slot, kind=question.kind, coded=bool(found.code), **said)

    # ------------------------------------------------------------ jobs

    def execute(self, jobs: Sequence[Job], *, together: int = 1) -> list[Outcome]:
        """Outcomes in the order of `jobs`; finished ones from disk, the rest run side by side, each at most once.

        `together` train jobs at most run as one program; what is left of one that died runs again, each job alone.
        """
        wanted = {job.address: job for job in jobs}
        fresh = {address: job for address, job in wanted.items() if self.folder.result(job) is None}
        for address in [address for address in wanted if address not in fresh]:
            if address not in self._known:  # once is enough to know what a run stands on
                self.event("job-reused", address=address)
                self._known.add(address)
            if address in self._unlogged:
                self._log_done(wanted[address])
        self._run_all(fresh, together)
        failed = {address: job for address, job in fresh.items() if self.folder.result(job) is None}
        for job in failed.values():
            self._raise_known(job)  # what the person can cure is said at once; anything else is retried once
        lone = {address: job for address, job in failed.items() if self._told(job)[0] is OutOfMemory}
        self._run_all({address: job for address, job in failed.items() if address not in lone})
        for address, job in lone.items():
            self._run_all({address: job})
        for job in failed.values():
            if self.folder.result(job) is None:
                self._raise_known(job)
                raise self._failed_twice(job)
        return [self._outcome(job) for job in jobs]

    def _run_all(self, jobs: dict[str, Job], together: int = 1) -> None:
        if not jobs:
            return
        self._check_time()
        coming = sum(accounts.training_steps(job.spec) for job in jobs.values() if job.kind == "train")
        self._stop_if(accounts.too_many_steps(self.config.budget, self.spent, coming))
        if getattr(self._executor, "apart", False):
            together = 1
        running: dict[Path, list[Job]] = {}
        for batch in batches.batches(list(jobs.values()), together):
            folders = {self._prepared(job): job for job in batch}
            for job in batch:
                self.event("job-start", address=job.address, of=_facts(job))
            running[self._prepared(batches.as_one(folders)) if len(batch) > 1 else next(iter(folders))] = batch
        left = len(running)
        for folder in self._executor.execute(list(running), self._on_job_event):
            for job in running[folder]:
                if self.folder.result(job) is None:
                    batches.hand_down(folder / "error.json", self._error_file(job))
                    self.event("job-failed", address=job.address)
                else:
                    self._log_done(job)
            left -= 1
            if left:
                self._check_time()

    def _prepared(self, job: Job) -> Path:
        self._error_file(job).unlink(missing_ok=True)
        return self.folder.prepare(job, step_cpu_s=self._step_cpu_s)

    def _log_done(self, job: Job) -> None:
        self._unlogged.discard(job.address)
        outcome, facts = self._outcome(job), _facts(job)
        steps = outcome.result.get("steps", 0) - facts.get("from", 0) if job.kind == "train" else 0
        self.event("job-done", address=job.address, of=facts, cpu_s=round(outcome.cpu_s, 3), steps=max(0, steps))

    def _on_job_event(self, event: dict[str, Json]) -> None:
        self._check_time()  # hours pass while jobs run
        folder = Path(event.get("member") or event["job"])
        address = f"{folder.parent.name}/{folder.name}"
        if event["event"] == "job-lost":
            self.event("job-lost", address=address, why=event["why"])
            return
        self._on_event({**event, "address": address})  # shown, not logged

    def _outcome(self, job: Job) -> Outcome:
        record = self.folder.result(job)
        assert record is not None
        return Outcome(address=job.address, result=record["result"], cpu_s=record["cpu_s"])

    def _error_file(self, job: Job) -> Path:
        return self.folder.job_folder(job) / "error.json"

    @property
    def _step_cpu_s(self) -> float:
        """What an environment step costs on this machine; 0 before it is measured."""
        found = self.measurement
        return float(found["simulation_cpu_s"] / found["steps"]) if found else 0.0

    def _told(self, job: Job) -> tuple[type[RewardSynthError], str]:
        """The kind of error a job ended with, and its message."""
        file = self._error_file(job)
        return told(file) if file.exists() else (JobFailed, "it ended without a word")

    def _raise_known(self, job: Job) -> None:
        """Raise what the person can cure; the machine's failures are retried first."""
        kind, message = self._told(job)
        if not issubclass(kind, JobFailed):
            raise kind(message)

    def _failed_twice(self, job: Job) -> JobFailed:
        kind, message = self._told(job)
        what = f"A {job.kind} job of {self.folder.name}"
        if kind is OutOfMemory:
            cure = "Give it more memory, or start a new run that asks for less: --set trainer.num_envs=..."
            return OutOfMemory(f"{what} ran out of memory even when nothing ran beside it ({message}). {cure}")
        if kind is Stalled:
            where = self.folder.job_folder(job) / "output.txt"
            return Stalled(f"{what} was stopped twice: {message}. {where} shows where it stood; check the environment.")
        return JobFailed(f"A {job.kind} job failed twice: {message}. The traceback is in {self._error_file(job)}.")

    # ------------------------------------------------------------ records

    def event(self, name: str, **facts: Json) -> None:
        """Log an event and show it."""
        with self._lock:  # model calls report from threads
            self.folder.log(name, **facts)
            self.spent = accounts.add(self.spent, {"event": name, **facts})
            self._on_event({"event": name, **facts})

    def _check_time(self) -> None:
        hours = (time.monotonic() - self._started) / 3600
        self._stop_if(accounts.time_is_up(self.config.budget, self.spent, hours=hours))

    def _stop_if(self, over: tuple[str, str] | None) -> None:
        """Raise BudgetSpent where a limit is reached, with how to raise it."""
        if over is not None:
            says, name = over
            cure = f"Raise it to go on: reward-synth resume {self.folder.name} --set budget.{name}=..."
            raise BudgetSpent(f"{says} {cure}")

    def check_money(self) -> None:
        """A dollar limit that cannot be kept is refused before anything is spent."""
        limits = self.config.budget
        if limits.usd is not None and self._model.paid and self.config.price is None and limits.tokens is None:
            raise UsageError(
                f"A limit of ${limits.usd:g} cannot be kept: the price of {self._model.name} is unknown."
                " Give its price (--set price.input=... --set price.output=..., dollars per million tokens)"
                " or a token limit (--budget-tokens)."
            )


def told(error: Path) -> tuple[type[RewardSynthError], str]:
    """The kind of error that a job's error.json names, and its message."""
    problem = read_record(error, kind=str, message=str)
    kind = getattr(errors, problem["kind"] or "-", None)
    if not isinstance(kind, type) or not issubclass(kind, RewardSynthError) or kind is RewardFailure:
        kind = JobFailed
    return kind, problem["message"]


def _unheard(events: Sequence[dict[str, Json]]) -> dict[str, dict[str, Json]]:
    """Slots of calls without an answer in the log, each with the most its last call can have taken."""
    found: dict[str, dict[str, Json]] = {}
    for event in events:
        if event["event"] == "asked":
            found[event["slot"]] = {name: event.get(name) for name in ("most_tokens", "most_usd")}
        elif event["event"] in ("answered", "not-paid"):
            found.pop(event["slot"], None)
    return found


def _facts(job: Job) -> dict[str, Any]:
    """What a reader of the log wants to know of a job."""
    names = ("candidate", "seed", "until", "total", "from", "fresh_world")
    return {name: job.spec[name] for name in names if name in job.spec}
