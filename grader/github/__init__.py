"""Grading on GitHub: the steps of a workflow, what proves where a report comes from, and a class's repositories."""
