"""Bring leads from a CSV file into Zendesk Sell: python take_in_leads.py CONNECTION FILE.csv

The columns are key, last_name, first_name, email and company; the key is what the source calls the lead, such as the
number of a form that was sent.  Run it again with the same file, or with a longer one, as often as you like: no lead is
created twice.  It ends with exit code 1 while a lead is missing.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from sales_connectors import Conflict, InvalidInput, RateLimited, Unavailable, connect
from sales_connectors.typed import ZendeskSell


def take_in_leads(sell: ZendeskSell, rows: Iterable[Mapping[str, str]]) -> Counter[str]:
    """Create the lead of each row, once; returns how many were created, found, refused and left for the next run."""
    told: Counter[str] = Counter()
    for row in rows:
        try:
            sell.createLead(
                lastName=row["last_name"],
                firstName=row["first_name"],
                email=row["email"],
                organizationName=row["company"],
                tags=["web form"],
                idempotency_key=f"web-form-{row['key']}",
                on_outcome=lambda outcome: told.update([outcome]),
            )
        except (InvalidInput, Conflict) as error:  # nobody but the source can mend it
            told["refused"] += 1
            print(f"{row['key']}: {error.message}", file=sys.stderr)
        except (RateLimited, Unavailable) as error:  # asked again with the same key, it makes no second lead
            told["left"] += 1
            print(f"{row['key']}: {error.message}", file=sys.stderr)
    return told


if __name__ == "__main__":
    connection, file_name = sys.argv[1:]
    with connect("zendesk-sell", connection) as sell, Path(file_name).open(encoding="utf-8", newline="") as file:
        told = take_in_leads(sell, csv.DictReader(file))
    print(", ".join(f"{count} {what}" for what, count in told.items()))
    sys.exit(1 if told["refused"] or told["left"] else 0)
