"""The first gradebook."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NEVER_CHANGED = "the audit trail is only ever added to"


def upgrade() -> None:
    """Make all tables."""
    _people()
    _work()
    _grades()
    _decisions()
    _audit()


def _people() -> None:
    op.create_table(
        "students",
        _id(),
        _text("key"),
        _long("about"),
        sa.Column("enrolled", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("key", name="uq_students_key"),
    )


def _work() -> None:
    op.create_table(
        "submissions",
        _id(),
        _of("submissions", "student_id", "students.id"),
        _text("commit_hash"),
        _text("digest"),
        _moment("pushed_at", nullable=True),
        _long("folder"),
        _moment("noted_at"),
        sa.UniqueConstraint("student_id", "commit_hash", "digest", name="uq_submissions_student_id_commit_hash_digest"),
    )
    op.create_table(
        "evidence",
        _id(),
        _text("digest"),
        _text("plan"),
        _text("version"),
        _text("encoding"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _moment("taken_at"),
        sa.UniqueConstraint("digest", "plan", "version", name="uq_evidence_digest_plan_version"),
    )
    op.create_index("ix_submissions_student_id", "submissions", ["student_id"])
    op.create_index("ix_submissions_digest", "submissions", ["digest"])


def _grades() -> None:
    once = ("submission_id", "evidence_id", "version", "checks", "rubric")
    op.create_table(
        "grades",
        _id(),
        _of("grades", "submission_id", "submissions.id"),
        _of("grades", "evidence_id", "evidence.id"),
        *(_text(name) for name in ("version", "checks", "rubric", "status")),
        *(_number(name) for name in ("score", "max_score")),
        _long("flags"),
        _long("report"),
        _moment("graded_at"),
        sa.UniqueConstraint(*once, name=f"uq_grades_{'_'.join(once)}"),
    )
    op.create_table(
        "criteria",
        _of("criteria", "grade_id", "grades.id"),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        _text("key"),
        _text("outcome"),
        *(_number(name) for name in ("points", "max_points")),
        _long("seen"),
        sa.PrimaryKeyConstraint("grade_id", "place", name="pk_criteria"),
    )
    op.create_index("ix_grades_submission_id", "grades", ["submission_id"])
    op.create_index("ix_grades_evidence_id", "grades", ["evidence_id"])
    op.create_index("ix_criteria_key", "criteria", ["key"])


def _decisions() -> None:
    _overrides()
    op.create_table(
        "late_policies",
        _id(),
        _moment("due"),
        *(_number(name) for name in ("grace", "percent_per_day")),
        _number("cut_off", nullable=True),
        _text("who"),
        _moment("at"),
    )
    op.create_table(
        "extensions",
        _id(),
        _of("extensions", "student_id", "students.id"),
        _moment("due", nullable=True),
        _long("reason"),
        _text("who"),
        _moment("at"),
    )
    op.create_index("ix_extensions_student_id", "extensions", ["student_id"])


def _overrides() -> None:
    op.create_table(
        "overrides",
        _id(),
        _of("overrides", "student_id", "students.id"),
        _text("criterion"),
        _number("points", nullable=True),
        _long("reason"),
        _text("digest"),
        _text("who"),
        _moment("at"),
    )
    op.create_index("ix_overrides_student_id", "overrides", ["student_id"])


def _audit() -> None:
    """Make the audit trail; the database itself refuses to change it, where we know how to ask it to."""
    op.create_table("audit", _id(), _moment("at"), _text("who"), _text("action"), _text("student"), _long("details"))
    op.create_index("ix_audit_at", "audit", ["at"])
    database = op.get_bind().dialect.name
    if database == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_NEVER_CHANGED}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()"
        )
    elif database == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_is_kept_from_{change.lower()} BEFORE {change} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{_NEVER_CHANGED}'); END"
            )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def _of(table: str, name: str, other: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(other, name=f"fk_{table}_{name}"), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(500), nullable=False)


def _long(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
