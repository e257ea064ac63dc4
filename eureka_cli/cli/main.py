"""The `reward-synth` command. Commands import what they need when they run, so that --help is quick."""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from eureka_cli import __version__
from eureka_cli.cli import (
    answer,
    bank,
    bench,
    check,
    check_task,
    clean,
    compare,
    context,
    cost,
    doctor,
    evaluate,
    export,
    listing,
    new,
    refine,
    report,
    resume,
    run,
    score,
    show,
    status,
    stop,
    sweep,
    tasks,
    ui,
)
from eureka_cli.errors import FULL, RewardSynthError
from eureka_cli.sandbox.platforms import require_linux

app = typer.Typer(
    name="reward-synth",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("run", epilog=run.EPILOG)(run.command)
app.command("resume")(resume.command)
app.command("answer", epilog=answer.EPILOG)(answer.command)
app.command("refine", epilog=refine.EPILOG)(refine.command)
app.command("status")(status.command)
app.command("list")(listing.command)
app.command("cost")(cost.command)
app.command("stop")(stop.command)
app.command("clean")(clean.command)
app.command("show")(show.command)
app.command("report")(report.command)
app.command("ui")(ui.command)
app.command("sweep", epilog=sweep.EPILOG)(sweep.command)
app.command("compare", epilog=compare.EPILOG)(compare.command)
app.command("export", epilog=export.EPILOG)(export.command)
app.command("evaluate", epilog=evaluate.EPILOG)(evaluate.command)
app.command("check")(check.command)
app.command("check-task")(check_task.command)
app.command("context")(context.command)
app.command("score")(score.command)
app.add_typer(bank.app, name="bank")
app.command("bench")(bench.command)
app.command("new")(new.command)
app.command("tasks")(tasks.command)
app.command("doctor")(doctor.command)


def _say_version(asked: bool) -> None:
    if asked:
        print(f"reward-synth {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """One sentence and a simulated environment in, a reward function that trains a robot policy out."""


def main() -> None:
    """Run the command line; errors of ours end in one sentence, Ctrl-C in a resumable run."""
    try:
        if "--help" not in sys.argv:
            require_linux()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # of `stop`, a scheduler, a machine going down
        app()
    except RewardSynthError as error:
        print(f"reward-synth: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as error:
        cure = "Free some space and resume." if error.errno in FULL else "Check the path and its permissions."
        print(f"reward-synth: {error.strerror}: {error.filename or ''}. {cure}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
