"""Every number of the grader, once."""

KIB = 1024
MIB = 1024 * KIB

# --- a submission -----------------------------------------------------------------------------------------------------
SOURCE_BYTES = 256 * KIB
"""The largest source file that is taken in; a hand-written script is a hundredth of it."""
SOURCE_FILES = 200
"""How many Python files are taken in."""
SOURCE_DEPTH = 6
"""How many folders below the submission a module may lie."""

# --- one call of a student's code -------------------------------------------------------------------------------------
WALL_SECONDS = 5.0
"""A call that takes longer is killed; the reference takes a hundredth of it."""
CPU_SECONDS = 3
"""Processor time of a student's process, all its calls together."""
ADDRESS_SPACE = 512 * MIB
"""Virtual memory of a student's process; Python with SQLAlchemy needs 60 MB of it."""
FILE_BYTES = 2 * MIB
"""The largest file a student's process may write; with OPEN_FILES it bounds what lies in files without a name."""
OPEN_FILES = 64
"""File descriptors of a student's process."""
SCRATCH_BYTES = 16 * MIB
"""The private in-memory folder of a student's process."""
SCRATCH_FILES = 256
"""Files in it."""
SHARED_SCRATCH_BYTES = 128 * MIB
"""All private folders together where they lie on one file system in memory."""
OUTPUT_BYTES = 64 * KIB
"""How much of what a call prints is kept; the rest is read and counted."""
ANSWER_BYTES = 1 * MIB
"""The largest answer that a student's process may send about one call."""
TEXT_CHARACTERS = 500
"""The longest message of an exception, and the longest text of a value, that is kept."""
SIGNS = 20
"""How many signs of something that no solution needs are kept of a call."""
SIGN_CHARACTERS = 200
"""The longest text, and the longest name of a file, of a sign."""

# --- the sandbox ------------------------------------------------------------------------------------------------------
START_SECONDS = 30.0
"""A sandbox that is not ready by then is the grader's own failure (a cold disk may need seconds)."""
ANSWER_SECONDS = 10.0
"""How long the database server may take to close a call."""
ORDINARY_USER = 61_999
"""The user that student code becomes where the grader was started as root: owns nothing, nobody's login."""
STOP_SECONDS = 5.0
"""How long a killed process may take to be gone."""
DATAGRAM_BYTES = 4 * KIB
"""The largest message of the zygote's."""
WORKERS = 2
"""How many processes of one submission run at a time."""
DATABASE_MEMORY = 128 * MIB
"""The folder in memory in which a walled-in database server keeps its files."""

# --- database server --------------------------------------------------------------------------------------------------
BUSY_SECONDS = 0.25
"""How long a statement waits for a lock at most; sqlite's own default of 5 s would eat the time of a call."""
STATEMENT_SECONDS = 2.0
"""A statement that computes longer is interrupted."""
SETTLE_SECONDS = 0.5
"""How long a statement may still run after the end of its call, before it is interrupted."""
DATABASE_CPU_SECONDS = 20
"""Processor time of the process that serves one scenario."""
DATABASE_ADDRESS_SPACE = 1024 * MIB
"""Its virtual memory: a connection's thread takes 8 MB of it."""
DATABASE_OPEN_FILES = 512
"""Its file descriptors: a connection needs a socket, a file and up to three beside that."""
DATABASE_FILE_BYTES = 32 * MIB
"""The largest database file."""
DATABASE_HEAP_BYTES = 128 * MIB
"""Memory that sqlite may take for one scenario."""
DATABASE_MEMORY = 256 * MIB
"""The folder in memory with the database files of all scenarios."""
CONNECTIONS = 48
"""Connections that a scenario may have open at once; each has a thread of the server."""
VALUE_BYTES = 1 * MIB
"""The longest text or blob that the server lets a statement handle."""
SQL_BYTES = 512 * KIB
"""The longest statement."""
BATCH_ROWS = 64
"""Rows that travel in one reply."""
LOG_STEPS = 5_000
"""Steps of a call that are kept; the rest is counted."""
LOG_BYTES = 1 * MIB
"""Their size as JSON, all together."""
STEP_CHARACTERS = 2_000
"""How much of a statement, and of each of its parameters, a step keeps."""
STEP_PARAMETERS = 50
"""How many parameters of a statement, and how many sets of them, a step keeps."""
TABLE_ROWS = 1_000
"""Rows of the watched table that are read."""
RECORD_BYTES = 64 * MIB
"""The largest record of a call that the observer takes from the database server."""
FORESEEN_IDS = 5
"""How many of the next automatic ids are told."""
