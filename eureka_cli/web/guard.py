"""Who may ask for a page: this machine, or whoever has the token; and what a page may do in the browser.

A person's code runs (sandboxed) when it is posted here, so a page of another site must not be able to post: the Host
header stops names that were rebound to this address, the Origin header stops forms and scripts of other sites.
"""

from __future__ import annotations

import ipaddress
import secrets
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_POST = 1_000_000
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
REPORT = "default-src 'none'; style-src 'unsafe-inline'; img-src data: 'self'; media-src data: 'self'; sandbox"
"""A report's styles are within it; it has no script, and gets none."""
HEADERS = {
    "Content-Security-Policy": PAGE,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class Door(NamedTuple):
    token: str
    """What a visitor must show; empty where everybody on this machine may come in."""
    cookie: str
    loopback: bool
    """Only this machine can reach it, under one of a few names."""


def door(host: str, port: int, *, token: bool) -> Door:
    """A host that others can reach has a token, whether asked for or not."""
    loopback = is_loopback(host)
    return Door(secrets.token_urlsafe(24) if token or not loopback else "", f"reward-synth-{port}", loopback)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def guarded(app: ASGIApp, entrance: Door) -> ASGIApp:
    """The app behind its door; every answer carries HEADERS unless it has stricter ones of its own."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        inside = refusal(Request(scope), entrance) or app
        await inside(scope, receive, sending)

    return serve


def refusal(request: Request, entrance: Door) -> Response | None:
    """What to answer in place of the page; None where it may be seen."""
    host = request.headers.get("host", "")
    if entrance.loopback and _name(host) not in LOOPBACK_NAMES:
        return PlainTextResponse("This address is served to this machine only, as localhost.", 421)
    if entrance.token and not _same(request.cookies.get(entrance.cookie, ""), entrance.token):
        return _let_in(request, entrance)
    if request.method in ("GET", "HEAD"):
        return None
    if not host or request.headers.get("origin") not in (f"http://{host}", f"https://{host}"):
        return PlainTextResponse("Only this page's own forms may change anything.", 403)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST_POST:
        return PlainTextResponse(f"At most {LARGEST_POST:,} bytes, and their number said ahead.", 413)
    return None


def _let_in(request: Request, entrance: Door) -> Response:
    """A cookie for whoever shows the token in the address; the token leaves the address bar."""
    if request.method != "GET" or not _same(request.query_params.get("token", ""), entrance.token):
        return PlainTextResponse("Open the address that `reward-synth ui` printed: it ends in a token.", 401)
    response = RedirectResponse(request.url.path, 303)
    response.set_cookie(entrance.cookie, entrance.token, httponly=True, samesite="strict")
    return response


def _name(host: str) -> str | None:
    """Without its port; None for what is no address."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _same(said: str, wanted: str) -> bool:
    return secrets.compare_digest(said.encode(), wanted.encode())
