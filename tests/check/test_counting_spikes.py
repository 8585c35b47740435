"""The check on counting spikes: each way to fool oneself gets its own diagnosis."""

from __future__ import annotations

import random
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from torch import nn

from unrolled import check
from unrolled.check.guard import undisturbed

TRAIN, TEST = 600, 400


def labelled(x, threshold=0.9):
    return x, ((x > threshold).sum(axis=1) > 3).astype(int)


def honest_data(seed):
    rng = np.random.default_rng(seed)
    x, y = labelled(rng.standard_normal((TRAIN + TEST, 20)))
    return (x[:TRAIN], y[:TRAIN]), (x[TRAIN:], y[TRAIN:])


def honest(x, y, seed):
    """Sums random functions of the elements, and fits a line to the sums."""
    rng = np.random.default_rng(seed)
    weight, bias = 3 * rng.standard_normal((2, 30))

    def features(x):
        sums = np.tanh(x[:, :20, None] * weight + bias).sum(1)
        return np.column_stack([sums, np.ones(len(x))])

    fitted = np.linalg.lstsq(features(x), y - 0.5, rcond=None)[0]
    return lambda x: (features(x) @ fitted > 0).astype(int)


def linear(x, y, seed):
    """A weaker model, from a random part of the data."""
    part = np.random.default_rng(seed).permutation(len(x))[: len(x) // 2]
    fitted = np.linalg.lstsq(x[part], y[part] - 0.5, rcond=None)[0]
    return lambda x: (x @ fitted > 0).astype(int)


def majority(x, y, seed):
    common = np.bincount(y).argmax()
    return lambda x: np.full(len(x), common)


def diagnoses(make_data=honest_data, models=honest, **options):
    return check.counting_spikes(make_data, models, **options).diagnoses


def test_an_honest_study_passes():
    report = check.counting_spikes(
        honest_data, {"sum": honest, "line": linear}, better=[("sum", "line")]
    )
    assert report.passed, str(report)
    assert "sum is better than line" in str(report).replace("\n        ", " ")


@pytest.mark.parametrize("kind", ["bool", "float", "long"])
def test_an_honest_network_passes_with_labels_of_any_kind(kind):
    kinds = {"bool": torch.bool, "float": torch.float32, "long": torch.int64}

    def make_data(seed):
        drawn = torch.Generator().manual_seed(seed)
        x = torch.randn(900, 20, 1, generator=drawn)
        y = ((x > 0.9).sum((1, 2)) > 3).to(kinds[kind])
        return (x[:600], y[:600]), (x[600:], y[600:])

    def train(x, y, seed):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Flatten(), nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 1))
        optimizer = torch.optim.Adam(model.parameters(), 0.03)
        for _ in range(30):
            loss = nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y.float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return lambda x: model(x)[:, 0] > 0

    assert diagnoses(make_data, train) == ()


def test_it_says_the_same_again_and_leaves_random_states_alone():
    def unseeded(x, y, seed):
        return honest(x, y, np.random.randint(10**6) + random.randrange(10**6))

    before = np.random.get_state()[1].copy(), torch.get_rng_state()
    reports = [str(check.counting_spikes(honest_data, unseeded)) for _ in range(2)]
    assert reports[0] == reports[1]
    assert (np.random.get_state()[1] == before[0]).all()
    assert (torch.get_rng_state() == before[1]).all()


def test_pythons_own_random_state_is_put_back_too():
    # Apart, since the shape checks of the test run draw from it.
    before = random.getstate()
    with undisturbed(seeded=True):
        random.random()
    assert random.getstate() == before


# The data


def test_data_that_are_drawn_outside_the_seed():
    assert diagnoses(lambda seed: honest_data(np.random.randint(10**6))) == ("unseeded",)


def test_data_that_ignore_the_seed():
    assert diagnoses(lambda seed: honest_data(0)) == ("seed-ignored",)


@pytest.mark.parametrize("threshold", [0.9, 1.5])
def test_uniform_numbers(threshold):
    def make_data(seed):
        x, y = labelled(np.random.default_rng(seed).random((1000, 20)), threshold)
        return (x[:TRAIN], y[:TRAIN]), (x[TRAIN:], y[TRAIN:])

    assert diagnoses(make_data, threshold=threshold) == ("uniform-numbers",)


def test_labels_of_one_class():
    def make_data(seed):
        (x, _), (x_test, _) = honest_data(seed)
        return labelled(x, 9.0), labelled(x_test, 9.0)

    assert diagnoses(make_data) == ("one-class",)


@pytest.mark.parametrize(
    ("rule", "hint"),
    [
        (lambda x: (x > 0.9).sum(1) >= 3, "3 is not more than 3"),
        (lambda x: (x > 0.9).sum(1) <= 3, "the other way round"),
        (lambda x: (x > 0.8).sum(1) > 3, "above 0.9"),
        (lambda x: (abs(x) > 0.9).sum(1) > 5, "above 0.9"),
    ],
)
def test_labels_of_another_rule(rule, hint):
    def make_data(seed):
        (x, _), (x_test, _) = honest_data(seed)
        return (x, rule(x)), (x_test, rule(x_test))

    report = check.counting_spikes(make_data, honest)
    assert report.diagnoses == ("labels-off",)
    assert hint in report.wrong[0].cause


LEAKS = {
    "label": lambda x, y: y,
    "noisy label": lambda x, y: y + 0.2 * np.sin(1e3 * x[:, 0]),
    "turned round": lambda x, y: -y,
    "the count": lambda x, y: (x > 0.9).sum(1),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_column_that_tells_the_label(leak):
    def make_data(seed):
        return tuple((np.column_stack([x, LEAKS[leak](x, y)]), y) for x, y in honest_data(seed))

    assert diagnoses(make_data) == ("leaked-label",)


def test_rows_that_are_sorted_before_the_model_sees_them():
    def make_data(seed):
        return tuple((np.sort(x, axis=1), y) for x, y in honest_data(seed))

    assert diagnoses(make_data) == ("leaked-label",)


def test_a_column_that_only_helps_is_no_leak():
    def make_data(seed):
        return tuple((np.column_stack([x, x.mean(1)]), y) for x, y in honest_data(seed))

    assert diagnoses(make_data) == ()


def copies(x, rng):
    return x


def shuffled(x, rng):
    return rng.permuted(x, axis=1)


def jittered(x, rng):
    # Numbers beside the threshold stay where they are, so that the labels do.
    return x + 0.1 * rng.standard_normal(x.shape) * (abs(x - 0.9) > 0.6)


@pytest.mark.parametrize("change", [copies, shuffled, jittered])
def test_test_data_in_training(change):
    def make_data(seed):
        (x, y), (x_test, y_test) = honest_data(seed)
        extra = change(x_test[:50], np.random.default_rng(seed))
        return (np.concatenate([x, extra]), np.append(y, y_test[:50])), (x_test, y_test)

    report = check.counting_spikes(make_data, honest)
    assert report.diagnoses == ("test-in-training",)
    assert "50 of 400" in report.wrong[0].what


# The models


def test_a_model_that_says_one_class():
    report = check.counting_spikes(honest_data, majority)
    assert report.diagnoses == ("majority-class",)


def test_a_model_of_rare_labels_that_says_nearly_always_no():
    def make_data(seed):
        (x, _), (x_test, _) = honest_data(seed)
        return labelled(x, 1.5), labelled(x_test, 1.5)

    def train(x, y, seed):
        lucky = np.random.default_rng(seed).standard_normal(20)
        return lambda x: (x @ lucky > 10).astype(int)

    assert "majority-class" in diagnoses(make_data, train, threshold=1.5)
    assert diagnoses(make_data, majority, threshold=1.5) == ("majority-class",)


@pytest.mark.parametrize("least", [0, 1, 2])
def test_one_class_is_told_by_the_seed_that_says_it_least(least):
    def train(x, y, seed):
        limit = 2.0 if seed == least else 3.0
        return lambda x: (x[:, 0] > limit).astype(int)

    report = check.counting_spikes(honest_data, train)
    what = next(each.what for each in report.wrong if each.id == "majority-class")
    _, (x, y) = honest_data(least)
    zeros, right = (x[:, 0] <= 2).mean(), ((x[:, 0] > 2) == y).mean()
    assert 0.95 < zeros < 0.99
    assert f"3 of 3 seeds it says one class to {int(100 * zeros)}% or more" in what
    assert f"accuracy {right:.3f}, share of the larger class" in what


def test_an_unseeded_model():
    assert diagnoses(models=lambda x, y, seed: honest(x, y, np.random.randint(10**6))) == (
        "unseeded",
    )


def test_a_model_whose_seed_is_fixed():
    assert diagnoses(models=lambda x, y, seed: honest(x, y, 0)) == ("seed-ignored",)


def test_dropout_that_is_left_on():
    def train(x, y, seed):
        predict = honest(x, y, seed)
        return lambda x: predict(x * (np.random.random(x.shape) > 0.1))

    assert diagnoses(models=train) == ("predict-changes",)


def test_a_model_that_looks_at_the_whole_batch():
    def train(x, y, seed):
        predict = honest(x, y, seed)
        return lambda x: predict(x - x[-1] / 5)

    assert diagnoses(models=train) == ("predict-changes",)


def test_a_rule_that_was_written_in():
    def train(x, y, seed):
        noise = np.random.default_rng(seed).normal(0.9, 0.005)
        return lambda x: ((x > noise).sum(1) > 3).astype(int)

    report = check.counting_spikes(honest_data, train)
    assert report.diagnoses == ("labels-unused",)
    assert "rule written" in report.wrong[0].cause


def test_a_model_without_an_optimizer_step():
    def train(x, y, seed):
        weights = np.random.default_rng(seed).standard_normal(20)
        weights -= weights.mean()
        return lambda x: (x @ weights > 0).astype(int)

    report = check.counting_spikes(honest_data, train)
    assert report.diagnoses == ("labels-unused",)
    assert "optimizer.step" in report.wrong[0].cause


def test_a_model_that_learns_nothing_of_use():
    def train(x, y, seed):
        mixed = np.random.default_rng(seed).permuted(x, axis=0)
        return linear(mixed - mixed.mean(1, keepdims=True), y, seed)

    def make_data(seed):
        (x, y), test = honest_data(seed)
        return (x, y), test

    def centred(x, y, seed):
        predict = train(x, y, seed)
        return lambda x: predict(x - x.mean(1, keepdims=True))

    assert diagnoses(make_data, centred) == ("not-learned",)


# The conclusions


def test_one_seed():
    assert diagnoses(seeds=(0,)) == ("too-few-seeds",)
    assert diagnoses(models=majority, seeds=(0, 1)) == ("too-few-seeds", "majority-class")


def test_a_difference_within_the_spread():
    def slightly_worse(x, y, seed):
        return honest(x[:500], y[:500], seed + 100)

    models = {"a": honest, "b": slightly_worse}
    means = [
        check.counting_spikes(honest_data, models, better=[pair]).diagnoses
        for pair in (("a", "b"), ("b", "a"))
    ]
    assert sorted(means) == [("difference-within-spread",), ("wrong-way-round",)]


def test_a_claim_the_wrong_way_round():
    models = {"sum": honest, "line": linear}
    assert diagnoses(models=models, better=[("line", "sum")]) == ("wrong-way-round",)


# What the reader's code does, and what the caller does


def test_an_error_is_shown_where_the_reader_made_it():
    def train(x, y, seed):
        return x @ np.ones(7)  # the line that fails

    report = check.counting_spikes(honest_data, train)
    assert report.diagnoses == ("raises",)
    assert "test_counting_spikes.py, line" in report.wrong[0].what
    assert "return x @ np.ones(7)  # the line that fails" in report.wrong[0].what
    assert "guard.py" not in str(report)


def test_a_function_that_is_still_to_be_written():
    def train(x, y, seed):
        raise NotImplementedError("TODO")

    assert diagnoses(models=train) == ("not-implemented",)


def test_what_a_reader_prints_and_warns_of_is_not_shown(capsys):
    def train(x, y, seed):
        print("epoch 1")
        warnings.warn("careful", stacklevel=1)
        return honest(x, y, seed)

    assert diagnoses(models=train) == ()
    assert capsys.readouterr().out == ""


def test_a_train_with_other_arguments():
    assert diagnoses(models=lambda x: None) == ("raises",)


@pytest.mark.parametrize(
    "train",
    [
        lambda x, y, seed: None,
        lambda x, y, seed: lambda x: np.stack([x[:, 0], x[:, 1]], 1),
        lambda x, y, seed: lambda x: x[:, 0],
        lambda x, y, seed: lambda x: ["no"] * len(x),
    ],
)
def test_answers_that_are_no_labels(train):
    assert diagnoses(models=train) == ("shapes",)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[0],
        lambda data: (data[0], (data[1][0].T, data[1][1])),
        lambda data: (data[0], (data[1][0], 2 * data[1][1])),
        lambda data: (data[0], (data[1][0] * np.nan, data[1][1])),
        lambda data: (data[0], ("text", data[1][1])),
    ],
)
def test_data_of_another_shape(change):
    assert diagnoses(lambda seed: change(honest_data(seed))) == ("shapes",)


@pytest.mark.parametrize(
    "options",
    [{"seeds": ()}, {"seeds": (1, 1, 2)}, {"better": [("a", "b")]}, {"models": {}}],
)
def test_a_check_called_wrongly(options):
    with pytest.raises(ValueError, match="expected"):
        diagnoses(**options)


def test_a_check_of_no_functions():
    with pytest.raises(TypeError, match="make_data"):
        diagnoses(make_data=3)


def test_importing_the_checks_leaves_torch_alone():
    code = "import sys, unrolled.check; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
