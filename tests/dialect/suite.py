"""SQLAlchemy's public test suite for dialects; collected only where ``test_wire_dialect.py`` names this file."""

from sqlalchemy.testing.suite import *  # noqa: F403  # that is how the suite is taken over
