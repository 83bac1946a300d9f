"""Outreach passes the standard suite."""

from typing import Any

from sales_connectors.testing import ComponentSuite, SentRequest


class TestOutreach(ComponentSuite):
    key = "outreach"

    def answer_list(self, entries: list[Any], request: SentRequest) -> Any:
        if request.path == "/api/v2/types":
            fields = {f"custom{number}": {"label": f"Field {number}"} for number, _ in enumerate(entries, 1)}
            return {"data": [{"type": "Prospect", "meta": {"validations": fields}}]}
        size = int(request.query.get("page[size]", 50))
        start = int(request.query.get("page[after]", 0))
        page, more = entries[start : start + size], start + size < len(entries)
        behind = f"{request.origin}{request.path}?page[size]={size}&page[after]={start + size}"
        return {"data": page, "links": {"next": behind} if more else {}, "meta": {"count": len(entries)}}
