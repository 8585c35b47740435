"""Check a `VanillaRNN` written by hand, and name the likely mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from unrolled.check.bptt_compare import (
    Findings,
    compare_gradients,
    compare_outputs,
    gradient_errors,
    sizes,
    solution,
)
from unrolled.check.bptt_form import SIZES
from unrolled.check.bptt_habits import Problem
from unrolled.check.bptt_network import Network, Run, problem_of
from unrolled.check.bptt_returned import numbers
from unrolled.check.bptt_texts import cause_of
from unrolled.check.guard import Found, attempt, undisturbed
from unrolled.check.report import Diagnosis, Report
from unrolled.gradcheck import relative_error

STEPS, SEED = 6, 0


def bptt(cls: Callable[..., Any]) -> Report:
    """Run a reader's `VanillaRNN` on sequences of several lengths and compare with ours.

    The class is built as `cls(3, 5, 2)`. It has the weights `W_xh` (D, H), `W_hh` (H, H),
    `W_hy` (H, V), `b_h` and `b_y`; `forward(inputs)` or `forward(inputs, h0)`, which takes
    (T, D) and returns the outputs (T, V); and `backward(d_output)`, which returns a dict of
    the five gradients. `states` (T, H) is looked at where it is there. What the class
    prints and warns of meanwhile is not shown.

    Raises:
        TypeError: `cls` is not a class. What happens inside it is in the report instead.
    """
    if not callable(cls):
        raise TypeError(f"cls: got a {type(cls).__name__}, expected the class itself")
    findings = Findings()
    with undisturbed():
        try:
            _examine(cls, findings)
        except Found as found:
            findings.wrong.append(found.diagnosis)
    return Report("bptt", tuple(findings.right), _each_once(findings.wrong))


def _examine(cls: Callable[..., Any], findings: Findings) -> None:
    network = Network(cls)
    problem = problem_of(SEED, STEPS, network.h0 != "no")
    instance, run = _begin(network, problem)
    note = "" if network.assigns else ", with its own weights: assigning them has no effect"
    habits = compare_outputs(run, findings, note)
    findings.wrong += run.wrong
    run.wrong = []
    network.backward(instance, run)
    if habits and network.assigns:
        instance, run = _with_own_weights(network, run) or (instance, run)
    left = compare_gradients(run, habits, network, findings)
    if left:
        what = sizes(left, gradient_errors(run))
        findings.add("gradients-wrong", f"{what} {_onset(network, left)}".strip())
    findings.wrong += run.wrong
    _second_sequence(network, instance, findings)
    if not findings.wrong:
        _large_gradient(network, problem, findings)


def _begin(network: Network, problem: Problem) -> tuple[Any, Run]:
    """Run `forward` of a new network; with its own weights where it computes with those."""
    try:
        instance, given = network.ready(problem)
        run = network.forward(instance, given)
    except Found as found:
        _batched(network, problem, found)
        raise
    if network.assigns and relative_error(run.outputs, solution(given)[0]) > run.tolerance:
        before = replace(given, weights=network.before)
        if relative_error(run.outputs, solution(before)[0]) < run.tolerance:
            network.assigns = False
            return _begin(network, problem)
    return instance, run


def _with_own_weights(network: Network, run: Run) -> tuple[Any, Run] | None:
    """Return a run with the network's own weights, where only that gives right gradients."""
    if max(gradient_errors(run).values(), default=0) < run.tolerance or not network.sizeable:
        return None
    network.assigns = False
    try:
        instance, run = _begin(network, run.problem)
        network.backward(instance, run)
        if len(run.gradients) == 5 and max(gradient_errors(run).values()) < run.tolerance:
            return instance, run
    except Found:
        pass
    network.assigns = True
    return None


def _batched(network: Network, problem: Problem, found: Found) -> None:
    """Raise what helps more, where `forward` works for a batch only."""
    if found.diagnosis.id not in ("raises", "outputs-shape"):
        return
    T, V = len(problem.inputs), SIZES["y"]
    for batch, expected in (
        (problem.inputs[None], (1, T, V)),
        (problem.inputs[:, None], (T, 1, V)),
    ):
        try:
            instance, _ = network.ready(problem)
            outputs = numbers(attempt("forward", instance.forward, batch.copy()))
        except Found:
            continue
        if outputs is not None and outputs.shape == expected:
            what = f"forward takes shape {batch.shape}, and not {problem.inputs.shape}."
            raise Found("batched-only", what, cause_of("batched-only")) from found


def _onset(network: Network, names: tuple[str, ...]) -> str:
    """Say at which length gradients begin to be wrong."""
    for T in range(1, STEPS):
        try:
            instance, run = _begin(network, problem_of(SEED, T, network.h0 != "no"))
            network.backward(instance, run)
        except Found:
            return f"It fails at T = {T}."
        errors = gradient_errors(run)
        if any(errors.get(name, 0) > run.tolerance for name in names):
            return f"Wrong from T = {T} on" + (f", right for T = {T - 1}." if T > 1 else ".")
    return f"Right up to T = {STEPS - 1}."


def _second_sequence(network: Network, used: Any, findings: Findings) -> None:
    """Run a used network on a shorter sequence, and compare with a new one."""
    if not network.assigns and findings.wrong:
        return  # without the same weights only right can be compared with right
    problem = problem_of(SEED + 1, STEPS // 2, network.h0 == "required")
    new, fresh = _begin(network, problem)
    network.backward(new, fresh)
    if not findings.wrong:
        _without_h0(fresh, findings)
    if not network.assigns:
        used, problem = new, fresh.problem
    elif not network.give(used, problem.weights):
        return
    try:
        again = network.forward(used, problem)
        carried = [d.what for d in again.wrong if d.id == "states-shape"]
        network.backward(used, again)
    except Found as found:
        carried = [found.diagnosis.what]
    if carried:
        findings.add("state-carried-over", f"a second sequence: {carried[0]}")
    else:
        _traces(again, fresh, findings)


def _without_h0(run: Run, findings: Findings) -> None:
    T, errors = len(run.problem.inputs), gradient_errors(run)
    error = relative_error(run.outputs, solution(run.problem)[0])
    off = [name for name in errors if errors[name] > run.tolerance]
    if error > run.tolerance:
        what = f"outputs without h0: relative error {error:.2g}."
        findings.add("start-not-zero", what)
    elif off:
        findings.add("gradients-wrong", f"right for T = {STEPS}; T = {T}: {sizes(off, errors)}")


def _traces(again: Run, fresh: Run, findings: Findings) -> None:
    if (error := relative_error(again.outputs, fresh.outputs)) > again.tolerance:
        what = f"outputs of a second sequence: relative error {error:.2g}."
        findings.add("state-carried-over", what)
        return
    pairs = {n: (g, fresh.gradients.get(n, g)) for n, g in again.gradients.items()}
    errors = {name: relative_error(*pair) for name, pair in pairs.items()}
    if off := [name for name in errors if errors[name] > again.tolerance]:
        findings.add("gradients-carried-over", f"a second sequence: {sizes(off, errors)}")
    elif not findings.wrong:
        findings.right.append("a second, shorter sequence: no trace of the first")


def _large_gradient(network: Network, problem: Problem, findings: Findings) -> None:
    """See whether a thousand times `d_output` gives a thousand times the gradients."""
    problem = replace(problem, d_outputs=1000 * problem.d_outputs)
    instance, run = _begin(network, problem)
    network.backward(instance, run)
    errors = gradient_errors(run)
    if off := [name for name in errors if errors[name] > run.tolerance]:
        findings.add("clipped", f"for a large d_output, {sizes(off, errors)}")


def _each_once(wrong: list[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Return one diagnosis for each id, with all that was observed."""
    merged: dict[str, Diagnosis] = {}
    for each in wrong:
        before = merged.get(each.id)
        if before is None:
            merged[each.id] = each
        elif each.what not in before.what:
            merged[each.id] = replace(before, what=f"{before.what} {each.what}")
    return tuple(merged.values())
