"""Downloads against a server that truncates, stalls, lies, refuses, and at last gives in."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from unrolled.data import corpora, download
from unrolled.data.download import DownloadError, fetch

CONTENT = b"To be, or not to be, that is the question: whether\n" * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Answers every request in the next way of a list; the last way is kept."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ways = ["whole"]
        self.requests = 0
        self.over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        way = self.server.ways.pop(0) if len(self.server.ways) > 1 else self.server.ways[0]
        self.server.requests += 1
        if way == "missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if way == "truncated":
            self.wfile.write(CONTENT[:1000])
        elif way == "wrong":
            self.wfile.write(bytes(len(CONTENT)))
        elif way == "stalled":
            self.wfile.write(CONTENT[:1000])
            self.wfile.flush()
            self.server.over.wait(20)
        elif way == "trickle":
            while not self.server.over.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()
        else:
            self.wfile.write(CONTENT)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/input.txt"


def get(server: Server, target: Path, **options: float) -> bytes:
    return fetch(address(server), target, SHA256, timeout=0.3, pause=0.01, **options)  # type: ignore[arg-type]


def test_fetched_once_then_kept(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "text.txt"
    assert get(server, target) == get(server, target) == CONTENT
    assert server.requests == 1
    assert [path.name for path in target.parent.iterdir()] == ["text.txt"]


@pytest.mark.parametrize("way", ["truncated", "wrong", "stalled", "trickle", "missing"])
def test_one_failure_is_overcome(server: Server, tmp_path: Path, way: str) -> None:
    server.ways = [way, "whole"]
    assert get(server, tmp_path / "text.txt") == CONTENT
    assert server.requests == 2


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("truncated", "the connection closed after 1000 of"),
        ("wrong", "bytes with the wrong checksum"),
        ("stalled", "the server went silent"),
        ("trickle", "not finished after 0.9 seconds"),
        ("missing", "the server answered 404"),
    ],
)
def test_failures_are_named_and_leave_nothing(
    server: Server, tmp_path: Path, way: str, reason: str
) -> None:
    server.ways = [way]
    begun = time.monotonic()
    with pytest.raises(DownloadError, match=reason) as caught:
        get(server, tmp_path / "text.txt", attempts=2)
    assert time.monotonic() - begun < 15
    for part in (address(server), "in 2 attempts", str(tmp_path / "text.txt"), SHA256):
        assert part in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert server.requests == 2


def test_a_damaged_file_is_replaced(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "text.txt"
    target.write_bytes(CONTENT[:500])
    assert get(server, target) == CONTENT
    assert target.read_bytes() == CONTENT


def test_a_damaged_file_stays_when_nothing_better_comes(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "text.txt"
    target.write_bytes(b"old")
    server.ways = ["wrong"]
    with pytest.raises(DownloadError):
        get(server, target, attempts=1)
    assert target.read_bytes() == b"old"


def test_too_much(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "LARGEST", 5000)
    with pytest.raises(DownloadError, match="more than 5000 bytes"):
        get(server, tmp_path / "text.txt", attempts=1)


def test_no_server(tmp_path: Path) -> None:
    with Server() as closed:
        url = address(closed)
    with pytest.raises(DownloadError, match=r"no connection .*Without a network, put the file at"):
        fetch(url, tmp_path / "text.txt", SHA256, attempts=1, timeout=0.5)


def test_a_folder_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match=r"cannot be written .*set UNROLLED_DATA"):
        get(server, tmp_path / "file" / "text.txt")


def test_only_the_web(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="url: got 'file:///etc/hosts', expected one that starts"):
        fetch("file:///etc/hosts", tmp_path / "text.txt", SHA256)


def test_shakespeare(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_DATA", str(tmp_path))
    monkeypatch.setattr(corpora, "SHAKESPEARE_URL", address(server))
    monkeypatch.setattr(corpora, "SHAKESPEARE_SHA256", SHA256)
    corpus = corpora.load("shakespeare")
    assert (corpus.train + corpus.held_out).encode() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["tinyshakespeare.txt"]
    assert corpora.load("shakespeare") == corpus
    assert server.requests == 1
