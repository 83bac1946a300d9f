"""The sandbox as an ASGI application: requests go to the engine, or to the controls under ``/_sandbox/``."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as Incoming
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .engine import Sandbox
from .exchange import Reply, Request
from .faults import NONE
from .wire import break_off

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Silence(Response):
    """No response at all: the connection has been dealt with."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        return None


def build_application(sandbox: Sandbox) -> Starlette:
    """The application that serves one sandbox."""

    async def serve(incoming: Incoming) -> Response:
        request = await _read_request(incoming, sandbox)
        try:
            fault = sandbox.faults.find_fault(request)
        except ValueError as problem:
            return JSONResponse({"error": str(problem)}, 400)
        await asyncio.sleep(fault.latency)
        reply = sandbox.answer(request, fault)
        await asyncio.sleep(fault.late)
        if fault is not NONE and await break_off(incoming, fault, reply):
            return Silence()
        return _write_response(reply)

    controls = [Route(path, _build_control(act, sandbox), methods=[method]) for method, path, act in CONTROLS]
    return Starlette(routes=[*controls, Route("/{path:path}", serve, methods=list(METHODS))])


async def _read_request(incoming: Incoming, sandbox: Sandbox) -> Request:
    return Request(
        method=incoming.method,
        path=incoming.url.path,
        query=incoming.query_params.multi_items(),
        headers=incoming.headers,
        body=await incoming.body(),
        base_url=_read_address(incoming),
        store=sandbox.store,
        clock=sandbox.clock,
    )


def _read_address(incoming: Incoming) -> str:
    return str(incoming.base_url).rstrip("/")


def _write_response(reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.body is not None:
        headers["Content-Type"] = reply.content_type
    return Response(reply.content(), reply.status, headers)


Act = Callable[[Sandbox, Any, str], Any]  # (the sandbox, what was sent, its own address) -> what to answer


def _build_control(act: Act, sandbox: Sandbox) -> Callable[[Incoming], Awaitable[Response]]:
    async def endpoint(incoming: Incoming) -> Response:
        try:
            sent = await incoming.json() if await incoming.body() else {}
            return JSONResponse(act(sandbox, sent, _read_address(incoming)))
        except (ValueError, TypeError, KeyError) as problem:
            return JSONResponse({"error": str(problem)}, 400)

    return endpoint


def _advance(sandbox: Sandbox, sent: Any, address: str) -> Any:
    sandbox.clock.advance(float(sent["advance"]))
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
    return sandbox.mint(**sent)


def _make_connection(sandbox: Sandbox, sent: Any, address: str) -> Any:
    return sandbox.connection(address)


CONTROLS: tuple[tuple[str, str, Act], ...] = (
    ("GET", "/_sandbox/clock", _tell_time),
    ("POST", "/_sandbox/clock", _advance),
    ("POST", "/_sandbox/faults", _misbehave),
    ("GET", "/_sandbox/requests", _list_requests),
    ("DELETE", "/_sandbox/requests", _forget),
    ("POST", "/_sandbox/tokens", _mint),
    ("GET", "/_sandbox/connection", _make_connection),
)
