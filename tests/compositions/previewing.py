"""How ``preview_ids`` leaves nothing behind."""

from __future__ import annotations

from dataclasses import dataclass

from .fragment import Fragment


@dataclass(frozen=True)
class Previewing(Fragment):
    """``code`` stands in an open session: ``$insert`` sends the INSERTs and reads the ids.

    ``whole`` is the body of the function where it needs no session of ours.
    """

    whole: str = ""


PREVIEWINGS = (
    Previewing("rolls_back", "$insert\nsession.rollback()"),
    Previewing("only_closes", "$insert"),
    Previewing("begin_object", "transaction = session.begin()\n$insert\ntransaction.rollback()"),
    Previewing(
        "rolls_back_in_finally",
        """
        try:
            $insert
        finally:
            session.rollback()
        """,
    ),
    Previewing(
        "rolls_back_in_begin",
        """
        with session.begin():
            $insert
            session.rollback()
        """,
    ),
    Previewing(
        "leaves_by_exception",
        """
        try:
            with session.begin():
                $insert
                raise Undo
        except Undo:
            pass
        """,
        helper="class Undo(Exception):\n    pass",
    ),
    Previewing(
        "expunges",
        """
        $insert
        session.expunge_all()
        session.rollback()
        """,
    ),
)
