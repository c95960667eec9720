"""What grading costs, beside plain pytest on the same submission: ``python -m tests.benchmarks.submission``."""
