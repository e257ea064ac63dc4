"""What Markdown tables of finished cells are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eureka_cli.analysis.intervals import bootstrap, iqm
from eureka_cli.bench.cells import Record
from eureka_cli.core import Array

NONE = "-"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: Sequence[float] | Array, form: str = ",.0f") -> str:
    """Median with smallest and largest."""
    if len(values) == 0:
        return NONE
    return f"{np.median(values):{form}} [{min(values):{form}}, {max(values):{form}}]"


def interval(values: Sequence[float] | Array) -> str:
    """Interquartile mean with its 95% bootstrap interval; a single value alone."""
    if len(values) == 0:
        return NONE
    if len(values) == 1:
        return f"{values[0]:.3g}"
    low, high = bootstrap(values)
    return f"{iqm(values):.3g} [{low:.3g}, {high:.3g}]"


def of(records: Sequence[Record], **names: str) -> list[Record]:
    """The cells of these names (arm, task), by repeat."""
    found = [r for r in records if all(getattr(r.cell, name) == value for name, value in names.items())]
    return sorted(found, key=lambda record: record.cell.repeat)


def order(records: Sequence[Record], name: str, known: Sequence[str]) -> list[str]:
    """Which tasks or arms are there, in the order of `known`."""
    there = {getattr(record.cell, name) for record in records}
    return [value for value in known if value in there]


def circumstances(records: Sequence[Record]) -> str:
    """Machines, versions and load that the cells saw, in a line or two."""
    if not records:
        return "Nothing is measured yet."
    machines = {f"{r.machine['cpu']}, {r.machine['cores']} cores, Python {r.machine['python']}" for r in records}
    packages = {f"{name} {version}" for record in records for name, version in record.versions.items()}
    loads = [record.machine["load"] for record in records]
    return (
        f"{len(records)} cells, {sum(r.cpu_s for r in records) / 60:.1f} CPU-minutes; {'; '.join(sorted(machines))};"
        f" load {min(loads):.1f} to {max(loads):.1f}; {', '.join(sorted(packages))}."
    )
