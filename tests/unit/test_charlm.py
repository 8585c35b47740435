"""Language models by character: corpora, n-grams, training, sampling, statistics."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from unrolled import charlm_checkpoint, checkpoint
from unrolled.charlm import Settings, Training, held_out_loss, losses_by_place, streams
from unrolled.data import corpora
from unrolled.experiments.memorising import floor, undecided
from unrolled.experiments.temperature import chi_square_excess
from unrolled.models import CharRNN
from unrolled.ngram import NGram
from unrolled.sampling import draw, entropy, generate, probabilities
from unrolled.text_statistics import (
    counted_indentation,
    deeper_lines,
    matched_brackets,
    text_statistics,
)

TEXT = "the cat sat on the mat and the rat sat on the cat. " * 40
SMALL = Settings(hidden_dim=8, window=5, batch_size=4, steps=150, seed=3)


def small(settings: Settings = SMALL, text: str = TEXT) -> Training:
    corpus = corpora.split("cat", text)
    tokens = corpora.encode(corpus.train, corpus.alphabet)
    return Training(tokens, len(corpus.alphabet), settings)


def weights(training: Training) -> list[torch.Tensor]:
    return [p.detach().clone() for p in training.model.parameters()]


# The texts


def test_python_library_is_there_and_apart() -> None:
    corpus = corpora.python_library()
    assert len(corpus.train) > 200_000
    assert len(corpus.held_out) > 20_000
    assert "def " in corpus.train
    assert not set(corpora.TRAIN_MODULES) & set(corpora.HELD_OUT_MODULES)
    assert corpora.load("python") == corpus


def test_encoding_goes_back() -> None:
    alphabet = "".join(sorted(set(TEXT)))
    tokens = corpora.encode(TEXT, alphabet)
    assert tokens.dtype == np.int64
    assert corpora.decode(tokens, alphabet) == TEXT
    with pytest.raises(ValueError, match="text: 'é', 'ü' is not among the"):
        corpora.encode("müdé", alphabet + "m")


def test_a_file_is_split_at_nine_tenths(tmp_path: Path) -> None:
    path = tmp_path / "naïve.txt"
    path.write_bytes(("\r\n" + TEXT).encode("utf-8-sig"))
    corpus = corpora.load(str(path))
    assert corpus.train + corpus.held_out == "\r\n" + TEXT
    assert len(corpus.held_out) == pytest.approx(len(TEXT) / 10, abs=1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"x", "only the character 'x'"),
        (b"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "only the character 'x'"),
        (b"ab", "has 2 characters, expected at least 20"),
        (b"caf\xe9 au lait, and more of it", r"is not UTF-8 text \(byte 3 is 0xe9\)"),
    ],
)
def test_unusable_files_are_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"corpus: .*text.txt.*{message}"):
        corpora.load(str(path))


def test_a_folder_and_nothing_are_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is a folder, expected a text file"):
        corpora.load(str(tmp_path))
    with pytest.raises(ValueError, match=r"there is no file .*expected 'python', 'shakespeare'"):
        corpora.load(str(tmp_path / "none.txt"))


# The baseline


def reference(order: int, tokens: list[int], V: int, strengths: Any, at: int, text: Any) -> float:
    """Return p of one token, straight from the formula."""
    p = 1 / V
    for n, a in zip(range(order), strengths, strict=True):
        if at < n:
            break
        context = tuple(text[at - n : at])
        followed = Counter(
            tokens[i] for i in range(n, len(tokens)) if tuple(tokens[i - n : i]) == context
        )
        if followed:
            lean = a * len(followed)
            p = (followed[text[at]] + lean * p) / (followed.total() + lean)
    return p


def test_ngram_is_the_formula() -> None:
    rng = np.random.default_rng(0)
    train, text = rng.integers(5, size=200), rng.integers(5, size=30)
    strengths = (0.5, 1.0, 2.0)
    p = NGram(3, 5, strengths=strengths).fit(train).probabilities(text)
    wanted = [reference(3, train.tolist(), 5, strengths, i, text.tolist()) for i in range(30)]
    np.testing.assert_allclose(p, wanted, rtol=1e-12)


def test_ngram_probabilities_add_up() -> None:
    train = corpora.encode(TEXT[:300], alphabet := "".join(sorted(set(TEXT))))
    ngram = NGram(4, len(alphabet)).fit(train)
    for context in ("the", "zzz".replace("z", "."), "cat"):
        ends = [np.append(corpora.encode(context, alphabet), c) for c in range(len(alphabet))]
        assert sum(ngram.probabilities(end)[-1] for end in ends) == pytest.approx(1)


def test_ngram_samples_follow_it() -> None:
    train = np.array([0, 1, 0, 2, 0, 1, 1, 0, 2, 2, 0, 1] * 5)
    ngram = NGram(2, 3, strengths=(1.0, 3.0)).fit(train)
    drawn = ngram.sample(np.array([0]), 1, count=30000, seed=1)[:, 0]
    p = np.array([ngram.probabilities(np.array([0, c]))[1] for c in range(3)])
    assert abs(chi_square_excess(np.bincount(drawn, minlength=3), p)) < 5


def test_ngram_never_sees_the_test() -> None:
    """Strengths come from the training text; a longer context helps on a regular text."""
    alphabet = "".join(sorted(set(TEXT)))
    tokens = corpora.encode(TEXT, alphabet)
    losses = [NGram(n, len(alphabet)).fit(tokens[:1500]).loss(tokens[1500:]) for n in (1, 2, 4)]
    assert losses == sorted(losses, reverse=True)


def test_a_shorter_ngram_is_the_one_that_fit_makes() -> None:
    alphabet = "".join(sorted(set(TEXT)))
    train, text = np.split(corpora.encode(TEXT, alphabet), [1500])
    longest = NGram(4, len(alphabet)).fit(train)
    for order in (1, 2, 3, 4):
        short, fitted = longest.shorter(order), NGram(order, len(alphabet)).fit(train)
        assert short.strengths == fitted.strengths
        np.testing.assert_array_equal(short.probabilities(text), fitted.probabilities(text))
    with pytest.raises(ValueError, match="order: got 5, expected at most 4"):
        longest.shorter(5)
    with pytest.raises(RuntimeError, match=r"shorter: nothing there yet, expected a call of fit"):
        NGram(2, 5).shorter(1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order": 0}, "order: got 0, expected an integer of at least 1"),
        ({"order": 40}, "order: got 40, too long for 5 characters"),
        ({"order": 2, "strengths": (1.0,)}, "strengths: got 1, expected 2"),
        ({"order": 1, "strengths": (0.0,)}, "strengths: got 0.0, expected a positive"),
    ],
)
def test_ngram_arguments(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NGram(vocab_size=5, **options)


def test_ngram_before_fit() -> None:
    with pytest.raises(RuntimeError, match=r"expected a call of fit\(tokens\) before"):
        NGram(2, 5).loss(np.arange(5))
    with pytest.raises(ValueError, match="tokens: got 5, expected at least 20"):
        NGram(2, 5).fit(np.arange(5))


# The model and its training


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_reading_in_two_parts_is_reading_in_one(cell: str) -> None:
    torch.manual_seed(0)
    model = CharRNN(7, 5, cell=cell)
    tokens = torch.randint(7, (2, 9))
    whole, _ = model(tokens)
    first, state = model(tokens[:, :4])
    second, _ = model(tokens[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)


def test_parameters() -> None:
    V, H = 65, 63
    assert CharRNN(V, H).parameter_count() == V * H + H * H + 2 * H + H * V + V


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"vocab_size": 1}, ValueError, "vocab_size: got 1"),
        ({"hidden_dim": 0}, ValueError, "hidden_dim: got 0"),
        ({"cell": "gpt"}, ValueError, "cell: got 'gpt', expected one of 'rnn', 'lstm', 'gru'"),
        ({"cell": None}, TypeError, "cell: got None"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_model_arguments(options: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        CharRNN(**{"vocab_size": 5, "hidden_dim": 3, **options})


def test_streams_are_consecutive() -> None:
    rows = streams(np.arange(23), 4)
    assert rows.tolist() == [[5 * row + i for i in range(5)] for row in range(4)]


def test_the_state_goes_on_and_the_gradient_does_not() -> None:
    training = small()
    training.advance()
    assert isinstance(training.state, torch.Tensor)
    assert not training.state.requires_grad
    assert training.place == SMALL.window
    length = training.streams.shape[1]
    for _ in range(length // SMALL.window):
        training.advance()
    assert training.place < length - SMALL.window  # began again at the top


def test_training_learns_and_is_reproducible() -> None:
    random = torch.get_rng_state()
    settings = Settings(hidden_dim=24, window=5, batch_size=4, steps=150, rate=0.01)
    first, second = small(settings), small(settings)
    losses = [first.advance() for _ in range(150)]
    assert losses == [second.advance() for _ in range(150)]
    assert np.mean(losses[-10:]) < 0.6 * losses[0]
    assert torch.equal(random, torch.get_rng_state())
    assert first.rate() == 0


def test_too_short_a_text() -> None:
    with pytest.raises(ValueError, match=r"in 4 streams leave .* each, expected more than the w"):
        small(text=TEXT[:22])


@pytest.mark.usefixtures("shapes_unchecked")
@pytest.mark.parametrize(
    "name", ["hidden_dim", "window", "batch_size", "steps", "rate", "max_norm"]
)
def test_settings(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: got 0"):
        Settings(**{name: 0})  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_resumed_bit_for_bit(cell: str, tmp_path: Path) -> None:
    settings = Settings(cell=cell, hidden_dim=8, window=5, batch_size=4, steps=40, seed=3)
    corpus = corpora.split("cat", TEXT)
    whole, part = small(settings), small(settings)
    for _ in range(40):
        whole.advance()
    for _ in range(17):
        part.advance()
    charlm_checkpoint.save(tmp_path / "part.pt", part, corpus)
    kept = charlm_checkpoint.read(tmp_path / "part.pt")
    assert not kept.finished
    resumed = small(kept.settings)
    resumed.load_state_dict(kept.training)
    while resumed.step < 40:
        resumed.advance()
    for a, b in zip(weights(whole), weights(resumed), strict=True):
        assert torch.equal(a, b)
    assert [path.name for path in tmp_path.iterdir()] == ["part.pt"]


def test_a_checkpoint_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "bad.pt"
    with pytest.raises(ValueError, match="there is no file"):
        charlm_checkpoint.read(path)
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(
        ValueError, match=r"checkpoint: .*bad\.pt: truncated, damaged, or not a file"
    ):
        charlm_checkpoint.read(path)
    checkpoint.save(path, "run", {"step": 1})
    with pytest.raises(
        ValueError, match="is of kind 'run'; expected a checkpoint of kind 'charlm'"
    ):
        charlm_checkpoint.read(path)


def test_a_checkpoint_with_one_byte_of_a_weight_changed(tmp_path: Path) -> None:
    path = tmp_path / "part.pt"
    training = small(Settings(hidden_dim=8, window=5, batch_size=4))
    charlm_checkpoint.save(path, training, corpora.split("cat", TEXT))
    whole = bytearray(path.read_bytes())
    weight = training.model.rnn.weight_hh_l0.detach().cpu().numpy().tobytes()
    whole[whole.index(weight)] ^= 1
    path.write_bytes(whole)
    with pytest.raises(ValueError, match="truncated, damaged"):
        charlm_checkpoint.read(path)


@pytest.mark.usefixtures("shapes_unchecked")
def test_settings_of_numpy_numbers_are_saved(tmp_path: Path) -> None:
    given: Any = {"hidden_dim": np.int64(3), "rate": np.float64(0.01)}
    settings = Settings(**given, window=5, batch_size=4)
    charlm_checkpoint.save(tmp_path / "a.pt", small(settings), corpora.split("cat", TEXT))
    assert charlm_checkpoint.read(tmp_path / "a.pt").settings == settings


def test_losses_by_place_are_the_plain_loss() -> None:
    torch.manual_seed(1)
    model = CharRNN(6, 4)
    rows = torch.randint(6, (3, 300))
    losses = losses_by_place(model, rows)
    assert losses.shape == (3, 299)
    logits, _ = model(rows[:, :-1])
    plain = -logits.log_softmax(-1).gather(2, rows[:, 1:, None]).squeeze(2)
    torch.testing.assert_close(losses, plain.detach())
    assert held_out_loss(model, rows.flatten().numpy(), rows=3) == pytest.approx(
        float(losses.mean())
    )
    assert model.training


# Sampling


def test_temperature_and_top_k() -> None:
    logits = np.array([[0.0, 1.0, 2.0, 2.0]])
    np.testing.assert_allclose(probabilities(logits).sum(-1), 1)
    assert entropy(probabilities(logits, temperature=0.1)) < entropy(probabilities(logits))
    np.testing.assert_allclose(probabilities(logits, top_k=1), [[0, 0, 1, 0]])
    np.testing.assert_allclose(probabilities(logits, top_k=2), [[0, 0, 0.5, 0.5]])
    np.testing.assert_array_equal(probabilities(logits, top_k=9), probabilities(logits))
    assert np.isfinite(probabilities(np.array([[1e4, -1e4]]), temperature=1e-3)).all()


def test_draws_follow_and_greedy_does_not() -> None:
    p = probabilities(np.random.default_rng(0).normal(0, 2, 20))
    rng = np.random.default_rng(1)
    drawn = np.bincount(draw(rng, np.broadcast_to(p, (20000, 20))), minlength=20)
    assert abs(chi_square_excess(drawn, p)) < 5
    assert chi_square_excess(np.bincount([p.argmax()] * 20000, minlength=20), p) > 100


@pytest.mark.parametrize(
    "options", [{"temperature": 0.0}, {"top_k": 0}, {"length": 0}, {"count": 0}]
)
def test_generate_arguments(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(ValueError, match=f"{name}: got 0"):
        generate(CharRNN(3, 4), "abc", "a", **{"length": 2, **options})


def test_generate_prompts() -> None:
    model = CharRNN(3, 4)
    with pytest.raises(ValueError, match="seed_text: got an empty text"):
        generate(model, "abc", "", 2)
    with pytest.raises(ValueError, match="text: 'z' is not among the 3"):
        generate(model, "abc", "az", 2)


def test_writing_is_without_dropout_and_reproducible() -> None:
    torch.manual_seed(0)
    model = CharRNN(3, 4, dropout=0.9)
    texts = generate(model, "abc", "ab", 50, count=3, seed=5)
    assert [len(text) for text in texts] == [50] * 3
    assert len(set(texts)) == 3
    assert texts == generate(model, "abc", "ab", 50, count=3, seed=5)
    assert model.training
    greedy = generate(model, "abc", "ab", 50, count=2, top_k=1)
    assert greedy[0] == greedy[1]


def test_generate_carries_the_state() -> None:
    """Greedy writing is what reading the whole text from the start would choose."""
    torch.manual_seed(2)
    model = CharRNN(5, 6)
    (text,) = generate(model, "abcde", "ba", 12, top_k=1)
    tokens = torch.from_numpy(corpora.encode("ba" + text, "abcde"))[None]
    logits, _ = model(tokens[:, :-1])
    assert corpora.decode(logits[0, 1:].argmax(-1).numpy(), "abcde") == text


# Statistics


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("f(a[1], {2: 3})", 1.0),
        ("(]", 0.0),
        ("([)]", 0.5),
        ("()(", 2 / 3),
        (f"({' ' * 300})", 0.0),
        ("none", 0.0),
    ],
)
def test_brackets(text: str, share: float) -> None:
    assert matched_brackets(text) == pytest.approx(share)


def test_indentation() -> None:
    assert counted_indentation("a\n    b\n        c\n       d\n") == 0.5
    assert deeper_lines("if a:\n    b\nif c:\nd\ne\n    f\n") == (0.5, 1 / 3)


def test_statistics_of_real_text() -> None:
    corpus = corpora.python_library()
    known = frozenset({"def", "self"})
    found = text_statistics(corpus.train, known)
    assert found.brackets > 0.9
    assert found.fours > 0.7
    assert found.deeper > 0.8 > 0.1 > found.deeper_elsewhere
    assert 0 < found.words < 1
    assert 0.05 < found.keywords < 0.5


def test_the_floor_of_windows() -> None:
    assert undecided("abac", 3) == {}
    assert undecided("abac", 1) == {"a": Counter({"b": 1, "c": 1})}
    assert floor("abac", 1) == pytest.approx(2 * np.log(2) / 3)


def test_no_warning_in_training() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small().advance()
