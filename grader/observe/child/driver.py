"""Works through the calls that the observer asks of one student's process."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import time
import traceback
from types import ModuleType
from typing import TYPE_CHECKING, Any

import sqlalchemy
from msgspec.structs import replace

from . import dbapi, decoys
from .answers import plain, trouble
from .calls import OtherProgram, is_told, telling
from .leaving import Leaving
from .listeners import Listeners
from .loading import WATCHED, Submission
from .products import as_dict, read, read_or_none, store_all
from .recorder import Event, Recorder
from .request import Answer, Call, Invocation, Proceed, Trouble, receive, send
from .seals import Seals
from .tripwire import Tripwire
from .wire import Broken, Note

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

_MOST_REQUEST = 64 * 1024 * 1024  # the observer is trusted; this only bounds a mistake


class Driver:
    """What a student's process does; it is made before the fork, so that all children share what it needs."""

    _requests: socket.socket
    _database: socket.socket
    _leaving: Leaving

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._submission: Submission | None = None
        self._stand_ins: ModuleType | None = None
        self._tripwire = Tripwire()
        self._recorder = Recorder(self._note, self._is_student, self._tripwire.stack)
        self._recorder.install()
        self._listeners = Listeners()
        self._listeners.install()
        self._tripwire.install(Seals(self, self._recorder))
        self._libraries = _libraries()
        decoys.set_out(self._tripwire)

    def work(self, requests: socket.socket, database: socket.socket) -> None:
        """Serve the calls that come on ``requests`` until that is closed; ``database`` leads to the server."""
        self._requests, self._database = requests, database
        while True:
            try:
                call = receive(self._requests, Call, _MOST_REQUEST)
            except EOFError:
                return
            self._prepare(call)
            _TARGETS.get(call.target, Driver._function)(self, call)

    def _prepare(self, call: Call) -> None:
        self._notes.clear()
        self._recorder.forget()
        self._listeners.remove()
        self._stand_ins = None
        self._leaving = Leaving()
        _open_streams()
        folder = os.path.abspath(call.folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        self._submission = Submission(folder, call.sources, self._watch)
        self._submission.enter()
        self._tripwire.begin(folder, call.sources)
        decoys.give_way(call.sources)
        dbapi.attach(self._database, self._take_notes, self._where, existing=call.existing)
        if call.stand_ins is not None:
            self._stand_ins = ModuleType("reference_script")
            exec(compile(call.stand_ins, "reference_script.py", "exec"), self._stand_ins.__dict__)  # noqa: S102  # ours

    # --- what is told -------------------------------------------------------------------------------------------------

    def _is_student(self, filename: str) -> bool:
        return self._submission is not None and self._submission.holds(filename)

    def _where(self) -> tuple[str, int] | None:
        """Return the line of the student's code that is being executed: the innermost one on the stack."""
        frame = self._tripwire.stack(1)
        while frame is not None:
            name = frame.f_globals.get("__name__")
            # Most are a library's. To ask a frame for its file takes long, as would the identity of its namespace.
            if type(name) is not str or name not in self._libraries:
                filename = frame.f_code.co_filename
                if self._is_student(filename):
                    return self._relative(filename), frame.f_lineno
            frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
        return None

    def _relative(self, filename: str) -> str:
        return filename.removeprefix(f"{self._submission.folder}/") if self._submission else filename

    def _note(self, event: Event) -> None:
        self._notes.append(
            Note(
                kind=event.kind,
                session=event.session,
                object=event.object,
                connection=event.connection,
                text=event.text,
                many=event.many,
                where=self._where(),
            )
        )

    def _take_notes(self) -> list[Note]:
        notes, self._notes[:] = self._notes[:], []
        return notes

    def _watch(self) -> None:
        """Have the watched names of a module told of: the loader adds calls of this to it, and nobody else has any."""
        caller = self._tripwire.stack(1)
        if caller.f_code.co_name != "<module>":
            self._tripwire.used("hook by hand", caller)
        names = caller.f_globals
        names.update({name: self._watched(name, names[name]) for name in WATCHED if name in names})

    def _watched(self, name: str, function: Any) -> Any:  # noqa: ANN401  # whatever the student bound to the name
        """Return what a watched name is bound to: the student's function or its stand-in, telling of each call."""
        if is_told(function) or not callable(function):
            return function
        stand_in = getattr(self._stand_ins, name, None)
        return telling(name, stand_in or function, self._recorder)

    # --- answers ------------------------------------------------------------------------------------------------------

    def _answer(self, kind: Any, *, last: bool = True, error: BaseException | None = None, **more: Any) -> None:  # noqa: ANN401  # the fields of Answer
        dbapi.flush_notes()
        described = None if error is None else self._described(error)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, ValueError):  # closed, or replaced by something else
                stream.flush()
        more |= {"signs": self._tripwire.take(), "worked": time.process_time()}
        send(self._requests, Answer(kind, trouble=described, last=last, **more))

    def _described(self, error: BaseException) -> Trouble:
        """Describe an exception in terms of the student's own folder, wherever that lies."""
        told = trouble(error, self._is_student)
        folder = f"{self._submission.folder}/" if self._submission else ""
        file = None if told.file is None else self._relative(told.file)
        return replace(told, file=file, message=told.message.replace(folder, ""))

    def _import(self, name: str) -> ModuleType | None:
        """Import a module of the student's; an answer is given where that fails."""
        self._recorder.tell(Event("call", text="import"))
        try:
            module = self._submission.load(name) if self._submission else None
        except BaseException as error:  # noqa: BLE001  # an import may end in anything, SystemExit included
            traceback.print_exc()
            self._answer("unimportable", error=error)
            return None
        self._recorder.tell(Event("returned", text="import"))
        return module

    # --- targets ------------------------------------------------------------------------------------------------------

    def _function(self, call: Call) -> None:
        script = self._import("transaction_script")
        if script is None:
            return
        function = self._watched(call.target, getattr(script, call.target, None))
        if function is None:
            self._answer("missing")
            return
        engine = sqlalchemy.create_engine(f"sqlite:///{call.database}")
        for number, invocation in enumerate(call.invocations, 1):
            last = number == len(call.invocations)
            try:
                value = plain(function(engine, *self._arguments(call.target, invocation, call.database)))
            except BaseException as error:  # noqa: BLE001  # whatever leaves the function is an answer
                self._answer("raised", error=error, last=last)
            else:
                self._answer("returned", value=value, last=last)
            if not last:
                receive(self._requests, Proceed, _MOST_REQUEST)

    def _arguments(self, target: str, invocation: Invocation, database: str) -> tuple[Any, ...]:
        if target != "show_reloading":
            return ([as_dict(product) for product in invocation.products],)
        elsewhere = OtherProgram(invocation, database, self._recorder)
        return (invocation.product_id, elsewhere.change)

    def _model(self, call: Call) -> None:
        """Create the table and store products through the student's model, automatic ids first."""
        with self._recorder.paused():
            models = self._import("models")
            if models is None:
                return
            engine = sqlalchemy.create_engine(f"sqlite:///{call.database}")
            done: dict[str, Any] = {"created": False, "stored": [], "as_given": []}
            failure: BaseException | None = None
            try:
                models.Base.metadata.create_all(engine)
                done["created"] = True
                failure = store_all(engine, models.Product, call.invocations[0].products, done)
                done["reads"] = read(engine, models.Product)
            except BaseException as error:  # noqa: BLE001  # as above
                failure = failure or error
            self._answer("raised" if failure else "returned", error=failure, value=plain(done))

    def _read_back(self, call: Call) -> None:
        """Give back every product of each database, as the student's model reads it."""
        with self._recorder.paused():
            models = self._import("models")
            if models is None:
                return
            found = [read_or_none(f"sqlite:///{name}", models) for name in call.existing]
            self._answer("returned", value=plain(found))

    def _program(self, call: Call) -> None:
        """Run the script as ``python transaction_script.py ARGUMENTS`` would, with its threads and exit handlers."""
        main = ModuleType("__main__")
        if self._stand_ins is not None:
            main.__dict__.update(
                {n: self._watched(n, getattr(self._stand_ins, n)) for n in _watched_names(self._stand_ins)}
            )
        sys.modules["__main__"] = main
        sys.argv[:] = ["transaction_script.py", *call.arguments]
        error: BaseException | None = None
        status = 0
        try:
            if self._submission is not None:
                self._submission.run("transaction_script.py", main)
        except SystemExit as exit_:
            status, error = _status(exit_), exit_
        except BaseException as raised:  # noqa: BLE001  # as Python itself would: a traceback and status 1
            traceback.print_exc()
            status, error = 1, raised
        self._leaving.wait_for_threads()
        dbapi.flush_notes()  # exit handlers may end the process
        self._leaving.run_handlers()
        try:
            self._answer("exited", status=status, error=error if status else None)
        except (OSError, Broken):  # they have closed the way back: the exit status tells as much
            os._exit(status)


_TARGETS: dict[str, Callable[[Driver, Call], None]] = {
    "model": Driver._model,  # noqa: SLF001  # its own methods
    "read": Driver._read_back,  # noqa: SLF001  # as above
    "program": Driver._program,  # noqa: SLF001  # as above
}


def _libraries() -> frozenset[str]:
    """Return the names of SQLAlchemy's modules and ours."""
    importlib.import_module("sqlalchemy.dialects.sqlite")  # else the first engine loads it
    return frozenset(name for name in sys.modules if name.startswith(("sqlalchemy.", f"{__package__}.")))


def _open_streams() -> None:
    """Give a call output streams of its own: an earlier one may have closed or replaced them."""
    sys.stdout = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115  # kept open
    sys.stderr = open(2, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115  # kept open
    sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr  # type: ignore[misc]  # as in a fresh Python


def _watched_names(module: ModuleType) -> list[str]:
    return [name for name in WATCHED if hasattr(module, name)]


def _status(error: SystemExit) -> int:
    """Return the exit status that Python gives a SystemExit."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)  # noqa: T201  # as Python does
    return 1
