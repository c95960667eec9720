"""The assignment in Jupyter: the notebook version, nbgrader's autograding through this grader, and its gradebook."""
