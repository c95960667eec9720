"""Every number of the grader, once."""

KIB = 1024
MIB = 1024 * KIB

# --- a submission -----------------------------------------------------------------------------------------------------
SOURCE_BYTES = 64 * KIB
"""The largest source file that is taken in; a hand-written script is a tenth of it."""
SOURCES_BYTES = 512 * KIB
"""All source files together."""
OBSERVATIONS_BYTES = 8 * KIB
"""The largest ``observations.toml``; reading one of dots alone takes a time that grows with its square."""
SOURCE_FILES = 200
"""How many Python files are taken in."""
SOURCE_DEPTH = 6
"""How many folders below the submission a module may lie."""
TAKEN_IN_BYTES = 4 * MIB
"""A submission as JSON, at six characters for a byte that is no ASCII."""

# --- one call of a student's code -------------------------------------------------------------------------------------
WALL_SECONDS = 5.0
"""A call that takes longer is killed; the reference takes a hundredth of it."""
CPU_SECONDS = 3
"""Processor time of a student's process, all its calls together."""
SHIFT_SECONDS = 1.5
"""A process that has used more of it gets no further call: each begins with half of it at least."""
ADDRESS_SPACE = 512 * MIB
"""Virtual memory of a student's process; Python with SQLAlchemy needs 60 MB of it."""
FILE_BYTES = 2 * MIB
"""The largest file a student's process may write; with OPEN_FILES it bounds what lies in files without a name."""
OPEN_FILES = 64
"""File descriptors of a student's process."""
THREADS = 8_192
"""Threads of the user that a sandbox runs as, all together, before a process in it gets no further one."""
SCRATCH_BYTES = 16 * MIB
"""The private in-memory folder of a student's process."""
SCRATCH_FILES = 256
"""Files in it."""
SHARED_SCRATCH_BYTES = 128 * MIB
"""All private folders together where they lie on one file system in memory."""
OUTPUT_BYTES = 64 * KIB
"""How much of what a call prints is kept; the rest is read and counted."""
PIPE_BYTES = 1 * MIB
"""What a call may print ahead of the grader: with Linux's 64 KiB a flood waits for a busy machine, over and over."""
ANSWER_BYTES = 1 * MIB
"""The largest answer that a student's process may send about one call."""
TEXT_CHARACTERS = 500
"""The longest message of an exception, and the longest text of a value, that is kept."""
CHAIN = 8
"""How many exceptions are kept from which another one came."""
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

# --- database server --------------------------------------------------------------------------------------------------
BUSY_SECONDS = 0.25
"""How long a statement waits for a lock at most; sqlite's own default of 5 s would eat the time of a call."""
STATEMENT_SECONDS = 2.0
"""A statement that computes longer is interrupted."""
SETTLE_SECONDS = 0.5
"""How long a statement may still run after the end of its call, before it is interrupted."""
INSTRUCTIONS = 400_000_000
"""Instructions of sqlite's that all statements of one call may take, some 3 s; an honest call needs a thousandth."""
STATEMENTS = 50_000
"""Statements and connections of one call; an honest call needs a few hundred, SQLAlchemy's suite for dialects half."""
INTERRUPT_SECONDS = 1.5
"""How long an interrupted statement may take to notice, as in the middle of one huge value it cannot."""
READING_SECONDS = 0.5
"""How long the server itself may read a file that a student has filled; the reference's takes a thousandth."""
ENDING_SECONDS = 3.0
"""How long it may read all of them at the end of a call."""
LOOKING_SECONDS = 1.0
"""Processor time that reading the table may take in one call, for all looks from outside but the last one."""
DATABASE_CPU_SECONDS = 40
"""Processor time of the process that serves one scenario, all its calls together."""
DATABASE_ADDRESS_SPACE = 1024 * MIB
"""Its virtual memory: a connection's thread takes 8 MB of it."""
DATABASE_OPEN_FILES = 512
"""Its file descriptors: a connection needs a socket, a file and up to three beside that."""
PAGE_BYTES = 4 * KIB
"""The largest page of a database, which is sqlite's own default: the size of a database counts in pages."""
DATABASE_BYTES = 4 * MIB
"""The largest database: sqlite says that the disk is full before it grows further."""
DATABASE_FILE_BYTES = 6 * MIB
"""The largest file of the server's: a journal may be larger than its database."""
DATABASE_FILES = 8
"""Databases of a scenario that have a file; with their journals they bound what a scenario writes to 96 MB."""
DATABASES_BYTES = 32 * MIB
"""The databases that a call hands on to the next one, all together."""
DATABASE_HEAP_BYTES = 128 * MIB
"""Memory that sqlite may take for one scenario, all databases in memory included."""
CACHE_PAGES = 2_000
"""The largest page cache that a statement may ask for, in pages or KiB; sqlite's own default."""
DATABASE_MEMORY = 256 * MIB
"""The folder in memory in which a walled-in database server keeps the files of all scenarios."""
CONNECTIONS = 48
"""Connections that a scenario may have open at once; each has a thread of the server."""
SOCKETS = 2 * CONNECTIONS
"""Sockets that a scenario may have open at once, with those on which no connection was asked for."""
NESTED_CALLS = 20
"""How deep functions of the student's may use the connection whose statement calls them."""
OPEN_STATEMENTS = 200
"""Statements of a connection that may be read in part at once."""
CONVERTERS = 200
"""Names of converters, and of types that cannot be bound, that a scenario may use."""
VALUE_BYTES = 512 * KIB
"""The longest text or blob, and the longest row; some functions of SQL take its square in time."""
SQL_BYTES = 512 * KIB
"""The longest statement."""
READING_VALUE_BYTES = 64 * KIB
"""The same for the server's own reading: a table with a larger one cannot be read."""
COLUMNS = 250
"""Columns of a table and of a result."""
EXPRESSION_DEPTH = 1_000
"""How deep an expression may nest: sqlite's own default, as a long OR nests with each part."""
COMPOUND_SELECTS = 500
"""Parts of a UNION: sqlite's own default."""
OPERATIONS = 1_000_000
"""Instructions of a compiled statement; an INSERT of 1,000 rows takes about 20,000."""
FUNCTION_ARGUMENTS = 100
"""Arguments of a function: sqlite's own default, where nobody compiled it with another one."""
ATTACHED_DATABASES = 4
"""Databases attached to a connection; VACUUM needs one."""
PATTERN_BYTES = 1_000
"""The longest pattern of a LIKE: its time grows with pattern times text."""
VARIABLES = 250_000
"""Parameters of a statement: the most that a usual sqlite allows; SQLAlchemy cuts its batches to 32,766."""
TRIGGER_DEPTH = 50
"""How deep triggers may set off triggers."""
WORKER_THREADS = 0
"""Threads that sqlite may start beside a statement."""
SMALL_REQUEST = 64 * KIB
"""A request up to here is decoded without a second thought."""
REQUEST_CONTAINERS = 600_000
"""Bytes of a larger one that may stand for a list or a dict, which take 70 times their place once decoded.

Of a megabyte of random bytes, an eighth look like that.
"""
BATCH_ROWS = 64
"""Rows that travel in one reply."""
BATCH_BYTES = 1 * MIB
"""Their size; the row that passes it is the last."""
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
TABLE_BYTES = 1 * MIB
"""Their size; the row that would pass it is not read."""
TOLD_FILES = 8
"""Of how many files a scenario's process remembers what it has read of them."""
TRIGGERS = 100
"""Triggers of the watched table that are told."""
RECORD_BYTES = 64 * MIB
"""The largest record of a call that the observer takes from the database server."""
FORESEEN_IDS = 5
"""How many of the next automatic ids are told."""

# --- from step to step ------------------------------------------------------------------------------------------------
EVIDENCE_BYTES = 256 * MIB
"""The largest evidence that is judged; an honest submission's takes a thousandth."""

# --- from GitHub ------------------------------------------------------------------------------------------------------
FETCH_BYTES = 64 * MIB
"""The largest file that git may write while it fetches one commit; files that cannot count are not sent."""
FETCH_SECONDS = 300
"""How long git may take for it."""
LISTING_BYTES = 4 * MIB
"""The names of all files of a commit, some 40,000 of them: a commit can name billions."""
SHARD_SUBMISSIONS = 150
"""How many submissions a job of a class workflow observes: some minutes' work, so that starting it is worth it."""
SHARDS = 250
"""How many such jobs there are at most; GitHub allows 256 of one kind in a run."""
