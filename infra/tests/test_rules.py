"""Rules of the house that no linter knows."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

INFRA = Path(__file__).resolve().parents[1]
ROOT = INFRA.parent
MODULES = sorted(path for path in INFRA.rglob("*.py") if "tests" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_module_shadows_the_standard_library(path: Path):
    assert path.stem not in sys.stdlib_module_names or path.stem == "__main__"


@pytest.mark.parametrize("path", sorted((ROOT / "stacks").glob("*.py")), ids=lambda path: path.name)
def test_the_contract_imports_neither_the_program_nor_pulumi(path: Path):
    assert not {name for name in imports(path) if name.split(".")[0] in {"infra", "pulumi", "docker"}}


@pytest.mark.parametrize("path", sorted((ROOT / "smoke_tests").rglob("*.py")), ids=lambda path: path.name)
def test_the_smoke_tests_know_only_the_contract(path: Path):
    assert not {name for name in imports(path) if name.split(".")[0] in {"infra", "toolchain"}}


@pytest.mark.parametrize("path", sorted((INFRA / "services").glob("*.py")), ids=lambda path: path.name)
def test_a_service_makes_no_docker_resources_itself(path: Path):
    assert "pulumi_docker" not in set(imports(path))


def test_no_code_forks_on_the_name_of_a_stack():
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                values = {child.value for child in ast.walk(node) if isinstance(child, ast.Constant)}
                assert not values & {"dev", "prod"}, f"{path.name}:{node.lineno}"


def test_configuration_is_read_in_one_place():
    readers = [
        path.name for path in MODULES if "get_config_env" in path.read_text() or "pulumi.Config" in path.read_text()
    ]
    assert readers == ["stack.py"]


@pytest.mark.parametrize("folder", ["infra", "stacks", "toolchain"])
def test_every_file_in_a_folder_of_tests_is_collected(folder: str):
    others = [path for path in (ROOT / folder).rglob("tests/*.py") if not path.name.startswith("test_")]
    assert not [path.name for path in others if "\ndef test_" in path.read_text()]
