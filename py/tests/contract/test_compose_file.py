"""docker-compose.yml keeps etcd on loopback, pinned, healthy and with a volume."""

import re
from typing import Any

import pytest
import yaml

from etcdlab import ROOT
from etcdlab.etcdctl.release import NEWEST

FILE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(params=["etcd", "etcd1", "etcd2", "etcd3"])
def service(request: pytest.FixtureRequest) -> dict[str, Any]:
    return FILE["services"][request.param] | {"name": request.param}


def test_there_are_no_others() -> None:
    assert set(FILE["services"]) == {"etcd", "etcd1", "etcd2", "etcd3"}


def test_ports_are_published_on_loopback_alone(service: dict[str, Any]) -> None:
    (port,) = service["ports"]
    assert re.fullmatch(r"127\.0\.0\.1:(\$\{\w+:-\d+\}):\1", port)


def test_the_image_is_that_of_the_variable_or_the_newest_tested(service: dict[str, Any]) -> None:
    runtime = (ROOT / "scripts/lib/runtime.sh").read_text()
    newest = re.search(r"^NEWEST_ETCD=(3\.\d+\.\d+)$", runtime, re.MULTILINE)
    assert newest and NEWEST.version == newest[1]
    assert service["image"].endswith(f":v${{ETCD_VERSION:-{newest[1]}}}}}")


def test_a_health_check_without_a_shell_which_the_image_lacks(service: dict[str, Any]) -> None:
    command, *arguments = service["healthcheck"]["test"]
    assert command == "CMD"
    assert arguments[0] == "etcdctl" and arguments[-2:] == ["endpoint", "health"]


def test_data_is_in_a_named_volume(service: dict[str, Any]) -> None:
    assert service["volumes"] == [f"{service['name']}-data:/etcd-data"]
    assert f"{service['name']}-data" in FILE["volumes"]
    assert service["environment"]["ETCD_DATA_DIR"] == "/etcd-data"


def test_the_cluster_is_a_profile_and_the_one_etcd_is_not(service: dict[str, Any]) -> None:
    assert service.get("profiles") == (None if service["name"] == "etcd" else ["cluster"])
