"""The `reward-synth` command. Commands import what they need when they run, so that --help is quick."""

from __future__ import annotations

import sys

import typer

from eureka_cli.cli import (
    answer,
    bank,
    bench,
    check,
    compare,
    doctor,
    refine,
    report,
    resume,
    run,
    show,
    status,
    tasks,
    ui,
)
from eureka_cli.errors import RewardSynthError
from eureka_cli.sandbox.platforms import require_linux

app = typer.Typer(
    name="reward-synth",
    help="One sentence and a simulated environment in, a reward function that trains a robot policy out.",
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
app.command("show")(show.command)
app.command("report")(report.command)
app.command("ui")(ui.command)
app.command("compare", epilog=compare.EPILOG)(compare.command)
app.command("check")(check.command)
app.add_typer(bank.app, name="bank")
app.command("bench")(bench.command)
app.command("tasks")(tasks.command)
app.command("doctor")(doctor.command)

FULL_DISK = 28


def main() -> None:
    """Run the command line; errors of ours end in one sentence, Ctrl-C in a resumable run."""
    try:
        if "--help" not in sys.argv:
            require_linux()
        app()
    except RewardSynthError as error:
        print(f"reward-synth: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(141)
    except OSError as error:
        cure = "Free some space and resume." if error.errno == FULL_DISK else "Check the path and its permissions."
        print(f"reward-synth: {error.strerror}: {error.filename or ''}. {cure}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
