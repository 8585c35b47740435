"""The training loop: exact resumption, the log, the best weights, early stopping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.utils.data import DataLoader, TensorDataset

from unrolled import checkpoint
from unrolled.data.halves import halves
from unrolled.models import SequenceClassifier
from unrolled.run import Run
from unrolled.training import Batches, accuracy, evaluate, train

DRAWN = torch.Generator().manual_seed(0)
TRAINING, VALIDATION = halves(96, 6, generator=DRAWN), halves(40, 6, generator=DRAWN)
HELD_OUT = Batches(*VALIDATION)


class Interrupted(Exception):
    pass


class Breaking:
    """Batches that end the program in a given batch, counted over all epochs."""

    def __init__(self, batches: Any, at: int) -> None:
        self.batches, self.left = batches, at

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for batch in self.batches:
            if self.left == 0:
                raise Interrupted
            self.left -= 1
            yield batch


class Fresh:
    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for _ in range(3):
            yield halves(32, 6)


def loader() -> Any:
    return DataLoader(TensorDataset(*TRAINING), batch_size=32, shuffle=True)


def started(seed: int, folder: Path | None, cell: str = "rnn", optimizer: str = "Adam") -> Run:
    torch.manual_seed(seed)
    model = SequenceClassifier(5, 8, 2, layers=2, dropout=0.3, cell=cell)
    made = getattr(torch.optim, optimizer)(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.StepLR(made, step_size=1, gamma=0.7)
    return Run(model, made, schedule, folder=folder)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("at", [3, 4, 8, 11])
@pytest.mark.parametrize(
    "batches",
    [lambda: Batches(*TRAINING, size=32, shuffle=True), loader, Fresh],
    ids=["batches", "loader", "fresh"],
)
def test_resumed_is_bit_for_bit_uninterrupted(
    tmp_path: Path, cell: str, at: int, batches: Callable[[], Any]
) -> None:
    whole = started(1, tmp_path / "whole", cell)
    train(whole, batches(), HELD_OUT, epochs=4, patience=9)
    after = torch.rand(3)

    stopped = started(1, tmp_path / "stopped", cell)
    with pytest.raises(Interrupted):
        train(stopped, Breaking(batches(), at), HELD_OUT, epochs=4, patience=9)

    resumed = started(2, tmp_path / "stopped", cell)
    resumed.resume()
    assert len(resumed.history) == at // 3
    train(resumed, batches(), HELD_OUT, epochs=4, patience=9)
    assert resumed.history == whole.history
    assert torch.equal(torch.rand(3), after)
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(tensor, resumed.model.state_dict()[name]), name
    assert str(whole.optimizer.state_dict()) == str(resumed.optimizer.state_dict())
    assert whole.schedule is not None
    assert resumed.schedule is not None
    assert whole.schedule.state_dict() == resumed.schedule.state_dict()
    best = [
        checkpoint.load(tmp_path / name / "best.pt", "weights") for name in ("whole", "stopped")
    ]
    assert all(torch.equal(best[0][name], best[1][name]) for name in best[0])


def test_a_finished_run_does_nothing(tmp_path: Path) -> None:
    run = started(0, tmp_path)
    train(run, Batches(*TRAINING), HELD_OUT, epochs=2, patience=9)
    again = started(5, tmp_path)
    again.resume()
    train(again, Breaking(Batches(*TRAINING), 0), HELD_OUT, epochs=2, patience=9)
    assert again.history == run.history


def without_schedule(run: Run) -> Run:
    run.schedule = None
    return run


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (lambda folder: started(0, folder, cell="gru"), "another model"),
        (lambda folder: started(0, folder, optimizer="SGD"), "another optimizer: Adam, .* SGD"),
        (lambda folder: without_schedule(started(0, folder)), "another schedule: StepLR, .* None"),
    ],
)
def test_a_run_of_something_else(
    tmp_path: Path, other: Callable[[Path], Run], message: str
) -> None:
    train(started(0, tmp_path), Batches(*TRAINING), HELD_OUT, epochs=1, patience=9)
    with pytest.raises(checkpoint.CheckpointError, match=rf"last\.pt: made with {message}"):
        other(tmp_path).resume()


def test_another_dropout_is_another_model(tmp_path: Path) -> None:
    """The weights would fit, and the training would go on as another one."""
    train(started(0, tmp_path), Batches(*TRAINING), HELD_OUT, epochs=1, patience=9)
    other = started(0, tmp_path)
    other.model.recurrent.dropout = 0.5
    with pytest.raises(checkpoint.CheckpointError, match=r"dropout=0\.3.*expected.*dropout=0\.5"):
        other.resume()


def test_other_groups_of_parameters(tmp_path: Path) -> None:
    train(started(0, tmp_path), Batches(*TRAINING), HELD_OUT, epochs=1, patience=9)
    other = started(0, tmp_path)
    groups = [{"params": [parameter]} for parameter in other.model.parameters()]
    other.optimizer = torch.optim.Adam(groups)
    with pytest.raises(checkpoint.CheckpointError, match=r"last\.pt: the optimizer does not fit"):
        other.resume()


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"last\.pt"):
        started(0, tmp_path).resume()
    with pytest.raises(ValueError, match="folder: got None"):
        started(0, None).resume()


class Scripted(nn.Module):
    """Its validation losses are given; each epoch moves its one weight by a batch of one."""

    def __init__(self, losses: list[float]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.losses = iter(losses)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.weight * 1 if self.training else torch.tensor(next(self.losses))


def scripted(losses: list[float], folder: Path | None) -> Run:
    model = Scripted(losses)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    return Run(model, optimizer, measure=lambda output, _: output, folder=folder)


ONE = [(torch.zeros(1), torch.zeros(1))]


@pytest.mark.parametrize(
    ("losses", "patience", "epochs", "best"),
    [
        ([3.0, 2.0, 1.0, 0.0], 1, 4, 4),
        ([3.0, 2.0, 2.5, 0.0], 1, 3, 2),
        ([3.0, 2.0, 2.5, 1.0, 2.0, 2.0], 2, 6, 4),
        ([1.0, 1.0, 1.0], 2, 3, 1),
    ],
)
def test_early_stopping_and_the_best_weights(
    tmp_path: Path, losses: list[float], patience: int, epochs: int, best: int
) -> None:
    run = scripted(losses, tmp_path)
    train(run, ONE, ONE, epochs=len(losses), patience=patience)
    assert len(run.history) == epochs
    assert run.since_best() == epochs - best
    assert checkpoint.load(tmp_path / "best.pt", "weights")["weight"] == pytest.approx(-best)


def test_the_log_has_the_norm_before_clipping() -> None:
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    run = Run(model, torch.optim.SGD(model.parameters(), lr=1.0), measure=mse_loss, max_norm=0.5)
    batch = [(torch.ones(1, 1), torch.full((1, 1), 10.0))]
    train(run, batch, batch, epochs=1, patience=1)
    assert run.history[0]["losses"] == [100.0]
    assert run.history[0]["norms"] == [20.0]
    assert model.weight.item() == pytest.approx(0.5, rel=1e-4)
    assert run.history[0]["validation"] == pytest.approx(9.5**2, rel=1e-4)


def test_a_broken_gradient_ends_the_training_not_the_weights() -> None:
    model = nn.Linear(1, 1)
    before = model.weight.item()
    run = Run(model, torch.optim.SGD(model.parameters(), lr=1.0), measure=mse_loss)
    batch = [(torch.ones(1, 1), torch.full((1, 1), torch.inf))]
    with pytest.raises(RuntimeError, match="non-finite"):
        train(run, batch, batch, epochs=1, patience=1)
    assert model.weight.item() == before


def test_evaluate_weighs_batches_by_size_and_keeps_the_mode() -> None:
    model = started(0, None).model
    in_one = evaluate(model, Batches(*VALIDATION, size=40), cross_entropy)
    assert model.training
    assert evaluate(model, Batches(*VALIDATION, size=7), cross_entropy) == pytest.approx(in_one)
    model.eval()
    right = (model(VALIDATION[0]).argmax(1) == VALIDATION[1]).double().mean()
    assert evaluate(model, Batches(*VALIDATION, size=7), accuracy) == pytest.approx(float(right))
    assert not model.training


def test_batches_cover_everything_once() -> None:
    numbers = torch.arange(10)
    torch.manual_seed(0)
    batches = Batches(numbers, -numbers, size=4, shuffle=True)
    first, second = (list(batches) for _ in range(2))
    assert [len(inputs) for inputs, _ in first] == [4, 4, 2]
    orders = [torch.cat([inputs for inputs, _ in batch]) for batch in (first, second)]
    assert not torch.equal(*orders)
    assert all(torch.equal(order.sort().values, numbers) for order in orders)
    assert all(torch.equal(targets, -inputs) for inputs, targets in first)
    assert torch.equal(torch.cat([x for x, _ in Batches(numbers, numbers, size=4)]), numbers)


@pytest.mark.usefixtures("shapes_unchecked")
def test_arguments() -> None:
    with pytest.raises(ValueError, match="size: got 0, expected"):
        Batches(torch.zeros(2), torch.zeros(2), size=0)
    with pytest.raises(ValueError, match="targets: got 3 for 2 inputs, expected as many"):
        Batches(torch.zeros(2), torch.zeros(3))
    with pytest.raises(ValueError, match="targets: got 0 for 0 inputs"):
        Batches(torch.zeros(0), torch.zeros(0))
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    with pytest.raises(ValueError, match=r"max_norm: got 0\.0, expected a positive"):
        Run(model, optimizer, max_norm=0.0)
    with pytest.raises(ValueError, match="batches: got none"):
        train(Run(model, optimizer), [], ONE, epochs=1, patience=1)
    with pytest.raises(ValueError, match="batches: got none"):
        evaluate(model, [], mse_loss)
