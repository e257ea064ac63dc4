"""reward-synth ui: watch runs, compare their films and answer their questions in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import socket


def command(
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    host: Annotated[
        str, typer.Option(help="Address to serve on; whoever can reach another than this machine's needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any free one.")] = 8321,
    token: Annotated[bool, typer.Option("--token", help="Ask for a token on this machine too.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Serve a page of all runs: start, watch, stop and resume them, see films side by side, answer their questions.

    Runs are processes of their own: the page may end, they go on. Ctrl-C ends it.

    Example: reward-synth ui --open
    """
    from eureka_cli.errors import UsageError

    try:
        import python_multipart  # noqa: F401
        import uvicorn

        from eureka_cli.web import app, guard
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed. Install it: pip install 'reward-synth[web]'.") from None
    runs.mkdir(parents=True, exist_ok=True)
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    entrance = guard.door(host, port, token=token)
    made = app.make(runs.resolve(), lambda: server.should_exit)
    config = uvicorn.Config(
        guard.guarded(made, entrance), log_level="warning", access_log=False, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/" + (f"?token={entrance.token}" if entrance.token else "")
    print(f"Runs of {runs}/ are shown at {address} (Ctrl-C ends the page, not the runs)", flush=True)
    if open_:
        typer.launch(address)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        print("The page has ended; runs go on.")


def _listen(host: str, port: int) -> socket.socket:
    import errno
    import socket

    from eureka_cli.errors import UsageError

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"Port {port} is taken. Choose another: reward-synth ui --port {port + 1}") from None
        cure = "Take 127.0.0.1 (this machine) or 0.0.0.0 (every network), and a port above 1023."
        raise UsageError(f"{host} port {port} cannot be served: {error.strerror}. {cure}") from None
