"""The text classifier: its parameters, the state that it reads, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unrolled.models import TextClassifier
from unrolled.models.bags import Bag, DeepBag
from unrolled.models.text import at_lengths

pytestmark = pytest.mark.usefixtures("shapes_unchecked")


def model(**options: Any) -> TextClassifier:
    torch.manual_seed(0)
    return TextClassifier(20, 6, 5, 3, **options).double()


def padded(lengths: list[int], seed: int = 0, room: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    count = torch.tensor(lengths)
    tokens = torch.randint(1, 20, (len(lengths), max(lengths) + room), generator=generator)
    return tokens * (torch.arange(tokens.shape[1]) < count[:, None]), count


def test_parameters() -> None:
    sizes = {name: p.numel() for name, p in TextClassifier(1000, 64, 128, 4).named_parameters()}
    assert sizes == {
        "embedding.weight": 64_000,
        "rnn.weight_ih_l0": 8_192,
        "rnn.weight_hh_l0": 16_384,
        "rnn.bias_ih_l0": 128,
        "rnn.bias_hh_l0": 128,
        "readout.weight": 512,
        "readout.bias": 4,
    }
    assert sum(sizes.values()) == 89_348


@pytest.mark.parametrize("reading", ["packed", "gathered", "padded"])
def test_shapes(reading: str) -> None:
    classifier = TextClassifier(1000, 64, 128, 4, reading=reading)
    tokens = torch.randint(1, 1000, (8, 50))
    assert classifier(tokens, torch.full((8,), 50)).shape == (8, 4)
    assert classifier.last_state(tokens, torch.full((8,), 50)).shape == (8, 128)


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    room=st.integers(0, 4),
    reading=st.sampled_from(["packed", "gathered"]),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60)
def test_padding_makes_no_difference(
    lengths: list[int], room: int, reading: str, seed: int
) -> None:
    """Each text gets what it gets when it is read alone, wherever it stands in the batch."""
    classifier = model(reading=reading)
    tokens, count = padded(lengths, seed, room)
    logits = classifier(tokens, count)
    for row, length in enumerate(lengths):
        alone = classifier(tokens[row : row + 1, :length], count[row : row + 1])
        torch.testing.assert_close(logits[row : row + 1], alone, rtol=0, atol=1e-12)


def test_reading_after_the_padding_differs() -> None:
    tokens, count = padded([2, 9])
    right, wrong = (model(reading=r)(tokens, count) for r in ("packed", "padded"))
    assert (right[0] - wrong[0]).abs().max() > 1e-3
    torch.testing.assert_close(right[1], wrong[1], rtol=0, atol=1e-12)  # it has no padding


def test_gradients_are_the_same_packed_and_gathered() -> None:
    tokens, count = padded([3, 7, 1])
    grads = []
    for reading in ("packed", "gathered"):
        classifier = model(reading=reading)
        classifier(tokens, count).square().sum().backward()
        grads.append([p.grad for p in classifier.parameters()])
    for packed, gathered in zip(*grads, strict=True):
        torch.testing.assert_close(packed, gathered, rtol=0, atol=1e-12)
    assert (grads[0][0][0] == 0).all()  # PAD is not learned


def test_at_lengths() -> None:
    states = torch.arange(12.0).reshape(2, 3, 2)
    expected = torch.tensor([[0.0, 1.0], [10.0, 11.0]])
    assert torch.equal(at_lengths(states, torch.tensor([1, 3])), expected)


@pytest.mark.parametrize(
    ("sizes", "options", "error", "message"),
    [
        ((0, 6, 5, 3), {}, ValueError, "vocab_size: got 0, expected an integer of at least 1"),
        ((20, 6.0, 5, 3), {}, TypeError, "embedding_dim: got 6.0, expected an integer"),
        ((20, 6, -1, 3), {}, ValueError, "hidden_dim: got -1, expected an integer"),
        ((20, 6, 5, True), {}, TypeError, "classes: got True, expected an integer"),
        ((20, 6, 5, 3), {"reading": "last"}, ValueError, "reading: got 'last', expected one of"),
        ((20, 6, 5, 3), {"padding_idx": 20}, ValueError, "padding_idx: got 20, expected less"),
    ],
)
def test_sizes_are_checked(
    sizes: tuple[Any, ...], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        TextClassifier(*sizes, **options)


@pytest.mark.parametrize(
    ("tokens", "lengths", "error", "message"),
    [
        (torch.ones(2, 3), torch.tensor([1, 2]), TypeError, "tokens: got dtype torch.float32"),
        (torch.ones(2, 3).long(), torch.ones(2), TypeError, "lengths: got dtype torch.float32"),
        (torch.ones(3).long(), torch.tensor([1]), ValueError, r"tokens: got shape \(3,\)"),
        (torch.ones(0, 3).long(), torch.ones(0).long(), ValueError, r"tokens: .*not empty"),
        (torch.ones(2, 3).long(), torch.tensor([1]), ValueError, r"lengths: got shape \(1,\)"),
        (torch.full((2, 3), 20), torch.tensor([1, 2]), ValueError, "tokens: got 20 to 20"),
        (-torch.ones(2, 3).long(), torch.tensor([1, 2]), ValueError, "tokens: got -1 to -1"),
        (torch.ones(2, 3).long(), torch.tensor([0, 2]), ValueError, "lengths: got 0 to 2, exp"),
        (torch.ones(2, 3).long(), torch.tensor([1, 4]), ValueError, "lengths: got 1 to 4, exp"),
    ],
)
def test_inputs_are_checked(
    tokens: torch.Tensor, lengths: torch.Tensor, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        model()(tokens, lengths)


@pytest.mark.parametrize("kind", [Bag, DeepBag])
def test_bags_see_neither_order_nor_padding(kind: type[Bag | DeepBag]) -> None:
    torch.manual_seed(0)
    bag = kind(20, 3)
    torch.nn.init.normal_(next(bag.parameters()))
    tokens, count = padded([4, 9])
    mixed = tokens.clone()
    mixed[:, :4] = mixed[:, :4].flip(1)
    longer = torch.cat([mixed, torch.zeros(2, 5, dtype=torch.long)], dim=1)
    torch.testing.assert_close(bag(tokens, count), bag(longer, count))
    assert bag(tokens, count).shape == (2, 3)


def test_bags_check_their_sizes() -> None:
    with pytest.raises(ValueError, match="vocab_size: got 0, expected an integer"):
        Bag(0, 3)
    with pytest.raises(ValueError, match="classes: got 0, expected an integer"):
        DeepBag(20, 0)
