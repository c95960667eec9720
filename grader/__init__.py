"""Grades submissions of the assignment on SQLAlchemy sessions and transactions."""

__version__ = "0.1.0"
