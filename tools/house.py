"""Draw ``docs/house.svg``: the rooms in the order in which imports go down, and the way of a call through them.

``python tools/house.py`` writes it.  The rooms and their order are those of the import rules in pyproject.toml, and
what a room is for is the first sentence of its package, so that the picture cannot say anything else than the code.
"""

import ast
import re
import tomllib
from html import escape
from pathlib import Path
from textwrap import shorten

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = "sales_connectors"
PICTURE = ROOT / "docs" / "house.svg"

WAY = ["doors", "runtime", "manifest", "inputs", "store", "auth", "actions", "transport", "vendor"]
"""Where a call passes, in its order; ``actions`` is a handler of the component."""

COMPONENT = [
    ("component.yaml", "what exists and who handles it"),
    ("schemas/", "a form for each key; records"),
    ("actions/", "a function for each action"),
    ("datasources/", "a function for each picklist"),
    ("connections/", "endpoints, signing, paging, errors"),
    ("sandbox/", "an imitation of the vendor's API"),
]

GROUND = "components"
"""A module of the highest layer that counts as the ground; everything below it does, too."""
OLD_NAME = f"{PACKAGE}.sandbox"
"""No room: it only forwards to another one."""

ROW, TOP, LEFT, WIDTH = 44, 66, 372, 528

STYLE = """
    svg { color-scheme: light dark; font-family: ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif }
    .paper { fill: #ffffff } .ink { fill: #1f2937 } .soft { fill: #5b6472 }
    .wall { fill: none; stroke: #c08a3e; stroke-width: 2 } .room { fill: #fdf3e1; stroke: #c08a3e }
    .step { fill: #e6f0fb; stroke: #3b78b5 } .ground { fill: #f0f1f3; stroke: #8b95a1 }
    .out { fill: #e9f6ec; stroke: #3e8e57 } .line { stroke: #5b6472; fill: none; stroke-width: 1.6 }
    .head { fill: #5b6472 } .way { fill: #3b78b5 } .number { fill: #ffffff; font-weight: 600 }
    text { font-size: 14px } .name { font-weight: 600; font-size: 15px } .small { font-size: 12.5px }
    .code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 13px }
    .middle { text-anchor: middle }
    @media (prefers-color-scheme: dark) {
      .paper { fill: #0d1117 } .ink { fill: #e6edf3 } .soft { fill: #9aa7b4 }
      .wall { stroke: #d9a55c } .room { fill: #33270f; stroke: #d9a55c }
      .step { fill: #12283f; stroke: #5b9bd9 } .ground { fill: #1c2128; stroke: #768390 }
      .out { fill: #12301c; stroke: #5fb87a } .line { stroke: #9aa7b4 } .head { fill: #9aa7b4 }
      .way { fill: #5b9bd9 } .number { fill: #0d1117 }
    }"""


def list_rooms() -> list[list[str]]:
    """The layers of the import rules, the highest first; a layer is one room or several side by side."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [re.split(r" [:|] ", layer) for layer in rules["contracts"][0]["layers"]]
    rooms = [
        [name.removeprefix(f"{PACKAGE}.") for name in layer if "__" not in name and name != OLD_NAME]
        for layer in layers
    ]
    first = next(index for index, layer in enumerate(rooms) if GROUND in layer)
    return [*filter(None, rooms[:first]), [name for layer in rooms[first:] for name in layer]]


def describe_room(name: str) -> str:
    """The first sentence of a package or module, as far as it fits."""
    path = ROOT / "src" / PACKAGE / name.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    words = " ".join((ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split())
    sentence = re.split(r"(?<=\w)[.:;] |\.$", words)[0].replace("``", "")
    return shorten(sentence, 76, placeholder=" …")


def draw_room(index: int, layer: list[str], is_ground: bool) -> str:
    y = TOP + index * ROW
    names = ", ".join(name.replace(".", "/") for name in layer)
    words = "the ground: modules that import nothing else of ours" if is_ground else describe_room(layer[0])
    numbers = [WAY.index(part) for part in dict.fromkeys(name.partition(".")[0] for name in layer) if part in WAY]
    shown = "" if index and numbers == [0] else "".join(draw_number(LEFT + WIDTH - 22, y + 18, n + 1) for n in numbers)
    kind = "ground" if is_ground else "step"
    return (
        f'  <rect class="{kind}" x="{LEFT}" y="{y}" width="{WIDTH}" height="{ROW - 8}" rx="6"/>\n'
        f'  <text class="code ink" x="{LEFT + 14}" y="{y + 16}">{escape(names)}</text>\n'
        f'  <text class="small soft" x="{LEFT + 14}" y="{y + 31}">{escape(words)}</text>\n{shown}'
    )


def draw_number(x: int, y: int, number: int) -> str:
    return (
        f'  <circle class="way" cx="{x}" cy="{y}" r="10"/>'
        f'<text class="number small middle" x="{x}" y="{y + 4}">{number}</text>\n'
    )


def draw_component() -> str:
    parts = [
        '  <path class="wall" d="M24 150 L168 66 L312 150 V574 H24 Z" stroke-linejoin="round"/>\n'
        '  <text class="name ink middle" x="168" y="112">a component</text>\n'
        '  <text class="small soft middle" x="168" y="132">data and functions</text>\n'
    ]
    for index, (name, words) in enumerate(COMPONENT):
        y = 160 + index * 68
        parts.append(
            f'  <rect class="room" x="42" y="{y}" width="252" height="54" rx="6"/>\n'
            f'  <text class="code ink" x="56" y="{y + 23}">{name}</text>\n'
            f'  <text class="small soft" x="56" y="{y + 42}">{words}</text>\n'
        )
        if name == "actions/":
            parts.append(draw_number(272, y + 27, WAY.index("actions") + 1))
    return "".join(parts)


def render() -> str:
    """The picture."""
    layers = list_rooms()
    rooms = "".join(draw_room(i, layer, i == len(layers) - 1) for i, layer in enumerate(layers))
    bottom = TOP + len(layers) * ROW
    height = max(bottom + 24, 660)
    sdk = TOP + next(i for i, layer in enumerate(layers) if "sdk" in layer) * ROW + 18
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 {height}"
  role="img" aria-labelledby="title text">
  <title id="title">The rooms of the house, and the way of a call through them</title>
  <desc id="text">On the left a component: its manifest, schemas, handlers, connections and sandbox. On the right the
    rooms of the package, one above the other; each imports only from those below it. A call comes in by a door, passes
    the runtime, which finds the action in the manifest, checks the inputs, opens the connection with its token and
    calls the handler, whose request travels over the transport to the vendor.</desc>
  <style>{STYLE}
  </style>
  <defs>
    <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
      <path class="head" d="M0 0 L8 4 L0 8 Z"/>
    </marker>
  </defs>
  <rect class="paper" width="920" height="{height}" rx="12"/>
  <text class="name ink" x="{LEFT}" y="36">src/{PACKAGE}</text>
  <text class="small soft" x="{LEFT}" y="54">imports go down only; the numbers are the way of a call</text>
{draw_component()}
  <path class="line" d="M312 {sdk} H{LEFT - 6}" marker-end="url(#tip)"/>
  <text class="small soft middle" x="342" y="{sdk - 8}">imports</text>
{rooms}
  <rect class="out" x="24" y="592" width="288" height="44" rx="6"/>
  <text class="small ink" x="42" y="619">the vendor's API, or the sandbox</text>
{draw_number(290, 614, WAY.index("vendor") + 1)}</svg>
"""


if __name__ == "__main__":
    PICTURE.write_text(render(), encoding="utf-8")
