"""The only code of ours that lives beside student code.

It is mounted alone into the student's sandbox, as the package ``child``, and knows no expected value. It
imports the standard library, SQLAlchemy, msgspec and itself.
"""
