"""The wrong choices, a module for each dimension; what each one costs stands in :mod:`compositions.mistakes`."""

from . import failing, inserting, model, previewing, program, reloading, scope

__all__ = ["failing", "inserting", "model", "previewing", "program", "reloading", "scope"]
