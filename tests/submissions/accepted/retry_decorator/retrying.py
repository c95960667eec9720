import functools

from sqlalchemy.exc import OperationalError


def retried(times):
    """Call a function again when the database says that it is busy."""

    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(1, times + 1):
                try:
                    return function(*args, **kwargs)
                except OperationalError as error:
                    if "locked" not in str(error.orig) or attempt == times:
                        raise
                    print(f"{function.__name__}: locked, attempt {attempt} of {times}")

        return wrapper

    return decorate
