"""One attempt of a request, and what debug is told of it: the same for a service and for its token endpoint."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import SalesError
from ..sdk import Request, Response
from .call import TransportError
from .redact import Redactor
from .transport import Transport

if TYPE_CHECKING:
    from .call import CallScope

Sign = Callable[[Request], Request]


def attempt(
    transport: Transport,
    request: Request,
    patience: float,
    call: "CallScope | None",
    redactor: Callable[[], Redactor],
    sign: Sign = lambda request: request,
    number: int = 1,
) -> Response:
    """Send once and read the whole response; without one it is TransportError.

    ``patience`` are the seconds that it may take.  Where the call wants debug entries, it gets one, failed or not.
    """
    if call is None or call.report is None:
        return transport.attempt(request, sign, patience)
    from .debug import ExchangeLog, signing_headers

    signing: set[str] = set()

    def sign_and_note(request: Request) -> Request:
        signed = sign(request)
        signing.update(signing_headers(request, signed))
        return signed

    log = ExchangeLog(request, number, call.clock, call, redactor)
    try:
        response = transport.attempt(request, sign_and_note, patience)
    except TransportError as lost:
        log.report_failure(signing, str(lost))
        raise
    except SalesError as error:
        log.report_failure(signing, error.message)
        raise
    log.report_response(signing, response)
    return response
