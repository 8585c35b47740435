"""Entries are whole or they do not count; the folder stays within its size."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sitekit.cache import Cache, write_atomically
from tests.engine.conftest import Site, block

Damage = Callable[[Path], object]


def entries(site: Site) -> list[Path]:
    return sorted((site.root / ".cache" / "pages").glob("*/*.json"))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("x")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:-9]), id="truncated"),
        pytest.param(lambda path: path.write_text(""), id="empty"),
        pytest.param(lambda path: path.write_bytes(b"\xff\xfe\x00"), id="not-text"),
        pytest.param(lambda path: path.write_text("{}"), id="foreign"),
        pytest.param(flip, id="bit-flipped"),
        pytest.param(become_a_folder, id="folder"),
        pytest.param(lambda path: path.unlink(), id="gone"),
    ],
)
def test_a_damaged_entry_is_computed_anew(
    site: Site, damage: Damage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.page(block("print(6 * 7)"))
    site.build()
    (entry,) = entries(site)
    damage(entry)
    caplog.clear()
    assert ">42<" in site.build()
    assert site.executed() == {"index.md"}
    assert ("is damaged" in caplog.text) == (entry.name in caplog.text)
    site.build()
    assert site.executed() == set()


def test_the_entry_of_another_page_does_not_count(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.page(block("print('mine')"))
    site.page(block("print('other')"), "other.md")
    site.build()
    one, two = entries(site)
    one.write_bytes(two.read_bytes())
    html = site.build()
    assert "mine" in html
    assert "other" in site.html("other/index.html")
    assert len(site.executed()) == 1
    assert "is damaged" in caplog.text


def test_an_unreadable_cache_is_reported_and_the_build_goes_on(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.write(".cache", "a file where the folder should be")
    site.page(block("print(6 * 7)"))
    assert ">42<" in site.build()
    assert "could not be kept" in caplog.text


def test_failures_are_not_kept(site: Site) -> None:
    switch = site.root / "switch"
    site.page(block(f"import os\nassert os.path.exists({str(switch)!r}), 'off'\nprint('on')"))
    with pytest.raises(BaseException, match="BuildError"):
        site.build()
    switch.touch()
    assert ">on<" in site.build()


def test_two_builds_at_once_do_not_disturb_each_other(site: Site) -> None:
    for number in range(4):
        site.page(block(f"import time\ntime.sleep(0.2)\nprint({number} * 1000)"), f"p{number}.md")
    site.page("Home")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    builds = [subprocess.Popen(command, cwd=site.root, env=environment) for _ in range(3)]
    assert [build.wait(timeout=120) for build in builds] == [0, 0, 0]
    for number in range(4):
        assert f">{number * 1000}<" in site.html(f"p{number}/index.html")
    assert [path.name for path in site.root.iterdir() if path.name.startswith(".site-")] == []
    assert not list((site.root / ".cache").rglob(".writing-*"))


def test_the_oldest_entries_go_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "pages", tmp_path, limit=2500)
    for number in range(5):
        cache.store(f"key{number}", {"files": {}, "text": "x" * 1000})
        entry = next((tmp_path / "pages" / f"key{number}").iterdir())
        os.utime(entry, (number, number))
    assert cache.find("key0") is not None  # used now, so it is the youngest
    cache.shrink()
    kept = sorted(path.name for path in (tmp_path / "pages").iterdir())
    assert kept == ["key0", "key4"]


def test_one_key_holds_one_entry_for_each_state_of_the_files(tmp_path: Path) -> None:
    from sitekit.cache import hash_of

    cache = Cache(tmp_path / "pages", tmp_path)
    data = tmp_path / "data.txt"
    for text in ("one", "two"):
        data.write_text(text)
        cache.store("key", {"files": {"data.txt": hash_of(data)}, "text": text})
    for text in ("one", "two"):
        data.write_text(text)
        found = cache.find("key")
        assert found is not None
        assert found["text"] == text
    data.write_text("three")
    assert cache.find("key") is None


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "file.json"
    write_atomically(target, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sitekit.cache.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_page_that_reads_its_own_temporary_files_is_kept(site: Site) -> None:
    """They are not data of the project, and nothing of them is left behind."""
    code = (
        "import tempfile\nfrom pathlib import Path\n"
        "path = Path(tempfile.mkdtemp(), 'a.txt')\n"
        "path.write_text('x')\nprint(path.read_text())\n"
        "print('FOLDER', path.parent, 'END')"
    )
    site.page(block(code))
    site.build()
    assert len(entries(site)) == 1
    folder = (site.root / "site" / "index.html").read_text().split("FOLDER ")[-1].split(" END")[0]
    assert not Path(folder).exists()
