"""Models of PyTorch, scans and attention, training, and data that are tensors."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import nn

from tests.badinput.call import Call, tensor, tokens
from tests.badinput.kinds import Choice, Flag, Kind, Positive, Share, Size, Tensor, Things
from unrolled.attention import Cache, CausalTransformer, fused, with_matrix
from unrolled.beginnings import BEGINNINGS, beginning
from unrolled.data.agreement import agreement
from unrolled.data.first import FirstNumber
from unrolled.data.halves import halves
from unrolled.models import CharRNN, Seq2Seq, SequenceClassifier, TextClassifier
from unrolled.models.bags import Bag, DeepBag
from unrolled.population import Recipe
from unrolled.population import train as train_population
from unrolled.run import Run
from unrolled.scan import loop, scan, thrifty_scan
from unrolled.stacked import final_states, lone_layer
from unrolled.statespace import StateSpace
from unrolled.streaming import RecurrentReader, stream
from unrolled.training import Batches, accuracy, evaluate, train

B, T, D, H, V = 2, 5, 3, 4, 6
OTHERS = (np.float32, torch.int64, torch.float16, torch.bool, "float32", np.dtype("f4"))
DTYPE = Things(wrong=[(str(other), other) for other in OTHERS])
FLOATS = (torch.float16, torch.float32, torch.float64)


def made(kind: Any, *sizes: int, **options: Any) -> Any:
    torch.manual_seed(0)
    return kind(*sizes, **options)


def run() -> Run:
    model = made(nn.Linear, D, 2)
    return Run(model, torch.optim.SGD(model.parameters(), lr=0.1))


def batches() -> Batches:
    return Batches(tensor(4, D), tokens(2, 4), size=2)


def trained(**given: Any) -> list[float]:
    train(**given)
    return [epoch["validation"] for epoch in given["run"].history]


def population(**given: Any) -> Any:
    return train_population(
        given["members"], given["batches"], given["rates"], given["recipe"]
    ).loss


def texts() -> dict[str, Any]:
    return {"tokens": tokens(V, B, T), "lengths": torch.tensor([2, 5])}


TEXTS = {
    "tokens": Tensor(below=V, fixed=(0,), says=("lengths",)),
    "lengths": Tensor(below=T + 1),
}
QKV = {"dtypes": (torch.float32,), "says": ("k", "v", "q")}

CALLS = [
    *(
        Call(
            f"scan.{function.__name__}",
            function,
            lambda: {"decay": tensor(B, T, H) / 4, "x": tensor(B, T, H)},
            {"decay": Tensor(says=("decay, x",)), "x": Tensor(says=("decay",))},
        )
        for function in (loop, scan, thrifty_scan)
    ),
    *(
        Call(
            f"attention.{function.__name__}",
            function,
            lambda: {name: tensor(B, T, D) for name in "qkv"},
            {
                "q": Tensor(fixed=(0, 1, 2), **QKV),
                "k": Tensor(fixed=(0, 1, 2), **QKV),
                "v": Tensor(fixed=(0, 1), **QKV),
            },
        )
        for function in (with_matrix, fused)
    ),
    Call(
        "attention.Cache",
        lambda **given: Cache(**given).keys,
        lambda: {"batch": 1, "steps": 2, "width": 3},
        {"batch": Size(), "steps": Size(), "width": Size()},
    ),
    *(
        Call(
            f"{name}",
            lambda kind=kind, **given: made(kind, **given)(tensor(B, T, D)),
            lambda middle=middle: {"input_dim": D, middle: H, "output_dim": 2},
            {"input_dim": Size(), middle: Size(), "output_dim": Size()},
        )
        for name, kind, middle in (
            ("attention.CausalTransformer", CausalTransformer, "width"),
            ("statespace.StateSpace", StateSpace, "hidden_dim"),
        )
    ),
    Call(
        "streaming.RecurrentReader",
        lambda **given: made(RecurrentReader, **given)(tensor(B, T, D)),
        lambda: {"input_dim": D, "output_dim": 2, "parameters": 60},
        {"input_dim": Size(), "output_dim": Size(), "parameters": Size(least=10)},
    ),
    Call(
        "streaming.stream",
        lambda **given: stream(**given)(tensor(1, D)),
        lambda: {"model": made(CausalTransformer, D, H, 2), "steps": 2},
        {"model": Kind(), "steps": Size()},
    ),
    *(
        Call(
            f"{name}.forward",
            lambda inputs, kind=kind, sizes=sizes, options=options: made(kind, *sizes, **options)(
                inputs
            ),
            lambda: {"inputs": tensor(B, T, D)},
            {"inputs": Tensor(fixed=(2,))},
        )
        for name, kind, sizes, options in (
            ("attention.CausalTransformer", CausalTransformer, (D, H, 2), {}),
            ("statespace.StateSpace", StateSpace, (D, H, 2), {}),
            ("streaming.RecurrentReader", RecurrentReader, (D, 2), {"parameters": 60}),
            ("models.SequenceClassifier", SequenceClassifier, (D, H, 2), {}),
        )
    ),
    Call(
        "models.SequenceClassifier",
        lambda **given: made(SequenceClassifier, **given).eval()(tensor(B, T, D)),
        lambda: {
            "input_dim": D,
            "hidden_dim": H,
            "classes": 2,
            "layers": 2,
            "dropout": 0.5,
            "cell": "gru",
            "bidirectional": True,
        },
        {
            "input_dim": Size(),
            "hidden_dim": Size(),
            "classes": Size(least=2),
            "layers": Size(),
            "dropout": Share(open_top=True),
            "cell": Choice(words=("rnn", "lstm", "gru")),
            "bidirectional": Flag(allows=()),
        },
    ),
    Call(
        "models.CharRNN",
        lambda **given: made(CharRNN, **given).eval()(tokens(V, B, T))[0],
        lambda: {"vocab_size": V, "hidden_dim": H, "cell": "gru", "dropout": 0.5},
        {
            "vocab_size": Size(least=2),
            "hidden_dim": Size(),
            "cell": Choice(words=("rnn", "lstm", "gru")),
            "dropout": Share(open_top=True),
        },
    ),
    Call(
        "models.CharRNN.forward",
        lambda **given: made(CharRNN, V, H)(**given),
        lambda: {"tokens": tokens(V, B, T), "state": tensor(1, B, H)},
        {
            "tokens": Tensor(below=V, fixed=(0,), says=("state",)),
            "state": Tensor(optional=True),
        },
    ),
    Call(
        "models.CharRNN.forward, an LSTM",
        lambda **given: made(CharRNN, V, H, cell="lstm")(**given),
        lambda: {"state": (tensor(1, B, H), tensor(1, B, H)), "tokens": tokens(V, B, T)},
        {
            "state": Things(
                optional=True,
                wrong=[
                    ("one tensor", torch.zeros(1, B, H)),
                    ("three tensors", (torch.zeros(1, B, H),) * 3),
                    ("another batch", (torch.zeros(1, B + 1, H),) * 2),
                    ("arrays", (torch.zeros(1, B, H).numpy(),) * 2),
                ],
            )
        },
    ),
    Call(
        "models.Seq2Seq",
        lambda **given: made(Seq2Seq, **given)(tensor(B, T, D), 2),
        lambda: {
            "input_dim": D,
            "hidden_dim": H,
            "output_dim": 2,
            "cell": "lstm",
            "feedback": "prediction",
        },
        {
            "input_dim": Size(says=("output_dim",)),
            "hidden_dim": Size(),
            "output_dim": Size(most=D),
            "cell": Choice(words=("rnn", "lstm", "gru")),
            "feedback": Choice(words=("prediction", "state")),
        },
    ),
    Call(
        "models.Seq2Seq.forward",
        lambda **given: made(Seq2Seq, D, H, 2)(**given),
        lambda: {"past": tensor(B, T, D), "steps": 2, "targets": tensor(B, 2, 2), "forcing": 1.0},
        {
            "past": Tensor(fixed=(0, 2), says=("targets",)),
            "steps": Size(says=("targets",)),
            "targets": Tensor(read=False),
            "forcing": Share(),
        },
    ),
    Call(
        "models.TextClassifier",
        lambda **given: made(TextClassifier, **given)(**texts()),
        lambda: {
            "vocab_size": V,
            "embedding_dim": 2,
            "hidden_dim": H,
            "classes": 2,
            "reading": "packed",
            "padding_idx": 1,
        },
        {
            "vocab_size": Size(),
            "embedding_dim": Size(),
            "hidden_dim": Size(),
            "classes": Size(),
            "reading": Choice(words=("packed", "gathered", "padded")),
            "padding_idx": Size(least=0, most=V - 1),
        },
    ),
    Call(
        "models.TextClassifier.forward",
        lambda **given: made(TextClassifier, V, 2, H, 2)(**given),
        texts,
        TEXTS,
    ),
    Call(
        "models.TextClassifier.last_state",
        lambda **given: made(TextClassifier, V, 2, H, 2).last_state(**given),
        texts,
        TEXTS,
    ),
    *(
        Call(
            f"models.{kind.__name__}",
            lambda kind=kind, **given: made(kind, **given)(**texts()),
            lambda: {"vocab_size": V, "classes": 2},
            {"vocab_size": Size(), "classes": Size()},
        )
        for kind in (Bag, DeepBag)
    ),
    *(
        Call(
            f"models.{kind.__name__}.forward",
            lambda kind=kind, **given: made(kind, V, 2)(**given),
            texts,
            TEXTS,
        )
        for kind in (Bag, DeepBag)
    ),
    Call(
        "stacked.lone_layer",
        lambda **given: lone_layer(**given)(torch.ones(1, 2, D))[0],
        lambda: {
            "rnn": made(nn.RNN, D, H, 1, batch_first=True, bidirectional=True),
            "layer": 0,
            "backward": True,
        },
        {"rnn": Kind(), "layer": Size(least=0, most=0), "backward": Flag()},
        raises=(IndexError,),
    ),
    Call(
        "stacked.final_states",
        final_states,
        lambda: {"h_n": tensor(2, B, H)},
        {"h_n": Tensor(fixed=(0,), dtypes=FLOATS)},
    ),
    Call(
        "training.Batches",
        lambda **given: [*Batches(**given)],
        lambda: {"inputs": tensor(4, D), "targets": tokens(2, 4), "size": 3, "shuffle": False},
        {
            "inputs": Things(
                wrong=[
                    ("one too many", torch.ones(5, D)),
                    ("none", torch.ones(0, D)),
                    ("no axis", torch.tensor(1.0)),
                    ("array of NumPy", torch.ones(4, D).numpy()),
                ],
                says=("targets",),
            ),
            "targets": Things(wrong=[("one too few", torch.ones(3)), ("a list", [0, 1, 0, 1])]),
            "size": Size(),
            "shuffle": Flag(),
        },
    ),
    Call(
        "training.train",
        trained,
        lambda: {
            "run": run(),
            "batches": batches(),
            "validation": batches(),
            "epochs": 1,
            "patience": 1,
        },
        {
            "run": Kind(),
            "batches": Things(wrong=[("nothing", ())]),
            "validation": Things(wrong=[("nothing", ())], says=("batches",)),
            "epochs": Size(),
            "patience": Size(),
        },
    ),
    Call(
        "training.evaluate",
        evaluate,
        lambda: {"model": made(nn.Linear, D, 2), "batches": batches(), "measure": accuracy},
        {
            "model": Kind(),
            "batches": Things(wrong=[("nothing", ())]),
            "measure": Kind(allows=("function", "class")),
        },
    ),
    Call(
        "training.accuracy",
        accuracy,
        lambda: {"logits": tensor(4, 3), "targets": tokens(3, 4)},
        {
            "logits": Tensor(fixed=(0,), dtypes=FLOATS, says=("targets",)),
            "targets": Tensor(below=3),
        },
    ),
    Call(
        "data.agreement.agreement",
        agreement,
        lambda: {
            "count": 4,
            "length": 5,
            "lag": 2,
            "generator": torch.Generator().manual_seed(0),
        },
        {
            "count": Size(),
            "length": Size(least=3, says=("lag",)),
            "lag": Size(most=4),
            "generator": Kind(optional=True),
        },
    ),
    Call(
        "data.halves.halves",
        halves,
        lambda: {
            "count": 4,
            "length": 5,
            "features": 2,
            "generator": torch.Generator().manual_seed(0),
        },
        {
            "count": Size(),
            "length": Size(least=2),
            "features": Size(),
            "generator": Kind(optional=True),
        },
    ),
    Call(
        "data.first.FirstNumber",
        lambda **given: next(FirstNumber(**given)),
        lambda: {"length": 3, "batch": 2, "seed": 1, "stock": 4, "dtype": torch.float32},
        {
            "length": Size(),
            "batch": Size(says=("stock",)),
            "seed": Size(least=0, most=2**64 - 1),
            "stock": Size(least=0),
            "dtype": DTYPE,
        },
    ),
    Call(
        "beginnings.beginning",
        lambda **given: [part.state_dict() for part in beginning(**given)],
        lambda: {
            "name": "lstm forget 1",
            "input_dim": 2,
            "hidden_dim": 3,
            "outputs": 2,
            "seed": 1,
            "dtype": torch.float32,
        },
        {
            "name": Choice(words=tuple(BEGINNINGS)),
            "input_dim": Size(),
            "hidden_dim": Size(),
            "outputs": Size(),
            "seed": Size(least=0, most=2**64 - 1),
            "dtype": DTYPE,
        },
    ),
    Call(
        "population.training.Recipe",
        lambda **given: asdict(Recipe(**given)),
        lambda: {"steps": 2, "max_norm": 1.0, "goal": 1.01, "smoothing": 0.5},
        {"steps": Size(), "max_norm": Positive(), "goal": Positive(), "smoothing": Share()},
    ),
    Call(
        "population.train",
        population,
        lambda: {
            "members": [beginning("tanh", hidden_dim=2, seed=n) for n in range(2)],
            "batches": [FirstNumber(3, 2, n) for n in range(2)],
            "rates": [0.1, 0.01],
            "recipe": Recipe(steps=2),
        },
        {
            "members": Things(
                wrong=[
                    ("numbers", [1, 2]),
                    ("of two kinds", [beginning("tanh"), beginning("gru")]),
                    ("a layer without what reads it", [beginning("tanh")[0]] * 2),
                    ("not enough", [beginning("tanh", hidden_dim=2)]),
                ],
                says=("batches",),
            ),
            "batches": Things(wrong=[("lists", [[], []]), ("not enough", [FirstNumber(3, 2, 0)])]),
            "rates": Things(
                wrong=[
                    ("negative", [-0.1, 0.1]),
                    ("NaN", [float("nan"), 0.1]),
                    ("texts", ["0.1", "0.1"]),
                    ("one for all", 0.1),
                    ("not enough", [0.1]),
                ],
                allows=("list",),
            ),
            "recipe": Kind(),
        },
    ),
]
