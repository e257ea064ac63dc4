"""The divergence report in words: shares, where fitness turned, the certificate. For summary, page and `show`."""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli.analysis.divergence import Share, Turn
from eureka_cli.core import Json


def of_candidate(shares: Sequence[Share], turn: Turn | None, steps: Sequence[float]) -> list[str]:
    """What is to be said of one candidate's training, a line each."""
    lines = []
    if shares:
        named = (f"{s.name} {s.share:.0%}" + (f" ({s.remark})" if s.remark else "") for s in shares)
        lines.append("component shares: " + ", ".join(named))
    return [*lines, *([turn_text(turn, steps)] if turn else [])]


def turn_text(turn: Turn, steps: Sequence[float]) -> str:
    if not turn.tested:
        return f"over-optimisation was not tested: {turn.why_not}"
    if turn.since is None:
        return (
            f"no over-optimisation seen in {len(steps)} checkpoints: a fall of fitness from its peak to the end by"
            f" {turn.least_seen:.3g} would have been"
        )
    assert turn.peak is not None
    return (
        f"fitness fell from its peak at {steps[turn.peak]:,.0f} of {steps[-1]:,.0f} steps by {turn.fall:.3g} while own"
        f" return rose; more than two standard errors below from {steps[turn.since]:,.0f} steps on"
    )


def certificate_text(found: dict[str, Json]) -> str:
    """The certificate in a sentence, with the numbers behind it."""
    if found["failure"]:
        return f"hack certificate: none, {found['failure']}"
    r = "undefined" if found["correlation"] is None else f"{found['correlation']:.2f}"
    chi2 = f"chi2 = {found['chi2']:.3g}" + (" or more" if found["saturated"] else "")
    bound = "" if found["bound"] is None else f", bound {found['bound']:.2g} sigma"
    why = f": {found['why']}" if found["why"] else ""
    return f"hack certificate: {found['verdict']} (r = {r}, {chi2}{bound}){why}"


def remarks(certificate: dict[str, Json] | None, turn: Turn | None, steps: Sequence[float]) -> list[str]:
    """For the end of a run: only what there is to say of the best reward."""
    lines = [certificate_text(certificate)] if certificate else []
    return lines + ([turn_text(turn, steps)] if turn and turn.since is not None else [])
