"""The folder that needs no server: its search, and the file that it is packed into."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from sitekit.offline import add_search, pack


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    for name, text in {
        "index.html": "<h1>é</h1>",
        "search/search_index.json": '{"docs": []}',
        "assets/javascripts/workers/search.0a1b.min.js": 'postMessage("</script>\\n")',
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, "utf-8")
    return site


def test_index_and_worker_are_there_as_scripts(site: Path) -> None:
    add_search(site)
    assert (site / "search/search_index.js").read_text("utf-8") == 'var __index = {"docs": []}'
    script = (site / "search/worker.js").read_text("utf-8")
    source = script.split("const source = ")[1].split(";\n")[0]
    assert json.loads(source) == 'postMessage("</script>\\n")'


def test_another_version_of_the_theme_is_noticed(site: Path) -> None:
    (site / "assets/javascripts/workers/search.0a1b.min.js").rename(site / "moved.js")
    with pytest.raises(FileNotFoundError, match=r"expected one file .*workers/search.*, got \[\]"):
        add_search(site)


def test_a_packed_folder_is_the_same_to_the_byte(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first, second = tmp_path / "a" / "book.zip", tmp_path / "b" / "book.zip"
    for file in (first, second):
        file.parent.mkdir()
        pack(site, file)
        (site / "index.html").touch()
        (site / "index.html").chmod(0o600)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as packed:
        assert packed.namelist() == sorted(packed.namelist())
        assert packed.read("book/index.html").decode() == "<h1>é</h1>"
        assert packed.getinfo("book/index.html").date_time == (2023, 11, 14, 22, 13, 20)


def test_a_file_that_cannot_be_packed_leaves_the_old_one(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "book.zip"
    file.write_bytes(b"old")
    monkeypatch.setattr(Path, "read_bytes", lambda self: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        pack(site, file)
    monkeypatch.undo()
    assert file.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.zip", "site"]
