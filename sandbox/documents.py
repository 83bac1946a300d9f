"""Documents that hang on records; they can be read and downloaded, not written."""

import hashlib

from sales_connectors.imitation import Document, Reply, Request, Route

from .attributes import NUMBER, TEXT, Attribute, times
from .errors import invalid_param, refused
from .queries import DIGITS, list_records, match_some
from .resources import Resource
from .vendor import SELL

LINK_LIFE = 90 * 60


def show_download_url(request: Request, record: Document) -> str:
    """An address that serves the file to anybody who knows it, for ninety minutes."""
    expires = int(request.clock.now()) + LINK_LIFE
    return f"{request.base_url}/downloads/{record['id']}?expires={expires}&signature={_sign(record['id'], expires)}"


def _sign(id: int, expires: int) -> str:
    return hashlib.sha256(f"{id} {expires}".encode()).hexdigest()[:24]


DOCUMENTS = Resource(
    name="documents",
    type="document",
    first_id=96_000_001,
    fields={
        "id": Attribute(NUMBER),
        "resource_type": Attribute(TEXT),
        "resource_id": Attribute(NUMBER),
        "creator_id": Attribute(NUMBER),
        "name": Attribute(TEXT),
        "content_type": Attribute(TEXT),
        "size": Attribute(NUMBER),
        "download_url": Attribute(TEXT),
        **times(),
    },
    filters=("name",),
    special={"resource_type": match_some("resource_type", TEXT), "resource_id": match_some("resource_id", NUMBER)},
    sorting=("id", "created_at", "updated_at"),
    derived={"download_url": show_download_url},
)


def list_documents(request: Request) -> Reply:
    """``GET /v2/documents``"""
    if not {"resource_type", "resource_id"} <= set(request.arguments()):
        raise invalid_param("resource_type and resource_id are required")
    return list_records(request, DOCUMENTS)


def download(request: Request) -> Reply:
    """The file behind a ``download_url``: its name, over and over, up to its size."""
    record = SELL.find(request, DOCUMENTS)
    arguments = request.arguments()
    expires = int(arguments["expires"]) if DIGITS.fullmatch(arguments.get("expires", "")) else 0
    if expires < request.clock.now() or arguments.get("signature") != _sign(record["id"], expires):
        raise refused(403, "The link has expired.")
    line = f"{record['name']}\n".encode()
    content = (line * (record["size"] // len(line) + 1))[: record["size"]]
    return Reply(200, content, content_type=record["content_type"])


ROUTES = [
    Route("GET", "/v2/documents", list_documents, scope="read"),
    *SELL.routes(DOCUMENTS, "retrieve"),
    Route("GET", "/downloads/{id}", download, open=True),
]
