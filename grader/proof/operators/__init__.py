"""The mistakes that can be made by machine, one module for each part of the work."""

from __future__ import annotations

from grader.proof.operators.anywhere import ANYWHERE
from grader.proof.operators.failures import FAILURES
from grader.proof.operators.models import MODELS
from grader.proof.operators.program import PROGRAM
from grader.proof.operators.reloading import RELOADING
from grader.proof.operators.rows import ROWS
from grader.proof.operators.sessions import SESSIONS
from grader.proof.operators.transactions import TRANSACTIONS

IN_SCRIPTS = (*TRANSACTIONS, *FAILURES, *SESSIONS, *ROWS, *RELOADING, *PROGRAM, *ANYWHERE)
IN_MODELS = MODELS
