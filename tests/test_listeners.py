"""Listeners of the student's on SQLAlchemy's own classes last as long as the call that made them."""

from conftest import Bench

COUNTING = """
import sys
from sqlalchemy import Engine, event

heard = sys.__dict__.setdefault("heard", [])

@event.listens_for(Engine, "begin")
def hear(connection):
    heard.append(connection)

def preview_ids(engine, products):
    heard.clear()
    with engine.begin():
        return len(heard)
"""


def test_listeners_on_classes_are_gone_in_the_next_call(walled: Bench) -> None:
    """A second call in the same process hears each event once, as a new program would."""
    with walled.process() as place:
        heard = [place.script(COUNTING, "preview_ids").answer.value for _ in range(2)]
    assert heard == [1, 1]


def test_listeners_that_the_code_removes_itself_do_no_harm(walled: Bench) -> None:
    """Code that takes its own listener away is called again without a complaint."""
    removing = COUNTING + "event.remove(Engine, 'begin', hear)\n"
    with walled.process() as place:
        heard = [place.script(removing, "preview_ids").answer.value for _ in range(2)]
    assert heard == [0, 0]
