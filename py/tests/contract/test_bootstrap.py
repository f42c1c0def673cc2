"""Scripts find the venv's packages from any Python, and import no more than they need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from etcd_fixture import Etcd
from scripts import SCRIPTS

from etcdlab import ROOT

EXECUTORS = {"asyncio", "multiprocessing", "distributed", "dask", "grpc"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose python3 has no packages, and whose PATH has no other tools."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = [folder / "bin" / "python3", "-c", "import orjson"]
    assert subprocess.run(packages, env={}, capture_output=True).returncode == 1
    return {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", "VENV": sys.prefix}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_the_contract_under_a_bare_python(
    script: Path, flag: str, bare: Mapping[str, str]
) -> None:
    shown = subprocess.run([script, flag], env=bare, capture_output=True, text=True, timeout=30)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"{script.name} - ")
    assert "\nusage: " in shown.stdout and "\nexamples:\n" in shown.stdout


def test_without_a_venv_a_line_says_how_to_make_one(bare: Mapping[str, str]) -> None:
    command = [ROOT / "py" / "etcd_faker.py", "-h"]
    no_venv = {**bare, "VENV": "/nonexistent"}
    said = subprocess.run(command, env=no_venv, capture_output=True, text=True, timeout=30)
    assert said.stderr == "etcd_faker.py: Python packages are missing: run 'make venv'\n"
    assert (said.returncode, said.stdout) == (1, "")


@pytest.mark.parametrize(
    ("command", "most"),
    [
        ("etcdctl.py version", 110),
        ("etcdctl.py get a", 300),
        ("etcd_faker.py -h", 260),
        ("etcd_faker.py -n 1", 420),
        ("etcd_reporter.py -prefix=", 360),
    ],
)
def test_a_script_imports_only_what_it_needs(etcd: Etcd, command: str, most: int) -> None:
    script, *flags = command.split()
    done = subprocess.run(
        [sys.executable, "-X", "importtime", ROOT / "py" / script, *flags],
        env=os.environ | {"ETCD_ENDPOINT": etcd.url, "ETCDCTL_ENDPOINTS": etcd.url},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0
    modules = re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE)
    assert "etcdlab.bootstrap" in modules
    assert not EXECUTORS.intersection(modules)
    assert len(modules) <= most
