"""A real HTTP server that speaks the OpenAI chat protocol, answers with `builtin`, and can be told to misbehave."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eureka_cli.core import Message, Request
from eureka_cli.models import builtin

Fault = Callable[["Handler", dict[str, Any]], bool]
"""Does something to one request; True where nothing is left to answer."""


@dataclass
class Server:
    url: str
    takes_n: bool = True
    counts_tokens: bool = True
    faults: list[Fault] = field(default_factory=list)
    """One is taken from the front for every request until none is left."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Handler(BaseHTTPRequestHandler):
    state: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        state = self.state
        with state.lock:
            state.requests.append(body)
            state.headers.append(dict(self.headers))
            fault = state.faults.pop(0) if state.faults else None
            state.at_once += 1
            state.most_at_once = max(state.most_at_once, state.at_once)
        try:
            if fault is None or not fault(self, body):
                self.answer(body)
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with state.lock:
                state.at_once -= 1

    def answer(self, body: dict[str, Any], text: str | None = None, **choice: Any) -> None:
        count = body.get("n") or 1
        texts = [written(body, k) if text is None else text for k in range(count if self.state.takes_n else 1)]
        choices = [
            {"index": k, "message": {"role": "assistant", "content": words}, "finish_reason": "stop", **choice}
            for k, words in enumerate(texts)
        ]
        reply: dict[str, Any] = {"id": "x", "object": "chat.completion", "created": 0, "model": body["model"]}
        reply["choices"] = choices
        if self.state.counts_tokens:
            reply["usage"] = {"prompt_tokens": 1000, "completion_tokens": 100 * len(texts), "total_tokens": 0}
        self.send(200, json.dumps(reply))

    def send(self, status: int, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


def written(body: dict[str, Any], k: int) -> str:
    """What `builtin` answers to this prompt."""
    messages = tuple(Message(role=m["role"], content=m["content"]) for m in body["messages"])
    seed = zlib.crc32(json.dumps([body["messages"], body.get("seed"), k]).encode())
    return builtin.answer(Request(slot="server", messages=messages, seed=seed)).text


# ---------------------------------------------------------------- faults


def status(code: int, message: str, error_code: str | None = None, **headers: str) -> Fault:
    def fault(handler: Handler, body: dict[str, Any]) -> bool:
        handler.send(code, json.dumps({"error": {"message": message, "code": error_code}}), **headers)
        return True

    return fault


def hang(seconds: float) -> Fault:
    def fault(handler: Handler, body: dict[str, Any]) -> bool:
        time.sleep(seconds)
        return True

    return fault


def trickle(seconds: float) -> Fault:
    """Bytes keep coming, an answer never does."""

    def fault(handler: Handler, body: dict[str, Any]) -> bool:
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.end_headers()
        for _ in range(int(seconds / 0.05)):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
        return True

    return fault


def raw(text: str, content_type: str = "application/json") -> Fault:
    def fault(handler: Handler, body: dict[str, Any]) -> bool:
        handler.send(200, text, content_type=content_type)
        return True

    return fault


def says(text: str, **choice: Any) -> Fault:
    def fault(handler: Handler, body: dict[str, Any]) -> bool:
        handler.answer(body, text, **choice)
        return True

    return fault


def refuses(option: str) -> Fault:
    def fault(handler: Handler, body: dict[str, Any]) -> bool:
        if option in body:
            message = f"Unsupported parameter: '{option}' is not supported with this model."
            handler.send(400, json.dumps({"error": {"message": message, "param": option}}))
        return option in body

    return fault


@contextmanager
def serving() -> Iterator[Server]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    state = Server(f"http://127.0.0.1:{httpd.server_address[1]}/v1")
    httpd.RequestHandlerClass = type("Bound", (Handler,), {"state": state})
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield state
    finally:
        httpd.shutdown()
        httpd.server_close()
