"""What grading costs, measured beside a plain pytest run of the same submission: start with ``python -m tests.benchmarks.submission``."""
