"""The hidden checks, one file a concept. Each docstring is the sentence that the student reads as *expected*."""
