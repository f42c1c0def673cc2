"""Serve releases of etcd from a folder, on a free port of loopback, well or badly.

usage: release_server.py FOLDER PORT_FILE

The first part of a path says how what follows is served, the rest is a file in FOLDER:

  /good/v3.5.1/SHA256SUMS   as it is
  /redirect/...             by a redirect to /good/...
  /half/...                 an archive: half of what was announced
  /stuck/...                an archive: that half, and then nothing until the client goes

The port is written to PORT_FILE once it is there to be used.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """One file, in the manner that the path asks for."""
        _, manner, rest = self.path.split("/", 2)
        file = Path(sys.argv[1], rest)
        if manner == "redirect":
            self._begin(302, Location=f"/good/{rest}")
        elif not file.is_file():
            self.send_error(404)
        else:
            self._send(file.read_bytes(), "good" if file.name == "SHA256SUMS" else manner)

    def _send(self, content: bytes, manner: str) -> None:
        self._begin(200, **{"Content-Length": str(len(content))})
        with suppress(ConnectionError):
            self.wfile.write(content if manner == "good" else content[: len(content) // 2])
            if manner == "stuck":
                self.rfile.read(1)

    def _begin(self, status: int, **headers: str) -> None:
        self.send_response(status)
        # Or wget tries the connection again, and finds it closed or not.
        for name, value in {"Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until ended."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    Path(sys.argv[2]).write_text(str(server.server_port))
    server.serve_forever()


if __name__ == "__main__":
    main()
