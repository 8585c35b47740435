"""The one-unit network: its slope by finite differences, its cliff, its descent."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled.cliff import descend, loss_and_slope


def test_slope_is_the_derivative() -> None:
    w = np.array([0.0, 0.3, 1.2, 1.6, 1.7, 2.5])
    _, slope = loss_and_slope(w, steps=20)
    above, below = (loss_and_slope(w + nudge, steps=20)[0] for nudge in (1e-7, -1e-7))
    np.testing.assert_allclose(slope, (above - below) / 2e-7, rtol=1e-5)


def test_one_step_by_hand() -> None:
    loss, slope = loss_and_slope(0.5, b=0.1, h0=2.0, steps=1, target=0.25)
    h = np.tanh(0.5 * 2.0 + 0.1)
    assert float(loss) == pytest.approx((h - 0.25) ** 2)
    assert float(slope) == pytest.approx(2 * (h - 0.25) * (1 - h**2) * 2.0)


def test_there_is_a_cliff() -> None:
    w = np.linspace(0, 3, 3001)
    loss, slope = loss_and_slope(w)
    at = abs(slope).argmax()
    assert abs(slope[at]) > 100 * np.median(abs(slope))
    assert loss[at - 30] > 2
    assert loss[at + 30] < 0.1


def test_descent() -> None:
    free = descend(1.0, rate=0.1, steps=3)
    assert free.shape == (4,)
    assert free[1] == pytest.approx(1.0 - 0.1 * float(loss_and_slope(1.0)[1]))
    clipped = descend(1.645, rate=0.1, steps=2, max_slope=1.0)
    assert (abs(np.diff(clipped)) <= 0.1 + 1e-12).all()
