"""`--model auto`: a key in the environment is a question, never an order to spend."""

from __future__ import annotations

import os
import sys

import typer

from eureka_cli.config import RunConfig

KEYS = {
    "OPENAI_API_KEY": "openai:gpt-5-mini",
    "ANTHROPIC_API_KEY": "litellm:anthropic/claude-sonnet-4-5",
    "GEMINI_API_KEY": "litellm:gemini/gemini-2.5-flash",
}
"""Where a vendor's key is looked for, and what is proposed with it."""


def model(config: RunConfig) -> RunConfig:
    """The config with `auto` replaced: on a terminal by what the person answers, elsewhere by builtin."""
    if config.model != "auto":
        return config
    found = next((name for name in KEYS if os.environ.get(name)), None)
    chosen = "builtin"
    if found and sys.stdin.isatty():
        question = f"{found} is set. Model to write rewards with (costs money; `builtin` is free)"
        chosen = typer.prompt(question, default="builtin", show_default=True, err=True)
    if chosen == "builtin":
        hint = f" {found} is set: --model {KEYS[found]} would use it." if found else ""
        print(f"Rewards are written by builtin, which is free.{hint}", file=sys.stderr)
    return config.model_copy(update={"model": chosen})
