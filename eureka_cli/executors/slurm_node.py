"""One member of a job array: `python -m eureka_cli.executors.slurm_node PLACE...` runs the job of its own place.

Reads job.zip, writes answer.zip by rename, and meanwhile news.json, the last event.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

JOB, ANSWER, NEWS = "job.zip", "answer.zip", "news.json"
NEWS_S = 2.0


def main(places: list[str]) -> None:
    from eureka_cli.executors import local_node
    from eureka_cli.store import write_atomic, write_json

    place = Path(places[int(os.environ["SLURM_ARRAY_TASK_ID"])])
    if (place / ANSWER).exists() or not (place / JOB).exists():
        return  # requeued after it had answered
    told = 0.0
    for word in local_node.perform((place / JOB).read_bytes()):
        if isinstance(word, bytes):
            write_atomic(place / ANSWER, word)
        elif time.monotonic() - told >= NEWS_S:
            told = time.monotonic()
            write_json(place / NEWS, word)


if __name__ == "__main__":
    main(sys.argv[1:])
