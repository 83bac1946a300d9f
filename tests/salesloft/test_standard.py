"""Salesloft passes the standard suite."""

from typing import Any

from sales_connectors.testing import ComponentSuite, SentRequest


class TestSalesloft(ComponentSuite):
    key = "salesloft"
    composed = ("runBulkJob",)

    def answer_list(self, entries: list[Any], request: SentRequest) -> Any:
        if request.path.endswith("/job_data"):
            (record,) = self.component.form("runBulkJob").schema["examples"][0]["bulkJobData"]
            return {"data": [{"id": 1, "record": record}], "metadata": {}}
        if request.path.endswith("/actions"):  # each in a group of its own
            entries = [{**entry, "multitouch_group_id": entry["id"]} for entry in entries]
        if "/bulk_jobs" in request.path:  # behind an id
            last, size = int(request.query.get("id[gt]", 0)), int(request.query.get("per_page", 25))
            return {"data": [entry for entry in entries if entry["id"] > last][:size], "metadata": {}}
        page, more = request.choose_page(entries, "page", "per_page")
        return {
            "data": page,
            "metadata": {"paging": {"next_page": int(request.query.get("page", 1)) + 1 if more else None}},
        }
