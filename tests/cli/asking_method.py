"""A method that asks: which of two shipped rewards, and whether anything is to be said."""

from eureka_cli import asking, steps
from eureka_cli.core import Frozen
from eureka_cli.errors import RunError
from eureka_cli.people import Option, Question


class Config(Frozen):
    rounds: int = 1
    samples: int = 2


def search(run, config):
    steps.measure(run)
    remark = Question(slot="asking/remark", kind="words", text="Anything to say?")
    run.offer(remark)
    options = (Option(name="first", film="videos/first.mp4", says="stands"), Option(name="second", says="falls"))
    question = Question(slot="asking/round-1/preference", kind="rank", text="Which is better?", options=options)
    said = asking.ask(run, question, truth={"first": 1.0, "second": 0.0})
    heard = run.peek(remark)
    run.event("heard", ranks=said.ranks, words=heard.words if heard else None)
    raise RunError("All is asked, and nothing was to be trained.")
