"""What the tests before training say of rewards that are wrong on purpose, and of the shipped human and sparse ones.

    python benchmarks/bank_flaws.py --seeds 3

Every reward of benchmarks/flawed/ and of the shipped tasks goes through `reward-synth check`, with a rollout bank built
from another seed each time. Counts of refused ones, of those only remarked on, and the rules that said so.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLAWED = ROOT / "benchmarks" / "flawed"


def check(file: Path, task: str, seed: int, runs: str) -> list[dict]:
    """Findings of one reward, by the command a person would use."""
    command = [sys.executable, "-m", "eureka_cli.cli.main", "check", str(file), "--task", task, "--json"]
    done = subprocess.run(
        [*command, "--set", f"seed={seed}", "--runs", runs], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def verdict(findings: list[dict]) -> tuple[str, list[str]]:
    """`refused`, `remarked` by the bank, or `passed`; with the rules."""
    errors = [finding["rule"] for finding in findings if finding["severity"] == "error"]
    remarks = [f["rule"] for f in findings if f["severity"] != "error" and f["stage"] == "bank"]
    return ("refused", errors) if errors else ("remarked", remarks) if remarks else ("passed", [])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    counts: dict[str, Counter[str]] = {"flawed": Counter(), "human": Counter(), "sparse": Counter()}
    with tempfile.TemporaryDirectory() as runs:
        for folder in sorted(FLAWED.iterdir()):
            files = [("flawed", file) for file in sorted(folder.glob("*.py"))]
            for kind in ("human", "sparse"):
                files += [(kind, file) for file in (ROOT / "envs").glob(f"*/rewards/{folder.name}_{kind}.py")]
            for kind, file in files:
                seen = [verdict(check(file, folder.name, seed, runs)) for seed in range(arguments.seeds)]
                counts[kind].update(said for said, _ in seen)
                rules = dict.fromkeys(rule for _, found in seen for rule in found)
                line = " ".join(said for said, _ in seen)
                print(f"{folder.name:18} {file.stem:26} {line:28} {', '.join(rules)}", flush=True)
    for kind, found in counts.items():
        total = sum(found.values())
        rest = f"{found['remarked']} remarked on, {found['passed']} passed"
        print(f"{kind}: {found['refused']} of {total} refused, {rest}")


if __name__ == "__main__":
    main()
