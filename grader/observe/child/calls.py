"""The student's functions as they are called: each call is told, and given the other program that it asks for."""

from __future__ import annotations

import functools
import importlib
import json
from decimal import Decimal
from types import FunctionType
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy.orm import Session

from . import dbapi
from .answers import plain
from .recorder import Event, Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from .request import Invocation

_ASKED_FOR = ("loaded", "stale", "after_expire_all", "after_refresh")
_MARK = "__watched__"  # an attribute of functions whose calls are told


class Elsewhere(RuntimeError):  # noqa: N818  # students read this name in a traceback
    """The other program failed while it changed the price."""


class Told:
    """Stands for a callable object: tells of its calls, and is that object in everything else."""

    def __init__(self, thing: object, call: Callable[..., Any]) -> None:
        object.__setattr__(self, "_told", (thing, call))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # any object's
        """Tell, and do what the object does when it is called."""
        return object.__getattribute__(self, "_told")[1](*args, **kwargs)

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401  # as above
        return getattr(object.__getattribute__(self, "_told")[0], name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(object.__getattribute__(self, "_told")[0], name, value)

    def __delattr__(self, name: str) -> None:
        delattr(object.__getattribute__(self, "_told")[0], name)


def is_told(function: object) -> bool:
    """Tell whether calls of ``function`` are told of already."""
    return type(function) is Told or (isinstance(function, FunctionType) and hasattr(function, _MARK))


def telling(name: str, function: Callable[..., Any], recorder: Recorder) -> Callable[..., Any]:
    """Return what is like ``function``, and tells of each of its calls."""

    @functools.wraps(function)
    def told(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # any function's
        recorder.tell(Event("call", text=name, many=_number_of_products(*args, **kwargs)))
        try:
            value = function(*args, **kwargs)
        except BaseException as error:
            recorder.tell(Event("raised", text=f"{name}: {type(error).__name__}"))
            raise
        recorder.tell(Event("returned", text=f"{name}: {_brief(value)}"))
        return value

    setattr(told, _MARK, True)
    return told if isinstance(function, FunctionType) else Told(function, told)


def _number_of_products(_engine: object = None, products: object = None, *_: object, **__: object) -> int:
    """Return how many products a call was given, 0 where nobody can tell without using them up."""
    return len(products) if isinstance(products, (list, tuple)) else 0


def _brief(value: object) -> str:
    """Return a JSON-like text of a return value, for the claim about it; what was asked for comes first."""
    if type(value) is dict:
        value = {key: value[key] for key in _ASKED_FOR if key in value} | value
    return json.dumps(plain(value))


class OtherProgram:
    """The other program: sets a new price through the student's model, on an engine of its own."""

    def __init__(self, invocation: Invocation, database: str, recorder: Recorder) -> None:
        self._invocation = invocation
        self._database = database
        self._recorder = recorder
        self._calls = 0

    def change(self) -> None:
        """Change the price of the product, as another program would."""
        self._calls += 1
        if self._calls == self._invocation.fail_at:
            self._recorder.tell(Event("elsewhere", text="fails"))
            raise Elsewhere("the price could not be changed elsewhere")
        prices = self._invocation.changes
        price = Decimal(prices[min(self._calls, len(prices)) - 1]) + max(0, self._calls - len(prices))
        self._recorder.tell(Event("elsewhere", text=str(price)))
        with self._recorder.paused(), dbapi.role("elsewhere"):
            self._set(price)
        self._recorder.tell(Event("elsewhere_done"))

    def _set(self, price: Decimal) -> None:
        engine = sqlalchemy.create_engine(f"sqlite:///{self._database}")
        try:
            with Session(engine) as session, session.begin():
                product: Any = session.get(importlib.import_module("models").Product, self._invocation.product_id)
                product.price = price
        finally:
            engine.dispose()
