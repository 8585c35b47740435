"""Claims of the chapter on language models by character."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from unrolled.claims.registry import claim
from unrolled.data.corpora import decode, encode, python_library
from unrolled.experiments.characters import (
    CharacterModel,
    character_model,
    statistics_of_samples,
)
from unrolled.experiments.memorising import MemorisedText, memorised_text
from unrolled.experiments.temperature import SamplingTemperature, sampling_temperature
from unrolled.ngram import NGram
from unrolled.settings import Scale
from unrolled.text_statistics import counted_indentation, matched_brackets

_SENTENCE = (
    "CharRNN, tanh, 64 units, the 45 characters of one sentence in windows of 20, 100 epochs, Adam "
    "0.01"
)
_TRAINED = (
    "CharRNN, tanh, 128 units, on 18 modules of Python's library: 600 windows of 32 characters in "
    "16 streams, state carried, Adam from 0.01 to 0, gradients clipped to norm 1; tested on "
    "textwrap and timeit"
)


@claim(
    id="charlm-memorises",
    statement="A loss near zero means that a language model has learned the language.",
    source="Toy examples that end with the falling training loss of one sentence.",
    protocol=f"{_SENTENCE}, state carried; loss on the same words in another order, read from an "
    "empty state, in nats per character, per seed, where the loss on the sentence itself is below "
    "0.05.",
    bound="0.3..3.5",
    verdict="does not hold",
    remark="It has memorised the sentence: the same words in another order surprise it.",
)
def memorises(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _sentence(tuple(seeds), scale)
    if scale != "smoke" and not (result.loss[:, -1, 1] < 0.05).all():
        raise ArithmeticError(f"losses {result.loss[:, -1, 1]}: the sentence is not memorised")
    return [float(loss) for loss in result.rearranged[:, 1]]


@claim(
    id="charlm-reset",
    statement="Resetting the state at every window makes no difference in training.",
    source="Training loops that begin each batch from zeros and do not mention it.",
    protocol=f"{_SENTENCE}; loss of the last epoch with the state reset at every window, in nats "
    "per character, per seed; what the windows leave undecided is worth 0.0315, and with the state "
    "carried the loss must be below a third of that.",
    bound="0.0315..0.08",
    verdict="does not hold",
    remark="What came before the window cannot be known then, and the loss has a floor.",
)
def reset(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _sentence(tuple(seeds), scale)
    if scale != "smoke" and not (result.loss[:, -1, 1] < result.floor / 3).all():
        raise ArithmeticError(f"carried, it is {result.loss[:, -1, 1]}: no better")
    return [float(loss) for loss in result.loss[:, -1, 0]]


@lru_cache(maxsize=2)
def _sentence(seeds: tuple[int, ...], scale: Scale) -> MemorisedText:
    return memorised_text(seeds=seeds, scale=_budget(scale))


@claim(
    id="charlm-beats-ngrams",
    statement="A recurrent language model beats n-grams.",
    source="Mikolov et al., Recurrent neural network based language model, Interspeech (2010), of "
    "words and with far more training.",
    protocol=f"{_TRAINED}; its loss minus that of an interpolated 5-gram of the same text, in nats "
    "per character, per seed; it must beat a bigram by 0.2.",
    bound="0.15..0.6",
    verdict="only if",
    remark="It is large and trained for long. At this budget a bigram is beaten and a 5-gram is "
    "not.",
)
def beats_ngrams(seeds: Sequence[int], scale: Scale) -> list[float]:
    loss = _trained(tuple(seeds), scale, "rnn").held_out[:, -1]
    if scale != "smoke" and not (loss < _ngram(2)[1] - 0.2).all():
        raise ArithmeticError(f"losses {loss}: not better than a bigram, {_ngram(2)[1]}")
    return [float(nats) for nats in loss - _ngram(5)[1]]


@claim(
    id="charlm-lstm-equal-parameters",
    statement="As a language model, an LSTM is better than a plain RNN.",
    source="Comparisons at an equal number of units, where the LSTM has more parameters.",
    protocol=f"{_TRAINED}, against an LSTM of 58 units, Adam from 0.02, with as many parameters "
    "within 2 %; loss of the LSTM minus that of the RNN, in nats per character, per seed.",
    bound="-0.12..0.12",
    verdict="only if",
    remark="It has more parameters. With as many, and this little training, the two are close.",
)
def equal_parameters(seeds: Sequence[int], scale: Scale) -> list[float]:
    rnn, lstm = (_trained(tuple(seeds), scale, cell) for cell in ("rnn", "lstm"))
    if scale != "smoke" and abs(lstm.parameters / rnn.parameters - 1) > 0.02:
        raise ArithmeticError(f"{lstm.parameters} and {rnn.parameters} parameters")
    return [float(nats) for nats in lstm.held_out[:, -1] - rnn.held_out[:, -1]]


@claim(
    id="charlm-other-state",
    statement="It does no harm when a window starts from the state of another text.",
    source="Loops that carry the state although their batches are shuffled.",
    protocol=f"{_TRAINED}; held-out windows of 32 characters that begin with the state of another "
    "stream, their loss minus that with their own state, in nats per character, per seed.",
    bound="0.03..0.25",
    verdict="does not hold",
    remark="Another text's state misleads about as much as no state at all.",
)
def other_state(seeds: Sequence[int], scale: Scale) -> list[float]:
    own, _, other = _trained(tuple(seeds), scale, "rnn").by_state.T
    return [float(nats) for nats in other - own]


@claim(
    id="charlm-counts-spaces",
    statement="A recurrent network keeps in mind what a 5-gram cannot see.",
    source="Karpathy, The unreasonable effectiveness of recurrent neural networks (2015).",
    protocol=f"{_TRAINED}; 32 texts of 1500 characters, written at temperature 1; of the lines "
    "indented by more than four spaces, the share indented by a multiple of four, per seed; for "
    "the 5-gram it must be below 0.4.",
    bound="0.75..1",
    verdict="holds",
)
def counts_spaces(seeds: Sequence[int], scale: Scale) -> list[float]:
    model, _ = _ngram(5)
    alphabet = python_library().alphabet
    texts = model.sample(encode("\n", alphabet), 1500, count=32)
    control = counted_indentation("\n\n".join(decode(text, alphabet) for text in texts))
    if control > 0.4:
        raise ArithmeticError(f"{control} of the 5-gram's lines are, too")
    return [float(share) for share in _statistics(tuple(seeds), scale)["fours"]]


@claim(
    id="charlm-brackets",
    statement="A recurrent network learns to close the brackets it opens.",
    source="Karpathy, The unreasonable effectiveness of recurrent neural networks (2015), for "
    "larger LSTMs and longer training.",
    protocol=f"{_TRAINED}; 32 texts of 1500 characters, written at temperature 1; share of the "
    "brackets with a partner of the right kind, properly nested, within 200 characters, per seed; "
    "for the held-out text it must be above 0.9.",
    bound="0.4..0.75",
    verdict="only if",
    remark="It is large and trained for long. At this budget its brackets match about as often as "
    "a 5-gram's.",
)
def brackets(seeds: Sequence[int], scale: Scale) -> list[float]:
    if (real := matched_brackets(python_library().held_out)) < 0.9:
        raise ArithmeticError(f"only {real} of the real brackets match")
    return [float(share) for share in _statistics(tuple(seeds), scale)["brackets"]]


def _budget(scale: Scale) -> Scale:
    return "smoke" if scale == "smoke" else "site"  # the protocols name it


@lru_cache(maxsize=4)
def _trained(seeds: tuple[int, ...], scale: Scale, cell: str) -> CharacterModel:
    return character_model(seeds=seeds, cell=cell, scale=_budget(scale))


@lru_cache(maxsize=4)
def _statistics(seeds: tuple[int, ...], scale: Scale) -> dict[str, np.ndarray]:
    return statistics_of_samples(_trained(seeds, scale, "rnn"), scale=_budget(scale))


@lru_cache(maxsize=4)
def _ngram(order: int) -> tuple[NGram, float]:
    """A baseline of the same text, and its held-out loss."""
    corpus = python_library()
    model = NGram(order, len(corpus.alphabet)).fit(encode(corpus.train, corpus.alphabet))
    return model, model.loss(encode(corpus.held_out, corpus.alphabet))


@claim(
    id="charlm-temperature-entropy",
    statement="A higher temperature makes the samples more varied.",
    source="Every introduction to sampling from a language model.",
    protocol="Thirty logits N(0, 2²); entropy of softmax(logits / temperature) at 1.5 minus that "
    "at 0.3, in nats, per seed; it must rise at each of 0.3, 0.8, 1, 1.5, and the characters must "
    "stay in the same order.",
    bound="0.5..3.4",
    verdict="holds",
    seeds=range(6),
)
def temperature_entropy(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _temperature(tuple(seeds))
    if not ((np.diff(result.entropy) > 0).all() and result.same_order.all()):
        raise ArithmeticError(f"entropies {result.entropy}, order kept {result.same_order}")
    return [float(nats) for nats in result.entropy[:, -1] - result.entropy[:, 0]]


@claim(
    id="charlm-samples-follow",
    statement="Sampling draws each character as often as the softmax says.",
    source="What is meant by sampling, and what taking the most likely character is not.",
    protocol="Thirty logits N(0, 2²), 20,000 draws at temperature 1; χ² of the counts, minus its "
    "degrees of freedom, over the root of twice these, per seed; for the most likely character "
    "taken every time it must be above 50.",
    bound="-4..6",
    verdict="holds",
    seeds=range(6),
)
def samples_follow(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _temperature(tuple(seeds))
    column = result.temperatures.index(1.0)
    if not (result.greedy_excess[:, column] > 50).all():
        raise ArithmeticError("taking the most likely one every time passes the test, too")
    return [float(excess) for excess in result.excess[:, column]]


@lru_cache(maxsize=2)
def _temperature(seeds: tuple[int, ...]) -> SamplingTemperature:
    return sampling_temperature(seeds=seeds)
