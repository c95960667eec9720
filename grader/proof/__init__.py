"""The proof: that the assignment holds together, and how often the grader errs."""
