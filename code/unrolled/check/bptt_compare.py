"""Compare what a reader's network returned with what is right, and say why it differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from unrolled.check.bptt_habits import Habits, Problem, run_forward
from unrolled.check.bptt_network import Network, Run
from unrolled.check.bptt_search import Explanation, explain_backward, explain_forward
from unrolled.check.bptt_texts import cause_of
from unrolled.check.report import Diagnosis
from unrolled.gradcheck import finite_differences, relative_error
from unrolled.rnn import VanillaRNN

NEARLY = 1e-4  # no mistake in the formula is as small as this with weights of scale 0.3


@dataclass
class Findings:
    """What was found so far, in the order of a report."""

    right: list[str] = field(default_factory=list)
    wrong: list[Diagnosis] = field(default_factory=list)

    def add(self, id: str, what: str, where: str = "") -> None:
        """Add a mistake; `where` chooses among the readings that its id has."""
        self.wrong.append(Diagnosis(id, what, cause_of(id, where)))

    @property
    def ids(self) -> set[str]:
        """The mistakes, each once."""
        return {diagnosis.id for diagnosis in self.wrong}


def solution(problem: Problem) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Return outputs (T, O), states (T, H) and gradients of the package's own network."""
    D, H = problem.weights["W_xh"].shape
    model = VanillaRNN(D, H, problem.d_outputs.shape[1], dtype=np.float64)
    for name, weight in problem.weights.items():
        setattr(model, name, weight)
    outputs = model.forward(problem.inputs, problem.h0)
    return outputs, model.states, model.backward(problem.d_outputs)


def compare_outputs(run: Run, findings: Findings, note: str = "") -> Habits | None:
    """Compare outputs and states; return how `forward` computes, nothing where unrecognised."""
    outputs, states, _ = solution(run.problem)
    error = relative_error(run.outputs, outputs)
    if error < run.tolerance:
        findings.right.append(f"outputs: {within(error)}{note}")
        _compare_states(run, states, findings)
        return Habits()
    off = np.abs(run.outputs - outputs).max(axis=1) > run.tolerance * np.abs(outputs).max()
    what = f"outputs: relative error {error:.2g}, wrong from step {int(off.argmax()) + 1} on."
    found = explain_forward(run.outputs, run.states, run.problem, run.tolerance)
    if not found:
        findings.add("imprecise" if error < NEARLY else "outputs-wrong", what)
        return Habits() if error < NEARLY else None
    habits, ids = found
    for id in sorted(ids):
        findings.add(id, what, "forward")
    if "states-overwritten" not in ids:
        _compare_states(run, run_forward(habits, run.problem)[1], findings)
    return habits


def _compare_states(run: Run, expected: np.ndarray, findings: Findings) -> None:
    if run.states is None:
        return
    error = relative_error(run.states, expected)
    if error < run.tolerance:
        findings.right.append(f"states: {within(error)}")
        return
    id = "imprecise" if error < NEARLY else "states-wrong"
    others = {
        "states-overwritten": np.broadcast_to(expected[-1], expected.shape),
        "states-shifted": np.vstack([run.problem.h0, expected[:-1]]),
    }
    for other, theirs in others.items():
        if relative_error(run.states, theirs) < run.tolerance:
            id = other
    findings.add(id, f"states: relative error {error:.2g}.")


def gradient_errors(run: Run) -> dict[str, float]:
    """Return the relative error of each gradient that there is."""
    *_, right = solution(run.problem)
    return {name: relative_error(got, right[name]) for name, got in run.gradients.items()}


def compare_gradients(
    run: Run, habits: Habits | None, network: Network, findings: Findings
) -> tuple[str, ...]:
    """Compare the gradients; return those that are wrong and no tried mistake gives."""
    errors = gradient_errors(run)
    if fine := [name for name, error in errors.items() if error < run.tolerance]:
        worst = within(max(errors[name] for name in fine))
        findings.right.append(f"gradients of {', '.join(fine)}: {worst}")
    if run.absent == ("b_y",) or ("b_y" in run.absent and "b_y" not in _named(run)):
        findings.add("b-y-missing", "b_y: no gradient.")
    found = Explanation(frozenset(), {}, tuple(errors))
    if habits:
        found = explain_backward(run.gradients, run.problem, habits, findings.ids, run.tolerance)
    _blame(run, found, errors, findings)
    left = [name for name in found.unexplained if errors[name] >= run.tolerance]
    nearly = [name for name in left if errors[name] < NEARLY]
    if nearly:
        findings.add("imprecise", sizes(nearly, errors))
    left = [name for name in left if name not in nearly]
    if habits != Habits() and network.assigns:
        left = _unlike_own_forward(run, left, network, findings)
    return tuple(left)


def _named(run: Run) -> str:
    return " ".join(diagnosis.what for diagnosis in run.wrong)


def _blame(run: Run, found: Explanation, errors: dict[str, float], findings: Findings) -> None:
    off = [name for name, error in errors.items() if error >= run.tolerance]
    for id in sorted(found.ids - findings.ids):
        names = [name for name in off if id in found.own.get(name, ())]
        shared = id in found.shared
        if shared:
            names = [name for name in off if name not in found.unexplained]
        where = "backward" if shared else names[0] if names else ""
        findings.add(id, sizes(names, errors), where)


def _unlike_own_forward(
    run: Run, names: Iterable[str], network: Network, findings: Findings
) -> list[str]:
    """Return those gradients that are not the ones of the reader's own forward either."""

    def error(name: str) -> float:
        def loss(weight: np.ndarray) -> float:
            weights = run.problem.weights | {name: weight}
            instance, problem = network.ready(replace(run.problem, weights=weights))
            return float(np.sum(network.forward(instance, problem).outputs * problem.d_outputs))

        nudged = finite_differences(loss, run.problem.weights[name])
        return relative_error(nudged, run.gradients[name])

    errors = {name: error(name) for name in names}
    own = [name for name in errors if errors[name] < max(run.tolerance, 1e-5)]
    if own:
        findings.right.append(f"gradients of {', '.join(own)}: those of your forward")
    return [name for name in errors if name not in own]


def within(error: float) -> str:
    """Return an error in words that do not change with its last digits."""
    return "within 1e-10" if error < 1e-10 else f"within {10 ** np.ceil(np.log10(error)):.0e}"


def sizes(names: Iterable[str], errors: dict[str, float]) -> str:
    """Return names, and the lowest and highest of their errors."""
    ordered = sorted(errors[name] for name in names)
    if not ordered:
        return "gradients."
    low, high = f"{ordered[0]:.2g}", f"{ordered[-1]:.2g}"
    size = low if low == high else f"{low} to {high}"
    return f"{', '.join(names)}: relative error {size}."
