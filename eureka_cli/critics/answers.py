"""Find the code in a model's answer, or say why there is none."""

from __future__ import annotations

import re

from eureka_cli.core import Finding

ENTRY = "compute_reward"
FENCE = re.compile(
    r"^(?P<bar>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[^\n]*\n(?P<body>.*?)^(?P=bar)[ \t]*$", re.M | re.S
)
AGAIN = "Answer with one sentence and one ```python block that holds the whole module."


def extract(answer: str) -> str | Finding:
    """The code of an answer: the last fenced block that defines the entry point, whole; or why there is none."""
    blocks = list(FENCE.finditer(answer))
    wanted = [match["body"] for match in blocks if f"def {ENTRY}" in match["body"]]
    if wanted:
        return wanted[-1].strip() + "\n"
    if re.search(rf"^(```|~~~).*\bdef {ENTRY}\b", answer, re.M | re.S):
        return Finding(
            rule="unclosed-block", message="The code block is not closed: the answer was cut off.", cure=AGAIN
        )
    if not blocks and re.search(rf"^def {ENTRY}\b", answer, re.M):
        start = re.search(r"^(import|from|def|[A-Z_]+\s*=)", answer, re.M)
        return answer[start.start() if start else 0 :].strip() + "\n"
    if blocks:
        languages = ", ".join(sorted({match["language"] or "plain" for match in blocks}))
        message = f"No block ({languages}) defines {ENTRY}."
        return Finding(rule="no-entry-point", message=message, cure=AGAIN)
    if not answer.strip():
        return Finding(rule="empty-answer", message="The answer is empty.", cure=AGAIN)
    return Finding(rule="no-code", message="The answer holds no code block.", cure=AGAIN)
