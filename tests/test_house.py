"""The house: no import goes in a circle, components keep to what they may import, and its picture is true."""

import ast
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import grimp

ROOT = Path(__file__).parents[1]
HANDLERS = ("actions", "datasources", "connections")


def find_circle(graph: grimp.ImportGraph) -> list[str]:
    """The modules of one circle; none where there is none."""
    done: set[str] = set()
    for start in sorted(graph.modules):
        path: list[str] = []
        waiting: list[tuple[str, Iterator[str]]] = []
        if start not in done:
            path.append(start)
            waiting.append((start, iter(graph.find_modules_directly_imported_by(start))))
        while waiting:
            module, imported = waiting[-1]
            following = next(imported, None)
            if following is None:
                done.add(module)
                path.pop()
                waiting.pop()
            elif following in path:
                return path[path.index(following) :]
            elif following not in done:
                path.append(following)
                waiting.append((following, iter(graph.find_modules_directly_imported_by(following))))
    return []


def test_a_circle_is_found_wherever_it_begins() -> None:
    graph = grimp.ImportGraph()
    for importer, name in (("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("e", "a")):
        graph.add_import(importer=importer, imported=name)
    assert sorted(find_circle(graph)) == ["b", "c", "d"]
    graph.remove_import(importer="d", imported="b")
    assert find_circle(graph) == []


def test_no_import_goes_in_a_circle() -> None:
    """Imports inside functions count, and those for type checkers too."""
    graph = grimp.build_graph("sales_connectors", cache_dir=None)
    assert len(graph.modules) > 100
    assert find_circle(graph) == []


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def folders(kind: str) -> list[Path]:
    return [ROOT / kind, *(ROOT / "components").glob(f"*/{kind}")]


def test_handlers_import_the_sdk_and_their_siblings() -> None:
    files = [path for kind in HANDLERS for folder in folders(kind) for path in folder.glob("*.py")]
    assert len(files) > 50
    names = {(path, name) for path in files for name in imported(path) if name.startswith((".", "sales_connectors"))}
    wrong = [
        (str(path.relative_to(ROOT)), name)
        for path, name in names
        if name != "sales_connectors.sdk" and (not name.startswith(".") or name.startswith(".."))
    ]
    assert wrong == []


def test_sandboxes_import_the_engine_and_their_siblings() -> None:
    files = [path for folder in folders("sandbox") for path in folder.rglob("*.py") if path.name != "demo.py"]
    assert len(files) > 20
    wrong = [
        (str(path.relative_to(ROOT)), name)
        for path in files
        for name in imported(path)
        if name.startswith("sales_connectors") and not name.startswith("sales_connectors.imitation")
    ]
    assert wrong == []


GENERATED = "typed"


def test_the_rooms_know_no_component_by_name() -> None:
    package = ROOT / "src" / "sales_connectors"
    names = {path.name for path in (ROOT / "components").iterdir() if (path / "component.yaml").exists()}
    assert names >= {"outreach", "salesloft"}
    files = [path for path in package.rglob("*") if path.suffix in (".py", ".json", ".pyi")]
    assert len(files) > 150
    told = [
        (str(path.relative_to(package)), name)
        for path in files
        if path.relative_to(package).parts[0] != GENERATED
        for name in names
        if name in path.read_text("utf-8").lower()
    ]
    assert told == []


def load_tool(name: str) -> Any:
    spec = spec_from_file_location(f"tool_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_shows_the_rooms_as_they_are() -> None:
    """``python tools/house.py`` draws it anew."""
    house = load_tool("house")
    assert house.PICTURE.read_text(encoding="utf-8") == house.render()
