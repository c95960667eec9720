"""The versions of the gradebook's tables, for Alembic."""
