"""What the made-up company is made of."""

from typing import Any

ACCOUNT: dict[str, Any] = {
    "name": "Brightside Bicycles",
    "currency": "USD",
    "time_format": "24H",
    "timezone": "UTC+01:00",
    "phone": "+1 555 0100",
    "subdomain": "brightside",
}

USER: dict[str, Any] = {
    "invited": True,
    "phone_number": None,
    "roles": [],
    "timezone": None,
    "deleted_at": None,
    "zendesk_user_id": None,
    "identity_type": "person",
    "system_tags": [],
    "detached": False,
    "sell_login_disabled": False,
}
USERS: tuple[dict[str, Any], ...] = (
    {"name": "Anna Lindqvist", "email": "anna@brightside.example.com", "status": "active", "confirmed": True,
     "role": "admin", "team_name": "Management", "group": {"id": 1, "name": "Head office"}, "reports_to": None},
    {"name": "Tomás Ferreira", "email": "tomas@brightside.example.com", "status": "active", "confirmed": True,
     "role": "user", "team_name": "Europe", "group": {"id": 2, "name": "Sales"}, "reports_to": 1_100_001},
    {"name": "Grace Okafor", "email": "grace@brightside.example.com", "status": "active", "confirmed": True,
     "role": "user", "team_name": "Americas", "group": {"id": 2, "name": "Sales"}, "reports_to": 1_100_001,
     "zendesk_user_id": 361_001},
    {"name": "Kenji Mori", "email": "kenji@brightside.example.com", "status": "active", "confirmed": False,
     "role": "user", "team_name": "Europe", "group": {"id": 2, "name": "Sales"}, "reports_to": 1_100_001},
    {"name": "Paul Renard", "email": "paul@brightside.example.com", "status": "inactive", "confirmed": True,
     "role": "user", "team_name": None, "group": None, "reports_to": None},
)  # fmt: skip

LISTS: dict[str, tuple[str, ...]] = {
    "deal_sources": ("Word of mouth", "Trade fair", "Website", "Partner", "Cold call"),
    "lead_sources": ("Newsletter", "Webinar", "Website", "Trade fair", "Referral"),
    "loss_reasons": ("Price", "Missing feature", "Chose a competitor", "No decision"),
    "deal_unqualified_reasons": ("No budget", "Wrong region", "Not a decision maker"),
    "lead_unqualified_reasons": ("Wrong contact data", "No interest", "Student project"),
    "lead_statuses": ("New", "Working", "Nurturing", "Unqualified", "Converted"),
    "call_outcomes": ("Interested", "Not interested", "Left voicemail", "No answer"),
    "visit_outcomes": ("Demo given", "Follow up", "Nobody there"),
}


def _stages(*stages: tuple[str, str, int]) -> list[dict[str, Any]]:
    closed = ("won", "lost", "unqualified")
    return [
        {"name": name, "category": category, "likelihood": likelihood, "active": category not in closed}
        for name, category, likelihood in stages
    ]


PIPELINES: tuple[dict[str, Any], ...] = (
    {
        "name": "New business",
        "disabled": False,
        "stages": _stages(
            ("Incoming", "incoming", 5), ("Qualified", "qualified", 20), ("Quote", "quote", 50),
            ("Closure", "closure", 80), ("Won", "won", 100), ("Lost", "lost", 0), ("Unqualified", "unqualified", 0),
        ),
    },
    {
        "name": "Renewals",
        "disabled": False,
        "stages": _stages(
            ("Due", "incoming", 60), ("Negotiation", "in_progress", 75), ("Renewed", "won", 100),
            ("Cancelled", "lost", 0),
        ),
    },
    {
        "name": "Old pipeline",
        "disabled": True,
        "stages": _stages(("Open", "incoming", 10), ("Won", "won", 100), ("Lost", "lost", 0)),
    },
)  # fmt: skip

TAGS = (("vip", "contact"), ("newsletter", "contact"), ("webinar", "lead"), ("renewal", "deal"), ("upsell", "deal"))

SEQUENCES: tuple[dict[str, Any], ...] = (
    {
        "name": "Welcome",
        "steps": [
            {"id": 1, "action_type": "automated_email", "delay_from_previous_step": 0,
             "delay_from_previous_step_unit": "hours", "position": 1, "action_properties": {"subject": "Welcome"}},
            {"id": 2, "action_type": "task", "delay_from_previous_step": 2,
             "delay_from_previous_step_unit": "weekdays", "position": 2, "action_properties": {"content": "Call"}},
        ],
    },
)  # fmt: skip

PRODUCTS: tuple[dict[str, Any], ...] = tuple(
    {
        "name": name,
        "description": description,
        "sku": sku,
        "active": active,
        "max_discount": 25,
        "max_markup": 10,
        "cost": cost,
        "cost_currency": "USD",
        "prices": [{"amount": usd, "currency": "USD"}, {"amount": eur, "currency": "EUR"}],
    }
    for name, description, sku, active, cost, usd, eur in (
        ("City bike", "Seven gears, a basket and lights", "BB-CITY", True, "210.00", "449.00", "419.00"),
        ("Cargo bike", "Carries two children or a fridge", "BB-CARGO", True, "1150.50", "2399.99", "2249.50"),
        ("E-bike", "Assisted up to 25 km/h", "BB-EBIKE", True, "990.00", "1999.00", "1849.00"),
        ("Service plan", "Two inspections a year", "BB-PLAN", True, "35.00", "99.00", "89.00"),
        ("Tandem", "No longer built", "BB-TANDEM", False, "600.00", "1299.00", "1199.00"),
    )
)

CITIES = (
    ("Austin", "78701", "Texas", "United States"),
    ("Lisboa", "1100-148", "Lisboa", "Portugal"),
    ("Kraków", "31-042", "Małopolska", "Poland"),
    ("Leeds", "LS1 4DY", "West Yorkshire", "United Kingdom"),
    ("Lyon", "69002", "Rhône", "France"),
    ("Osaka", "530-0001", "Osaka", "Japan"),
)
HOMETOWNS = (CITIES[1], CITIES[0], CITIES[4], CITIES[3])
"""Where each of the customers has its office."""
STREETS = ("Mill Lane", "Station Road", "Church Street", "Orchard Avenue", "Canal Walk", "Market Square")
TITLES = ("CEO", "Office manager", "Head of purchasing", "Fleet manager", "Facility manager", "Accountant")
FANCIES = ("Amber", "Blue Door", "Cedar", "Evergreen", "Falcon", "Granite", "Juniper", "Silver Birch")
TRADES = ("Bakery", "Clinics", "Deliveries", "Hostels", "Studios", "Tours")
PROJECTS = ("Courier fleet", "Guest bikes", "Service contract", "Rental fleet", "Staff bikes", "School bikes")

NOTES = (
    "Prefers to be called in the morning.",
    "Wants a quote for ten cargo bikes with two spare batteries.",
    "Met at the trade fair, asked for the price list.",
    "Budget is fixed until the end of the quarter.",
    "Asked whether the bikes can carry the hotel's logo.",
    "Has to talk to the head of purchasing first.",
    "Very happy with the last delivery.",
    "Needs an offer in euros.",
    "Reached us through the newsletter.",
    "Delivery is wanted before the summer.",
    "The contract has to be signed by two people.",
    "Only interested in rental, not in buying.",
)
TASKS = (
    "Send the price list",
    "Call about the quote",
    "Prepare the contract",
    "Order more brochures",
    "Ask for a delivery address",
    "Agree on a date for the test ride",
    "Send the invoice",
    "Tidy up the list of leads",
    "Check the stock of cargo bikes",
    "Write a follow-up e-mail",
    "Collect the signed contract",
    "Plan next month's visits",
)
CALLS = ("Talked about the quote.", "Asked for a discount.", "Left a message.", "Agreed on a date.")
MESSAGES = ("Your test ride is booked for tomorrow.", "Great, see you there!", "Please bring a helmet.")
VISITS = ("Showed the cargo bike.", "Measured the storage room.", "Signed the service plan.")
DOCUMENTS = (
    ("quote.pdf", "application/pdf", 48_213),
    ("business-card.png", "image/png", 9_120),
    ("contract.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 31_004),
    ("notes.txt", "text/plain", 512),
)
