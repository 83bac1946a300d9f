"""The engine that serves an imitation of a vendor's API, for trials and tests.

It knows no component by name.  A component brings the module ``sandbox/service.py`` with one function::

    def service() -> Service: ...

and the :class:`Service` that it returns says everything in which vendors differ:

* ``routes``   which paths there are: ``Route("GET", "/v2/things/{id}", retrieve, scope="read")``; a handler takes a
  :class:`Request` (with ``store``, ``clock``, ``token`` and the path's ``params``) and returns a :class:`Reply`;
* ``refuse``   the vendor's error shape, by status: ``refuse(429, "…")``; a handler raises ``Refused(reply)``;
* ``seed``     fills an empty store with N companies' worth of records;
* ``users``    who can sign in; the first one is the root user;
* ``oauth``    paths, lifetimes, scopes and manners of the token endpoints;
* ``rate``     the limit, its period, and the cost and headers of a request where the vendor has them;
* ``check``    what every request must bring besides a token (headers, say);
* ``finish``   what every reply carries (headers, say);
* ``suffix``   an ending that paths may have or not (``.json``);
* ``quirks``   faults that only this vendor's handlers can play, by their names;
* ``sign_in``  other ways to a token than OAuth, and ``connections`` what a connection of another kind needs for them.

Routes and seeds are written with the :mod:`.kit`, so that they are the vendor's rules and data only.

The engine holds what vendors share: the store (SQLite), the clock, tokens and the consent page, the rate bucket, faults
on demand, the log of requests, and serving.  Each request is handled in one transaction, one after the other, so
handlers need no locks.  Everything that a test can do to a sandbox in its own process it can do over HTTP too, under
``/_sandbox/``: those paths need no token and know neither rate limit nor faults.

=======================  ==============================================================================================
GET  clock               ``{"now": …}``
POST clock               ``{"advance": seconds}``
POST faults              any form that :mod:`.faults` knows; ``[]`` ends them
GET, DELETE requests     what has been asked so far; forget it
POST tokens              ``{"expires_in", "personal", "refresh_once", "scope", "user"}``, all optional: a token
GET  connection          a connection with a token of its own; of another kind with ``?key=…``
POST stop                end the sandboxes that ``sales-connectors sandbox`` serves, all of one command
=======================  ==============================================================================================
"""

from .clock import Clock
from .exchange import Refused, Reply, Request, Token
from .service import Budget, Mint, OAuth, Rate, Route, Service, User
from .serving import Box, running, serve
from .store import ANY, Collection, Condition, Document, Expression, Store, field

__all__ = [
    "ANY",
    "Box",
    "Budget",
    "Clock",
    "Collection",
    "Condition",
    "Document",
    "Expression",
    "Mint",
    "OAuth",
    "Rate",
    "Refused",
    "Reply",
    "Request",
    "Route",
    "Service",
    "Store",
    "Token",
    "User",
    "field",
    "running",
    "serve",
]
