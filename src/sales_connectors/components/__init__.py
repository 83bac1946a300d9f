"""The components, importable as ``sales_connectors.components.<key>``.

Installed, they lie beside this file.  In a checkout the component whose manifest stands at the repository root is
mounted under the key that it names, and the others lie in ``components/``.
"""

import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path

from ..errors import ConfigurationError

CHECKOUT = Path(__file__).parents[3]


def mount(folder: Path, key: str) -> str:
    """Make a component folder importable and return its import name."""
    name = f"{__name__}.{key.replace('-', '_')}"
    if name not in sys.modules:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        module = sys.modules[name] = module_from_spec(spec)
        setattr(sys.modules[__name__], name.rpartition(".")[2], module)
    return name


def find_folder(key: str) -> Path | None:
    """Where the component of that key lies, or None."""
    name = key.replace("-", "_")
    mounted = sys.modules.get(f"{__name__}.{name}")
    places = [Path(place) for place in mounted.__path__] if mounted else [Path(place) / name for place in __path__]
    return next((place for place in places if (place / "component.yaml").exists()), None)


def list_folders() -> list[Path]:
    """Every component folder: the mounted ones first, then those that lie in the package's folders."""
    prefix = f"{__name__}."
    mounted = [
        Path(place)
        for name, module in list(sys.modules.items())
        if name.startswith(prefix) and name.count(".") == 2
        for place in module.__path__
    ]
    beside = [entry for place in __path__ if Path(place).is_dir() for entry in sorted(Path(place).iterdir())]
    return list(dict.fromkeys(place for place in mounted + beside if (place / "component.yaml").exists()))


def is_of_checkout(folder: Path) -> bool:
    """Whether a component is the one that the repository itself is."""
    return folder == CHECKOUT


def read_key(manifest: Path) -> str:
    """The component's key: the first ``key:`` line of its manifest, read without parsing the rest."""
    with manifest.open(encoding="utf-8") as lines:
        key = next((line.partition(":")[2].strip() for line in lines if line.startswith("key:")), "")
    if not key:
        raise ConfigurationError(f"{manifest}: a manifest is a mapping with a key", fix="maintainer")
    return key


if (CHECKOUT / "component.yaml").exists() and (CHECKOUT / "pyproject.toml").exists():
    __path__.append(str(CHECKOUT / "components"))
    mount(CHECKOUT, read_key(CHECKOUT / "component.yaml"))
