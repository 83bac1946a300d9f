"""Write the files that a component begins with."""

import re
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from pathlib import Path

from ... import components as places
from ... import manifest
from ...errors import ConfigurationError, Conflict, Fault, InvalidInput
from ...manifest.vocabulary import FORM_DIALECT
from .component_template import COMPONENT_FILES, TEST_FILES

KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LABEL = re.compile(r"[^\W_][\w .&+-]{0,49}")
"""What can stand in every kind of file without being quoted."""


def write_component(key: str, label: str | None = None) -> list[Path]:
    """Write a new component and its test into the checkout; the files.  Nothing is written where anything is wrong."""
    label = " ".join(word.capitalize() for word in key.split("-")) if label is None else label.strip()
    _check_names(key, label)
    root = places.CHECKOUT
    if not (root / "pyproject.toml").exists():
        raise ConfigurationError("A new component is written into a checkout of sales-connectors, and this is none")
    folders = (root / "components" / key.replace("-", "_"), root / "tests" / key.replace("-", "_"))
    _check_places(key, folders, _list_side_files(root, key))
    return [
        path
        for folder, templates in zip(folders, (COMPONENT_FILES, TEST_FILES), strict=True)
        for path in write_files(folder, templates, key, label)
    ]


def write_files(folder: Path, templates: Mapping[str, str], key: str, label: str) -> list[Path]:
    """Write these files of a component, with its names in them."""
    class_name = "".join(word.capitalize() for word in key.split("-"))
    words = {"KEY": key, "LABEL": label, "CLASS": class_name, "DIALECT": FORM_DIALECT}
    for name, text in templates.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        written = re.sub("@([A-Z]+)@", lambda word: words[word[1]], text)
        (folder / name).write_text(written, encoding="utf-8")
    return [folder / name for name in templates]


def _check_names(key: str, label: str) -> None:
    if not KEY.fullmatch(key) or iskeyword(key):
        message = "is small letters and digits, with a dash between words, and no keyword of Python: acme-crm"
        raise InvalidInput(f"The name of a component {message}; {key!r} is not", fields=[_fault("name", message)])
    if not LABEL.fullmatch(label):
        message = "is letters, digits, spaces and the signs . & + -, at most 50 of them"
        raise InvalidInput(f"The label of a component {message}; {label!r} is not", fields=[_fault("label", message)])


def _list_side_files(root: Path, key: str) -> list[Path]:
    """Files that would be in the way of a component's reference page, types or tests."""
    name = key.replace("-", "_")
    return [
        root / "docs" / f"{key}.md",
        root / "src" / "sales_connectors" / "typed" / f"{name}.py",
        root / "tests" / f"{name}.py",
    ]


def _check_places(key: str, folders: Iterable[Path], side_files: Iterable[Path]) -> None:
    taken = [str(folder) for folder in folders if folder.exists()]
    known = [found.key for found in manifest.load_components()]
    if taken or key in known:
        raise Conflict(
            f"There is a component {key!r} already{': ' if taken else ''}{', '.join(taken)}", code="already_there"
        )
    in_the_way = [str(path) for path in side_files if path.exists()]
    if in_the_way:
        raise Conflict(
            f"A component cannot be called {key!r}: {', '.join(in_the_way)} would be in its way. Choose another name",
            code="already_there",
        )


def _fault(name: str, message: str) -> Fault:
    return {"path": f"/{name}", "message": message}
