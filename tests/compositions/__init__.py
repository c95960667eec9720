"""Right submissions composed of independent choices, and single mistakes put into them.

Each module holds the right choices of one dimension, the plainest first, and its namesake in :mod:`compositions.wrong`
the wrong ones. :mod:`compositions.composition` puts one of each together, :mod:`compositions.mistakes` says what each
wrong one costs.
"""
