"""A class: who is in it, what was handed in, what it is worth, and how that leaves for elsewhere."""
