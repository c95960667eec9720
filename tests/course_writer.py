"""Writes grades into a gradebook, one after the other, and tells of each once it is committed: to be killed."""

from __future__ import annotations

from multiprocessing.connection import Connection

from course_samples import handed, keep

from grader.course.gradebook import open_gradebook


def write(place: str, name: str, count: int, told: Connection) -> None:
    """Record pushes of students called ``name`` and a number, with an override each, and tell their keys."""
    with open_gradebook(place, name) as book:
        for number in range(count):
            student = f"{name}-{number}"
            keep(book, handed(student, f"sha256:{number}", commit=name), "flush.ids")
            told.send(student)
            book.override(student, "flush.ids", 1, "half right")
            told.send(f"{student} decided")
    told.close()


def open_once(place: str, told: Connection) -> None:
    """Open a gradebook that may not be there yet, and tell what is in it."""
    with open_gradebook(place) as book:
        told.send(len(book.pushes()))
    told.close()
