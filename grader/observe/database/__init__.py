"""The database on our side of the wall: trusted code that runs the real ``sqlite3`` for the student's connections.

``client`` is the observer's side. ``process`` is the server: it forks a process for each scenario, which keeps the
files, executes the statements, writes down what happened, and injects the faults that a call asks for.
"""
