"""The shape annotations are really enforced while tests run, and cost nothing otherwise."""

from __future__ import annotations

import subprocess
import sys

import jaxtyping
import numpy as np
import pytest

from unrolled import VanillaRNN, rnn_simple


def test_wrong_shape_is_refused() -> None:
    model = VanillaRNN(3, 4, 2)
    with pytest.raises(jaxtyping.TypeCheckError, match="inputs"):
        rnn_simple.forward(model.parameters, np.zeros((1, 5, 3)))


def test_wrong_result_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unrolled.rnn.outside", lambda array, batched: array[0, 0])
    with pytest.raises(jaxtyping.TypeCheckError, match="return value"):
        VanillaRNN(3, 4, 2).forward(np.zeros((5, 3)))


def test_import_is_light() -> None:
    probe = (
        "import sys, unrolled, unrolled.rnn_simple, unrolled.gradcheck, unrolled.truncated,"
        " unrolled.experiments\n"
        "heavy = {'torch', 'matplotlib', 'jaxtyping', 'beartype', 'asyncio'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", probe], check=True, env=_with_package_on_path())


def _with_package_on_path() -> dict[str, str]:
    import os
    from pathlib import Path

    import unrolled

    return os.environ | {"PYTHONPATH": str(Path(unrolled.__file__).parents[1])}
