"""Every experiment: lazily found, seeded, silent, frozen; at smoke scale."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import unrolled
from unrolled import experiments

SEEDS = (3, 5)
TIMES = {"seconds"}
"""Fields that are measured times: the only ones that may differ from run to run."""

SHORT: dict[str, dict[str, Any]] = {"memory_map": {"lengths": (3, 6)}}
"""What keeps the longest ones short."""


def run(name: str, seeds: tuple[int, ...] = SEEDS, **options: Any) -> Any:
    experiment = getattr(experiments, name)
    if "scale" in inspect.signature(experiment).parameters:
        options = {"scale": "smoke"} | options
    return experiment(seeds=seeds, **{**SHORT.get(name, {}), **options})


@pytest.mark.parametrize("name", experiments.__all__)
def test_the_rules(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    parameters = inspect.signature(getattr(experiments, name)).parameters
    assert {p.kind for p in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert "seeds" in parameters
    state = torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[index,union-attr]
    result, again, other = run(name), run(name), run(name, seeds=(7, 8))
    assert torch.equal(state[0], torch.get_rng_state())
    assert (state[1] == np.random.get_state()[1]).all()  # type: ignore[index]
    assert capfd.readouterr() == ("", "")

    assert dataclasses.is_dataclass(result)
    assert result.__dataclass_params__.frozen
    arrays = {k: v for k, v in vars(result).items() if isinstance(v, np.ndarray)}
    assert result.seeds == SEEDS
    assert arrays
    for field, array in arrays.items():
        assert len(array) == len(SEEDS)
        assert np.isfinite(array).all()
        if field in TIMES:
            assert (array > 0).all()
        else:
            np.testing.assert_array_equal(array, getattr(again, field))
    assert any((array != getattr(other, field)).any() for field, array in arrays.items())


@pytest.mark.parametrize("name", experiments.__all__)
def test_seeds_are_independent(name: str) -> None:
    """A seed's row is the same whatever other seeds run along."""
    together, alone = run(name), run(name, seeds=SEEDS[1:])
    for field, value in vars(together).items():
        if isinstance(value, np.ndarray) and field not in TIMES:
            np.testing.assert_array_equal(value[1:], getattr(alone, field))


def test_table_of_modules() -> None:
    assert sorted(experiments.__all__) == sorted(experiments._MODULES)
    assert set(experiments.__all__) <= set(dir(experiments))
    folder = Path(experiments.__file__).parent
    on_disk = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert on_disk == set(experiments._MODULES.values())
    for name, module in experiments._MODULES.items():
        assert name != module
        assert getattr(experiments, name).__module__ == f"unrolled.experiments.{module}"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = experiments.nonsense


def test_only_what_is_used_is_loaded() -> None:
    probe = (
        "import sys\n"
        "from unrolled.experiments import order_sensitivity\n"
        "assert 'unrolled.experiments.order' in sys.modules\n"
        "assert not {'torch', 'unrolled.experiments.generalisation'} & set(sys.modules)"
    )
    path = str(Path(unrolled.__file__).parents[1])
    subprocess.run([sys.executable, "-c", probe], check=True, env={"PYTHONPATH": path})


def test_order() -> None:
    result = run("order_sensitivity", permutations=4)
    assert result.state_change.shape == result.mean_change.shape == (2, 4)
    assert result.mean_change.max() < 1e-14
    assert result.state_change.min() > 0.1


def test_dropped_recurrence_grows_with_the_weights() -> None:
    result = run("dropped_recurrence", scales=(0.01, 0.1, 1.0))
    assert result.W_hh_error.shape == (2, 3)
    assert (np.diff(result.W_hh_error) > 0).all()
    assert (np.diff(result.total_error) > 0).all()
    assert (result.wrong_norm > 0).all()


def test_longer_windows_lose_less() -> None:
    result = run("truncation_error", init="orthogonal")
    assert (np.diff(result.cosine) > 0).all()
    np.testing.assert_allclose(result.cosine[:, -1], 1)
    np.testing.assert_allclose(result.norm_ratio[:, -1], 1)
    assert result.windows[-1] == 50


def test_length_generalisation_at_smoke_scale() -> None:
    result = run("length_generalisation", test_lengths=(5, 50))
    assert result.accuracy.shape == result.majority.shape == (2, 2)
    assert (result.majority >= 0.5).all()
    assert result.train_length == 10


def test_a_test_set_depends_on_seed_and_length_alone() -> None:
    """A claim that measures two lengths and a page that measures five agree."""
    five = run("length_generalisation", test_lengths=(5, 10, 50))
    two = run("length_generalisation", test_lengths=(50, 5))
    np.testing.assert_array_equal(five.accuracy[:, [2, 0]], two.accuracy)
    np.testing.assert_array_equal(five.majority[:, [2, 0]], two.majority)
