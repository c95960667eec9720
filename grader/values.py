"""The nouns of the project: frozen values, one for each arrow of the flow.

``Submission -> Run -> Evidence | CheckResult -> GradeReport``: everything on the left of the bar is a
record of what happened, everything on the right is a judgement of it. Only :class:`Evidence` crosses.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

# 1: the first published layout.
EVIDENCE_FORMAT = 1
# 1: the first published layout.
GRADE_FORMAT = 1

Part = Literal["own", "reference"]
OutcomeName = Literal["passed", "failed", "blocked", "broken"]


class Where(Struct, frozen=True):
    """A line of the student's code."""

    file: str
    line: int


class Source(Struct, frozen=True, omit_defaults=True):
    """One Python file of a submission; ``text`` is None where the file cannot be read as source."""

    name: str
    text: str | None = None
    problem: str | None = None


class Finding(Struct, frozen=True):
    """Something that reading the source, without running it, shows."""

    kind: str
    where: Where


class Submission(Struct, frozen=True):
    """What a student handed in: the sources that count, and a digest of them."""

    name: str
    digest: str
    sources: tuple[Source, ...]
    observations: str | None
    observations_problem: str | None = None
    findings: tuple[Finding, ...] = ()


class Table(Struct, frozen=True, omit_defaults=True):
    """The rows of a table as sqlite stores them, in the order of the primary key; ``more`` counts those not kept."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: int = 0


class Column(Struct, frozen=True):
    """A column as ``PRAGMA table_xinfo`` describes it; ``primary_key`` counts from 1, 0 is none."""

    name: str
    type: str
    not_null: bool
    primary_key: int


class Schema(Struct, frozen=True):
    """What the database itself says of the table ``products``."""

    kind: str
    sql: str
    columns: tuple[Column, ...]
    refuses_null: dict[str, bool | None]
    triggers: tuple[str, ...] = ()


class SqlError(Struct, frozen=True):
    """An exception of the database driver: class, message and sqlite's name for the code."""

    type: str
    message: str
    code: str | None = None


class Step(Struct, frozen=True, omit_defaults=True):
    """One event of a run, in the order in which it happened.

    ``fact`` tells who says so: the database server (true), or the recorder beside the student's code
    (a claim). Facts are of the kinds ``connect execute executemany executescript commit rollback close
    lost seen fault``; ``seen`` is what a connection of nobody's finds committed in ``products`` from then on.
    Claims are ``call returned raised created begin uses flush commit rollback close expire expire_all refresh
    read state checkout checkin elsewhere elsewhere_done``. ``wrote`` names what a statement itself writes to in the
    watched file, as ``insert:products``; ``many`` counts the rows of an ``executemany``, or the products of a ``call``.
    """

    kind: str
    fact: bool = False
    connection: int | None = None
    session: int | None = None
    object: int | None = None
    where: Where | None = None
    text: str | None = None
    sql: str | None = None
    parameters: Any = None
    many: int = 0
    began: bool = False
    in_transaction: bool = False
    changed: int = 0
    lastrowid: int | None = None
    error: SqlError | None = None
    table: Table | None = None
    role: str | None = None
    wrote: tuple[str, ...] = ()


class Failure(Struct, frozen=True, omit_defaults=True):
    """An exception that left the student's code; ``chain`` names the types it came from, outermost first."""

    type: str
    message: str
    where: Where | None = None
    chain: tuple[str, ...] = ()


class Outcome(Struct, frozen=True, omit_defaults=True):
    """How a run ended.

    ``returned`` with a value, ``raised`` an exception, ``exited`` (a program, with its status), ``missing`` (no such
    function), ``unimportable`` (the module could not be loaded), ``unfinished`` (killed, crashed, out of time:
    ``text`` says which).
    """

    kind: Literal["returned", "raised", "exited", "missing", "unimportable", "unfinished"]
    value: Any = None
    failure: Failure | None = None
    status: int | None = None
    text: str | None = None

    @property
    def where(self) -> Where | None:
        """The student's line to which a failure points."""
        return self.failure.where if self.failure else None


class Sign(Struct, frozen=True, omit_defaults=True):
    """Something that no solution needs, seen inside the student's process: a hint, as code beside it could lie.

    ``text`` says it in a few words that follow a line's name: ``opens /etc/passwd``.
    """

    kind: Literal["files", "processes", "network", "introspection", "native_code", "tracing", "tampering", "limits"]
    text: str
    where: Where | None = None


class Run(Struct, frozen=True, omit_defaults=True):
    """One isolated call of the student's code on a database of its own, and all that was recorded of it.

    ``then`` holds the outcomes of further invocations on the same engine. ``read_back`` is what another process read
    through the model afterwards. ``next_ids`` are the ids that the database would have given at the start.
    """

    name: str
    kind: str
    inputs: dict[str, Any]
    outcome: Outcome
    then: tuple[Outcome, ...] = ()
    model: Part = "own"
    functions: Part = "own"
    before: Table | None = None
    after: Table | None = None
    schema: Schema | None = None
    next_ids: tuple[int, ...] = ()
    databases: tuple[str, ...] = ()
    read_back: tuple[dict[str, Any], ...] | None = None
    steps: tuple[Step, ...] = ()
    steps_dropped: int = 0
    facts_dropped: int = 0
    output: str = ""
    output_bytes: int = 0
    signs: tuple[Sign, ...] = ()


class Surroundings(Struct, frozen=True):
    """Where and with what the evidence was taken."""

    grader: str
    python: str
    sqlalchemy: str
    sqlite: str
    isolation: str


class Evidence(Struct, frozen=True):
    """Everything that the judge may know about a submission."""

    submission: str
    digest: str
    files: tuple[Source, ...]
    findings: tuple[Finding, ...]
    observations: str | None
    observations_problem: str | None
    surroundings: Surroundings
    runs: tuple[Run, ...]
    format: int = EVIDENCE_FORMAT


class CheckResult(Struct, frozen=True, omit_defaults=True):
    """The verdict of one check, before points.

    ``unseen`` means that the evidence holds nothing to judge; ``needs`` are the criteria that may be why. ``share`` of
    the points is kept although the check failed. ``followed`` tells that a part of the reference stood in.
    """

    key: str
    outcome: Literal["passed", "failed", "unseen", "broken"]
    expected: str = ""
    seen: str = ""
    needs: tuple[str, ...] = ()
    where: Where | None = None
    share: float = 0.0
    followed: bool = False


class Criterion(Struct, frozen=True):
    """One line of the grade, as section 6 of the contract lays it out."""

    key: str
    concept: str
    title: str
    outcome: OutcomeName
    points: int
    max_points: int
    expected: str
    seen: str
    hint: str
    cause: str | None
    where: Where | None


class Concept(Struct, frozen=True):
    """The sum of a concept's criteria."""

    score: int
    max_score: int


class Advice(Struct, frozen=True):
    """Something worth knowing that costs nothing."""

    key: str
    message: str
    where: Where | None


class Flag(Struct, frozen=True):
    """Something that an instructor should look at."""

    key: str
    message: str


class GraderInfo(Struct, frozen=True):
    """What graded, and how well the student's code was walled in."""

    version: str
    python: str
    sqlalchemy: str
    isolation: str


class GradeReport(Struct, frozen=True):
    """The grade: pure sums over check results, the same bytes for the same submission and grader."""

    submission: str
    digest: str
    status: Literal["graded", "withheld"]
    score: int
    max_score: int
    concepts: dict[str, Concept]
    criteria: tuple[Criterion, ...]
    advice: tuple[Advice, ...]
    flags: tuple[Flag, ...]
    grader: GraderInfo
    format: int = field(default=GRADE_FORMAT)
