"""The self-checks. They are a package so that a module of yours may have any name, also one of theirs."""
