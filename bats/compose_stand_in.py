"""A stand-in for Docker Compose: it reads the compose file and really runs etcd.

usage: COMPOSE_CMD="python compose_stand_in.py" etcd_up.sh

What the scripts ask of Compose is done with processes in place of containers:
each service runs a real etcd with the service's own environment, on loopback;
volumes are folders. As in the real thing, services of a profile need it, a
container reaches only its own port on loopback, sees nothing of the caller's
environment, and `exec` without -T wants a terminal.

variables: STAND_IN_STATE  a folder for volumes, logs and pids
           STAND_IN_BIN    the folder with etcd and etcdctl, the "image"
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

STATE = Path(os.environ.get("STAND_IN_STATE", ""))
BIN = Path(os.environ.get("STAND_IN_BIN", ""))
ANY = "0.0.0.0"  # noqa: S104 - replaced, never bound
STOP_DEADLINE = 20  # seconds


class Service:
    """One service of the compose file."""

    def __init__(self, name: str, described: dict[str, Any]) -> None:
        self.name = name
        self.profiles = set(described.get("profiles", ()))
        self.environment: dict[str, str] = described["environment"]
        host, self.port, inside = described["ports"][0].split(":")
        if (host, self.port) != ("127.0.0.1", inside):
            sys.exit(f"{name}: published as {described['ports'][0]}")
        self.volume, self.mount = described["volumes"][0].split(":")
        self.log = STATE / f"{name}.log"
        self._pid_file = STATE / f"{name}.pid"

    @property
    def peer(self) -> str:
        """Where its peer port is, which every container calls 2380."""
        return f"127.0.0.1:{int(self.port) + 1}"

    def pid(self) -> int | None:
        """Its process, if it runs."""
        try:
            pid = int(self._pid_file.read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        return pid if command.startswith(bytes(BIN / "etcd")) else None

    def start(self, services: dict[str, Service]) -> None:
        """Run etcd as the environment says, host names and ports mapped to loopback."""
        if self.pid():
            return
        environment = {"PATH": "/usr/bin:/bin"}
        for name, value in self.environment.items():
            for other in services.values():
                value = value.replace(f"//{other.name}:2380", f"//{other.peer}")
            value = value.replace("//0.0.0.0:2380", f"//{self.peer}").replace(ANY, "127.0.0.1")
            environment[name] = value
        (STATE / self.volume).mkdir(parents=True, exist_ok=True)
        environment["ETCD_DATA_DIR"] = environment["ETCD_DATA_DIR"].replace(
            self.mount, str(STATE / self.volume)
        )
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [BIN / "etcd"], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self._pid_file.write_text(f"{process.pid} {self.port}")

    def stop(self) -> None:
        """End it and wait for that."""
        deadline = time.monotonic() + STOP_DEADLINE
        while pid := self.pid():
            os.kill(pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
            time.sleep(0.1)
        self._pid_file.unlink(missing_ok=True)

    def execute(self, command: list[str], terminal: bool) -> int:
        """Run a command inside; its status."""
        if not self.pid():
            sys.exit(f'service "{self.name}" is not running')
        if terminal and not (sys.stdin.isatty() and sys.stdout.isatty()):
            sys.exit("the input device is not a TTY")
        port = self._pid_file.read_text().split()[1]
        for argument in command:
            if argument.startswith("--endpoints=") and not argument.endswith(f"127.0.0.1:{port}"):
                sys.exit(f"{self.name}: {argument}: connection refused")
        if command[0] not in ("etcd", "etcdctl"):
            sys.exit(f"{command[0]}: executable file not found")
        environment = {"PATH": "/usr/bin:/bin"}
        return subprocess.call([BIN / command[0], *command[1:]], env=environment)


def read(file: str) -> dict[str, Service]:
    """The services of a compose file, its variables filled in."""

    def value(match: re.Match[str]) -> str:
        return os.environ.get(match["name"]) or match["default"]

    text = re.sub(r"\$\{(?P<name>\w+):-(?P<default>[^}]*)\}", value, Path(file).read_text())
    services = yaml.safe_load(text)["services"]
    return {name: Service(name, described) for name, described in services.items()}


def parse() -> argparse.Namespace:
    """The part of Compose's command line that the scripts use."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("-f", required=True)
    parser.add_argument("--profile", action="append", default=[])
    commands = parser.add_subparsers(dest="command", required=True)
    ps = commands.add_parser("ps")
    ps.add_argument("-q", action="store_true")
    ps.add_argument("--services", action="store_true")
    ps.add_argument("--filter", choices=["status=running"])
    ps.add_argument("service", nargs="?")
    up = commands.add_parser("up")
    up.add_argument("-d", action="store_true", required=True)
    remove = commands.add_parser("rm")
    remove.add_argument("--stop", action="store_true", required=True)
    remove.add_argument("--force", action="store_true", required=True)
    logs = commands.add_parser("logs")
    logs.add_argument("--tail", default="all")
    logs.add_argument("--follow", action="store_true")
    for command in (up, remove, logs):
        command.add_argument("services", nargs="+")
    down = commands.add_parser("down")
    down.add_argument("--volumes", action="store_true")
    execute = commands.add_parser("exec")
    execute.add_argument("-T", action="store_true")
    execute.add_argument("service")
    execute.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser.parse_args()


def show_stats(containers: list[str]) -> None:
    """Print what `docker stats --no-stream --format '{{json .}}'` does, of these IDs."""
    for container in containers:
        status = Path(f"/proc/{container}/status").read_text()
        resident = int(re.search(r"^VmRSS:\s+([0-9]+) kB", status, re.MULTILINE)[1])
        usage = f"{resident / 1024:.2f}MiB / 15.61GiB"
        print(json.dumps({"CPUPerc": "12.50%", "ID": container, "MemUsage": usage}))


def main() -> int:
    """Do what Compose would; the exit status."""
    if sys.argv[1:5] == ["stats", "--no-stream", "--format", "{{json .}}"]:
        show_stats(sys.argv[5:])
        return 0
    asked = parse()
    services = read(asked.f)
    enabled = {
        name: service
        for name, service in services.items()
        if not service.profiles or service.profiles & set(asked.profile)
    }
    STATE.mkdir(parents=True, exist_ok=True)
    match asked.command:
        case "ps":
            asked_for = [asked.service] if asked.service else enabled
            running = [enabled[name] for name in asked_for if enabled[name].pid()]
            for service in running:
                print(service.name if asked.services else service.pid())
        case "up":
            for name in asked.services:
                enabled[name].start(services)
        case "rm":
            for name in asked.services:
                enabled[name].stop()
        case "logs":
            follow = ["-f"] if asked.follow else []
            files = [enabled[name].log for name in asked.services]
            return subprocess.call(["tail", *follow, "-n", asked.tail, *files])
        case "down":
            for service in enabled.values():
                service.stop()
                if asked.volumes:
                    shutil.rmtree(STATE / service.volume, ignore_errors=True)
        case "exec":
            return enabled[asked.service].execute(asked.arguments, terminal=not asked.T)
    return 0


if __name__ == "__main__":
    sys.exit(main())
