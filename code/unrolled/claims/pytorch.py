"""Claims of the chapter on a text classifier with nn.RNN."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import nn

from unrolled.claims.registry import claim
from unrolled.data.snippets import FILES
from unrolled.experiments.lines import LineClassification, line_classification
from unrolled.experiments.padding import PaddingDrift, padding_drift
from unrolled.models.text import TextClassifier
from unrolled.settings import Scale

_TRAINING, _HELD_OUT = (len(FILES[part].split()) for part in ("training", "held-out"))
_LINES = (
    f"Lines of {_HELD_OUT} modules of the standard library, after training on lines of "
    f"{_TRAINING} others; vocabulary 1000, embedding 64, nn.RNN with 128 units, batches of 64, "
    "Adam from 3e-3 to 0; "
)
_KIND = f"{_LINES}assignment, call, comment or docstring, one pass; "
_PADDED = (
    "Untrained TextClassifier(1000, 64, 128, 4), eight random texts of 5 words and 45 PADs whose "
    "embedding is zero, float64; "
)


@claim(
    id="pytorch-parameter-count",
    statement="Embedding 1000 by 64, nn.RNN with 128 units and a linear layer of 4 classes have "
    "89,348 parameters.",
    source="The count by hand: 1000·64 + 64·128 + 128·128 + 2·128 + 128·4 + 4.",
    protocol="The elements of all parameters of TextClassifier(1000, 64, 128, 4), added up.",
    bound="89348..89348",
    verdict="holds",
    seeds=(0,),
)
def parameter_count(seeds: Sequence[int], scale: Scale) -> int:
    return sum(p.numel() for p in TextClassifier(1000, 64, 128, 4).parameters())


@claim(
    id="pytorch-embedding-share",
    statement="In a recurrent classifier, most parameters are in the recurrent layer.",
    source="The habit of describing such a network by its hidden size alone.",
    protocol="The embedding's share of all parameters of TextClassifier(1000, 64, 128, 4).",
    bound="0.716..0.717",
    verdict="does not hold",
    remark="Here most of them are in the embedding, though its vocabulary is small.",
    seeds=(0,),
)
def embedding_share(seeds: Sequence[int], scale: Scale) -> float:
    model = TextClassifier(1000, 64, 128, 4)
    total = sum(p.numel() for p in model.parameters())
    return model.embedding.weight.numel() / total


@claim(
    id="pytorch-batch-first",
    statement="PyTorch says so when a batch-first tensor is given to an nn.RNN without "
    "batch_first=True.",
    source="The expectation that a wrong order of axes ends in an error.",
    protocol="Untrained nn.RNN(64, 128) on N(0, 1) of shape (8, 50, 64); the first text is "
    "replaced; how many of the other seven rows of output[:, -1] change, per seed. With "
    "batch_first=True it must be none.",
    bound="7..7",
    verdict="does not hold",
    remark="It runs, and each text is read as a step of one long sequence of texts.",
)
def batch_first(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(_rows_that_change(seed)) for seed in seeds]


def _rows_that_change(seed: int) -> int:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        inputs, other = torch.randn(8, 50, 64), torch.randn(50, 64)
        changed = torch.cat([other.unsqueeze(0), inputs[1:]])
        counts = []
        for right in (False, True):
            rnn = nn.RNN(64, 128, batch_first=right)
            moved = (rnn(inputs)[0] - rnn(changed)[0])[1:, -1].abs().amax(dim=1)
            counts.append(int((moved > 0).sum()))
    if counts[1]:
        raise ArithmeticError(f"{counts[1]} rows change with batch_first=True, expected none")
    return counts[0]


@claim(
    id="pytorch-padding-moves",
    statement="Padding with zeros leaves the last state as it is, since zeros add nothing.",
    source="The reason given for filling up with zeros.",
    protocol=f"{_PADDED}distance of h_n from the state after the last word, over the norm of that "
    "state, mean over the texts, per seed.",
    bound="0.9..1.1",
    verdict="does not hold",
    remark="A step without input is still a step: W_hh and the biases are applied.",
    seeds=range(10),
)
def padding_moves(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(moved) for moved in _drift(tuple(seeds)).moved[:, -1]]


@claim(
    id="pytorch-padding-forgets",
    statement="Padding makes the last states of an untrained network alike, whatever was read.",
    source="The vanishing influence of early inputs, Bengio, Simard and Frasconi, IEEE "
    "Transactions on Neural Networks 5 (1994).",
    protocol=f"{_PADDED}distance between the states h_n of two texts, over their distance before "
    "the padding, mean over the pairs, per seed.",
    bound="..1e-7",
    verdict="holds",
    seeds=range(10),
)
def padding_forgets(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(apart) for apart in _drift(tuple(seeds)).apart[:, -1]]


@lru_cache(maxsize=2)
def _drift(seeds: tuple[int, ...]) -> PaddingDrift:
    return padding_drift(seeds=seeds)


@claim(
    id="pytorch-packing",
    statement="In a packed batch, each text gets the state that it has when it is read alone.",
    source="PyTorch documentation, torch.nn.utils.rnn.pack_padded_sequence.",
    protocol="Untrained TextClassifier(1000, 64, 128, 4), eight random texts of 1 to 50 words; "
    "largest difference of any unit's state between the packed batch and eight runs without "
    "padding, per seed. In the padded batch it must be above 0.1.",
    bound="..1e-5",
    verdict="holds",
)
def packing(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [_packed_against_alone(seed) for seed in seeds]


def _packed_against_alone(seed: int) -> float:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        model = TextClassifier(1000, 64, 128, 4)
        lengths = torch.tensor([50, 1, *torch.randint(2, 50, (6,)).tolist()])
        tokens = torch.randint(2, 1000, (8, 50)) * (torch.arange(50) < lengths[:, None])
        rows = zip(tokens, lengths, strict=True)
        alone = torch.stack([model.rnn(model.embedding(t[:n]))[1][0] for t, n in rows])
        packed = model.last_state(tokens, lengths)
        model.reading = "padded"
        padded = model.last_state(tokens, lengths)
    if float((padded - alone).abs().max()) < 0.1:
        raise ArithmeticError("padding changes nothing here, so that nothing was tested")
    return float((packed - alone).abs().max())


@claim(
    id="pytorch-packed-accuracy",
    statement="A packed nn.RNN learns from a few thousand lines what kind of line it reads.",
    source="The usual first example of a recurrent text classifier.",
    protocol=f"{_KIND}packed; accuracy less that of always naming the commonest class, per seed.",
    bound="0.3..0.55",
    verdict="holds",
)
def packed_accuracy(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _kind(tuple(seeds), scale)
    return _numbers(_accuracy(result, "packed") - result.majority)


@claim(
    id="pytorch-padded-training",
    statement="Padding does no harm, as training teaches the network to ignore it.",
    source="Classifiers that pad to a fixed length and read output[:, -1].",
    protocol=f"{_KIND}padded to 50 and read after the padding; accuracy below that of the packed "
    "network, per seed.",
    bound="0.05..0.6",
    verdict="does not hold",
    remark="In one pass over these lines the padded network falls behind: what the loss says must "
    "come back through the padding before it reaches a word.",
)
def padded_training(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _kind(tuple(seeds), scale)
    return _numbers(_accuracy(result, "packed") - _accuracy(result, "fifty"))


@claim(
    id="pytorch-order-helps",
    statement="A recurrent network classifies text better than a bag of words, as it sees the "
    "order.",
    source="The usual reason to take a recurrent network; against it, Wang and Manning, Baselines "
    "and bigrams, ACL (2012).",
    protocol=f"{_KIND}packed; accuracy less that of the better one of two bags of words, per seed.",
    bound="-0.05..0.06",
    verdict="only if",
    remark="the classes hang on the order; on kinds of lines the difference is small.",
)
def order_helps(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _kind(tuple(seeds), scale)
    return _numbers(_accuracy(result, "packed") - _bags(result))


@claim(
    id="pytorch-order-needed",
    statement="Where the class hangs on the order of the words, a recurrent network beats a bag "
    "of words.",
    source="Iyyer et al., Deep unordered composition rivals syntactic methods, ACL (2015), on "
    "where unordered models fail.",
    protocol=f"{_LINES}what an assignment assigns to: name, attribute, item or tuple, four passes; "
    "packed; accuracy less that of the better one of two bags of words, per seed.",
    bound="0.07..0.25",
    verdict="holds",
)
def order_needed(seeds: Sequence[int], scale: Scale) -> list[float]:
    models = ("packed", "bag", "deep bag")
    result = line_classification(seeds=seeds, task="target", models=models, scale=scale)
    return _numbers(_accuracy(result, "packed") - _bags(result))


@claim(
    id="pytorch-shuffling",
    statement="If shuffling the words of a text costs a network accuracy, the task needs their "
    "order.",
    source="Tests that shuffle the words of held-out texts, such as Pham et al., Out of order, "
    "Findings of the ACL (2021).",
    protocol=f"{_KIND}packed; accuracy less that on 1000 of the held-out lines with their words "
    "shuffled, per seed. The better one of two bags of words must come within 0.06 of it.",
    bound="0.12..0.45",
    verdict="does not hold",
    remark="It shows that this network has come to rely on the order; a bag of words, which "
    "cannot, does about as well as it did.",
)
def shuffling(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _kind(tuple(seeds), scale)
    if scale != "smoke" and (_bags(result) < _accuracy(result, "packed") - 0.06).any():
        raise ArithmeticError("the bags fall behind, so the task may need the order after all")
    shuffled = result.shuffled[:, result.models.index("packed")]
    return _numbers(_accuracy(result, "packed") - shuffled)


def _accuracy(result: LineClassification, model: str) -> np.ndarray:
    accuracy: np.ndarray = result.accuracy[:, result.models.index(model)]
    return accuracy


def _bags(result: LineClassification) -> np.ndarray:
    better: np.ndarray = np.maximum(_accuracy(result, "bag"), _accuracy(result, "deep bag"))
    return better


def _numbers(values: np.ndarray) -> list[float]:
    return [float(value) for value in values]


@lru_cache(maxsize=2)
def _kind(seeds: tuple[int, ...], scale: Scale) -> LineClassification:
    """Four claims, one training."""
    models = ("packed", "fifty", "bag", "deep bag")
    return line_classification(seeds=seeds, task="kind", models=models, scale=scale)
