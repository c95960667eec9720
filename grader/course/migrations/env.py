"""Runs the migrations on the connection that the gradebook hands over, in the transaction that is open there."""

from __future__ import annotations

from alembic import context

from grader.course.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,  # SQLite's is, where the driver does not meddle, and ours does not
    render_as_batch=True,  # SQLite changes a column by copying its table
)
context.run_migrations()
