from functools import lru_cache

from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker


@lru_cache
def engine_for(url):
    return create_engine(url)


def transaction(engine):
    """A session in a transaction that commits at the end of the block."""
    return sessionmaker(engine).begin()


def reading(engine):
    """A session that is closed, and so rolled back, at the end of the block."""
    return sessionmaker(engine)()
