"""What a person or a program gets to see of a grade: one module for each form of it."""
