"""Files that are no texts, and very long ones: loaded whole, or refused with the reason."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.badinput.refused import tried
from tests.badinput.table import Count
from unrolled.data import corpora

pytestmark = pytest.mark.usefixtures("shapes_unchecked")

BYTES = st.one_of(
    st.binary(max_size=60),
    st.text(min_size=15, max_size=60).map(lambda text: text.encode("utf-8")),
    st.text(min_size=15, max_size=60).map(lambda text: text.encode("utf-16")),
    st.text(min_size=15, max_size=60).map(lambda text: text.encode("utf-8")[:-1]),
    st.tuples(st.characters(codec="utf-8"), st.integers(1, 60)).map(
        lambda drawn: (drawn[0] * drawn[1]).encode("utf-8")
    ),
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=BYTES)
def test_any_file_is_loaded_whole_or_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_bytes(content)
    Count.cases += 1
    corpus, error = tried(lambda: corpora.load(str(path)))
    if error is None:
        whole = corpus.train + corpus.held_out
        assert whole == content.decode("utf-8-sig")
        assert len(whole) >= 20
        assert len(corpus.alphabet) >= 2
        assert corpora.decode(corpora.encode(whole, corpus.alphabet), corpus.alphabet) == whole
    else:
        assert type(error) is ValueError
        assert str(error).startswith("corpus: ")
        assert "some.txt" in str(error)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"a", "has only the character 'a'"),
        (b"\n" * 100, "has only the character"),
        (b"two words", "has 9 characters, expected at least 20"),
        (b"caf\xe9 " * 10, r"is not UTF-8 text \(byte 3 is 0xe9\)"),
        (("text " * 10).encode("utf-16"), "is not UTF-8 text"),
    ],
)
def test_the_reason_is_given(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^corpus: .*some.txt.*{why}"):
        corpora.text_file(path)


@pytest.mark.parametrize("where", [".", "missing.txt", "file.txt/inside"])
def test_no_file(where: str, tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("some text of many characters")
    with pytest.raises(ValueError, match=r"^corpus: ") as caught:
        corpora.text_file(tmp_path / where)
    assert str(tmp_path / where) in str(caught.value)


def test_a_hundred_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"0123456789abcde\n" * (100 * 2**20 // 16))
    start = time.process_time()
    corpus = corpora.text_file(path)
    seconds = time.process_time() - start
    path.unlink()
    assert len(corpus.train) + len(corpus.held_out) == 100 * 2**20
    assert corpus.held_out.endswith("cde\n")
    assert seconds < 20  # one is usual
