"""What lies below HTTP: a server that stops when it is told, and connections that end when they should not.

uvicorn gives an application no hand on the connection, so its protocol class is extended to put the transport into the
scope of each request.
"""

import asyncio
import socket
from contextlib import suppress
from http.client import responses
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from uvicorn import Server
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from .exchange import Reply
from .faults import Fault

TRANSPORT = "sandbox.transport"


class PromptServer(Server):
    """A server that another thread can stop at once: uvicorn's own looks only ten times a second whether it should."""

    loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        self.loop, self.stopped = asyncio.get_running_loop(), asyncio.Event()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopped.wait(), 1)

    def stop(self) -> None:
        self.should_exit = True
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.stopped.set)


class OpenProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's HTTP protocol, whose requests know the connection that they came in on."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        # head and body of a reply are two writes: the second would wait some 40 ms for the client's delayed ACK, and
        # asyncio sees to that only for listeners whose protocol number says TCP
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        application = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            await application(
                {**scope, "extensions": {**scope.get("extensions", {}), TRANSPORT: transport}}, receive, send
            )

        self.app: Any = with_transport


async def break_off(request: Request, fault: Fault, reply: Reply) -> bool:
    """End the connection as the fault wants it, and say whether there was anything to end."""
    if not (fault.cut or fault.drop or fault.wrong_length):
        return False
    transport: asyncio.Transport = request.scope["extensions"][TRANSPORT]
    if not fault.drop:
        transport.write(_truncate(reply, fault))
    transport.close()
    while (await request.receive())["type"] != "http.disconnect":
        pass  # only a request that is over may be left unanswered
    return True


def _truncate(reply: Reply, fault: Fault) -> bytes:
    """A reply that ends too early: in the body, or before it if there is none."""
    content = reply.content()
    half = len(content) // 2
    headers = {
        **reply.headers,
        "Content-Type": reply.content_type,
        "Content-Length": str(len(content) if fault.cut else half),
        "Connection": "close",
    }
    lines = [
        f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Error')}",
        *(f"{k}: {v}" for k, v in headers.items()),
    ]
    head = "\r\n".join([*lines, "", ""]).encode()
    if not content:
        return head[:6]  # clients are content with half the headers, not with half the version
    return head + (content[:half] if fault.cut else content)
