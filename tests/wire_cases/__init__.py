"""Pieces of work that must come out the same natively and over the wire."""
