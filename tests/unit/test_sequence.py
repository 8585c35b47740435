"""SequenceClassifier reads the right states, and refuses what it cannot read."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from unrolled.models import SequenceClassifier

B, T, D, H = 3, 7, 5, 4


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_reads_the_last_step_of_each_direction(cell: str, layers: int, bidirectional: bool) -> None:
    torch.manual_seed(0)
    model = SequenceClassifier(D, H, 2, layers=layers, cell=cell, bidirectional=bidirectional)
    inputs = torch.randn(B, T, D)
    outputs, _ = model.recurrent(inputs)  # (B, T, directions · H)
    last = outputs[:, -1, :H]
    if bidirectional:
        last = torch.cat([last, outputs[:, 0, H:]], dim=1)  # backwards, it ends at the beginning
    logits = model(inputs)
    assert logits.shape == (B, 2)
    torch.testing.assert_close(logits, model.readout(last))


def test_a_batch_is_read_as_its_sequences_are() -> None:
    model = SequenceClassifier(D, H, 3, layers=2, bidirectional=True)
    inputs = torch.randn(B, T, D)
    one_by_one = torch.cat([model(sequence[None]) for sequence in inputs])
    torch.testing.assert_close(model(inputs), one_by_one)


def test_dropout_acts_in_training_only() -> None:
    model = SequenceClassifier(D, H, 2, layers=2, dropout=0.5)
    inputs = torch.randn(B, T, D)
    assert not torch.equal(model(inputs), model(inputs))
    model.eval()
    assert torch.equal(model(inputs), model(inputs))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"input_dim": 0}, ValueError, "input_dim: got 0, expected an integer of at least 1"),
        ({"hidden_dim": 2.5}, TypeError, "hidden_dim: got 2.5, expected an integer"),
        ({"classes": 1}, ValueError, "classes: got 1, expected an integer of at least 2"),
        ({"layers": 0}, ValueError, "layers: got 0, expected"),
        ({"layers": True}, TypeError, "layers: got True, expected"),
        ({"cell": "elman"}, ValueError, "cell: got 'elman', expected one of 'rnn', 'lstm', 'gru'"),
        ({"dropout": 0.1}, ValueError, "dropout: got 0.1 with layers=1, expected 0"),
        ({"dropout": 1.0, "layers": 2}, ValueError, "dropout: got 1.0, expected a share"),
        ({"dropout": -0.1, "layers": 2}, ValueError, "dropout: got -0.1, expected"),
        ({"dropout": "0.1", "layers": 2}, TypeError, "dropout: got '0.1', expected"),
        ({"bidirectional": 1}, TypeError, "bidirectional: got 1, expected True or False"),
    ],
)
@pytest.mark.usefixtures("shapes_unchecked")
def test_arguments(options: dict[str, Any], error: type[Exception], message: str) -> None:
    sizes = {"input_dim": D, "hidden_dim": H, "classes": 2} | options
    with pytest.raises(error, match=message):
        SequenceClassifier(**sizes)


@pytest.mark.parametrize("shape", [(T, D), (B, T, D + 1), (B, 0, D), (B, 1, T, D)])
def test_inputs_of_another_shape(shape: tuple[int, ...]) -> None:
    model = SequenceClassifier(D, H, 2)
    with pytest.raises(ValueError, match=r"inputs: got shape .*, expected \(B, T, 5\)"):
        model(torch.zeros(shape))
