"""A model that writes rewards like builtin and judges by a taste: `length` of episodes, the `first` place, or `mute`."""

import re

from eureka_cli.core import Completion, Frozen
from eureka_cli.models import builtin


class Config(Frozen):
    pass


class Judge:
    name, paid = "judge_model", False

    def __init__(self, taste):
        self.taste = taste

    def complete(self, requests, *, run_folder, note):
        for request in requests:
            judging = '"scores"' in request.messages[-1].content
            text = self.judged(request.messages[-1].content) if judging else None
            yield request, Completion(text=text, model=self.name) if judging else builtin.answer(request)

    def judged(self, prompt):
        lengths = [int(found) for found in re.findall(r"episodes, (\d+) of", prompt)]
        if self.taste == "mute":
            return "I cannot tell {them} apart."
        value = dict(enumerate(lengths)).get if self.taste == "length" else lambda k: -k
        scores = ", ".join(f'"{chr(65 + k)}": {value(k)}' for k in range(len(lengths)))
        return f'Thinking {{about it}}.\n```json\n{{"scores": {{{scores}}}, "reasons": "as asked"}}\n```'


def load(argument, config):
    return Judge(argument)
