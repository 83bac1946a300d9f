"""What the made-up team and its customers are made of."""

from typing import Any

DOMAIN = "fernhill.example.com"
TEAM = "Fernhill"
USERS: tuple[dict[str, Any], ...] = (
    {"first_name": "Dana", "last_name": "Whitfield", "team_admin": True, "role_id": "Admin", "group": 0,
     "job_role": "Manager", "time_zone": "US/Pacific", "work_country": "US", "seat_package": "premier"},
    {"first_name": "Marcus", "last_name": "Aalto", "role_id": "User", "group": 1,
     "job_role": "Account executive", "time_zone": "Europe/Helsinki", "work_country": "FI", "seat_package": "advanced"},
    {"first_name": "Priya", "last_name": "Raman", "role_id": "51", "group": 1,
     "job_role": "Sales development", "time_zone": "Europe/London", "work_country": "GB", "seat_package": "advanced"},
    {"first_name": "Aisha", "last_name": "Bello", "role_id": "52", "group": 2, "personal_cadence_admin": True,
     "job_role": "Operations", "time_zone": "US/Eastern", "work_country": "US", "seat_package": "premier"},
    {"first_name": "Tomás", "last_name": "Herrera", "role_id": "User", "group": None, "active": False,
     "job_role": "Account executive", "time_zone": "Europe/Madrid", "work_country": "ES", "seat_package": "advanced"},
)  # fmt: skip
GROUPS: tuple[tuple[str, int | None, tuple[int, ...]], ...] = (
    ("Sales", None, (0, 1, 2)),
    ("New business", 0, (1,)),
    ("Customer care", 0, (1, 2)),
)
"""The name, the group above, and the groups whose users its users see."""

LISTS: dict[str, tuple[str, ...]] = {
    "account_stages": ("Prospect", "Target", "Customer", "Former customer", "Disqualified"),
    "account_tiers": ("Tier 1", "Tier 2", "Tier 3"),
    "person_stages": ("New", "Working", "Interested", "Not interested", "Do not contact"),
    "call_dispositions": ("Connected", "Left voicemail", "No answer", "Busy", "Gatekeeper", "Wrong number"),
    "call_sentiments": ("Interested", "Demo scheduled", "Not interested", "Call back later"),
    "custom_roles": ("Development rep", "Operations"),
}
CUSTOM_FIELDS = (
    ("Lead Source", "person", "text"),
    ("Contract End", "person", "date"),
    ("Customer Segment", "company", "text"),
    ("Contract End", "company", "date"),
    ("Competitor", "opportunity", "text"),
)
CRM_FIELDS: tuple[dict[str, Any], ...] = (
    {"title": "Call purpose", "field": "CallPurpose", "field_type": "picklist", "source": "phone",
     "picklist_values": {"Discovery": "discovery", "Follow-up": "follow_up"}},
    {"title": "Task type", "field": "Type", "field_type": "string", "source": "phone", "value": "Call"},
    {"title": "Task type", "field": "Type", "field_type": "string", "source": "email", "value": "Email"},
)  # fmt: skip

HOMETOWNS = (
    ("Lisboa", "Portugal", "Europe/Lisbon"),
    ("Austin", "United States", "US/Central"),
    ("Lyon", "France", "Europe/Paris"),
    ("Leeds", "United Kingdom", "Europe/London"),
)
"""Where each of the customers has its office."""
TITLES = (
    ("Head of Operations", "director"), ("Office Manager", "manager"), ("Managing Director", "executive"),
    ("Buyer", "individual_contributor"), ("VP Finance", "vice_president"), ("Assistant", None),
)  # fmt: skip
TAGS = ("vip", "newsletter", "webinar", "trade fair")
SOURCES = ("Website", "Trade fair", "Referral")
IMPORTS = ("Trade fair leads", "Website sign-ups")

STEPS = (
    (1, "phone", "Introduce yourself"),
    (2, "email", "Send the brochure"),
    (4, "other", "Connect on LinkedIn"),
    (7, "phone", "Ask what they think"),
)
CADENCES: tuple[dict[str, Any], ...] = (
    {"name": "Outbound operations", "team_cadence": True, "shared": True, "owner": 0},
    {"name": "Warm introductions", "team_cadence": False, "shared": True, "owner": 1},
    {"name": "Last year's trade fair", "team_cadence": True, "shared": True, "owner": 0, "archived": True},
    {"name": "Renewals", "team_cadence": True, "shared": False, "owner": 3, "draft": True,
     "cadence_function": "other"},
)  # fmt: skip

CALLS = (
    ("Connected", "Interested", "Wants to see the planning view. Send two dates.", 412),
    ("Left voicemail", None, None, 38),
    ("Connected", "Call back later", "In the middle of the audit, call again in May.", 96),
    ("No answer", None, None, 12),
)
NOTES = (
    "Runs the night shift from Porto; call after ten.",
    "The contract with their present supplier ends in autumn.",
    "Met at the trade fair, asked for the price list.",
    "Budget is decided by the board in March.",
)
TASKS = (
    ("Call about the pilot", "call"),
    ("Send the offer", "email"),
    ("Ask for the floor plan", "email"),
    ("Call back after the audit", "call"),
    ("Prepare the demo", "general"),
    ("Check the opening hours", "general"),
)
EMAILS = (
    ("Planning shifts in minutes", "sent", 2, 1),
    ("The brochure you asked for", "sent", 0, 0),
    ("Two dates for a demo", "sent_from_gmail", 3, 0),
    ("Our price list", "failed", 0, 0),
    ("See you at the trade fair", "scheduled", 0, 0),
)
"""The subject, the status, how often it was viewed, and how often answered."""

TEMPLATES = (
    ("Introduction", "Planning shifts in minutes", "Hello, how do you plan your shifts today?"),
    ("Brochure", "The brochure you asked for", "Here is the brochure. May I call you on Thursday?"),
    ("Second try", "Did you see my message?", "I know that mornings are busy. Would the afternoon be better?"),
    ("Last year's fair", "See you at the trade fair", "We are in hall 4 again. Come and have a coffee."),
)
MEETINGS = ("Demo of the planning view", "Price list, line by line", "Pilot: who does what")
SUBSCRIPTION: dict[str, Any] = {
    "event_type": "person_created",
    "callback_url": f"https://hooks.{DOMAIN}/salesloft",
    "callback_token": "fernhill-says-so",
}
