"""A reader's `VanillaRNN` from outside: build it, give it weights, run it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from unrolled.check.bptt_form import IN_WORDS, SHAPES, SIZES, check_weight, first_state, fits
from unrolled.check.bptt_habits import NAMES, Problem
from unrolled.check.bptt_returned import (
    gradient_of,
    is_coarse,
    kind,
    modified,
    numbers,
    outputs_of,
    states_of,
)
from unrolled.check.guard import Found, attempt
from unrolled.check.report import Diagnosis


def problem_of(seed: int, T: int, with_h0: bool) -> Problem:
    """Draw weights of scale 0.3 and a sequence, in numbers that float32 holds exactly."""
    rng = np.random.default_rng([seed, T])

    def draw(*shape: int, scale: float = 1.0) -> np.ndarray:
        return (scale * rng.normal(size=shape)).astype(np.float32).astype(np.float64)

    weights = {name: draw(*shape, scale=0.3) for name, shape in SHAPES.items()}
    inputs, d_outputs = draw(T, SIZES["x"]), draw(T, SIZES["y"])
    h0 = draw(SIZES["h"], scale=0.5 if with_h0 else 0.0)
    return Problem(weights, inputs, h0, d_outputs)


@dataclass
class Run:
    """What one network returned; what could not be used is missing, and in `wrong`."""

    problem: Problem
    outputs: np.ndarray
    states: np.ndarray | None = None
    gradients: dict[str, np.ndarray] = field(default_factory=dict)
    absent: tuple[str, ...] = ()  # gradients that are not there at all
    wrong: list[Diagnosis] = field(default_factory=list)
    coarse: bool = False  # float32 was seen

    @property
    def tolerance(self) -> float:
        """The relative error below which numbers are the same."""
        return 1e-4 if self.coarse else 1e-6


class Network:
    """The reader's class, with what was learned about how it wants to be used."""

    def __init__(self, cls: Callable[..., Any]) -> None:
        self.cls = cls
        self.name = getattr(cls, "__name__", "the class")
        self.assigns = True
        fits(cls, f"{self.name}(input_dim, hidden_dim, output_dim)", 3)
        instance = self.build()
        for method in ("forward", "backward"):
            if not callable(getattr(instance, method, None)):
                raise Found(
                    "method-missing",
                    f"{self.name} has no method {method}.",
                    "The check calls forward(inputs), then backward(d_output).",
                )
        self.h0 = first_state(instance.forward)
        fits(instance.forward, "forward(inputs)", 1 + (self.h0 == "required"))
        fits(instance.backward, "backward(d_output)", 1)
        own = {name: self.read(instance, name) for name in NAMES}
        self.shapes = {name: weight.shape for name, weight in own.items()}
        for name, shape in self.shapes.items():
            check_weight(name, shape)
        self.coarse = any(is_coarse(getattr(instance, name)) for name in NAMES)
        self.sizeable = min(np.std(own[name]) for name in NAMES if name[0] == "W") > 1e-3

    def build(self) -> Any:
        """Return a new network of the reader's."""
        D, H, V = SIZES.values()
        return attempt(f"{self.name}({D}, {H}, {V})", self.cls, D, H, V, hint=IN_WORDS)

    def read(self, instance: Any, name: str) -> np.ndarray:
        """Return a weight as the reader's network has it."""
        value = attempt(f"reading {name}", getattr, instance, name, None)
        if value is None:
            have = ", ".join(key for key in getattr(instance, "__dict__", {}) if key[0] != "_")
            raise Found(
                "weight-missing",
                f"a new {self.name} has no {name}.",
                f"Its attributes: {have or 'none'}. The check wants {', '.join(NAMES)}, made by "
                "__init__.",
            )
        array = numbers(value)
        if array is None:
            raise Found("wrong-type", f"{name} is {kind(value)}.", "Make it an array of numbers.")
        return array

    def give(self, instance: Any, weights: Mapping[str, np.ndarray]) -> bool:
        """Assign the weights; return whether the network then has them."""
        try:
            for name, weight in weights.items():
                setattr(instance, name, weight.reshape(self.shapes[name]).copy())
        except Exception:
            return False
        return not any(self.differs(instance, name, weights[name]) for name in NAMES)

    def differs(self, instance: Any, name: str, weight: np.ndarray) -> bool:
        """Return whether a weight of the network is another one."""
        return not np.array_equal(self.read(instance, name).ravel(), weight.ravel())

    def ready(self, problem: Problem) -> tuple[Any, Problem]:
        """Return a new network with the problem's weights, or the problem with the network's."""
        if self.assigns:
            instance = self.build()
            self.before = self.own(instance)
            self.assigns = self.give(instance, problem.weights)
            if self.assigns:
                return instance, problem
        instance = self.build()
        return instance, replace(problem, weights=self.own(instance))

    def own(self, instance: Any) -> dict[str, np.ndarray]:
        """Return the weights that the network has."""
        return {name: self.read(instance, name).reshape(SHAPES[name]) for name in NAMES}

    def forward(self, instance: Any, problem: Problem) -> Run:
        """Call `forward`, and look at outputs and states."""
        args = [problem.inputs.copy()]
        if self.h0 == "required" or (self.h0 == "optional" and problem.h0.any()):
            args.append(problem.h0.copy())
        call = "forward(inputs, h0)" if len(args) == 2 else "forward(inputs)"
        returned = attempt(call, instance.forward, *args, hint=IN_WORDS)
        T, H, V = len(problem.inputs), SIZES["h"], SIZES["y"]
        run = Run(problem, outputs_of(returned, (T, V), call))
        run.coarse = self.coarse or is_coarse(returned)
        states = states_of(attempt("reading states", getattr, instance, "states", None), T, H)
        if isinstance(states, Diagnosis):
            run.wrong.append(states)
        else:
            run.states = states
        given = zip(("inputs", "h0"), args, (problem.inputs, problem.h0), strict=False)
        changed = [name for name, now, old in given if not np.array_equal(now, old)]
        run.wrong += [modified(name, "forward") for name in changed]
        self._check_weights(instance, run, "forward")
        return run

    def backward(self, instance: Any, run: Run) -> None:
        """Call `backward`, and take the gradients that can be used into `run`."""
        given = run.problem.d_outputs.copy()
        returned = attempt("backward(d_output)", instance.backward, given, hint=IN_WORDS)
        if not isinstance(returned, Mapping):
            raise Found(
                "wrong-type",
                f"backward returned {kind(returned)}.",
                f"It should return a dict with the keys {', '.join(NAMES)}.",
            )
        run.absent = tuple(name for name in NAMES if returned.get(name) is None)
        self._missing(run, list(returned))
        for name in (name for name in NAMES if name not in run.absent):
            run.coarse |= is_coarse(returned[name])
            taken = gradient_of(name, returned[name], SHAPES[name], self.shapes[name])
            if isinstance(taken, Diagnosis):
                run.wrong.append(taken)
            else:
                run.gradients[name] = taken
        if not np.array_equal(given, run.problem.d_outputs):
            run.wrong.append(modified("d_output", "backward"))
        self._check_weights(instance, run, "backward")

    def _missing(self, run: Run, keys: list[Any]) -> None:
        named = [name for name in run.absent if name != "b_y" or len(run.absent) == len(NAMES)]
        if named:
            have = ", ".join(map(str, keys)) or "none"
            cause = f"The dict has the keys {have}. Each gradient is called like its weight."
            run.wrong.append(Diagnosis("key-missing", f"no gradient of {', '.join(named)}.", cause))

    def _check_weights(self, instance: Any, run: Run, method: str) -> None:
        for name, weight in run.problem.weights.items():
            if self.differs(instance, name, weight):
                run.wrong.append(modified(name, method))
