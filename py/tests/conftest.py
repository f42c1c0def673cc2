"""What all tests run with; the etcds are in the conftest files of the tiers that need one."""

from __future__ import annotations

import os
import re

import profiles  # noqa: F401 - which registers them
import pytest

# What a person's shell may have set, and tests must not see.
SETTINGS = re.compile(
    r"(ETCD_(?!BIN$)|ETCDCTL|COMPOSE|MAKE|MFLAGS|(STRING|JSON|BLOB)_COUNT$|BLOB_BYTES$"
    r"|ENDPOINTS$|TLS$|AUTH$|NODES$|N$|C$|PREFIX$|BATCH$|SEED$|FOLLOW$"
    r"|(FAKE|REPORT|TOP|TIDY|BENCH|COMPARE|CHAOS|DASK)_FLAGS$)"
)
# Files that take longest. A file is run by one worker, so it had better not be the last.
LONGEST = ("test_bad_input.py", "test_docs.py", "test_etcdctl.py", "test_compare.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(autouse=True, scope="session")
def forget_settings() -> None:
    """Tests say themselves which etcd they talk to."""
    for name in list(os.environ):
        if SETTINGS.match(name):
            del os.environ[name]
