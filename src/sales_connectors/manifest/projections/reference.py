"""The reference of a component: ``docs/<component>.md``, which leads to the pages in ``docs/<component>/``."""

from collections.abc import Iterator, Mapping

from ...sdk.envelope import Shape
from .. import Component
from ..fields import render_input_table
from ..markdown import escape_prose, join_words, render_code, render_link
from .layout import Layout, lay_out
from .page import GENERATED_NOTICE, describe_shape, render_page

ANSWERS_HEADING = "What comes back"


def render_reference(component: Component) -> dict[str, str]:
    """Every page of a component, by its path below ``docs``."""
    layout = lay_out(component)
    pages = {f"{component.key}/{page.file}": render_page(layout, page) for page in layout.pages}
    return {f"{component.key}.md": _render_overview(layout), **pages}


def _render_overview(layout: Layout) -> str:
    sections = (_render_head, _render_contents, _render_connections, _render_answers)
    return "\n\n".join([GENERATED_NOTICE, *(block for section in sections for block in section(layout))]) + "\n"


def _render_head(layout: Layout) -> Iterator[str]:
    component = layout.component
    yield f"# {component.label}"
    yield escape_prose(component.description.strip())
    vendor = f"[the vendor's API]({component.documentation})"
    yield f"Component {render_code(component.key)} · {component.category} · {vendor}"


def _render_contents(layout: Layout) -> Iterator[str]:
    folder = f"{layout.component.key}/"
    connections = " · ".join(map(render_link, layout.component.connections))
    lines = [
        ": ".join(filter(None, [f"- {render_link('Connections')}", connections])),
        f"- {render_link(ANSWERS_HEADING)}",
    ]
    for page in layout.pages:
        entries = " · ".join(render_link(entry.key, page=folder + page.file) for entry in page.entries)
        lines.append(f"- [{page.title}]({folder}{page.file}): {entries}")
    records = [layout.render_record_link(record, folder) for page in layout.pages for record in page.records]
    if records:
        lines.append(f"- Records: {' · '.join(records)}")
    yield "\n".join(lines)


def _render_connections(layout: Layout) -> Iterator[str]:
    component = layout.component
    yield "## Connections"
    if not component.connections:
        yield "None: the component has no service of its own."
        return
    yield "With an access token at hand no field is required."
    for key in component.connections:
        form = component.form(key)
        yield f"### {key}"
        yield f"**{form.label}.** {escape_prose(form.description)}"
        yield render_input_table(form, "Field")
        tested = join_words(map(render_code, component.connections[key].scopes))
        if tested:
            yield f"Every sign-in asks for {tested}, which the test of the connection needs."


def _render_answers(layout: Layout) -> Iterator[str]:
    yield f"## {ANSWERS_HEADING}"
    yield (
        'The command line prints `{"data": …}`; a Python method returns what stands under `data`. A deleted record '
        'leaves `null`; bytes come as `{"base64": …, "contentType": …}`.'
    )
    envelope = layout.component.envelope
    if envelope.many is not None:
        one, many = (describe_shape(shape, envelope.one, "record") for shape in (envelope.one, envelope.many))
        yield f"Under `data` the service answers with one record as `{one}`, and with a list as `{many}`."
    if envelope.beside:
        yield f"Beside them may stand {join_words(_list_extras(envelope.beside))}, where the inputs ask for it."
    if any(page.records for page in layout.pages):
        yield (
            "Fields of a record that are marked *Always* come with every one, null where there is no value, as far as "
            "anybody can promise it for the vendor: types go by it, and no reply is refused over it. The service may "
            "add fields at any time."
        )


def _list_extras(beside: Mapping[str, Shape]) -> Iterator[str]:
    """What may stand beside records, each member as JSON."""
    for name, part in beside.items():
        yield f"`{describe_shape({name: part}, 'record', 'record')[1:-1]}`"
