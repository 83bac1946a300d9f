"""The sandbox as an ASGI application: requests go to the engine, or to the controls under ``/_sandbox/``."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as Incoming
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .engine import Sandbox
from .exchange import Reply, Request, parse_json
from .faults import NONE
from .guard import find_intrusion
from .wire import break_off

MAX_BODY_BYTES = 32 * 1024 * 1024
"""What a request may bring; the rest is refused."""
MAX_DRAINED_BYTES = 256 * 1024 * 1024
"""How much is read of a body that is too long, so that its sender hears of that; beyond it the connection is closed."""
BODILESS = (204, 304)


class Silence(Response):
    """No response at all: the connection has been dealt with."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        return None


class TooLong(Exception):
    """The body is longer than a sandbox takes."""


def build_application(sandbox: Sandbox, host: str) -> ASGIApp:
    """The application that serves one sandbox, which listens on ``host``."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        incoming = Incoming(scope, receive)
        try:
            response = await _respond(sandbox, incoming, host)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    return application


async def _respond(sandbox: Sandbox, incoming: Incoming, host: str) -> Response:
    intrusion = find_intrusion(incoming.method, incoming.scope["path"], incoming.headers, host)
    if intrusion:
        return _write_response(sandbox.service.refuse(403, intrusion))
    try:
        body = await _read_body(incoming)
    except TooLong:
        refused = sandbox.service.refuse(413, f"The body is longer than {MAX_BODY_BYTES} bytes.")
        return _write_response(refused.with_headers({"Connection": "close"}))
    act = CONTROLS.get(("GET" if incoming.method == "HEAD" else incoming.method, incoming.scope["path"]))
    return _control(sandbox, act, incoming, body) if act else await _serve(sandbox, incoming, body)


async def _read_body(incoming: Incoming) -> bytes:
    """The body; one that is too long is read to its end, within reason, since few senders listen before."""
    announced = incoming.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MAX_DRAINED_BYTES:
        raise TooLong
    kept, length = [], 0
    async for part in incoming.stream():
        length += len(part)
        if length <= MAX_BODY_BYTES:
            kept.append(part)
        elif length > MAX_DRAINED_BYTES:
            raise TooLong
    if length > MAX_BODY_BYTES:
        raise TooLong
    return b"".join(kept)


async def _serve(sandbox: Sandbox, incoming: Incoming, body: bytes) -> Response:
    request = _build_request(sandbox, incoming, body)
    try:
        fault = sandbox.faults.find_fault(request)
    except ValueError as problem:
        return JSONResponse({"error": str(problem)}, 400)
    with sandbox.under_way(request) as has_room:
        await asyncio.sleep(fault.latency)
        reply = sandbox.answer(request, fault, has_room)
        await asyncio.sleep(fault.late)
    if fault is not NONE and await break_off(incoming, fault, reply):
        return Silence()
    return _write_response(reply)


def _build_request(sandbox: Sandbox, incoming: Incoming, body: bytes) -> Request:
    return Request(
        method=incoming.method,
        path=incoming.scope["path"],
        query=incoming.query_params.multi_items(),
        headers=incoming.headers,
        body=body,
        base_url=_read_address(incoming),
        store=sandbox.store,
        clock=sandbox.clock,
    )


def _read_address(incoming: Incoming) -> str:
    return str(incoming.base_url).rstrip("/")


def _write_response(reply: Reply) -> Response:
    # as UTF-8, where the framework would know nothing beyond Latin-1
    headers = {name: value.encode().decode("latin-1") for name, value in reply.headers.items()}
    if reply.status in BODILESS:
        return Response(None, reply.status, headers)
    if reply.body is not None:
        headers["Content-Type"] = reply.content_type
    return Response(reply.content(), reply.status, headers)


Act = Callable[[Sandbox, Any, str], Any]  # (the sandbox, what was sent, its own address) -> what to answer


def _control(sandbox: Sandbox, act: Act, incoming: Incoming, body: bytes) -> Response:
    try:
        sent = parse_json(body) if body else dict(incoming.query_params)
        return JSONResponse(act(sandbox, sent, _read_address(incoming)))
    except ValueError as problem:
        return JSONResponse({"error": str(problem)}, 400)


def _advance(sandbox: Sandbox, sent: Any, address: str) -> Any:
    if "advance" not in _demand_object(sent, ("advance",)):
        raise ValueError("advance is required: how many seconds")
    sandbox.clock.advance(sent["advance"])
    return _tell_time(sandbox, sent, address)


def _tell_time(sandbox: Sandbox, sent: Any, address: str) -> Any:
    return {"now": sandbox.clock.now()}


def _misbehave(sandbox: Sandbox, sent: Any, address: str) -> Any:
    sandbox.faults.change(sent)
    return {"faults": sent}


def _list_requests(sandbox: Sandbox, sent: Any, address: str) -> Any:
    return {"requests": list(sandbox.requests)}


def _forget(sandbox: Sandbox, sent: Any, address: str) -> Any:
    sandbox.requests.clear()
    return {"requests": []}


def _mint(sandbox: Sandbox, sent: Any, address: str) -> Any:
    return sandbox.mint(**_demand_object(sent, ("expires_in", "personal", "refresh_once", "scope", "user")))


def _make_connection(sandbox: Sandbox, sent: Any, address: str) -> Any:
    return sandbox.connection(address, _demand_object(sent, ("key",)).get("key"))


def _stop(sandbox: Sandbox, sent: Any, address: str) -> Any:
    sandbox.over.set()
    return {"stopping": True}


def _demand_object(sent: Any, known: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(sent, dict) or set(sent) - set(known):
        raise ValueError(f"the body must be an object that has nothing but: {', '.join(known)}")
    return sent


CONTROLS: dict[tuple[str, str], Act] = {
    ("GET", "/_sandbox/clock"): _tell_time,
    ("POST", "/_sandbox/clock"): _advance,
    ("POST", "/_sandbox/faults"): _misbehave,
    ("GET", "/_sandbox/requests"): _list_requests,
    ("DELETE", "/_sandbox/requests"): _forget,
    ("POST", "/_sandbox/tokens"): _mint,
    ("GET", "/_sandbox/connection"): _make_connection,
    ("POST", "/_sandbox/stop"): _stop,
}
