"""Claims of the chapter on when recurrent networks are still used, and when not."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from unrolled.claims.registry import claim
from unrolled.data.tiny_text import held_out_text, lanes, training_text
from unrolled.experiments.footprint import training_memory
from unrolled.experiments.scans import ScanAgreement, scan_agreement
from unrolled.experiments.streaming import StreamingWork, streaming_work
from unrolled.experiments.tiny import TinyModels, tiny_models
from unrolled.onnx_export import Stepper, save
from unrolled.quantise import rounded
from unrolled.settings import Scale
from unrolled.tiny import count_losses, largest_hidden, matrices, numbers_in, with_matrices

BUDGET = 50_000
_READERS = (
    "A tanh RNN and one block of causal attention with one head of width 64 and a dense net, "
    "16 numbers in and out, parameters equal within 1 %, float32"
)


@claim(
    id="today-cache-over-state",
    statement="An attention layer keeps thousands of times as much as a recurrent one.",
    source="Introductions to recurrent networks for devices with little memory.",
    protocol="Keys and values of 64 numbers each over a state of 64 numbers, float32, one head, "
    "after 1000 steps; bytes over bytes.",
    bound="2000..2000",
    verdict="only if",
    remark="the sequence is that long, and nothing bounds the cache: the ratio is twice the number "
    "of steps, or of those that are kept.",
)
def cache_over_state(seeds: Sequence[int], scale: Scale) -> float:
    keys, values, state = (torch.zeros(shape) for shape in ((1000, 64), (1000, 64), (64,)))
    return (keys.nbytes + values.nbytes) / state.nbytes


@claim(
    id="today-attention-memory",
    statement="Training attention needs memory quadratic in the length of the sequence.",
    source="Comparisons of transformers with recurrent networks.",
    protocol="Fused causal attention of PyTorch, one head of width 64, batch 1, float32; bytes "
    "that autograd saves at 1000 steps over those at 500, per seed; the same with the matrix "
    "built must be above 3, with equal results.",
    bound="1.99..2.01",
    verdict="only if",
    remark="the matrix of weights is built and kept; the arithmetic stays quadratic either way.",
)
def attention_memory(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = training_memory(seeds=seeds, lengths=(500, 1000))
    _, fused, built = np.moveaxis(result.saved[..., 1] / result.saved[..., 0], 1, 0)
    if not ((built > 3).all() and (result.gap < 1e-4).all()):
        raise ArithmeticError(f"ratios {built} with the matrix, differences {result.gap}")
    return [float(ratio) for ratio in fused]


@claim(
    id="today-recurrent-memory",
    statement="Training a recurrent network needs memory linear in the length of the sequence.",
    source="Backpropagation through time keeps every state.",
    protocol="A tanh nn.RNN with 64 inputs and 64 units, batch 1, float32; bytes that autograd "
    "saves, without parameters, at 1000 steps over those at 500, per seed.",
    bound="1.99..2.01",
    verdict="holds",
)
def recurrent_memory(seeds: Sequence[int], scale: Scale) -> list[float]:
    saved = training_memory(seeds=seeds, lengths=(500, 1000)).saved[:, 0]
    return [float(longer / shorter) for shorter, longer in saved]


@claim(
    id="today-step-work",
    statement="RNNs are faster at inference.",
    source="Comparisons of transformers with recurrent networks.",
    protocol=f"{_READERS}; multiplications in the matrix products of step 4000, read one at a "
    "time with a cache of keys and values, transformer over RNN; at step 1 they must be equal "
    "within 2 %.",
    bound="10..20",
    verdict="only if",
    remark="the sequence is long and read one step at a time. At its beginning equal parameters "
    "are equal work, and a sequence that is there as a whole can be read at once.",
)
def step_work(seeds: Sequence[int], scale: Scale) -> float:
    result = _streamed(tuple(seeds))
    ratio = result.multiplications[0, 1] / result.multiplications[0, 0]  # by position
    sizes = result.parameters
    if not (abs(ratio[0] - 1) < 0.02 and abs(sizes[0] / sizes[1] - 1) < 0.01):
        raise ArithmeticError(f"ratio at step 1 {ratio[0]}, parameters {sizes}: no fair comparison")
    return float(ratio[-1])


@claim(
    id="today-cached-equals-whole",
    statement="Reading one step at a time with a cache gives what reading at once gives.",
    source="The definition of causal attention.",
    protocol=f"{_READERS}; 100 steps of N(0, 1); largest absolute difference of the outputs of "
    "both networks, per seed.",
    bound="..1e-5",
    verdict="holds",
)
def cached_equals_whole(seeds: Sequence[int], scale: Scale) -> list[float]:
    return [float(gap) for gap in _streamed(tuple(seeds)).gap.max(axis=1)]


@lru_cache(maxsize=2)
def _streamed(seeds: tuple[int, ...]) -> StreamingWork:
    return streaming_work(seeds=seeds, positions=(1, 4000))


@claim(
    id="today-fits-float32",
    statement="In 50,000 bytes fits a character network with 63 units.",
    source="Four bytes a number, 65 characters.",
    protocol="One-hot input of 65, one tanh layer of H units with one bias, 65 logits; the largest "
    "H whose float32 parameters have at most 50,000 bytes, nothing else counted.",
    bound="63..63",
    verdict="holds",
)
def fits_float32(seeds: Sequence[int], scale: Scale) -> float:
    return float(largest_hidden(BUDGET, lambda hidden: 4 * numbers_in(hidden)))


_TRAINED = (
    "TinyChar, trained on modules of Python's standard library in 65 characters, 500 batches "
    "of 16 pieces of 24 characters, Adam from 1e-2 to 0, clipped to norm 1"
)
_HELD_OUT = "held-out modules in pieces of 512, in nats a character"


@claim(
    id="today-file-size",
    statement="As int8, a character network with 161 units fits into 50,000 bytes.",
    source="One byte a weight, when the rest is counted as well.",
    protocol=f"{_TRAINED}, 161 units; bytes of the ONNX file: int8 matrices, a float32 scale for "
    "each column, float32 biases, and the graph, per seed.",
    bound="49000..50000",
    verdict="holds",
)
def file_size(seeds: Sequence[int], scale: Scale) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tiny.onnx")
        models = _trained(tuple(seeds), scale, 161).models
        return [float(save(matrices(model), path)) for model in models]


@claim(
    id="today-onnx-equal",
    statement="The exported network computes what PyTorch computes.",
    source="What an export is for.",
    protocol=f"{_TRAINED}, 161 units; 64 characters of held-out text in each of 16 pieces; largest "
    "absolute difference of the logits of ONNX Runtime, without its extended optimisations, and "
    "of PyTorch with the same rounded weights, per seed; unrounded weights must differ by more.",
    bound="..2e-5",
    verdict="holds",
)
def onnx_equal(seeds: Sequence[int], scale: Scale) -> list[float]:
    pieces = lanes(held_out_text(), 64)[:16]
    found = []
    for model in _trained(tuple(seeds), scale, 161).models:
        weights = matrices(model)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "tiny.onnx")
            save(weights, path)
            outside = Stepper(path, batch=len(pieces)).read(pieces)
        with torch.inference_mode():
            codes = torch.from_numpy(pieces)
            inside = with_matrices(rounded(weights))(codes).numpy()
            unrounded = model(codes).numpy()
        found.append(float(abs(outside - inside).max()))
        if not abs(outside - unrounded).max() > 10 * found[-1]:
            raise ArithmeticError("the rounded weights are not told from the others")
    return found


@claim(
    id="today-int8-loss",
    statement="Storing the weights as int8 costs accuracy.",
    source="Warnings about quantised networks.",
    protocol=f"{_TRAINED}, 161 units; matrices rounded to 8 bits with a scale for each column; "
    f"loss after minus loss before on {_HELD_OUT}, per seed; 3 bits must cost more than 0.01.",
    bound="-0.004..0.004",
    verdict="only if",
    remark="the bits are fewer: at 8 the loss hardly changes, at 3 it does. Measure it for yours.",
)
def int8_loss(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _trained(tuple(seeds), scale, 161)
    change = result.rounded - result.loss[:, None]  # (seeds, bits)
    if scale != "smoke" and not (change[:, -1] > 0.01).all():
        raise ArithmeticError(f"3 bits cost {change[:, -1]}: then this says nothing about 8")
    return [float(cost) for cost in change[:, 0]]


@claim(
    id="today-int8-larger",
    statement="In equal bytes, more units of int8 are better than fewer of float32.",
    source="Advice to train a larger network and quantise it.",
    protocol=f"{_TRAINED}, 63 units as float32 and 161 as int8, each within 50,000 bytes; loss of "
    f"the first minus loss of the second on {_HELD_OUT}, per seed.",
    bound="0..0.25",
    verdict="holds",
)
def int8_larger(seeds: Sequence[int], scale: Scale) -> list[float]:
    small, large = (_trained(tuple(seeds), scale, hidden) for hidden in (63, 161))
    return [float(gain) for gain in small.loss - large.rounded[:, 0]]


@claim(
    id="today-learned-pairs",
    statement="A network of 50,000 bytes predicts text better than pairs of characters do.",
    source="The least that a recurrent network should do.",
    protocol=f"{_TRAINED}, 161 units as int8; loss of pairs of characters, counted in the same "
    f"text with one added to each count, minus that of the network on {_HELD_OUT}, per seed.",
    bound="0.2..0.5",
    verdict="holds",
)
def learned_pairs(seeds: Sequence[int], scale: Scale) -> list[float]:
    pairs = count_losses(training_text(), lanes(held_out_text(), 512))["pairs"]
    return [float(pairs - loss) for loss in _trained(tuple(seeds), scale, 161).rounded[:, 0]]


@lru_cache(maxsize=4)
def _trained(seeds: tuple[int, ...], scale: Scale, hidden: int) -> TinyModels:
    budget: Scale = "smoke" if scale == "smoke" else "site"  # the protocol names it
    bits = (8, 3) if hidden == 161 else ()
    return tiny_models(seeds=seeds, hidden_dim=hidden, bits=bits, scale=budget)


_LINEAR = (
    "Linear recurrences h_t = λ_t ⊙ h_{t-1} + x_t, one sequence, 32 units, 1000 steps, λ uniform "
    "in 0.5 to 1, x and the gradient of the loss N(0, 1), float64"
)


@claim(
    id="today-parallel",
    statement="RNNs cannot be trained in parallel over time.",
    source="Vaswani et al., Attention is all you need (2017), on the sequential nature of "
    "recurrent networks.",
    protocol=f"{_LINEAR}; states and gradients by a scan of ten rounds against the loop of 1000 "
    "steps: norm of the difference over the norm, per seed; with a tanh in each step of the loop "
    "and after the scan, states must differ by more than 0.1.",
    bound="..1e-12",
    verdict="only if",
    remark="a nonlinearity stands between the steps, and even then there are ways that iterate; a "
    "linear recurrence can be.",
)
def parallel(seeds: Sequence[int], scale: Scale) -> list[float]:
    result = _scanned(tuple(seeds))
    if not (result.tanh_gap > 0.1).all():
        raise ArithmeticError(f"with a tanh the difference is {result.tanh_gap}, not more")
    return [float(gap) for gap in result.gap.max(axis=1)]


@claim(
    id="today-scan-work",
    statement="A parallel scan saves work.",
    source="Short accounts of state-space models.",
    protocol=f"{_LINEAR}; multiplications of single numbers in the forward pass of the scan of "
    "Hillis and Steele over those of the loop, per seed.",
    bound="20..20",
    verdict="does not hold",
    remark="It does more work in fewer rounds, and pays where that work is done side by side.",
)
def scan_work(seeds: Sequence[int], scale: Scale) -> list[float]:
    work = _scanned(tuple(seeds)).multiplications
    return [float(scanned / walked) for walked, scanned, _ in work]


@lru_cache(maxsize=2)
def _scanned(seeds: tuple[int, ...]) -> ScanAgreement:
    return scan_agreement(seeds=seeds)
