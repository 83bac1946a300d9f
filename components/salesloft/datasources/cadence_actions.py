"""Actions of cadences, and the groups that they belong to, to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Record, RecordsById, build_batch_picklist, find_linked, format_person_name, merge_keys


def select_action(ctx: Context, inputs: Inputs) -> Picklist:
    """Every open action, narrowed to one person or one kind; the service no longer knows completed ones."""

    def options(actions: list[Record]) -> list[Option]:
        people = find_linked(ctx, "/v2/people", actions, "person")
        return [Option(label_action(action, people), str(action["id"])) for action in actions]

    person = {"person_id[]": [inputs["personId"]]} if "personId" in inputs else {}
    kind = {"type": inputs["type"]} if "type" in inputs else {}
    return build_batch_picklist(ctx, "/v2/actions", options, query={**person, **kind})


def select_multitouch_group(ctx: Context, inputs: Inputs) -> Picklist:
    """Every multi-touch group of open actions; the service lists the actions alone, which name their group."""

    def options(actions: list[Record]) -> list[Option]:
        kinds: dict[int, set[str]] = {}
        for action in actions:
            if number := action.get("multitouch_group_id"):
                kinds.setdefault(number, set()).add(action.get("type") or "action")
        return [Option(f"Group {number}: {', '.join(sorted(of))}", str(number)) for number, of in kinds.items()]

    return merge_keys(build_batch_picklist(ctx, "/v2/actions", options, find=None))


def label_action(action: Record, people: RecordsById) -> str:
    """Actions have no name: the kind, the person, the day, and the id."""
    due = f", due {action['due_on'][:10]}" if action.get("due_on") else ""
    kind = (action.get("type") or "action").capitalize()
    return f"{kind}: {format_person_name(people, action)}{due} ({action['id']})"
