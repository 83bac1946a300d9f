"""What lies below HTTP: a server that stops when it is told, and connections that end when they should not.

uvicorn gives an application no hand on the connection, so its protocol class is extended to put the transport into the
scope of each request.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from http.client import responses
from typing import Any

import h11
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from uvicorn import Server
from uvicorn.protocols.http.h11_impl import H11Protocol

from .exchange import Reply
from .faults import Fault

TRANSPORT = "sandbox.transport"
LINGER_SECONDS = 1.0


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


class OpenProtocol(H11Protocol):
    """uvicorn's HTTP protocol, whose requests know the connection that they came in on."""

    refuse: Callable[[int, str], Reply]
    """How the vendor refuses what is no HTTP."""
    is_over = False
    """Whether nothing more is read; closed with something unread, the reply would be lost to its reader."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
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

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # or else a reply has begun, and can only be cut off
            refused = type(self).refuse(400, msg)
            self.transport.write(_render_head(refused, len(refused.content())) + refused.content())
        self.transport.write_eof()
        self.is_over = True
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def data_received(self, data: bytes) -> None:
        if not self.is_over:
            super().data_received(data)


def build_protocol(refuse: Callable[[int, str], Reply]) -> type[OpenProtocol]:
    """The protocol of one vendor."""
    return type("VendorProtocol", (OpenProtocol,), {"refuse": staticmethod(refuse)})


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
    head = _render_head(reply, len(content) if fault.cut else half)
    if not content:
        return head[:6]  # clients are content with half the headers, not with half the version
    return head + (content[:half] if fault.cut else content)


def _render_head(reply: Reply, length: int) -> bytes:
    """Status line and headers of a reply after which the connection ends."""
    about = {"Content-Type": reply.content_type, "Content-Length": str(length), "Connection": "close"}
    lines = [
        f"HTTP/1.1 {reply.status} {responses.get(reply.status, 'Error')}",
        *(f"{name}: {value}" for name, value in {**reply.headers, **about}.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()
