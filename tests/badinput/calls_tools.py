"""Witnesses, small networks and their files, training by character, drawings, checks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import unrolled
from tests.badinput.call import Call, below, numbers, tensor, tokens
from tests.badinput.kinds import (
    Array,
    Choice,
    Flag,
    Integers,
    Kind,
    Named,
    Number,
    Positive,
    Share,
    Size,
    Tensor,
    Text,
    Things,
)
from unrolled import VanillaRNN, charlm_checkpoint, check, checkpoint, nextchar, tiny
from unrolled.charlm import Settings, Training, held_out_loss, losses_by_place, streams
from unrolled.data.corpora import Corpus
from unrolled.data.tiny_text import ALPHABET
from unrolled.drawing import unrolled_network
from unrolled.drawing_seq2seq import encoder_decoder
from unrolled.files import write_whole
from unrolled.footprint import saved_bytes
from unrolled.gru import GRU
from unrolled.layers import copies, feed_forward
from unrolled.lstm import LSTM
from unrolled.models import CharRNN, Seq2Seq
from unrolled.onnx_export import Stepper, save
from unrolled.packing import pack_fields, unpack, unpack_fields
from unrolled.parity import autograd_gradients, to_torch
from unrolled.parity_gated import cell_gradients, gated_gradients, gated_to_torch
from unrolled.sources import key, normal

B, T, D, H, V = 2, 4, 3, 5, 2
LETTERS = len(ALPHABET)
MOST = 2**64 - 1
OTHER_MODEL = ("a network of another kind", nn.Linear(2, 2))
KEPT = tempfile.TemporaryDirectory(prefix="badinput-")
FOLDER = Path(KEPT.name)
PATH = Things(wrong=[("a path as text", "here"), ("nothing", None)])
RNN_MODEL = Things(wrong=[OTHER_MODEL, ("an LSTM", LSTM(2, 2)), ("the class", VanillaRNN)])


def rnn() -> VanillaRNN:
    return VanillaRNN(D, H, V, seed=1, dtype=np.float64)


def lstm() -> LSTM:
    return LSTM(D, H, seed=1, dtype=np.float64)


def seeded(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with the same random numbers at every call."""

    def call(**given: Any) -> Any:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return function(**given)

    return call


def weights_of(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: each.detach() for name, each in module.named_parameters()}


@cache
def tiny_char() -> tiny.TinyChar:
    return seeded(lambda: tiny.TinyChar(H))()  # type: ignore[no-any-return]


@cache
def reader() -> nextchar.NextCharacter:
    return seeded(lambda: nextchar.NextCharacter(6, 4, 1, 1))()  # type: ignore[no-any-return]


@cache
def char() -> CharRNN:
    return seeded(lambda: CharRNN(V + 1, 4))()  # type: ignore[no-any-return]


def tiny_weights() -> dict[str, np.ndarray]:
    shapes = {"W_xh": (LETTERS, H), "W_hh": (H, H), "W_hy": (H, LETTERS)}
    shapes |= {"b_h": (H,), "b_y": (LETTERS,)}
    return {name: numbers(*shape, dtype=np.float32) for name, shape in shapes.items()}


@lru_cache(maxsize=1)
def onnx_file() -> Path:
    save(tiny_weights(), FOLDER / "tiny.onnx")
    return FOLDER / "tiny.onnx"


@cache
def weights_file() -> Path:
    checkpoint.save(FOLDER / "weights.pt", "weights", nn.Linear(2, 2).state_dict())
    return FOLDER / "weights.pt"


SMALL = Settings(hidden_dim=3, window=3, batch_size=2, steps=4)
CORPUS = Corpus("ab", "abababab" * 4, "abab")


def training() -> Training:
    return Training(below(3, 20), 3, SMALL)


@cache
def training_file() -> Path:
    charlm_checkpoint.save(FOLDER / "training.pt", training(), CORPUS)
    return FOLDER / "training.pt"


def trained_tiny(model: tiny.TinyChar, **given: Any) -> Any:
    if isinstance(model, tiny.TinyChar):
        model = tiny.with_matrices(tiny.matrices(model))
    tiny.train(model, **given)
    return tiny.matrices(model)


def trained_reader(model: Any, **given: Any) -> Any:
    if isinstance(model, nextchar.NextCharacter):
        fresh = nextchar.NextCharacter(6, 4, 1, 1)
        fresh.load_state_dict(model.state_dict())
        model = fresh
    nextchar.train(model, **given)
    return weights_of(model)


def stepped(method: str) -> Callable[..., Any]:
    return lambda **given: getattr(Stepper(onnx_file(), batch=B), method)(**given)


def drawn(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(**given: Any) -> int:
        import matplotlib.pyplot as plt

        try:
            return len(function(**given).axes[0].texts)
        finally:
            plt.close("all")

    return call


@dataclass(frozen=True)
class Result:
    loss: float
    steps: int


def layers() -> list[dict[str, torch.Tensor]]:
    return copies(rnn(), T)


def other_layers(**changed: Any) -> list[dict[str, Any]]:
    first, *rest = layers()
    return [first | changed, *rest]


STUDY = {("plain", 10): [0.9, 0.95, 0.97], ("plain", 25): [0.5, 0.5, 0.51]}
STUDY |= {("other", 10): [0.9, 0.95, 0.97], ("other", 25): [0.9, 0.95, 0.97]}
PAIRS = (("of another", [("plain", "nobody")]), ("alone", [("plain",)]), ("no pairs", [1, 2]))
SEEDS = Things(
    wrong=[("texts", ["0", "1"]), ("floats", [0.0, 1.0]), ("none", [])], allows=("list",)
)


def spikes(seed: int) -> Any:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((160, 20))
    y = ((x > 0.9).sum(1) > 3).astype(int)
    return (x[:100], y[:100]), (x[100:], y[100:])


def counter(x: Any, y: Any, seed: int) -> Any:
    return lambda x: ((x > 0.9).sum(1) > 3).astype(int)


WITNESSES = [
    Call(
        "layers.copies",
        copies,
        lambda: {"model": rnn(), "count": 2},
        {
            "model": Things(
                wrong=[*RNN_MODEL.wrong, ("with ReLU", VanillaRNN(2, 2, 1, nonlinearity="relu"))]
            ),
            "count": Size(),
        },
    ),
    Call(
        "layers.feed_forward",
        feed_forward,
        lambda: {"layers": layers(), "inputs": tensor(T, D, dtype=torch.float64)},
        {
            "layers": Things(
                wrong=[
                    ("one too few", layers()[1:]),
                    ("a bias too long", other_layers(b_h=torch.zeros(H + 1).double())),
                    ("a bias of one", other_layers(b_h=torch.zeros(1).double())),
                    ("another dtype", other_layers(W_hh=torch.zeros(H, H))),
                    ("no tensor", other_layers(W_xh=None)),
                ],
                says=("inputs",),
            ),
            "inputs": Tensor(dtypes=(torch.float64,)),
        },
    ),
    Call(
        "parity.to_torch",
        lambda **given: [weights_of(each) for each in to_torch(**given)],
        lambda: {"model": rnn()},
        {
            "model": Things(
                wrong=[*RNN_MODEL.wrong, ("linear", VanillaRNN(2, 2, 1, nonlinearity="linear"))]
            )
        },
    ),
    Call(
        "parity.autograd_gradients",
        autograd_gradients,
        lambda: {
            "model": rnn(),
            "inputs": numbers(B, T, D),
            "d_output": numbers(B, T, V),
            "h0": numbers(B, H),
        },
        {
            "model": RNN_MODEL,
            "inputs": Array(says=("d_output", "h0"), ranks=(2, 3)),
            "d_output": Array(ranks=(2, 3)),
            "h0": Array(ranks=(1, 2), optional=True),
        },
    ),
    Call(
        "parity.autograd_gradients, one sequence, its last step",
        autograd_gradients,
        lambda: {"model": rnn(), "inputs": numbers(T, D), "d_output": numbers(V), "h0": numbers(H)},
        {
            "inputs": Array(says=("d_output", "h0"), ranks=(2, 3), fixed=(1,)),
            "d_output": Array(ranks=(1, 2)),
            "h0": Array(optional=True),
        },
    ),
    Call(
        "parity_gated.gated_to_torch",
        lambda **given: weights_of(gated_to_torch(**given)),
        lambda: {"model": GRU(D, H, seed=1)},
        {"model": Things(wrong=[OTHER_MODEL, ("a vanilla RNN", VanillaRNN(2, 2, 1))])},
    ),
    Call(
        "parity_gated.gated_gradients",
        gated_gradients,
        lambda: {
            "model": lstm(),
            "inputs": numbers(B, T, D),
            "d_states": numbers(B, T, H),
            "h0": numbers(B, H),
            "c0": numbers(B, H),
        },
        {
            "model": Things(wrong=[OTHER_MODEL, ("a vanilla RNN", VanillaRNN(2, 2, 1))]),
            "inputs": Array(says=("d_states", "h0", "c0"), ranks=(2, 3)),
            "d_states": Array(ranks=(2, 3)),
            "h0": Array(optional=True),
            "c0": Array(optional=True),
        },
    ),
    Call(
        "parity_gated.gated_gradients, of a GRU",
        lambda c0=None, **given: gated_gradients(**given, **({} if c0 is None else {"c0": c0})),
        lambda: {
            "model": GRU(D, H, seed=1, dtype=np.float64),
            "inputs": numbers(T, D),
            "d_states": numbers(T, H),
            "c0": None,
        },
        {"c0": Things(wrong=[("a start that a GRU has not", numbers(H))], optional=True)},
    ),
    Call(
        "parity_gated.cell_gradients",
        cell_gradients,
        lambda: {
            "model": lstm(),
            "inputs": numbers(B, T, D),
            "d_state": numbers(B, H),
            "cut": False,
        },
        {
            "model": Things(wrong=[OTHER_MODEL, ("a GRU", GRU(2, 2))]),
            "inputs": Array(says=("d_state",), fixed=(0, 2)),
            "d_state": Array(),
            "cut": Flag(),
        },
    ),
    Call(
        "footprint.saved_bytes",
        saved_bytes,
        lambda: {"compute": lambda: torch.ones(3, requires_grad=True).tanh(), "besides": []},
        {
            "compute": Things(
                wrong=[("a tensor", torch.ones(2))],
                allows=("function", "class", "object"),
                plain=False,
            ),
            "besides": Things(
                wrong=[
                    ("one tensor", torch.ones(2)),
                    ("names", {"W": torch.ones(2)}),
                    ("a network", nn.Linear(2, 2)),
                ],
                allows=("empty list", "empty text"),
            ),
        },
    ),
]

CHARACTERS = [
    Call(
        "nextchar.noise_text",
        lambda **given: nextchar.noise_text(**given).held_out[:50],
        lambda: {"seed": 3},
        {"seed": Size(least=0, most=MOST)},
    ),
    Call(
        "nextchar.NextCharacter",
        seeded(lambda **given: weights_of(nextchar.NextCharacter(**given))),
        lambda: {"vocabulary": 6, "hidden_dim": 4, "layers": 1, "directions": 2},
        {
            "vocabulary": Size(),
            "hidden_dim": Size(),
            "layers": Size(),
            "directions": Size(most=2),
        },
    ),
    Call(
        "nextchar.NextCharacter.forward",
        lambda characters: reader()(characters),
        lambda: {"characters": tokens(6, B, T)},
        {"characters": Tensor(dtypes=(torch.int64,), below=6, fixed=())},
    ),
    Call(
        "nextchar.parameters",
        nextchar.parameters,
        lambda: {"model": reader()},
        {
            "model": Things(
                wrong=[("the class", nextchar.NextCharacter), ("arrays", tiny_weights())]
            )
        },
    ),
    Call(
        "nextchar.fitting_width",
        nextchar.fitting_width,
        lambda: {"vocabulary": 6, "layers": 1, "directions": 1, "budget": 250},
        {
            "vocabulary": Size(),
            "layers": Size(),
            "directions": Size(most=2),
            "budget": Size(most=10**7),
        },
    ),
    Call(
        "nextchar.train",
        seeded(trained_reader),
        lambda: {"model": reader(), "characters": tokens(6, 40), "batches": 1},
        {
            "model": Things(wrong=[("the class", nextchar.NextCharacter)]),
            "characters": Tensor(dtypes=(torch.int64,), below=6, fixed=()),
            "batches": Size(),
        },
    ),
    Call(
        "nextchar.losses",
        nextchar.losses,
        lambda: {"model": reader(), "window": tokens(6, B, 5)},
        {
            "model": Things(wrong=[("the class", nextchar.NextCharacter)]),
            "window": Tensor(dtypes=(torch.int64,), below=None, fixed=(), read=False),
        },
    ),
    Call(
        "nextchar.windows",
        nextchar.windows,
        lambda: {"characters": tokens(6, 40), "starts": tokens(24, 3)},
        {
            "characters": Tensor(dtypes=(torch.int64,), below=2**31, fixed=(), says=("starts",)),
            "starts": Tensor(dtypes=(torch.int64,), below=24, fixed=()),
        },
    ),
    Call(
        "nextchar.write",
        seeded(nextchar.write),
        lambda: {"model": reader(), "prompt": tokens(6, 4), "count": 2},
        {
            "model": Things(wrong=[("the class", nextchar.NextCharacter)]),
            "prompt": Tensor(dtypes=(torch.int64,), below=6, fixed=(), says=("characters",)),
            "count": Size(least=0),
        },
    ),
    Call(
        "tiny.TinyChar",
        seeded(lambda **given: weights_of(tiny.TinyChar(**given))),
        lambda: {"hidden_dim": 3},
        {"hidden_dim": Size()},
    ),
    Call(
        "tiny.TinyChar.forward",
        lambda characters: tiny_char()(characters),
        lambda: {"characters": tokens(LETTERS, B, T)},
        {"characters": Tensor(dtypes=(torch.int64,), below=LETTERS, fixed=())},
    ),
    Call("tiny.numbers_in", tiny.numbers_in, lambda: {"hidden_dim": 3}, {"hidden_dim": Size()}),
    Call(
        "tiny.largest_hidden",
        tiny.largest_hidden,
        lambda: {"budget": 200, "size": lambda hidden: hidden**2},
        {
            "budget": Size(),
            "size": Things(
                wrong=[
                    ("that gives None", lambda hidden: None),
                    ("that gives NaN", lambda hidden: float("nan")),
                    ("that gives a text", lambda hidden: "3"),
                    ("that does not grow", lambda hidden: 3),
                ],
                allows=("class", "function"),
            ),
        },
    ),
    Call(
        "tiny.matrices",
        tiny.matrices,
        lambda: {"model": tiny_char()},
        {"model": Things(wrong=[OTHER_MODEL])},
    ),
    Call(
        "tiny.with_matrices",
        lambda **given: weights_of(tiny.with_matrices(**given)),
        lambda: {"weights": tiny_weights()},
        {"weights": Named(names=("W_xh", "W_hh", "W_hy", "b_h", "b_y"), finite=True, shapes=True)},
    ),
    Call(
        "tiny.train",
        seeded(trained_tiny),
        lambda: {
            "model": tiny_char(),
            "text": below(LETTERS, 30),
            "steps": 1,
            "batch": 2,
            "length": 4,
        },
        {
            "model": Things(wrong=[OTHER_MODEL]),
            "text": Integers(below=LETTERS, fixed=()),
            "steps": Size(),
            "batch": Size(),
            "length": Size(says=("text",)),
        },
    ),
    Call(
        "tiny.loss",
        tiny.loss,
        lambda: {"model": tiny_char(), "pieces": below(LETTERS, B, T)},
        {"model": Things(wrong=[OTHER_MODEL]), "pieces": Integers(below=LETTERS, fixed=())},
    ),
    Call(
        "tiny.count_losses",
        tiny.count_losses,
        lambda: {"train": below(LETTERS, 30), "pieces": below(LETTERS, B, 3)},
        {
            "train": Integers(below=LETTERS, fixed=()),
            "pieces": Integers(below=LETTERS, fixed=()),
        },
    ),
    Call(
        "onnx_export.save",
        save,
        lambda: {"weights": tiny_weights(), "path": FOLDER / "saved.onnx"},
        {
            "weights": Named(
                names=("W_xh", "W_hh", "W_hy", "b_h", "b_y"), finite=True, shapes=True
            ),
            "path": Things(
                wrong=[("a number", 3)],
                allows=("text", "empty text", "number as text"),
                plain=False,
            ),
        },
    ),
    Call(
        "onnx_export.Stepper",
        lambda **given: Stepper(**given).state,
        lambda: {"path": onnx_file(), "batch": 2, "exact": True, "settings": None},
        {
            "path": Things(wrong=[("no network", weights_file()), ("no file", FOLDER / "none")]),
            "batch": Size(),
            "exact": Flag(),
            "settings": Things(wrong=[("a number", {"a": 3}), ("a key", {3: "a"})], optional=True),
        },
        (FileNotFoundError,),
    ),
    Call(
        "onnx_export.Stepper.read",
        stepped("read"),
        lambda: {"characters": below(LETTERS, B, T)},
        {"characters": Integers(below=LETTERS, fixed=(0,))},
    ),
    Call(
        "charlm.Settings",
        lambda **given: Settings(**given).with_seed(2),
        lambda: {
            "cell": "gru",
            "hidden_dim": 3,
            "window": 4,
            "batch_size": 2,
            "steps": 3,
            "rate": 0.5,
            "max_norm": 1.0,
            "seed": 1,
        },
        {
            "cell": Choice(words=("rnn", "lstm", "gru")),
            "hidden_dim": Size(),
            "window": Size(),
            "batch_size": Size(),
            "steps": Size(),
            "rate": Positive(),
            "max_norm": Positive(),
            "seed": Size(least=0, most=MOST),
        },
    ),
    Call(
        "charlm.Training",
        lambda **given: Training(**given).advance(),
        lambda: {"tokens": below(3, 20), "vocab_size": 3, "settings": SMALL},
        {
            "tokens": Integers(below=3, fixed=()),
            "vocab_size": Size(least=2, says=("tokens",)),
            "settings": Things(wrong=[("a dictionary", vars(SMALL))]),
        },
    ),
    Call(
        "charlm.Training.load_state_dict",
        lambda saved: training().load_state_dict(saved),
        lambda: {"saved": training().state_dict()},
        {
            "saved": Things(
                wrong=[
                    ("of another size", Training(below(3, 20), 4, SMALL).state_dict()),
                    ("beyond the text", training().state_dict() | {"place": 99}),
                    ("a negative step", training().state_dict() | {"step": -1}),
                    ("no weights", training().state_dict() | {"model": None}),
                    ("no optimizer", training().state_dict() | {"optimizer": {}}),
                ]
            )
        },
    ),
    Call(
        "charlm.streams",
        streams,
        lambda: {"tokens": below(3, 20), "count": 3},
        {"tokens": Integers(fixed=()), "count": Size(says=("tokens",))},
    ),
    Call(
        "charlm.losses_by_place",
        losses_by_place,
        lambda: {"model": char(), "rows": tokens(V + 1, B, T)},
        {
            "model": Things(wrong=[OTHER_MODEL]),
            "rows": Tensor(dtypes=(torch.int64,), below=V + 1, fixed=()),
        },
    ),
    Call(
        "charlm.held_out_loss",
        held_out_loss,
        lambda: {"model": char(), "tokens": below(V + 1, 20), "rows": 2},
        {
            "model": Things(wrong=[OTHER_MODEL]),
            "tokens": Integers(below=V + 1, fixed=()),
            "rows": Size(),
        },
    ),
]

FILES = [
    Call(
        "charlm_checkpoint.fingerprint",
        charlm_checkpoint.fingerprint,
        lambda: {"corpus": CORPUS},
        {"corpus": Kind()},
    ),
    Call(
        "charlm_checkpoint.save",
        charlm_checkpoint.save,
        lambda: {"path": FOLDER / "a.pt", "training": training(), "corpus": CORPUS},
        {"path": PATH, "training": Things(wrong=[OTHER_MODEL]), "corpus": Kind()},
    ),
    Call(
        "charlm_checkpoint.read",
        lambda path: charlm_checkpoint.read(path).finished,
        lambda: {"path": training_file()},
        {"path": Things(wrong=[("another", weights_file()), *PATH.wrong], says=("checkpoint",))},
    ),
    Call(
        "checkpoint.save",
        checkpoint.save,
        lambda: {"path": FOLDER / "b.pt", "kind": "word", "state": {"a": 1}},
        {"path": PATH, "kind": Text(), "state": Kind(allows=("dictionary",))},
    ),
    Call(
        "checkpoint.load",
        checkpoint.load,
        lambda: {"path": weights_file(), "kind": "weights"},
        {"path": PATH, "kind": Text()},
    ),
    Call(
        "checkpoint.load_weights",
        checkpoint.load_weights,
        lambda: {"path": weights_file(), "model": nn.Linear(2, 2)},
        {"path": PATH, "model": Things(wrong=[("the class", nn.Linear)])},
    ),
    Call(
        "checkpoint.fit",
        checkpoint.fit,
        lambda: {
            "path": weights_file(),
            "model": nn.Linear(2, 2),
            "weights": nn.Linear(2, 2).state_dict(),
        },
        {
            "path": PATH,
            "model": Things(wrong=[("the class", nn.Linear)]),
            "weights": Kind(allows=("dictionary",)),
        },
    ),
    Call(
        "files.write_whole",
        write_whole,
        lambda: {"path": FOLDER / "a.txt", "text": "some"},
        {"path": PATH, "text": Text()},
    ),
    Call(
        "sources.key",
        key,
        lambda: {
            "module": "unrolled.files",
            "root": Path(unrolled.__file__).parents[1],
        },
        {"module": Text(wrong=("nonsense", "")), "root": Things(wrong=[("text", "here")])},
        (ModuleNotFoundError,),
    ),
    Call(
        "sources.normal",
        normal,
        lambda: {"source": b"a = 3", "tables": True},
        {
            "source": Things(wrong=[("no program", b"a ="), ("zeros", b"a\0")], allows=("bytes",)),
            "tables": Flag(),
        },
    ),
    Call(
        "packing.unpack",
        unpack,
        lambda: {"packed": {"dtype": "float64", "shape": [2], "data": [1.0, 2.0]}},
        {
            "packed": Things(
                plain=False,
                wrong=[
                    ("a set", {1}),
                    ("bytes", b"3"),
                    ("an object", object()),
                    ("other keys", {"a": 1}),
                    ("no dtype", {"dtype": "nonsense", "shape": [1], "data": [1]}),
                    ("another shape", {"dtype": "float64", "shape": [3], "data": [1]}),
                    ("texts", {"dtype": "float64", "shape": [1], "data": ["a"]}),
                    ("half a number", {"dtype": "complex128", "shape": [1], "data": [1.0]}),
                    ("too large", {"dtype": "int8", "shape": [1], "data": [300]}),
                ],
            )
        },
    ),
    Call(
        "packing.pack_fields",
        pack_fields,
        lambda: {"result": Result(0.5, 3)},
        {"result": Things(wrong=[("the class", Result)])},
    ),
    Call(
        "packing.unpack_fields",
        unpack_fields,
        lambda: {"cls": Result, "packed": {"loss": 0.5, "steps": 3}},
        {
            "cls": Things(wrong=[("an object of it", Result(0.5, 3)), ("none at all", dict)]),
            "packed": Things(
                wrong=[("one missing", {"loss": 1}), ("a field", {"loss": {1}, "steps": 3})],
                says=("Result",),
            ),
        },
    ),
]

SHOWN = [
    Call(
        "drawing.unrolled_network",
        drawn(unrolled_network),
        lambda: {"steps": 2, "gradients": True},
        {"steps": Size(), "gradients": Flag()},
    ),
    Call(
        "drawing_seq2seq.encoder_decoder",
        drawn(encoder_decoder),
        lambda: {"model": Seq2Seq(1, 4, 1), "past": 2, "steps": 2},
        {"model": Things(wrong=[OTHER_MODEL]), "past": Size(), "steps": Size()},
    ),
    Call(
        "check.bptt",
        lambda cls: check.bptt(cls).passed,
        lambda: {"cls": VanillaRNN},
        {"cls": Kind(allows=("function", "class"))},
    ),
    Call(
        "check.memory_span",
        lambda **given: str(check.memory_span(**given)),
        lambda: {
            "study": STUDY,
            "spans": {"plain": 10, "other": 25},
            "further": [("other", "plain")],
            "run": None,
            "seeds": (0, 1, 2),
            "learned": 0.75,
            "chance": 0.5,
            "tests": 200,
        },
        {
            "study": Things(
                wrong=[
                    ("a text", STUDY | {("plain", 10): "good"}),
                    ("NaN", STUDY | {("plain", 10): [float("nan")] * 3}),
                    ("percent", STUDY | {("plain", 10): [90, 95, 97]}),
                    ("a length of 0", STUDY | {("plain", 0): [0.9, 0.9, 0.9]}),
                    ("no length", {"plain": [0.9, 0.9, 0.9]}),
                ]
            ),
            "spans": Things(
                wrong=[("one missing", {"plain": 10}), ("a text", {"plain": "10", "other": 25})]
            ),
            "further": Things(wrong=PAIRS, allows=("empty list",)),
            "run": Things(allows=("function", "class"), optional=True),
            "seeds": SEEDS,
            "learned": Share(),
            "chance": Share(),
            "tests": Size(),
        },
    ),
    Call(
        "check.counting_spikes",
        lambda **given: check.counting_spikes(**given).passed,
        lambda: {
            "make_data": spikes,
            "models": {"a": counter, "b": counter},
            "better": [],
            "threshold": 0.9,
            "seeds": (0, 1),
        },
        {
            "make_data": Kind(allows=("function", "class")),
            "models": Things(wrong=[("a name", {"a": 3})], allows=("function", "class")),
            "better": Things(wrong=PAIRS, allows=("empty list",)),
            "threshold": Number(),
            "seeds": SEEDS,
        },
    ),
]

CALLS = [*WITNESSES, *CHARACTERS, *FILES, *SHOWN]
