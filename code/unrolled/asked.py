"""What experiments are asked for: seeds, a scale of work, and values to be tried.

They check this before they compute anything. `unrolled.validate` says how a refusal reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast, get_args

from unrolled import validate, validate_kinds
from unrolled.settings import Scale
from unrolled.settings import scale as chosen_scale


def asked_scale(scale: Scale | None) -> Scale:
    """Return the scale of work that is asked for, or that of `UNROLLED_SCALE`.

    Raises:
        TypeError, ValueError: Another word, in the argument or in the variable.
    """
    if scale is None:
        return chosen_scale()
    return cast(Scale, validate.choice("scale", scale, get_args(Scale)))


def asked_each(
    name: str, values: object, check: Callable[..., Any], *more: Any, **limits: Any
) -> None:
    """Refuse what is not a sequence of values that pass a check, one at least.

    Args:
        check: Takes the name and a value, and what else is given here.

    Raises:
        TypeError, ValueError: Not a list or a tuple, an empty one, or as the check.
    """
    given = validate_kinds.sequence(name, values)
    if len(given) == 0:
        raise ValueError(f"{name}: got none, expected at least one")
    for value in given:
        check(name, value, *more, **limits)


def asked_seeds(seeds: object) -> None:
    """Refuse what is not a sequence of seeds for NumPy and PyTorch alike, one at least.

    Raises:
        TypeError, ValueError: Not a list or a tuple of integers from 0 to below 2⁶³.
    """
    asked_each("seeds", seeds, _one_seed)


def _one_seed(name: str, value: object) -> None:
    if (given := validate.size(name, value, least=0)) >= 2**63:
        raise ValueError(f"{name}: got {given}, expected integers below 2⁶³")
