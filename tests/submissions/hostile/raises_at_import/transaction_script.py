class Mine(BaseException):
    def __str__(self):
        raise self


error = Mine()
error.__cause__ = error
raise error
