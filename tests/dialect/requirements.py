"""What sqlite can do, where the suite does not assume it."""

from sqlalchemy.testing.requirements import SuiteRequirements


class Requirements(SuiteRequirements):
    """SQLAlchemy's own defaults."""
