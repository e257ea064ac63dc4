"""How far hostile rewards come, and how many honest ones are refused.

Every hostile reward of tests/hostile runs twice: as a candidate is judged, and with lint off and every builtin there,
as if lint had been got round. A trial is several rollouts and the audit that ends a training.

    python benchmarks/hostile_suite.py
    python benchmarks/hostile_suite.py --traced      # straight to the tracer of mjx_ppo instead, by rule; needs JAX
    python benchmarks/hostile_suite.py --traced denial numeric      # of these categories alone
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from eureka_cli.errors import JobFailed
from eureka_cli.sandbox.client import Zygote
from tests.hostile import suite

TRIES = 5
HEADS = ("category", "count", "refused by lint", "refused by probe", "failed trial", "harmless")


def counted(zygote: Zygote, witness: suite.Witness, category: str, *, with_lint: bool) -> Counter[str]:
    """Stages at which a category's rewards end; `harm` counts traces, leaks and anything a neighbour noticed."""
    ends: Counter[str] = Counter()
    for file in suite.files(category):
        outcome = suite.run(zygote, file.read_text(), with_lint=with_lint)
        ends[outcome.stage] += 1
        ends["harm"] += not unharmed(outcome, witness)
    return ends


def traced(zygote: Zygote, witness: suite.Witness) -> None:
    """By category, what the tracer and the comparison that follows refuse, and by which rule."""
    rules: Counter[str] = Counter()
    categories = (*suite.CATEGORIES, "honest")
    chosen = [name for name in sys.argv[1:] if name != "--traced"] or categories
    if unknown := set(chosen) - set(categories):
        sys.exit(f"No category {', '.join(sorted(unknown))}; there are {', '.join(categories)}.")
    for category in chosen:
        ends, harm = Counter[str](), 0
        for file in suite.files(category):
            outcome = patiently_traced(zygote, file.read_text())
            ends[outcome.stage] += 1
            rules.update(f"{outcome.stage}: {rule}" for rule in outcome.rules if category != "honest")
            harm += not unharmed(outcome, witness)
            if outcome.stage == "harmless" and category != "honest":
                print(f"  traces, and agrees with its process: {category}/{file.stem}", flush=True)
        print(f"{category}: {dict(ends)}, with any effect outside: {harm}", flush=True)
    print(f"hostile ones by rule: {dict(rules.most_common())}")


def patiently_traced(zygote: Zygote, code: str) -> suite.Outcome:
    """A machine that is busy with other work stalls now and then, which says nothing of a reward."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(JobFailed):
            return suite.run_traced(zygote, code)
    return suite.run_traced(zygote, code)


def unharmed(outcome: suite.Outcome, witness: suite.Witness) -> bool:
    return outcome.inputs_kept and not suite.traces() and not suite.leaks(outcome) and witness.is_unmoved()


def table(rows: dict[str, Counter[str]]) -> None:
    widths = [max(14, len(head)) for head in HEADS]
    print("| " + " | ".join(head.ljust(width) for head, width in zip(HEADS, widths, strict=True)) + " |")
    print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    for name, ends in (*rows.items(), ("all", sum(rows.values(), Counter()))):
        stages = [ends[stage] for stage in suite.STAGES]
        cells = [name, str(sum(stages)), *map(str, stages)]
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |")


def main() -> None:
    with suite.something_to_steal():
        zygote = Zygote.start()
        witness = suite.Witness(zygote)
        print(f"isolation: {zygote.level}")
        if "--traced" in sys.argv:
            return traced(zygote, witness)
        harm = 0
        for title, with_lint in (
            ("As a candidate is judged", True),
            ("Lint and the short list of builtins off", False),
        ):
            started = time.monotonic()
            print(f"\n{title}")
            rows = {name: counted(zygote, witness, name, with_lint=with_lint) for name in suite.CATEGORIES}
            table(rows)
            harm += sum(ends["harm"] for ends in rows.values())
            print(f"{time.monotonic() - started:.0f} s")
        ends = counted(zygote, witness, "honest", with_lint=True)
        print(
            f"\nhonest: {sum(ends[stage] for stage in suite.STAGES)}, refused by lint {ends['lint']}, refused by",
            end="",
        )
        print(f" probe {ends['probe']}, failed trial {ends['trial']}")
        print(f"with any effect outside their process: {harm}")
        witness.close()
        zygote.close()


if __name__ == "__main__":
    main()
