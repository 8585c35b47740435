"""Fetch a file once: verified by its checksum, and never half there."""

from __future__ import annotations

import hashlib
import http.client
import os
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

LARGEST = 64 * 2**20
"""Bytes after which a download is given up: no corpus of ours is that large."""


class DownloadError(RuntimeError):
    """A file is not in the cache and could not be fetched; the message says what to do."""


class _WrongContent(Exception):
    """The server sent something, but not the file."""


def fetch(
    url: str,
    target: Path,
    sha256: str,
    *,
    timeout: float = 20.0,
    attempts: int = 3,
    pause: float = 1.0,
) -> bytes:
    """Return the content of `target`; if it is missing or damaged, fetch it from `url` first.

    Args:
        url: An http or https address.
        target: Where the file is kept; folders are made. It is replaced in one step, so
            that no other process ever sees a part of it.
        sha256: What the content must hash to, as 64 hexadecimal digits.
        timeout: Seconds until a silent server, or a whole attempt three times as long, is
            given up.
        attempts: How often it is tried, with a pause that doubles.
        pause: Seconds before the second attempt.

    Raises:
        DownloadError: No attempt brought the file.
    """
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"url: got {url!r}, expected one that starts with http:// or https://")
    try:
        kept = target.read_bytes()
        if _hash(kept) == sha256:
            return kept
    except OSError:
        pass  # not there, or not readable: fetched again
    reason = ""
    for attempt in range(attempts):
        if attempt:
            time.sleep(pause * 2 ** (attempt - 1))
        try:
            content = _download(url, timeout)
            if (got := _hash(content)) != sha256:
                raise _WrongContent(f"{len(content)} bytes with the wrong checksum {got[:12]}…")
        except (OSError, http.client.HTTPException, _WrongContent) as error:
            reason = _describe(error)
        else:
            _replace(target, content)
            return content
    raise DownloadError(
        f"{url} could not be downloaded in {attempts} attempts: {reason}. "
        f"Without a network, put the file at {target} yourself (SHA-256 {sha256}), "
        "or choose another corpus."
    )


def _download(url: str, timeout: float) -> bytes:
    """Return what one request brings; a stalled, endless or truncated answer is an error."""
    deadline = time.monotonic() + 3 * timeout  # a trickle never trips the timeout of a read
    request = urllib.request.Request(url, headers={"User-Agent": "unrolled"})
    content = bytearray()
    with urllib.request.urlopen(request, timeout=timeout) as response:
        # read1 hands over what is there, where read would wait for a full chunk.
        while chunk := response.read1(2**16):
            content += chunk
            if len(content) > LARGEST:
                raise _WrongContent(f"more than {LARGEST} bytes")
            if time.monotonic() > deadline:
                raise TimeoutError(f"not finished after {3 * timeout:g} seconds")
        expected = response.headers.get("Content-Length")
    if expected is not None and len(content) != int(expected):
        raise _WrongContent(f"the connection closed after {len(content)} of {expected} bytes")
    return bytes(content)


def _replace(target: Path, content: bytes) -> None:
    """Write beside the target, then rename: a reader sees the old file, or the new one."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise DownloadError(
            f"{target} cannot be written ({error.strerror}); set UNROLLED_DATA to a folder that can"
        ) from error


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _describe(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return f"no connection ({error.reason})"
    if isinstance(error, TimeoutError):
        return str(error) if "seconds" in str(error) else "the server went silent"
    return str(error) or type(error).__name__
