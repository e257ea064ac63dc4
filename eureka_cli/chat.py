"""Calls to chat APIs: one prompt and several answers, retries, hangs, refused options, keys that stay secret.

Shared by the providers `openai` and `litellm`, whose exceptions are the same classes. A provider brings `send`; what
can go wrong on the way is told here in one sentence with its cure.
"""

from __future__ import annotations

import itertools
import os
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import Field

from eureka_cli.core import Completion, Frozen, Message, Request
from eureka_cli.errors import ModelError, UsageError

T = TypeVar("T")
Note = Callable[[str], None]
BACKOFF_S, MOST_BACKOFF_S = 0.5, 30.0
MOST_TRIES_UNREACHED = 4
"""Tries before an endpoint that never answered is called dead."""
MOST_GARBAGE = 4
POLL_S = 0.2
CHARACTERS_PER_TOKEN = 4
SECRET_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD")
SHORTEST_KEY = 8
LAYERS = re.compile(r"^(?:[\w.]*(?:Error|Exception)(?::| -) )+")
"""What LiteLLM writes before a server's words."""
OPTIONS = ("n", "seed", "temperature", "max_tokens", "max_completion_tokens")
"""What a request can do without, where a server refuses it."""


class Settings(Frozen):
    """How to reach a chat API. Keys come from the environment or a file, never from settings."""

    base_url: str | None = None
    """The endpoint, such as http://localhost:11434/v1 for Ollama."""
    key_env: str | None = None
    """Name of the environment variable that holds the key."""
    key_file: str | None = None
    """A file that holds the key, instead of the environment."""
    temperature: float | None = Field(1.0, ge=0)
    """Eureka samples at 1. None leaves it to the server."""
    max_tokens: int | None = Field(16384, ge=1)
    """Longest answer, thinking included."""
    timeout_s: float = Field(300.0, gt=0)
    """One call that takes longer counts as hung."""
    patience_s: float = Field(900.0, ge=0)
    """How long one call may be retried."""
    connections: int = Field(8, ge=1)
    """Calls at once."""


class Call(NamedTuple):
    """What a provider sends."""

    messages: tuple[Message, ...]
    options: dict[str, Any]
    """Those of OPTIONS that the server has not refused."""


class Garbage(Exception):
    """The answer does not speak the chat protocol."""


def secret(settings: Settings, default_env: str) -> str | None:
    """The key, or None where there is none. UsageError where the named place has none."""
    if settings.key_file is not None:
        try:
            found = Path(settings.key_file).expanduser().read_text(encoding="utf-8").strip()
        except OSError as error:
            raise UsageError(f"The key file {settings.key_file} cannot be read: {error.strerror}.") from None
        except (UnicodeDecodeError, RuntimeError):  # RuntimeError: ~ of a user there is not
            raise UsageError(f"The key file {settings.key_file} is no text. Put the key into it, alone.") from None
        if not (found.isascii() and found.isprintable() and " " not in found):
            raise UsageError(f"The key file {settings.key_file} holds no key. Put the key into it, alone on one line.")
        if not found:
            raise UsageError(f"The key file {settings.key_file} is empty. Put the key into it, alone on one line.")
        return found
    name = settings.key_env or default_env
    found = os.environ.get(name, "").strip()
    if settings.key_env and not found:
        raise UsageError(f"The environment variable {name} holds no key. Set it, or name another by key_env.")
    return found or None


class Chat:
    """A model behind a chat API."""

    paid = True

    def __init__(
        self,
        name: str,
        where: str,
        settings: Settings,
        *,
        send: Callable[[Call], Any],
        key: str | None = None,
        price: Callable[[Any], float | None] = lambda response: None,
    ) -> None:
        self.name = name
        self.most_tokens = settings.max_tokens
        self._where = where
        self._settings = settings
        self._send = send
        self._key = key
        self._price = price
        self._refused: set[str] = set()
        self._reached = False

    def complete(
        self, requests: Sequence[Request], *, run_folder: Path, note: Note
    ) -> Iterator[tuple[Request, Completion]]:
        """Answers as they come. Requests of one prompt go out as one call; what it leaves unanswered as single ones."""
        groups = [list(group) for _, group in itertools.groupby(requests, key=lambda request: request.messages)]
        while groups:
            left: list[list[Request]] = []
            calls = [partial(self._answered, group, note) for group in groups]
            for group, answers in side_by_side(calls, self._settings.connections):
                yield from zip(group, answers, strict=False)
                left += [[request] for request in group[len(answers) :]]
            groups = left

    def _answered(self, group: list[Request], note: Note) -> tuple[list[Request], list[Completion]]:
        started = time.monotonic()
        for attempt in itertools.count():
            try:
                found = self._call(group)
            except Exception as error:
                trouble = self._trouble(error, attempt)
                left = self._settings.patience_s - (time.monotonic() - started)
                if trouble.wait_s is None or trouble.wait_s > left:
                    raise ModelError(self._scrubbed(trouble.says), unpaid=trouble.unpaid) from None
                note(self._scrubbed(f"{trouble.says} Trying again in {trouble.wait_s:.0f} s."))
                time.sleep(trouble.wait_s)
            else:
                self._reached = True
                return group, found[: len(group)]
        raise AssertionError("unreachable")

    def _call(self, group: Sequence[Request]) -> list[Completion]:
        options = {
            "n": len(group) if len(group) > 1 else None,
            "seed": group[0].seed % 2**31,
            "temperature": self._settings.temperature,
            "max_tokens": group[0].most_tokens or self._settings.max_tokens,
        }
        if "max_tokens" in self._refused:  # as newer models of OpenAI call it
            options["max_completion_tokens"] = options.pop("max_tokens")
        kept = {name: value for name, value in options.items() if value is not None and name not in self._refused}
        response = within(self._settings.timeout_s, partial(self._send, Call(group[0].messages, kept)))
        return read(response, self.name, group[0].messages, cost_usd=self._price(response))

    def _scrubbed(self, text: str) -> str:
        """Some servers repeat the key they refuse."""
        named = {value for name, value in os.environ.items() if SECRET_NAME.search(name) and len(value) >= SHORTEST_KEY}
        for value in {self._key, *named} - {None}:
            text = text.replace(str(value), "***")
        return text

    # ------------------------------------------------------------ what went wrong

    def _trouble(self, error: Exception, attempt: int) -> Trouble:
        import openai  # loaded by then: its exceptions are litellm's too

        backoff = min(MOST_BACKOFF_S, BACKOFF_S * 2**attempt) * random.uniform(0.5, 1.0)
        where, words = f"{self.name} at {self._where}", _words(error)
        status = getattr(error, "status_code", None)
        if isinstance(error, Garbage | ValueError | openai.APIResponseValidationError):
            says = f"{where} answered something that is not the chat protocol: {words}"
            return Trouble(
                f"{says} Check base_url; it usually ends in /v1.", backoff if attempt < MOST_GARBAGE else None
            )
        if isinstance(error, TimeoutError | openai.APITimeoutError):
            says = f"{where} did not answer within {self._settings.timeout_s:g} s."
            return Trouble(says, backoff)
        if isinstance(error, openai.APIConnectionError) or "Connection error" in words:
            says = f"No server answers at {self._where}. Start it, or correct --set model_options.base_url=URL."
            return Trouble(says, backoff if self._reached or attempt < MOST_TRIES_UNREACHED - 1 else None, True)
        if status in (401, 403):
            return Trouble(f"{where} refused the key: {words} Set a valid one, then resume.", None, True)
        if status == 404:
            return Trouble(f"{where} knows no such model or path: {words} Check the name after the colon.", None, True)
        if status == 429 and "insufficient_quota" in str(getattr(error, "body", "")) + words:
            return Trouble(f"The quota of the key for {where} is used up: {words} Add credit, then resume.", None, True)
        if status in (408, 409, 425, 429) or (status or 0) >= 500:
            return Trouble(f"{where} is busy ({status}): {words}", max(backoff, _asked_wait(error)))
        if status in (400, 422):
            return self._refusal_of_options(where, words)
        return Trouble(f"{where} failed: {words}", backoff if attempt < MOST_GARBAGE else None)

    def _refusal_of_options(self, where: str, words: str) -> Trouble:
        """A server that names an option it cannot take is asked again without it."""
        for name in OPTIONS:
            named = {f"'{name}'", f'"{name}"', f"`{name}`", f" {name} "} | (
                {"max_tokens"} if name == "max_tokens" else set()
            )
            if name not in self._refused and any(form in f" {words} " for form in named):
                self._refused.add(name)
                return Trouble(f"{where} refuses the option {name}; left out from now on.", 0.0)
        return Trouble(f"{where} refused the prompt: {words}", None, True)


class Trouble(NamedTuple):
    says: str
    wait_s: float | None
    """Seconds until a retry makes sense; None where none does."""
    unpaid: bool = False
    """Surely nothing was answered, so nothing is paid for."""


def _words(error: Exception) -> str:
    """The server's own words, short and on one line."""
    body = getattr(error, "body", None)
    inner = body.get("message") if isinstance(body, dict) else None
    text = LAYERS.sub("", " ".join(str(inner or error or type(error).__name__).split()))[:300]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _asked_wait(error: Exception) -> float:
    """Seconds a Retry-After header asks for: a number or a date."""
    import email.utils

    headers = getattr(error, "litellm_response_headers", None) or getattr(
        getattr(error, "response", None), "headers", {}
    )
    value = headers.get("retry-after")
    if not value:
        return 0.0
    try:
        return max(0.0, float(value))
    except ValueError:
        parsed = email.utils.parsedate_tz(value)
        return max(0.0, email.utils.mktime_tz(parsed) - time.time()) if parsed else 0.0


# ---------------------------------------------------------------- answers


def read(response: Any, model: str, messages: Sequence[Message], *, cost_usd: float | None) -> list[Completion]:
    """The answers in a chat response; the call's input tokens and price are counted on the first.

    Raises Garbage where there is none. Tokens are estimated (four characters each) where the server counts none.
    """
    choices = getattr(response, "choices", None)
    if not isinstance(choices, list) or not choices or any(not hasattr(choice, "message") for choice in choices):
        raise Garbage(repr(response)[:120])
    usage: Any = getattr(response, "usage", None)
    counted = bool(getattr(usage, "prompt_tokens", None))
    sent = usage.prompt_tokens if counted else sum(len(m.content) for m in messages) // CHARACTERS_PER_TOKEN
    texts = [choice.message.content or "" for choice in choices]
    written = (usage.completion_tokens or 0) if counted else sum(map(len, texts)) // CHARACTERS_PER_TOKEN
    share, extra = divmod(written, len(choices))
    return [
        Completion(
            text=text,
            model=getattr(response, "model", None) or model,
            finish=_finish(choice),
            input_tokens=sent if k == 0 else 0,
            output_tokens=share + (extra if k == 0 else 0),
            tokens_estimated=not counted,
            cost_usd=0.0 if cost_usd is not None and k else cost_usd,
        )
        for k, (text, choice) in enumerate(zip(texts, choices, strict=True))
    ]


def _finish(choice: Any) -> Any:
    if getattr(choice.message, "refusal", None):
        return "refusal"
    return {"length": "length", "content_filter": "refusal"}.get(choice.finish_reason or "", "stop")


# ---------------------------------------------------------------- blocking calls


def side_by_side(calls: Sequence[Callable[[], T]], at_once: int) -> Iterator[T]:
    """Results of blocking calls as they come. After a failure no call is begun; what is under way is still handed out.

    The threads are daemons: Ctrl-C ends the wait at once, whatever a server does.
    """
    todo: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()
    failed = threading.Event()
    for call in calls:
        todo.put(call)

    def work() -> None:
        while True:
            try:
                call = todo.get_nowait()
            except queue.Empty:
                return
            if failed.is_set():
                done.put((None, None))
                continue
            try:
                done.put((call(), None))
            except BaseException as error:
                failed.set()
                done.put((None, error))

    for _ in range(min(at_once, len(calls))):
        threading.Thread(target=work, daemon=True).start()
    problem: BaseException | None = None
    for _ in calls:
        result, error = _patiently(done)
        problem = problem or error
        if result is not None:
            yield result
    if problem is not None:
        raise problem


def within(seconds: float, call: Callable[[], T]) -> T:
    """The call's result; TimeoutError after `seconds`, even where a server trickles bytes for ever."""
    done: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            done.put((call(), None))
        except BaseException as error:
            done.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    try:
        result, error = done.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    found: T = result
    return found


def _patiently(done: queue.SimpleQueue[T]) -> T:
    while True:  # in slices, so that Ctrl-C is heard at once
        try:
            return done.get(timeout=POLL_S)
        except queue.Empty:
            continue
