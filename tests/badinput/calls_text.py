"""Text: n-grams, sampling, statistics, quantised weights, corpora, snippets; and forecasts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch

from tests.badinput.call import Call, below, numbers
from tests.badinput.calls_numpy import SEED, params
from tests.badinput.kinds import (
    Array,
    Choice,
    Flag,
    Integers,
    Kind,
    Named,
    Positive,
    Size,
    Text,
    Things,
)
from unrolled.data import corpora, snippets, tiny_text
from unrolled.data.seasonal import seasonal_parts, seasonal_series, windows
from unrolled.forecast import (
    LinearForecast,
    naive,
    over_all_steps,
    rmse_by_step,
    seasonal_naive,
)
from unrolled.models import CharRNN
from unrolled.ngram import NGram
from unrolled.quantise import quantise, rounded
from unrolled.sampling import draw, entropy, generate, probabilities
from unrolled.text_statistics import (
    counted_indentation,
    deeper_lines,
    matched_brackets,
    text_statistics,
    words,
)

V = 3
N, PAST, STEPS = 4, 6, 2
LINES = [snippets.Snippet("a = b", 0, ""), snippets.Snippet("f(a)", 1, "")]
MAPPING = {"a": 2, "b": 3}


@lru_cache(maxsize=1)
def fitted() -> NGram:
    return NGram(2, V).fit(below(V, 60))


def char() -> CharRNN:
    torch.manual_seed(0)
    return CharRNN(V, 4)


def shares() -> np.ndarray:
    return np.array([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]])


class Shares(Array):
    """Rows of probabilities: what is negative or does not add up is bad as well."""

    def _values(self, valid: np.ndarray) -> Any:
        from hypothesis import strategies as st

        wrong = [("too much", valid * 2), ("too little", valid / 2), ("negative", valid - 0.25)]
        wrong += [("logits", np.log(valid + 1))]
        return st.one_of(super()._values(valid), st.sampled_from(wrong))


CALLS = [
    Call(
        "ngram.NGram",
        lambda **given: NGram(**given).fit(below(V, 60)).loss(below(V, 9)),
        lambda: {"order": 2, "vocab_size": V, "strengths": (1.0, 2.0)},
        {
            "order": Size(most=30, says=("strengths",)),
            "vocab_size": Size(least=2),
            "strengths": Things(
                optional=True,
                wrong=[
                    ("one too few", (1.0,)),
                    ("one too many", (1.0, 1.0, 1.0)),
                    ("zero", (0.0, 1.0)),
                    ("NaN", (1.0, float("nan"))),
                    ("texts", ("1", "2")),
                    ("None inside", (1.0, None)),
                ],
                allows=("list",),
            ),
        },
    ),
    Call(
        "ngram.NGram.fit",
        lambda tokens: NGram(2, V).fit(tokens).loss(below(V, 9)),
        lambda: {"tokens": below(V, 60)},
        {"tokens": Integers(below=V, fixed=())},
    ),
    Call(
        "ngram.NGram.shorter",
        lambda order: fitted().shorter(order).loss(below(V, 9)),
        lambda: {"order": 1},
        {"order": Size(most=2)},
    ),
    Call(
        "ngram.NGram.probabilities",
        lambda tokens: fitted().probabilities(tokens),
        lambda: {"tokens": below(V, 9)},
        {"tokens": Integers(below=V, fixed=())},
    ),
    Call(
        "ngram.NGram.loss",
        lambda tokens: fitted().loss(tokens),
        lambda: {"tokens": below(V, 9)},
        {"tokens": Integers(below=V, fixed=())},
    ),
    Call(
        "ngram.NGram.sample",
        lambda **given: fitted().sample(**given),
        lambda: {"seed_tokens": below(V, 4), "length": 3, "count": 2, "seed": 1},
        {
            "seed_tokens": Integers(below=V, fixed=()),
            "length": Size(),
            "count": Size(),
            "seed": SEED,
        },
    ),
    Call(
        "sampling.probabilities",
        probabilities,
        lambda: {"logits": numbers(2, 5), "temperature": 2, "top_k": 3},
        {
            "logits": Array(ranks=(1, 2, 3), fixed=()),
            "temperature": Positive(),
            "top_k": Size(optional=True),
        },
    ),
    Call(
        "sampling.entropy",
        entropy,
        lambda: {"p": shares()},
        {"p": Shares(ranks=(1, 2, 3), fixed=())},
    ),
    Call(
        "sampling.draw",
        lambda **given: draw(**given),
        lambda: {"rng": np.random.default_rng(0), "p": shares()},
        {"rng": Kind(), "p": Shares(fixed=())},
    ),
    Call(
        "sampling.generate",
        generate,
        lambda: {
            "model": char(),
            "alphabet": "abc",
            "seed_text": "ab",
            "length": 3,
            "temperature": 2,
            "top_k": 2,
            "count": 2,
            "seed": 1,
        },
        {
            "model": Kind(),
            "alphabet": Text(wrong=("", "ab", "abcd", "abb")),
            "seed_text": Text(wrong=("", "abz"), says=("text",)),
            "length": Size(),
            "temperature": Positive(),
            "top_k": Size(optional=True),
            "count": Size(),
            "seed": SEED,
        },
    ),
    Call(
        "quantise.quantise",
        lambda **given: quantise(**given).restored(),
        lambda: {"weights": numbers(4, 3), "bits": 4, "per_column": True},
        {
            "weights": Array(fixed=(), single=True),
            "bits": Size(least=2, most=8),
            "per_column": Flag(),
        },
    ),
    Call(
        "quantise.rounded",
        rounded,
        lambda: {"weights": params(), "bits": 4, "per_column": False},
        {
            "weights": Named(names=("W_xh", "W_hh", "W_hy")),
            "bits": Size(least=2, most=8),
            "per_column": Flag(),
        },
    ),
    *(
        Call(
            f"text_statistics.{function.__name__}",
            function,
            lambda: {"text": "if (a):\n    b[0]\n"},
            {"text": Text()},
        )
        for function in (words, matched_brackets, counted_indentation, deeper_lines)
    ),
    Call(
        "text_statistics.text_statistics",
        text_statistics,
        lambda: {"text": "for word in (words):\n", "known_words": frozenset({"word"})},
        {"text": Text(), "known_words": Kind(allows=("set",))},
    ),
    Call(
        "forecast.naive",
        naive,
        lambda: {"past": numbers(N, PAST, 1), "steps": 2},
        {"past": Array(fixed=(2,)), "steps": Size()},
    ),
    Call(
        "forecast.seasonal_naive",
        seasonal_naive,
        lambda: {"past": numbers(N, PAST, 1), "steps": 2, "season": 3},
        {"past": Array(fixed=(2,)), "steps": Size(), "season": Size(most=PAST, says=("past",))},
    ),
    Call(
        "forecast.LinearForecast",
        lambda **given: LinearForecast(**given)(numbers(N, PAST, 1)),
        lambda: {"past": numbers(N, PAST, 1), "future": numbers(N, STEPS, 1)},
        {
            "past": Array(fixed=(0, 2), says=("future",)),
            "future": Array(fixed=(0, 2)),
        },
    ),
    Call(
        "forecast.LinearForecast.__call__",
        lambda past: LinearForecast(numbers(N, PAST, 1), numbers(N, STEPS, 1))(past),
        lambda: {"past": numbers(5, PAST, 1)},
        {"past": Array(fixed=(1, 2))},
    ),
    Call(
        "forecast.rmse_by_step",
        rmse_by_step,
        lambda: {"forecast": numbers(N, STEPS, 1), "truth": numbers(N, STEPS, 1) + 1, "unit": 2},
        {"forecast": Array(), "truth": Array(says=("forecast",)), "unit": Positive()},
    ),
    Call(
        "forecast.over_all_steps",
        over_all_steps,
        lambda: {"by_step": abs(numbers(3, 4))},
        {"by_step": Array(ranks=(1, 2, 3, 4, 5, 6), fixed=(), finite=False, allows=("rank",))},
    ),
    Call(
        "data.seasonal.seasonal_series",
        seasonal_series,
        lambda: {"count": 2, "length": 5, "seed": 1},
        {"count": Size(), "length": Size(), "seed": SEED},
    ),
    Call(
        "data.seasonal.seasonal_parts",
        seasonal_parts,
        lambda: {"seed": 1},
        {"seed": Size(least=0)},
    ),
    Call(
        "data.seasonal.windows",
        windows,
        lambda: {"series": numbers(3, 9), "past": 3, "ahead": 2, "every": 2},
        {
            "series": Array(fixed=()),
            "past": Size(most=7, says=("series",)),
            "ahead": Size(most=6, says=("series",)),
            "every": Size(),
        },
    ),
    Call(
        "data.corpora.split",
        corpora.split,
        lambda: {"name": "mine", "text": "some text of many characters"},
        {"name": Text(), "text": Text(wrong=("", "short", "a" * 50), says=("corpus",))},
    ),
    Call(
        "data.corpora.encode",
        corpora.encode,
        lambda: {"text": "abba", "alphabet": "abc"},
        {
            "text": Text(wrong=("abd", "ä")),
            "alphabet": Text(wrong=("", "a", "abca"), says=("text",)),
        },
    ),
    Call(
        "data.corpora.decode",
        corpora.decode,
        lambda: {"tokens": below(3, 5), "alphabet": "abc"},
        {
            "tokens": Integers(below=3, fixed=()),
            "alphabet": Text(wrong=("", "ab"), says=("tokens",)),
        },
    ),
    *(
        Call(
            f"data.corpora.{function.__name__}",
            function,
            lambda argument=argument: {argument: __file__},
            {argument: Text(wrong=("", "/", "/no/such/file", "a\0b"), says=("corpus",))},
        )
        for function, argument in ((corpora.text_file, "path"), (corpora.load, "name"))
    ),
    Call(
        "data.tiny_text.encode",
        tiny_text.encode,
        lambda: {"text": "if a:"},
        {"text": Text(wrong=("",))},
    ),
    Call(
        "data.tiny_text.decode",
        tiny_text.decode,
        lambda: {"codes": below(65, 5)},
        {"codes": Integers(below=65, fixed=())},
    ),
    Call(
        "data.tiny_text.lanes",
        tiny_text.lanes,
        lambda: {"codes": below(65, 9), "length": 4},
        {"codes": Integers(fixed=()), "length": Size(most=9, says=("codes",))},
    ),
    Call(
        "data.snippets.snippets",
        snippets.snippets,
        lambda: {"part": "training", "task": "kind", "limit": 1, "scale": "smoke"},
        {
            "part": Choice(words=tuple(snippets.FILES)),
            "task": Choice(words=tuple(snippets.TASKS)),
            "limit": Size(optional=True),
            "scale": Choice(words=tuple(snippets.MODULES), optional=True),
        },
    ),
    Call(
        "data.snippets.labelled",
        snippets.labelled,
        lambda: {"source": "a = b\n", "task": "kind", "module": "mine"},
        {
            "source": Text(),
            "task": Choice(words=tuple(snippets.TASKS)),
            "module": Text(),
        },
    ),
    Call("data.snippets.words", snippets.words, lambda: {"text": "a = b"}, {"text": Text()}),
    Call("data.snippets.as_code", snippets.as_code, lambda: {"text": "a = b"}, {"text": Text()}),
    Call(
        "data.snippets.vocabulary",
        snippets.vocabulary,
        lambda: {"lines": LINES, "size": 5},
        {"lines": Things(wrong=[("texts", ["a = b"])]), "size": Size(least=3)},
    ),
    Call(
        "data.snippets.encode",
        snippets.encode,
        lambda: {"lines": LINES, "vocabulary": MAPPING, "length": 4},
        {
            "lines": Things(wrong=[("texts", ["a"]), ("no word", [snippets.Snippet(" ", 0, "")])]),
            "vocabulary": Kind(allows=("dictionary",)),
            "length": Size(),
        },
    ),
]
