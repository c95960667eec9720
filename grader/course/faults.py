"""How a command about a class ends where it does not end well; each exception's message names what to do."""

from __future__ import annotations


class WrongUse(Exception):  # noqa: N818  # it names the fault
    """Something that was named cannot be used; whatever is one of these is told in a sentence."""


class GradingInterrupted(Exception):  # noqa: N818  # it names what happened
    """Somebody ended the run; the message says what is finished."""


class GradesWithheld(Exception):  # noqa: N818  # it names what happened
    """The grader itself failed over some submissions; the message names whose they are."""
