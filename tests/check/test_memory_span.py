"""The check on the span of memory: each conclusion that does not follow gets its diagnosis."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled import check

GOOD, COIN = [0.98, 0.97, 0.99], [0.49, 0.51, 0.5]
SOME, HALF = [0.98, 0.5, 0.97], [0.62, 0.66, 0.7]
STUDY = {
    ("plain", 10): GOOD,
    ("plain", 25): COIN,
    ("plain", 50): COIN,
    ("other", 10): GOOD,
    ("other", 25): [0.93, 0.95, 0.91],
    ("other", 50): SOME,
    ("other", 100): COIN,
}
SPANS = {"plain": 10, "other": 25}


def diagnoses(study=STUDY, spans=SPANS, **options):
    return check.memory_span(study, spans, **options).diagnoses


def changed(**entries):
    """The study, with other accuracies of one way: plain_25=…; None leaves one out."""
    study = dict(STUDY)
    for name, numbers in entries.items():
        way, length = name.split("_")
        study[way, int(length)] = numbers
    return {key: numbers for key, numbers in study.items() if numbers is not None}


def seeded(way, length, seed):
    """Stands for a training: about what the study says, from the seed alone."""
    number = STUDY[way, length][0] + (seed and 0.001 * seed)
    np.random.random()
    return number


def test_conclusions_that_follow_pass():
    report = check.memory_span(STUDY, SPANS, further=[("other", "plain")], run=seeded)
    assert report.passed, str(report)
    assert "a coin gives 0.46 to 0.54" in str(report)
    assert "plain: 10; at 25, 0 of 3 seeds learn" in report.right
    assert "other: 25; at 50, 1 of 3" not in str(report)


def test_arrays_and_more_seeds_pass():
    study = {key: np.array([*numbers, *numbers], np.float32) for key, numbers in STUDY.items()}
    assert diagnoses(study) == ()


def test_the_longest_length_may_be_learned():
    study = changed(other_50=GOOD, other_100=GOOD)
    report = check.memory_span(study, {"plain": 10, "other": 100}, further=[("other", "plain")])
    assert report.passed
    assert "other: at least 100; nothing longer was run" in report.right


# Spans


def test_chance_taken_for_learning():
    assert diagnoses(spans=SPANS | {"plain": 25}) == ("chance-taken-for-learning",)


def test_a_little_above_a_half_is_still_chance_and_more_tests_decide():
    study = changed(plain_25=[0.52, 0.53, 0.51])
    assert diagnoses(study, SPANS | {"plain": 25}) == ("chance-taken-for-learning",)
    assert diagnoses(study, SPANS | {"plain": 25}, tests=200_000) == ("still-learning",)


@pytest.mark.parametrize("numbers", [SOME, [0.5, 0.5, 0.99], [0.99, 0.99, 0.99, 0.5]])
def test_a_mean_or_the_best_seed_taken_for_all(numbers):
    report = check.memory_span(changed(other_50=numbers), SPANS | {"other": 50})
    assert report.diagnoses == ("some-seeds-fail",)
    count = sum(number > 0.75 for number in numbers)
    assert f"{count} of {len(numbers)} seeds" in report.wrong[0].cause


def test_a_cliff_where_the_budget_ended():
    assert diagnoses(changed(plain_25=HALF)) == ("still-learning",)
    assert diagnoses(changed(plain_25=HALF), SPANS | {"plain": 25}) == ("still-learning",)


@pytest.mark.parametrize("stated", [None, 10])
def test_an_untrained_network(stated):
    wrong = diagnoses(changed(plain_10=COIN), SPANS | {"plain": stated})
    assert wrong == ("chance-taken-for-learning" if stated else "never-learned",)


def test_a_span_that_is_too_short():
    assert diagnoses(spans=SPANS | {"other": 10}) == ("span-too-short",)
    assert diagnoses(spans=SPANS | {"other": None}) == ("span-too-short",)


def test_a_length_missing_at_the_cliff():
    assert diagnoses(changed(plain_25=None)) == ("length-missing",)


def test_a_span_between_the_lengths_that_were_run():
    assert diagnoses(spans=SPANS | {"plain": 15}) == ("length-missing",)


def test_a_length_that_fails_between_two_that_are_learned():
    study = changed(other_25=SOME, other_50=GOOD)
    assert diagnoses(study, SPANS | {"other": 50}) == ("some-seeds-fail",)
    assert diagnoses(study, SPANS | {"other": 10}) == ()


def test_labels_that_were_turned_round():
    assert diagnoses(changed(plain_50=[0.02, 0.03, 0.01])) == ("worse-than-chance",)


# Seeds


def test_one_seed():
    study = {key: numbers[:1] for key, numbers in STUDY.items()}
    report = check.memory_span(study, {"plain": 10, "other": 50})
    assert report.diagnoses == ("too-few-seeds",)
    assert "plain at 10 (1)" in report.wrong[0].what


def test_one_seed_in_one_place():
    report = check.memory_span(changed(plain_25=0.5), SPANS)
    assert report.diagnoses == ("too-few-seeds",)
    assert "plain at 25 (1)" in report.wrong[0].what


def test_seeds_that_make_no_difference():
    study = {key: numbers[:1] * 3 for key, numbers in STUDY.items()}
    assert diagnoses(study, {"plain": 10, "other": 50}) == ("seed-ignored", "seed-ignored")


def test_a_task_that_all_seeds_solve_fully_is_no_ignored_seed():
    assert diagnoses({("plain", 10): [1.0, 1.0, 1.0]}, {"plain": 10}) == ()


def test_an_unseeded_run():
    assert diagnoses(run=lambda way, length, seed: np.random.random()) == ("unseeded",)


def test_numbers_that_the_function_does_not_give():
    assert diagnoses(run=lambda way, length, seed: 0.9) == ("not-reproduced",)


def test_the_first_seed_is_the_one_that_is_run():
    def run(way, length, seed):
        return {5: 0.98, 6: 0.97}[seed]

    assert diagnoses(run=run, seeds=(5, 6, 7)) == ()
    assert diagnoses(run=run, seeds=(0, 1, 2)) == ("raises",)


# Differences


def test_a_difference_within_the_spread():
    study = changed(plain_25=SOME)
    assert diagnoses(study, further=[("other", "plain")]) == ("difference-within-spread",)


def test_ways_that_were_run_at_different_lengths():
    study = changed(other_25=None, other_20=GOOD)
    spans = {"plain": 10, "other": 20}
    assert diagnoses(study, spans, further=[("other", "plain")]) == ("not-compared",)


def test_the_wrong_way_round():
    assert diagnoses(further=[("plain", "other")]) == ("wrong-way-round",)
    alike = changed(other_25=COIN), {"plain": 10, "other": 10}
    assert diagnoses(*alike, further=[("other", "plain")]) == ("wrong-way-round",)


def test_two_ways_that_never_fail():
    study = {("plain", 10): GOOD, ("other", 10): GOOD}
    wrong = diagnoses(study, {"plain": 10, "other": 10}, further=[("other", "plain")])
    assert wrong == ("end-not-reached",)


# What the reader's code does, and what the caller does


def test_an_error_is_shown_where_the_reader_made_it():
    def run(way, length, seed):
        return {}[way]  # the line that fails

    report = check.memory_span(STUDY, SPANS, run=run)
    assert report.diagnoses == ("raises",)
    assert "return {}[way]  # the line that fails" in report.wrong[0].what
    assert "guard.py" not in str(report)


@pytest.mark.parametrize("given", [None, "0.98", [0.98, 0.97]])
def test_a_run_that_gives_no_accuracy(given):
    assert diagnoses(run=lambda *_: given) == ("shapes",)


def test_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()
    diagnoses(run=seeded)
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize(
    ("study", "spans", "options"),
    [
        ({("plain", 10): [98.0, 97.0, 99.0]}, {"plain": 10}, {}),
        ({("plain", 10): []}, {"plain": 10}, {}),
        ({("plain", 10): [np.nan] * 3}, {"plain": 10}, {}),
        (STUDY, {"plain": 10}, {}),
        (STUDY, SPANS | {"third": 10}, {}),
        (STUDY, SPANS | {"plain": 0}, {}),
        (STUDY, SPANS, {"further": [("plain", "third")]}),
        (STUDY, SPANS, {"seeds": ()}),
        (STUDY, SPANS, {"tests": 0}),
    ],
)
def test_a_check_called_wrongly(study, spans, options):
    with pytest.raises(ValueError, match="expected"):
        check.memory_span(study, spans, **options)


@pytest.mark.parametrize("study", [{}, {"plain": GOOD}, {("plain", 10): "good"}])
def test_a_check_of_something_else(study):
    with pytest.raises(TypeError):
        check.memory_span(study, SPANS)
