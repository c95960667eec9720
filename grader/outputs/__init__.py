"""What a person or a program gets to see of a grade: one module for each form, each with one ``render`` or ``write``."""
