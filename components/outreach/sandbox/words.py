"""What the sandbox's organization is made of; ids are those that the vendor's and other documents' examples name."""

from typing import Any

Records = tuple[dict[str, Any], ...]

DOMAIN = "fernhill.example.com"
USERS: Records = (
    {"id": 101, "firstName": "Morgan", "lastName": "Hale", "title": "Head of Sales", "isAdmin": True},
    {"id": 102, "firstName": "Nia", "lastName": "Okafor", "title": "Account Executive"},
    {"id": 120, "firstName": "Former", "lastName": "Colleague", "title": "Sales Representative", "locked": True},
    {"id": 456, "firstName": "Tomas", "lastName": "Lindqvist", "title": "Sales Operations", "isAdmin": True},
    {"id": 789, "firstName": "Jade", "lastName": "Nguyen", "title": "Sales Development"},
    {"id": 11111, "firstName": "Pavel", "lastName": "Horak", "title": "Sales Development"},
    {"id": 11112, "firstName": "Ines", "lastName": "Duarte", "title": "Sales Development"},
    {"id": 54321, "firstName": "Oscar", "lastName": "Reyes", "title": "Account Executive"},
    {"id": 67890, "firstName": "John", "lastName": "Doe", "title": "Privacy Officer"},
    {"id": 345678, "firstName": "Lena", "lastName": "Vogel", "title": "Account Executive"},
    {"id": 456789, "firstName": "Sam", "lastName": "Adeyemi", "title": "Account Executive"},
)
STAGES = {1: "Prospecting", 2: "Qualified", 3: "Demo Scheduled", 4: "Proposal Sent", 5: "Closed Won", 123: "Nurture"}
OPPORTUNITY_STAGES = {
    1: "Qualified", 2: "Discovery", 3: "Proposal", 4: "Negotiation", 5: "Closed Won", 6: "Closed Lost", 123: "On Hold",
}  # fmt: skip
CLOSED = ("Closed Won", "Closed Lost")
COLOURS = ("#4CAF50", "#2196F3", "#FFA500", "#9C27B0", "#009688", "#F44336", "#607D8B")
DISPOSITIONS = {
    1: ("Interested", "Answered"), 2: ("Not Interested", "Answered"), 3: ("Call Back Later", "Answered"),
    4: ("Wrong Number", "Not Answered"), 5: ("Voicemail", "Not Answered"), 123: ("Follow-up Required", "Answered"),
}  # fmt: skip
PURPOSES = {1: "Introduction", 2: "Follow-up", 3: "Demo Request", 4: "Proposal Discussion", 5: "Closing", 123: "Survey"}
PRIORITIES = {1: ("High", 15), 2: ("Medium", 10), 3: ("Low", 5), 4: ("Urgent", 20)}
NAMED_LISTS = {
    "personas": {1: "Buyer", 2: "Champion", 3: "Executive"},
    "rulesets": {1: "Default", 2: "Once a Quarter"},
    "taskDispositions": {1: "Done", 2: "No Show", 3: "Rescheduled", 4: "Cancelled", 5: "Interested"},
    "taskPurposes": {1: "First Meeting", 2: "Demo", 3: "Renewal", 4: "Training", 5: "Courtesy"},
    "teams": {7: "Inbound", 8: "Outbound"},
}
MAILBOXES: Records = (
    {"id": 123, "email": f"morgan@{DOMAIN}", "user": 101, "emailProvider": "google_oauth2"},
    {"id": 789, "email": f"jade@{DOMAIN}", "user": 789, "emailProvider": "office365_oauth2"},
    {"id": 1234, "email": f"sales@{DOMAIN}", "user": 102, "emailProvider": "google_oauth2"},
    {"id": 5678, "email": f"support@{DOMAIN}", "user": 11111, "emailProvider": "exchange_online"},
    {"id": 9012, "email": f"marketing@{DOMAIN}", "user": 11112, "emailProvider": "gmail_api"},
)
ACCOUNTS: Records = (
    {"id": 456, "name": "Acme Corp", "domain": "acme.example.com", "industry": "Manufacturing", "owner": 789},
    {"id": 1234, "name": "Acme Corporation", "domain": "acmecorp.com", "industry": "Technology", "owner": 101,
     "numberOfEmployees": 500, "custom1": "Enterprise"},
    {"id": 5678, "name": "Global Innovations Ltd", "domain": "globalinnovations.com", "industry": "Manufacturing",
     "owner": 102, "numberOfEmployees": 1000, "custom1": "Enterprise"},
    {"id": 67890, "name": "Acme, Inc.", "domain": "acme-inc.example.com", "industry": "Retail", "owner": 54321},
    {"id": 789012, "name": "Larch & Sons", "domain": "larch.example.com", "industry": "Logistics", "owner": 345678},
    {"id": 890123, "name": "Zephyr Cloud", "domain": "zephyr.example.com", "industry": "Technology", "owner": 456789},
    {"id": 890124, "name": "Somebody's company", "named": False, "owner": 101},
)  # fmt: skip
PROSPECTS: Records = (
    {"id": 123, "firstName": "John", "lastName": "Doe", "emails": ["john@acme.example.com"], "title": "Sales Manager",
     "account": 456, "owner": 789, "stage": 1},
    {"id": 456, "firstName": "Rosa", "lastName": "Marin", "emails": ["rosa@acme.example.com"], "title": "Buyer",
     "account": 456, "owner": 101, "stage": 2, "custom1": "42"},
    {"id": 3456, "firstName": "Henrik", "lastName": "Falk", "emails": ["henrik@larch.example.com"], "title": "CTO",
     "account": 789012, "owner": 102, "stage": 3},
    {"id": 12345, "firstName": "John", "lastName": "Doe", "emails": ["john.doe@example.com"], "title": "Sales Manager",
     "account": 67890, "owner": 54321, "stage": 2, "tags": ["newsletter"]},
    {"id": 54321, "firstName": "Aiko", "lastName": "Mori", "emails": ["aiko@zephyr.example.com"], "title": "CFO",
     "account": 890123, "owner": 456789, "stage": 1},
    {"id": 54322, "firstName": "Bela", "lastName": "Nagy", "emails": ["bela@zephyr.example.com"], "title": "Engineer",
     "account": 890123, "owner": 456789, "stage": 1},
    {"id": 67890, "firstName": "Carla", "lastName": "Stone", "emails": ["carla@acmecorp.com"], "title": "Director",
     "account": 1234, "owner": 11111, "stage": 4},
    {"id": 67891, "firstName": "Jane", "lastName": "Smith", "emails": ["jane.smith@company.com"], "title": "Owner",
     "owner": 11112, "company": "Company & Co"},
    {"id": 67892, "firstName": "Silent", "lastName": "Walker", "emails": ["silent@acmecorp.com"], "optedOut": True,
     "account": 1234, "owner": 101},
)  # fmt: skip
NUMBERS: Records = (
    {"id": 1, "number": "+1 (555) 123-4567", "phoneType": "mobile"},
    {"id": 2, "number": "+1 (555) 987-6543", "phoneType": "work"},
    {"id": 3, "number": "+1 (555) 246-8135", "phoneType": "home"},
    {"id": 4, "number": "+1 (555) 765-4321", "phoneType": "work", "prospect": 456},
)
TEMPLATES = {
    601: ("Initial Outreach", "Introducing our product", "<p>Dear {{first_name}}, I hope this finds you well.</p>"),
    602: ("Final Follow-up", "Quick check-in", "<p>Hi {{first_name}}, I wanted to follow up.</p>"),
    603: ("Meeting Notes", "What we talked about", "<p>Hi {{first_name}}, thank you for your time.</p>"),
}
SEQUENCES: Records = (
    {"id": 101, "name": "Product Launch", "owner": 101, "enabled": True},
    {"id": 123, "name": "Trade Fair Visitors", "owner": 102, "enabled": True},
    {"id": 789, "name": "Inbound Leads", "owner": 789, "enabled": True},
    {"id": 901, "name": "Frozen for Audit", "owner": 101, "enabled": True, "locked": True},
    {"id": 902, "name": "Spring Draft", "owner": 101},
    {"id": 54321, "name": "Customer Check-in", "owner": 54321, "enabled": True},
    {"id": 67890, "name": "Call First", "owner": 456789, "enabled": True},
    {"id": 67891, "name": "Write First", "owner": 456789, "enabled": True},
    {"id": 78901, "name": "Outbound, Three Touches", "owner": 101, "enabled": True},
    {"id": 123456, "name": "Welcome Sequence", "owner": 101, "enabled": True, "tags": ["welcome"],
     "description": "For those who have just signed up"},
)  # fmt: skip
STEPS: Records = (
    {"sequence": 101, "order": 1, "stepType": "auto_email", "template": 601},
    {"sequence": 123, "order": 1, "stepType": "task", "taskNote": "Look at their website"},
    {"sequence": 123, "order": 2, "stepType": "call", "interval": 86400},
    {"sequence": 789, "order": 1, "stepType": "auto_email", "template": 601},
    {"sequence": 789, "order": 2, "stepType": "call", "interval": 172800},
    {"sequence": 54321, "order": 1, "stepType": "call"},
    {"sequence": 67890, "order": 1, "stepType": "call"},
    {"sequence": 67890, "order": 2, "stepType": "task", "interval": 86400, "taskNote": "Send the brochure"},
    {"sequence": 67891, "order": 1, "stepType": "manual_email", "template": 603},
    {"id": 123456, "sequence": 78901, "order": 1, "stepType": "auto_email", "template": 601},
    {"id": 123457, "sequence": 78901, "order": 2, "stepType": "call", "interval": 259200},
    {"id": 123458, "sequence": 78901, "order": 3, "stepType": "auto_email", "interval": 432000, "template": 602},
    {"sequence": 123456, "order": 1, "stepType": "task", "taskNote": "Say hello"},
)
STATES: Records = (
    {"id": 12345, "sequence": 67890, "prospect": 54321, "mailbox": 1234},
    {"id": 12346, "sequence": 67891, "prospect": 54322, "mailbox": 789},
    {"id": 3456, "sequence": 54321, "prospect": 456, "mailbox": 123},
    {"sequence": 123, "prospect": 12345, "mailbox": 123, "then": "paused"},
    {"sequence": 123456, "prospect": 3456, "mailbox": 123, "then": "finished"},
    {"sequence": 902, "prospect": 123, "mailbox": 123},
)
OPPORTUNITIES: Records = (
    {"id": 123456, "name": "Enterprise Software Deal", "amount": 100000, "opportunityStage": 3, "probability": 60,
     "account": 789012, "owner": 345678, "primaryProspect": 3456, "forecastCategory": "Best Case"},
    {"id": 234567, "name": "Cloud Migration Project", "amount": 75000, "opportunityStage": 4, "probability": 80,
     "account": 890123, "owner": 456789, "primaryProspect": 54321, "forecastCategory": "Commit"},
)  # fmt: skip
TASKS: Records = (
    {"id": 12345, "action": "call", "note": "Follow up on proposal", "prospect": 67890, "owner": 11111, "days": 2},
    {"id": 12346, "action": "email", "note": "Send product demo", "prospect": 67891, "owner": 11112, "days": 7},
    {"id": 5001, "action": "call", "note": "Ask about the order", "prospect": 123, "owner": 789, "days": 3},
    {"action": "in_person", "note": "Lunch in town", "prospect": 456, "owner": 101, "days": 1},
    {"action": "action_item", "note": "Prepare the offer", "prospect": 3456, "owner": 102, "days": -1},
)
MAILINGS: Records = (
    {"id": 12345, "subject": "Follow-up on our recent conversation", "state": "delivered", "mailbox": 789,
     "prospect": 67890, "sequence": 54321, "openCount": 3, "clickCount": 1},
    {"id": 12346, "subject": "Exclusive offer for you", "state": "opened", "mailbox": 789, "prospect": 67891,
     "sequence": 54321, "openCount": 2},
    {"subject": "Important Update: New Product Launch", "state": "bounced", "mailbox": 123, "prospect": 456,
     "sequence": 101},
    {"subject": "Our talk on Monday", "state": "replied", "mailbox": 123, "prospect": 12345},
)  # fmt: skip
RECIPIENTS: Records = (
    {"id": 12345, "recipientType": "to", "value": "john.doe@example.com", "prospect": 12345},
    {"id": 12346, "recipientType": "cc", "value": "jane.smith@company.com", "prospect": 67891},
)
ALIASES = (("hello", 123), ("team", 1234))
AUDIT_LOGS = (
    ("user.login", "login", "completed"), ("prospect.export", "export", "completed"),
    ("user.update", "update", "failed"),
)  # fmt: skip
AUDITS: Records = (
    {"id": 12345, "user": "john.doe@example.com", "userId": 67890, "requestIp": "192.168.1.100"},
    {"id": 12346, "user": "jane.smith@example.com", "userId": 67891, "requestIp": "192.168.1.101"},
)
TITLES = ("Head of Operations", "Purchasing Manager", "Chief Technology Officer", "Managing Director", "Controller")
EMPLOYEES = (40, 120, 260, 18)
DEALS = (("First order", 12_000, 1), ("Yearly contract", 48_500, 3), ("Pilot", 4_000, 5), ("Extension", 9_900, 6))
CALLS = (
    ("Wants a quote by Friday", 1, 1, "Answered"),
    ("Left a message", 5, 2, "Not Answered"),
    ("Asked for a demo", 3, 3, "Answered"),
)
CALL_TASKS = ("Ask for the budget", "Agree on a date")
