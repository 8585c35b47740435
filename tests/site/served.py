"""The built site as its host delivers it: compressed, kept by the browser, its own 404 page."""

from __future__ import annotations

import functools
import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SMALL_ALREADY = ("image/png", "application/zip", "application/gzip")


@dataclass
class Served:
    """A running server: its address, and what it has sent."""

    address: str = ""
    sent: list[tuple[str, int]] = field(default_factory=list)
    """Path and bytes, as compressed, of every answer."""


@contextmanager
def serve(folder: Path) -> Iterator[Served]:
    """Serve a folder while the block runs."""
    served = Served()
    handler = functools.partial(_Handler, served, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    served.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, served: Served, *arguments: Any, **options: Any) -> None:
        self.served = served
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        found = file.is_file()
        file = file if found else Path(self.directory, "404.html")
        kind = self.guess_type(str(file))
        body = file.read_bytes()
        self.send_response(200 if found else 404)
        if kind not in SMALL_ALREADY:
            body = gzip.compress(body, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            return  # the reader has gone elsewhere
        self.served.sent.append((self.path, len(body)))

    def log_message(self, *_: object) -> None:
        pass
