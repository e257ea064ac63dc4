"""Process entry of one cell: the cell as JSON on stdin, its result into a file, whole or not at all.

python -m eureka_cli.bench.cell WORK_FOLDER ANSWER_FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

from eureka_cli import bench
from eureka_cli.bench.cells import Cell
from eureka_cli.errors import RewardSynthError
from eureka_cli.store import write_json
from eureka_cli.worker import die_with_parent


def main() -> None:
    die_with_parent()
    cell = Cell.model_validate_json(sys.stdin.read())
    work, answer = map(Path, sys.argv[1:])
    try:
        write_json(answer, bench.load(cell.benchmark).measure(cell, work))
    except RewardSynthError as error:
        sys.exit(str(error))


if __name__ == "__main__":  # Stable-Baselines3's subprocesses import this file again
    main()
