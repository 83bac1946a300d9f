"""Zendesk Sell passes the standard suite."""

from typing import Any

from sales_connectors.testing import ComponentSuite, SentRequest


class TestZendeskSell(ComponentSuite):
    key = "zendesk-sell"

    def answer_list(self, entries: list[Any], request: SentRequest) -> Any:
        page, more = request.choose_page(entries, "page", "per_page")
        return {"items": page, "meta": {"links": {"next_page": request.url} if more else {}}}
