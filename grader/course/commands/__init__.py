"""The commands of a class, one module each: arguments only."""
