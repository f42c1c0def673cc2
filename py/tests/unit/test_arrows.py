"""Imports point downward: never up, never sideways between packages, never in a circle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import pytest

PY = Path(__file__).resolve().parents[2]
# From the ground up; a package may import itself and those of the lines before its own.
LAYERS = (
    ("ground",),
    ("client",),
    ("cli",),
    ("dataset", "executor"),
    ("scan", "testbed"),
    ("load", "report"),
    ("etcdctl", "top"),
    ("walkthrough", "bench", "compare", "chaos"),
    ("scripts",),
)
HEIGHTS = {package: height for height, line in enumerate(LAYERS) for package in line}
MOST_GROUND_MODULES = 8

Imports = dict[str, set[str]]


def module_of(path: Path) -> str:
    """Return the name by which others import it."""
    return ".".join(path.relative_to(PY).with_suffix("").parts).removesuffix(".__init__")


PATHS = {module_of(path): path for path in [*PY.glob("*.py"), *PY.glob("etcdlab/**/*.py")]}


def package_of(module: str) -> str:
    """Return a module's package: `ground` for those right under etcdlab, `scripts` for py/*.py."""
    root, *rest = module.split(".")
    if root != "etcdlab":
        return "scripts"
    is_in_package = len(rest) > 1 or (rest and PATHS[module].name == "__init__.py")
    return rest[0] if is_in_package else "ground"


def imports_of(module: str) -> set[str]:
    """Return the lab's modules that one imports, in functions and under TYPE_CHECKING as well."""
    tree = ast.parse(PATHS[module].read_text())
    names = {name for node in ast.walk(tree) for name in _names(node, module)}
    return (names & PATHS.keys()) - {module}


def _names(node: ast.AST, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        is_package = PATHS[module].name == "__init__.py"
        package = module if is_package else module.rpartition(".")[0]
        source = resolve_name("." * node.level + (node.module or ""), package)
        for alias in node.names:
            inner = f"{source}.{alias.name}"
            yield inner if inner in PATHS else source


@pytest.fixture(scope="module")
def imports() -> Imports:
    return {module: imports_of(module) for module in PATHS}


def is_downward(module: str, imported: str) -> bool:
    """Whether the import stays in its package or points to a lower line."""
    package, other = package_of(module), package_of(imported)
    return package == other or HEIGHTS[other] < HEIGHTS[package]


def test_no_import_runs_upward_or_sideways(imports: Imports) -> None:
    arrows = {(module, each) for module, found in imports.items() for each in found}
    assert len(arrows) > len(PATHS)
    assert sorted(arrow for arrow in arrows if not is_downward(*arrow)) == []


def test_no_circle_among_modules(imports: Imports) -> None:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_nothing_below_cli_prints() -> None:
    below = [module for module in PATHS if HEIGHTS[package_of(module)] < HEIGHTS["cli"]]
    assert [module for module in below if re.search(r"\bprint\(", PATHS[module].read_text())] == []


def test_every_package_has_its_line() -> None:
    assert {package_of(module) for module in PATHS} == HEIGHTS.keys()


def test_few_modules_lie_on_the_ground() -> None:
    ground = {module for module in PATHS if package_of(module) == "ground"} - {"etcdlab"}
    assert len(ground) <= MOST_GROUND_MODULES, sorted(ground)
