"""How errors leave: with the call's name on them, pointing at inputs, and without a secret."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from .. import components as places
from ..errors import InternalError, SalesError, find_lack, is_like_name
from ..manifest import Entry, Form
from .connections import GIVEN_NAME, OpenConnection
from .scopes import name_missing_scopes

if TYPE_CHECKING:
    from ..transport.redact import Redactor

COMPONENTS = f"{places.__name__}."
"""How the modules of components are named, wherever they lie."""
OUR_CODE = COMPONENTS.partition(".")[0]
"""How all modules of this package are named, those of components among them."""
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@contextmanager
def error_context(component: str, action: str | None, connection: Any) -> Iterator[None]:
    """Errors leave with the call's name on them; what nobody foresaw leaves as InternalError, which says whose it is.

    SystemExit leaves as it is unless the component itself exits: a program may end itself while we work for it.
    """
    name = getattr(connection, "name", GIVEN_NAME if connection else None)
    if isinstance(connection, str) and is_like_name(connection):
        name = connection
    try:
        yield
    except SalesError as error:
        _forget_locals(error)
        raise error.add_context(component, action, name) from error.__cause__
    except (Exception, SystemExit) as unforeseen:
        told = find_lack(unforeseen) or _blame_component(unforeseen)
        _forget_locals(unforeseen)
        if told is None and isinstance(unforeseen, SystemExit):
            raise
        raise (told or _blame_us(unforeseen)).add_context(component, action, name) from unforeseen


def forgetful(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The function, whose errors leave without the variables that it had, those that were handed over among them.

    Whatever collects errors with the variables of each frame (Sentry, rich, cgitb, pytest) would show tokens in ours.
    """

    @wraps(act)
    def call(*given: Given.args, **named: Given.kwargs) -> Answer:
        try:
            return act(*given, **named)
        except BaseException as error:
            del given, named
            _forget_locals(error)
            raise

    return call


def _forget_locals(error: BaseException | None) -> None:
    """Let an error and what caused it keep their places in the code, and none of the variables that stood there."""
    from traceback import clear_frames

    while error is not None:
        error.__context__ = None  # what an error only stood beside has frames too
        clear_frames(error.__traceback__)
        error = error.__cause__


def _blame_component(unforeseen: BaseException) -> InternalError | None:
    """An error that names the component's function and its line; None where not the component's code has failed.

    What the exception itself says is not told: it may hold anything, secrets too.
    """
    from traceback import walk_tb

    frames = [(frame, line, frame.f_globals.get("__name__", "")) for frame, line in walk_tb(unforeseen.__traceback__)]
    if isinstance(unforeseen, SystemExit):
        frames = frames[-1:]  # whoever exits, be it a program's handler of a signal
    frame, line, module = next((found for found in reversed(frames) if found[2].startswith(OUR_CODE)), (None, 0, ""))
    if frame is None or not module.startswith(COMPONENTS):
        return None
    file = Path(frame.f_code.co_filename)
    where = f"{frame.f_code.co_name} in {file.parent.name}/{file.name}, line {line}"
    return InternalError(f"{type(unforeseen).__name__} in the component's own code: {where}: a defect of the component")


def _blame_us(unforeseen: BaseException) -> InternalError:
    return InternalError(f"{type(unforeseen).__name__} in our own code: a defect of sales-connectors; please report it")


@contextmanager
def map_service_errors(entry: Entry, form: Form, connection: OpenConnection) -> Iterator[None]:
    """What the service said, for the caller: faults point at inputs, a missing scope has its name, and no secret that
    was echoed is passed on."""
    try:
        yield
    except Exception as error:
        name_missing_scopes(error, entry, connection)
        if isinstance(error, SalesError):
            prefix = connection.component.envelope.prefix
            for fault in error.fields:  # a handler's own error may leave a part out
                path, message = fault.get("path") or "", fault.get("message") or error.message
                fault["path"], fault["message"] = find_input_path(str(path), form, prefix), str(message)
        _clean_chain(error, connection.session.redactor())
        raise


def _clean_chain(error: BaseException | None, redactor: "Redactor") -> None:
    """No secret leaves in an error or in what caused it: a traceback, and a tool that collects errors, shows all of it.

    What an error only stood beside (its context) is let go: libraries keep whole requests there.
    """
    from ..transport.redact import redact_error

    while error is not None:
        error.__context__ = None
        if isinstance(error, SalesError):
            redact_error(error, redactor)
        else:
            error.args = tuple(redactor.text(part) if isinstance(part, str) else part for part in error.args)
        cause = error.__cause__
        if isinstance(cause, OSError) and redactor.text(str(cause)) != str(cause):
            error.__cause__ = cause = None  # its words are not its arguments
        error = cause


def find_input_path(pointer: str, form: Form, prefix: frozenset[str]) -> str:
    """The input behind a wire pointer: ``/data/address/city`` is ``/addressCity`` or ``/address/city``, by the form.

    ``prefix`` are the parts that only name the envelope.
    """
    given = [part for part in pointer.split("/") if part]
    known = {_normalize_name(name): name for name in form.properties}
    known |= {
        _normalize_name(spec["x-api-name"]): name for name, spec in form.properties.items() if "x-api-name" in spec
    }
    for parts in (given, [part for part in given if part not in prefix]):
        for length in range(len(parts), 0, -1):
            name = known.get(_normalize_name("".join(parts[:length])))
            if name:
                return "/" + "/".join([name, *parts[length:]])
    return pointer


def _normalize_name(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
