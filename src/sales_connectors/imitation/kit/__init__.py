"""The kit that components write their sandboxes with: records over HTTP, so that what is left is the vendor's rules.

* :class:`Resource`  one kind of record: its fields, and plain functions for the rules that go beyond single fields;
  a component makes a subclass for what its vendor's lists know, and each resource enters itself in its catalogue;
* :class:`Vendor`    how one vendor reads, refuses, shows and lists records of any kind, as plain functions; its methods
  create, update, touch and remove records by these, and write the routes of a resource;
* :class:`Writer`    enters the records of a new sandbox, in a past of its own (:class:`History`), and knows names for
  made-up people and companies;
* :mod:`.story`      what a component's demo is told with.

A value that cannot be taken is :class:`Wrong`; what is wrong with a whole payload is a list of :class:`Problem`.
"""

from .lists import Position, fetch_ahead, fetch_behind, fetch_page, find_position
from .problems import Problem, Wrong, read_day, read_each
from .resources import BOTH, CREATE, NEVER, UPDATE, Change, Field, Resource
from .seeding import COMPANIES, History, Writer, make_domain, make_mailbox, number_name
from .vendor import ALL, READ, Operation, Vendor

__all__ = [
    "ALL",
    "BOTH",
    "COMPANIES",
    "CREATE",
    "NEVER",
    "READ",
    "UPDATE",
    "Change",
    "Field",
    "History",
    "Operation",
    "Position",
    "Problem",
    "Resource",
    "Vendor",
    "Writer",
    "Wrong",
    "fetch_ahead",
    "fetch_behind",
    "fetch_page",
    "find_position",
    "make_domain",
    "make_mailbox",
    "number_name",
    "read_day",
    "read_each",
]
