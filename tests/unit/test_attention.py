"""Attention in its two forms, step by step, and what autograd keeps of it."""

from __future__ import annotations

import math

import pytest
import torch

from unrolled.attention import Cache, CausalTransformer, fused, with_matrix
from unrolled.footprint import saved_bytes
from unrolled.streaming import RecurrentReader, count_parameters, stream


def random(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(math.prod(shape))
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def test_two_forms_of_attention() -> None:
    q, k, v = random(3, 2, 9, 4)
    torch.testing.assert_close(fused(q, k, v), with_matrix(q, k, v))


def test_attention_by_hand() -> None:
    q, k, v = random(3, 1, 3, 2)
    scores = torch.tensor([q[0, 2] @ k[0, j] / 2**0.5 for j in range(3)])
    expected = (scores.softmax(0)[:, None] * v[0]).sum(0)
    torch.testing.assert_close(with_matrix(q, k, v)[0, 2], expected)
    torch.testing.assert_close(with_matrix(q, k, v)[0, 0], v[0, 0])


def test_a_cached_transformer_is_the_whole_one() -> None:
    model = CausalTransformer(3, 8, 2)
    inputs = random(1, 13, 3).float()
    with torch.inference_mode():
        read = stream(model, 13)
        outputs = torch.stack([read(x) for x in inputs.unbind(1)], dim=1)
        torch.testing.assert_close(outputs, model(inputs), rtol=0, atol=1e-5)
    assert read.nbytes == 2 * 13 * 8 * 4


def test_a_streamed_rnn_is_the_whole_one() -> None:
    model = RecurrentReader(3, 2, parameters=500)
    inputs = random(1, 13, 3).float()
    with torch.inference_mode():
        read = stream(model, 13)
        outputs = torch.stack([read(x) for x in inputs.unbind(1)], dim=1)
        torch.testing.assert_close(outputs, model(inputs), rtol=0, atol=1e-5)
    assert read.nbytes == 4 * model.rnn.hidden_size


@pytest.mark.parametrize("wanted", [100, 1000, 35600])
def test_as_many_parameters_as_fit(wanted: int) -> None:
    model = RecurrentReader(5, 3, parameters=wanted)
    assert count_parameters(model) <= wanted
    H = model.rnn.hidden_size + 1
    assert wanted < H**2 + (5 + 3 + 2) * H + 3


def test_a_full_cache_says_so() -> None:
    cache = Cache(1, 1, 2)
    cache.append(torch.ones(1, 2), torch.ones(1, 2))
    with pytest.raises(RuntimeError, match="cache is full, it was made for 1 steps"):
        cache.append(torch.ones(1, 2), torch.ones(1, 2))


def test_only_two_kinds_stream() -> None:
    with pytest.raises(TypeError, match="model: got Linear, expected RecurrentReader"):
        stream(torch.nn.Linear(1, 1), 1)


def test_saved_bytes_by_hand() -> None:
    x = torch.ones(10, requires_grad=True)
    weight = torch.ones(10, requires_grad=True)
    assert saved_bytes(lambda: x.tanh()) == 40  # the result, from which comes the slope
    assert saved_bytes(lambda: x * weight) == 80
    assert saved_bytes(lambda: x * weight, besides=[weight]) == 40
    assert saved_bytes(lambda: (x * x[:]).sum()) == 40  # two views, one memory
    assert saved_bytes(lambda: x + weight) == 0


def test_bytes_of_attention() -> None:
    T, d = 50, 8
    q, k, v = (each.float().requires_grad_() for each in random(3, 1, T, d))
    assert saved_bytes(lambda: fused(q, k, v)) == 4 * (4 * T * d + T)
    built = saved_bytes(lambda: with_matrix(q, k, v))
    assert built == 4 * (3 * T * d + T * T) + T * T  # the mask has a byte for each entry
