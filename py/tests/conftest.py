"""Settings of all tests; the tiers that need an etcd have a conftest.py with its fixtures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import profiles  # noqa: F401 - which registers them
import pytest
from prefork import Prefork

# Variables that may be set in the shell, and that tests must not see.
SETTINGS = re.compile(
    r"(ETCD_(?!BIN$)|ETCDCTL|COMPOSE|MAKE|MFLAGS|(STRING|JSON|BLOB)_COUNT$|BLOB_BYTES$"
    r"|ENDPOINTS$|TLS$|AUTH$|NODES$|N$|C$|PREFIX$|BATCH$|SEED$|FOLLOW$"
    r"|(FAKE|REPORT|TOP|TIDY|BENCH|COMPARE|CHAOS|DASK)_FLAGS$)"
)
# The files that take longest go first, since one worker runs a whole file.
LONGEST = ("test_bad_input.py", "test_docs.py", "test_etcdctl.py", "test_compare.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(autouse=True, scope="session")
def forget_settings() -> None:
    """Remove SETTINGS from the environment: tests set their own."""
    for name in list(os.environ):
        if SETTINGS.match(name):
            del os.environ[name]


@pytest.fixture(scope="session")
def prefork(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefork]:
    """Commands that run the scripts of py/ without the start of an interpreter."""
    prefork = Prefork(tmp_path_factory.mktemp("prefork"))
    yield prefork
    prefork.stop()
