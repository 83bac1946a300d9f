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
        base_url=str(incoming.base_url).rstrip("/"),
        store=sandbox.store,
        clock=sandbox.clock,
    )


def _write_response(reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.body is not None:
        headers["Content-Type"] = reply.content_type
    return Response(reply.content(), reply.status, headers)


Act = Callable[[Sandbox, Any], Any]


def _build_control(act: Act, sandbox: Sandbox) -> Callable[[Incoming], Awaitable[Response]]:
    async def endpoint(incoming: Incoming) -> Response:
        try:
            sent = await incoming.json() if await incoming.body() else {}
            return JSONResponse(act(sandbox, {"base_url": str(incoming.base_url).rstrip("/"), "sent": sent}))
        except (ValueError, TypeError, KeyError) as problem:
            return JSONResponse({"error": str(problem)}, 400)

    return endpoint


def _advance(sandbox: Sandbox, call: Any) -> Any:
    sandbox.clock.advance(float(call["sent"]["advance"]))
    return _tell_time(sandbox, call)


def _tell_time(sandbox: Sandbox, call: Any) -> Any:
    return {"now": sandbox.clock.now()}


def _misbehave(sandbox: Sandbox, call: Any) -> Any:
    sandbox.faults.change(call["sent"])
    return {"faults": call["sent"]}


def _list_requests(sandbox: Sandbox, call: Any) -> Any:
    return {"requests": list(sandbox.requests)}


def _forget(sandbox: Sandbox, call: Any) -> Any:
    sandbox.requests.clear()
    return {"requests": []}


def _mint(sandbox: Sandbox, call: Any) -> Any:
    return sandbox.mint(**call["sent"])


def _make_connection(sandbox: Sandbox, call: Any) -> Any:
    return sandbox.connection(call["base_url"])


CONTROLS: tuple[tuple[str, str, Act], ...] = (
    ("GET", "/_sandbox/clock", _tell_time),
    ("POST", "/_sandbox/clock", _advance),
    ("POST", "/_sandbox/faults", _misbehave),
    ("GET", "/_sandbox/requests", _list_requests),
    ("DELETE", "/_sandbox/requests", _forget),
    ("POST", "/_sandbox/tokens", _mint),
    ("GET", "/_sandbox/connection", _make_connection),
)
