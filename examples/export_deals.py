"""Export all deals of Zendesk Sell to a CSV file: python export_deals.py CONNECTION FILE.csv

Whatever interrupts it, run it again: it goes on where it was.  Beside the file lies FILE.csv.state until it is done.
"""

import csv
import json
import os
import sys
from pathlib import Path
from typing import TypedDict

from sales_connectors import connect
from sales_connectors.typed import ZendeskSell

COLUMNS = ("id", "name", "value", "currency", "stage_id", "contact_id", "owner_id", "created_at")


class Position(TypedDict):
    """How far the export has come."""

    page: int
    """The page to read next."""
    last_id: int
    """The last deal that is in the file."""
    size: int
    """Bytes of the file that are whole; what is behind them was cut off in the middle."""


def export_deals(sell: ZendeskSell, target: Path) -> int:
    """Write every deal, in the order of its id; returns how many this run has added."""
    state = target.with_name(f"{target.name}.state")
    position: Position = {"page": 1, "last_id": 0, "size": 0}
    if state.exists():
        position = json.loads(state.read_text(encoding="utf-8"))
        position["page"] = max(1, position["page"] - 1)  # deals that were deleted meanwhile have moved the pages
    added = 0
    with target.open("r+" if state.exists() else "w", encoding="utf-8", newline="") as file:
        file.truncate(position["size"])
        file.seek(0, os.SEEK_END)
        rows = csv.writer(file)
        if not position["size"]:
            rows.writerow(COLUMNS)
        while True:
            page = sell.listDeals(sortBy="id", page=position["page"], perPage=100)["items"]
            deals = [entry["data"] for entry in page if entry["data"]["id"] > position["last_id"]]
            rows.writerows([deal.get(column) for column in COLUMNS] for deal in deals)
            file.flush()
            os.fsync(file.fileno())
            added += len(deals)
            if not page:
                break
            last_id = max([position["last_id"], *(deal["id"] for deal in deals)])
            position = {"page": position["page"] + 1, "last_id": last_id, "size": os.fstat(file.fileno()).st_size}
            write_whole(state, json.dumps(position))
    state.unlink(missing_ok=True)
    return added


def write_whole(path: Path, text: str) -> None:
    """Replace a file, so that it holds the old text or the new one, and never half of it."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


if __name__ == "__main__":
    connection, file_name = sys.argv[1:]
    with connect("zendesk-sell", connection) as sell:
        print(f"{export_deals(sell, Path(file_name))} deals added to {file_name}")
