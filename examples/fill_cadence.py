"""Put the people of a CSV file on a cadence of Salesloft: python fill_cadence.py CONNECTION CADENCE FILE.csv

The columns are email, first_name and last_name; CADENCE is its name.  Who is known is brought up to date, who is not is
created, and who is on the cadence already stays there as they are, so that it may be run again.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from sales_connectors import InvalidInput, NotFound, connect
from sales_connectors.typed import Salesloft


def find_cadence(loft: Salesloft, name: str) -> int:
    """The id of the cadence with this name."""
    choices = loft.pick("selectCadence", query=name)["result"]
    for choice in choices:
        if choice["label"] == name:
            return int(choice["key"])
    near = ", ".join(choice["label"] for choice in choices) or "none that is like it"
    raise NotFound(f"There is no cadence {name!r}; there is {near}")


def fill_cadence(loft: Salesloft, cadence: int, rows: Iterable[Mapping[str, str]]) -> Counter[str]:
    """Put everybody on the cadence; returns how many were added, were there before, and are not to be contacted."""
    told: Counter[str] = Counter()
    for row in rows:
        person = loft.upsertPerson(
            upsertKey="email_address",
            emailAddress=row["email"],
            firstName=row["first_name"],
            lastName=row["last_name"],
        )["data"]["person"]
        there = loft.listCadenceMemberships(personId=person["id"], cadenceId=cadence, currentlyOnCadence=True)
        if there["data"]:
            told["there before"] += 1
            continue
        try:
            loft.createCadenceMembership(personId=person["id"], cadenceId=cadence)
        except InvalidInput as error:  # such as a person who is not to be contacted
            told["refused"] += 1
            print(f"{row['email']}: {error.message}", file=sys.stderr)
        else:
            told["added"] += 1
    return told


if __name__ == "__main__":
    connection, cadence_name, file_name = sys.argv[1:]
    with connect("salesloft", connection) as loft, Path(file_name).open(encoding="utf-8", newline="") as file:
        told = fill_cadence(loft, find_cadence(loft, cadence_name), csv.DictReader(file))
    print(", ".join(f"{count} {what}" for what, count in told.items()))
    sys.exit(1 if told["refused"] else 0)
