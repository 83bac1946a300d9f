"""The reference pages under ``docs/`` and the types in ``sales_connectors.typed``, written from the manifests.

Nobody edits them: ``make docs`` writes them, ``make test`` checks that they are not stale.
"""

from pathlib import Path

from ... import components as places
from ... import manifest
from . import calls, forms, index, page, stubs

TYPED_FOLDER = Path("src/sales_connectors/typed")


def write(component: str | None, check: bool = False, *, root: Path | None = None) -> list[Path]:
    """Write the pages, and in a checkout the types, of one component or of all; returns the files that changed.

    With ``check`` nothing is written, and the files that would change are returned.
    """
    root = root or find_root()
    wanted = render_files(root, component)
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    left = [] if component else [path for path in _find_generated(root) if path not in wanted]
    if not check:
        for path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8")
        for path in left:
            path.unlink()
    return sorted(stale + left)


def find_root() -> Path:
    """The checkout; where the package is installed, the folder in which the command runs."""
    return places.CHECKOUT if (places.CHECKOUT / "pyproject.toml").exists() else Path.cwd()


def render_files(root: Path, component: str | None = None) -> dict[Path, str]:
    """Every file with its text; of one component its own files only."""
    known = manifest.load_components() if component is None else [manifest.load_component(component)]
    files = {root / "docs" / f"{found.key}.md": page.render_page(found) for found in known}
    if component is None:
        files[root / "docs" / "README.md"] = index.render_index(known)
        files[root / "docs" / "calls.md"] = calls.render_calls()
        files[root / "docs" / "forms.md"] = forms.render_forms()
    if (root / TYPED_FOLDER).exists():
        files |= {
            root / TYPED_FOLDER / f"{stubs.build_module_name(found)}.py": stubs.render_module(found) for found in known
        }
        if component is None:
            files[root / TYPED_FOLDER / "__init__.py"] = stubs.render_package(known)
            files[root / TYPED_FOLDER / "options.py"] = stubs.render_options()
    return files


def _find_generated(root: Path) -> list[Path]:
    """Files that a generator wrote: those of a component that is gone have to go too."""
    places = [*(root / "docs").glob("*.md"), *(root / TYPED_FOLDER).glob("*.py")]
    return [
        path
        for path in places
        if path.read_text(encoding="utf-8").startswith((page.GENERATED_NOTICE, stubs.GENERATED_HEADER))
    ]
