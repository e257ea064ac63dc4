"""What a run found, from its log: the best reward, its fitness with interval beside the baselines, the cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eureka_cli.accounts import total
from eureka_cli.analysis import intervals, normalised
from eureka_cli.core import Json
from eureka_cli.reports import climb, divergence, history, judgements
from eureka_cli.store import RunFolder, read_json

STAGES = ("answer", "veto", "lint", "probe", "bank")


def read(folder: RunFolder) -> dict[str, Json]:
    found: dict[str, Json] = read_json(folder.path / "summary.json")
    return found


def compute(folder: RunFolder) -> dict[str, Json]:
    """The summary of a finished search, from its events (the last of each kind counts: a resumed run repeats some)."""
    events = folder.events()
    start = next(event for event in reversed(events) if event["event"] == "run-start")
    best = next(event for event in reversed(events) if event["event"] == "best")
    confirmed = {(event["label"], event["candidate"]): event for event in events if event["event"] == "confirmed"}
    rows = [_row(event, best["candidate"]) for event in confirmed.values()]
    rows.sort(key=lambda row: (not row["best"], -row["iqm"]))
    ours = next(row for row in rows if row["best"])
    others = {row["label"]: row for row in rows if row["label"] != "candidate"}
    filmed = next((event for event in reversed(events) if event["event"] == "video"), {})
    video = filmed.get("file")
    silent = next((event["reason"] for event in reversed(events) if event["event"] == "no-video"), None)
    return {
        "run": str(folder.path),
        "task": start["task"],
        "sentence": start["sentence"],
        "params": start["params"],
        "model": start["model"],
        "best": ours,
        "others": rows,
        "comparison": {label: _compare(ours, row) for label, row in others.items()},
        "human_normalised": _normalised(ours, others),
        "likeness": _likeness(events),
        "divergence": _divergence(folder, best["candidate"]),
        "preferences": judgements.told(events),
        "search": _search(events),
        "climb": climb.told(events),
        "cost": cost(events),
        "isolation": next((event["level"] for event in reversed(events) if event["event"] == "isolation"), ""),
        "reward": str(folder.path / "best.py"),
        "video": video,
        "no_video": None if video else silent,
        "no_panel": filmed.get("no_panel"),
        "report": str(folder.path / "report.html"),
    }


def _row(event: dict[str, Json], best: str) -> dict[str, Json]:
    scores = event["scores"]
    low, high = intervals.bootstrap(scores)
    return {
        "label": event["label"],
        "candidate": event["candidate"],
        "best": event["label"] == "candidate" and event["candidate"] == best,
        "iqm": float(intervals.iqm(scores)),
        "interval": [low, high],
        "scores": scores,
        "success": event.get("success", []),
        "extras": {name: float(intervals.iqm(values)) for name, values in event.get("extras", {}).items()},
    }


def _compare(ours: dict[str, Json], theirs: dict[str, Json]) -> dict[str, Json]:
    sides = ours["scores"], theirs["scores"]
    return {
        "verdict": intervals.verdict(*sides),
        "difference": list(intervals.difference(*sides)),
        "probability_of_improvement": intervals.probability_of_improvement(*sides),
    }


def _normalised(ours: dict[str, Json], others: dict[str, dict[str, Json]]) -> dict[str, Json] | None:
    if "human" not in others or "sparse" not in others:
        return None
    scale = normalised.scale(others["human"]["scores"], others["sparse"]["scores"])
    if scale is None:
        return None
    raw = float(scale.raw(ours["iqm"]))
    return {"raw": raw, "clipped": float(normalised.clipped(raw)), "warning": scale.warning}


def _likeness(events: list[dict[str, Json]]) -> dict[str, Json] | None:
    told = next((event for event in reversed(events) if event["event"] == "likeness"), None)
    return told and {name: value for name, value in told.items() if name not in ("event", "time")}


def _divergence(folder: RunFolder, best: str) -> dict[str, Json]:
    """Of the best reward: shares of its components, where fitness turned, certificates beside the baselines'."""
    answer = history.answer(folder, best)
    told = {event["label"]: event for event in folder.events() if event["event"] == "certificate"}
    turn = answer.turn if answer else None
    steps = answer.curves.get("steps", []) if answer else []
    return {
        "shares": [share._asdict() for share in answer.shares] if answer else [],
        "turn": turn and turn._asdict(),
        "certificates": {
            label: {name: value for name, value in event.items() if name not in ("event", "time")}
            for label, event in told.items()
        },
        "remarks": divergence.remarks(told.get("candidate"), turn, steps),
    }


def _search(events: list[dict[str, Json]]) -> dict[str, Json]:
    verdicts = {event["slot"]: event for event in events if event["event"] == "verdict"}
    scores = [event for event in events if event["event"] == "score"]
    ended = {event["candidate"] for event in scores if event["failure"] or event["steps"] >= event["total"]}
    stopped = {event["candidate"]: event for event in events if event["event"] == "race-stopped"}
    saved = {name: event["saved_steps"] for name, event in stopped.items() if name not in ended}
    return {
        "answers": len({event["slot"] for event in events if event["event"] == "answered"}),
        "refused": sum(not event["accepted"] for event in verdicts.values()),
        "trained": len({event["candidate"] for event in scores}),
        "stopped_by_racing": len(saved),
        "steps_saved_by_racing": sum(saved.values()),
        "funnel": _funnel(verdicts.values()),
        "bank": _bank(events),
    }


def _funnel(verdicts: Iterable[dict[str, Json]]) -> dict[str, dict[str, int]]:
    """Per stage, in order of cost: answers it refused, and the environment steps of training that this spared."""
    found: dict[str, dict[str, int]] = {}
    for event in verdicts:
        if not event["accepted"]:
            stage = next(finding["stage"] for finding in event["findings"] if finding["severity"] == "error")
            row = found.setdefault(stage, {"refused": 0, "spared_steps": 0})
            row["refused"] += 1
            row["spared_steps"] += event["spares"]
    return {stage: found[stage] for stage in STAGES if stage in found}


def _bank(events: list[dict[str, Json]]) -> dict[str, int]:
    """How many candidates were judged on the bank, and of how many it said nothing for want of outcomes to compare."""
    told = {event["candidate"]: event["facts"] for event in events if event["event"] == "screened"}
    return {"judged": len(told), "abstained": sum(bool(facts.get("abstains")) for facts in told.values())}


def funnel_text(search: dict[str, Json]) -> str:
    """What was stopped before training, in a sentence; empty where nothing was."""
    parts = [f"{row['refused']} by {stage}" for stage, row in search["funnel"].items()]
    if not parts:
        return ""
    spared = sum(row["spared_steps"] for row in search["funnel"].values())
    return f"refused before training: {', '.join(parts)}, which spared up to {spared:,} environment steps"


def race_text(search: dict[str, Json]) -> str:
    """What the race stopped early, in a sentence; empty where it stopped nothing."""
    if not search["stopped_by_racing"]:
        return ""
    share = f"{search['stopped_by_racing']} of {search['trained']}"
    return f"stopped early by the race: {share}, which saved {search['steps_saved_by_racing']:,} environment steps"


def cost(events: list[dict[str, Json]]) -> dict[str, Json]:
    """What a log says was spent, with what other runs share; `wall_s` is the time it was worked on."""
    done = [event for event in events if event["event"] == "job-done"]
    answers = [event for event in events if event["event"] == "answered"]
    unpriced = [event for event in answers if event["paid"] and event["usd"] is None]
    return {
        "cpu_s": round(sum(event["cpu_s"] for event in done), 1),
        "wall_s": _wall(events),
        "steps": sum(event["steps"] for event in done),
        "tokens": sum(event["tokens"] for event in answers),
        "usd": None if unpriced else sum(event["usd"] or 0.0 for event in answers),
        "person_queries": judgements.queries(events),
        "calls_possibly_paid": total(events).open_answers,
    }


def _wall(events: list[dict[str, Json]]) -> float:
    """Seconds during which the run was worked on: pauses between processes do not count."""
    total, before = 0.0, None
    for event in events:
        if before is not None and event["event"] not in ("run-start", "run-done"):
            total += max(0.0, event["time"] - before)  # clocks are set back
        before = event["time"]
    return round(total, 1)


def text(found: dict[str, Json]) -> str:
    """The summary for a person, in a dozen lines."""
    best, spent = found["best"], found["cost"]
    rung = f" ({found['params']['rung']} rung)" if "rung" in found["params"] else ""
    if found["climb"]:
        rung = f" (goal {found['climb']['goal']!r})"
    over = f" over {len(best['scores'])} fresh seeds" if len(best["scores"]) > 1 else ""
    lines = [
        "",
        f"{found['task']}{rung}: {found['sentence']}",
        f"best reward {best['candidate']}: fitness {_with_interval(best)}{over}{_measured(best)}",
    ]
    for row in found["others"]:
        if row["best"]:
            continue
        name = f"candidate {row['candidate']}" if row["label"] == "candidate" else row["label"]
        verdict = found["comparison"].get(row["label"], {}).get("verdict", "")
        says = {"better": "the best reward is better", "worse": "the best reward is worse"}.get(verdict, verdict)
        lines.append(f"  {name:22} {_with_interval(row)}{_measured(row)}" + (f"  ({says})" if says else ""))
    lines += climb.lines(found["climb"]) if found["climb"] else []
    score = found["human_normalised"]
    if score:
        lines.append(f"human-normalised score {score['raw']:.2f} (clipped to [0, 3]: {score['clipped']:.2f})")
        if score["warning"]:
            lines.append(f"  read it with care: {score['warning']}")
    if alike := likeness_text(found["likeness"]):
        lines.append(alike)
    lines += found["divergence"]["remarks"]
    lines += judgements.lines(found["preferences"])
    lines += [says for says in (funnel_text(found["search"]), race_text(found["search"])) if says]
    panel = f" (without the panel: {found['no_panel']})" if found.get("no_panel") else ""
    video = f"{found['video']}{panel}" if found["video"] else f"none: {found['no_video'] or 'switched off'}"
    money = "price unknown" if spent["usd"] is None else f"${spent['usd']:.2f}"
    asked = f", {spent['person_queries']} person queries" if spent["person_queries"] else ""
    lines += [
        f"cost: {spent['cpu_s']:.0f} CPU-s, {spent['wall_s']:.0f} s, {spent['steps']:,} environment steps,"
        f" {spent['tokens']:,} tokens, {money}{asked}",
        f"isolation of reward code: {found['isolation'] or 'everything was read from disk'}",
        f"reward  {found['reward']}",
        f"video   {video}",
        f"report  {found['report']}",
    ]
    return "\n".join(lines)


def likeness_text(alike: dict[str, Json] | None) -> str:
    """How alike the best reward and the human one are, in a sentence; empty where nobody asked."""
    if alike is None or alike["failure"]:
        return ""
    if alike["correlation"] is None:
        return "likeness to the human reward: unknown, one of the two is constant"
    says = f"likeness to the human reward: r = {alike['correlation']:.3f} over {alike['transitions']:,} steps"
    return says + (", in effect the same reward: remembered, or found again" if alike["same"] else "")


def _measured(row: dict[str, Any]) -> str:
    """What the task measures besides fitness, such as deaths in lava."""
    return "".join(f", {name.replace('_', ' ')} {value:.3g}" for name, value in row.get("extras", {}).items())


def _with_interval(row: dict[str, Any]) -> str:
    if len(row["scores"]) == 1:
        return f"{row['iqm']:.3g} (one fresh seed)"
    return f"{row['iqm']:.3g} [{row['interval'][0]:.3g}, {row['interval'][1]:.3g}]"
