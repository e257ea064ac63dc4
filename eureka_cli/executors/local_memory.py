"""How much memory jobs may still take: what this machine and this process's control group have left, in bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def available() -> int:
    """Bytes that can be had without swapping: of the machine, or of the tightest group that holds this process."""
    return min([_of_machine(), *_of_groups(Path("/proc/self/cgroup").read_text(), CGROUPS)])


def _of_machine() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("The kernel tells no MemAvailable; Linux has since 3.14.")


def _of_groups(membership: str, root: Path) -> Iterator[int]:
    """Limit minus use of every group above us. Pages of files that were read and not used since count as free."""
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            top, names = root, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top, names = root / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        group = top / path.lstrip("/")
        # In a container the path is the host's, while the container's own group is mounted on top.
        for folder in dict.fromkeys([group, *group.parents, top]):
            if folder == top or top in folder.parents:
                yield from _left(folder, *names)


def _left(group: Path, limit: str, used: str, reclaimable: str) -> Iterator[int]:
    try:
        most, now = (group / limit).read_text().strip(), int((group / used).read_text())
        stat = (group / "memory.stat").read_text()
    except OSError:
        return
    if most != "max":
        counts = dict(line.split() for line in stat.splitlines())
        yield max(0, int(most) - now + int(counts.get(reclaimable, 0)))
