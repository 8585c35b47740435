"""What is said to whoever made one of the mistakes, and where to look."""

from __future__ import annotations

CAUSES = {
    "recurrence-dropped": "Nothing comes back from the next step. The gradient of h_t has two "
    "parts: from its own output, and from step t+1, delta_{t+1} @ W_hh.T.",
    "recurrence-transposed": "On the way back delta is multiplied by W_hh where it should be "
    "W_hh.T. Both are (H, H), so no shape complains.",
    "recurrence-without-weights": "On the way back W_hh is missing: what reaches h_{t-1} is "
    "delta_t @ W_hh.T, not delta_t.",
    "slope-skipped": "What goes back to step t-1 has not been through the tanh: "
    "multiply by W_hh.T after the slope, not before.",
    "wrong-direction": "The backward loop runs from the first step to the last. The gradient of "
    "a state needs that of the state after it: begin at the end.",
    "slope-of-preactivation": "The slope is 1 - a**2 with the argument of the tanh. It is "
    "1 - h**2 with its result, the state.",
    "slope-missing": "The gradient is not multiplied by the slope of the tanh, 1 - h**2.",
    "tanh-applied-twice": "The slope is 1 - tanh(h)**2. The state h is a tanh already: 1 - h**2.",
    "slope-not-squared": "The slope is 1 - h. The square is missing: 1 - h**2.",
    "slope-of-sigmoid": "The slope is h * (1 - h), that of a sigmoid. That of tanh is 1 - h**2.",
    "last-step-only": "Only the term of the last step is there. Every step contributes one: "
    "loop over all of them and add.",
    "last-step-only backward": "Only the loss at the last output is sent back, d_output[-1]. "
    "Each step receives the gradient of its own output, d_output[t].",
    "b-h-not-accumulated": "b_h is used at every step, so its gradient is the sum of all "
    "delta_t. Look for = where += is meant, or a line that is missing.",
    "not-accumulated": "The term of one step is kept instead of the sum of all. Look for = "
    "where += is meant, or for zeros that are made inside the loop.",
    "b-y-missing": "b_y is added to every output, so its gradient is the sum of d_output over "
    "the steps.",
    "gradient-zero": "It is zero: made with zeros and never added to.",
    "off-by-one": "The state after the step is taken, h_t. W_hh multiplies the state before it, "
    "so its gradient pairs h_{t-1} with delta_t.",
    "off-by-one W_hy": "The state before the step is taken, h_{t-1}. W_hy multiplies the state "
    "after it, so its gradient pairs h_t with d_output[t].",
    "wraps-around": "Before the first step, states[t - 1] is states[-1], the last state. What "
    "comes before the first step is h0.",
    "first-step-missing": "The first step contributes nothing. Does the loop stop at 1?",
    "gradient-transposed": "It is the transpose of what it should be: the factors of the outer "
    "product are swapped. Here that fits, because it is square.",
    "sign-flipped": "The sign is wrong: the gradient points uphill, and whoever subtracts it "
    "comes later.",
    "averaged-over-steps": "It is divided by the number of steps. The weight is shared, so the "
    "terms of the steps are summed; an average belongs in the loss, if anywhere.",
    "states-overwritten": "All stored states are the last one. The list holds one array many "
    "times: h[:] = … and += change it everywhere. Make a new h in each step, or append h.copy().",
    "states-shifted": "The stored states begin with h0: row t is the state before step t. Store "
    "a state after it is computed.",
    "states-wrong": "The outputs are right, so h is right when they are made. What is stored?",
    "initial-state-ignored": "h0 is passed to forward and not used: the first state before is "
    "zero.",
    "initial-state-ignored backward": "forward uses h0, backward takes zero for the state before "
    "step 1. Keep h0 for it.",
    "outputs-from-previous-state": "The output of a step is made of the state before it. First "
    "the new h_t, then y_t = h_t @ W_hy + b_y.",
    "outputs-squeezed": "The outputs went through a softmax or a tanh. They are h_t @ W_hy + b_y; "
    "what comes then belongs to the loss.",
    "tanh-missing": "forward has no tanh: h_t = tanh(x_t @ W_xh + h_{t-1} @ W_hh + b_h).",
    "other-nonlinearity": "The state goes through a ReLU or a sigmoid. This network has a tanh.",
    "forward-transposed": "forward computes W_hh @ h. Vectors are rows here: h @ W_hh.",
    "forward-without-recurrence": "forward does not use the state before: h_{t-1} @ W_hh.",
    "bias-unused": "forward leaves out b_h or b_y.",
    "outputs-wrong": "None of the usual mistakes gives these numbers. Compute the first wrong "
    "step by hand: h_t = tanh(x_t @ W_xh + h_{t-1} @ W_hh + b_h), y_t = h_t @ W_hy + b_y.",
    "gradients-wrong": "None of the usual mistakes gives these numbers. Take the shortest wrong "
    "sequence and compare each delta_t with a finite difference.",
    "imprecise": "The formula is right, and digits are lost. Look for float32, for rounding, or "
    "for a small constant that is added.",
    "start-not-zero": "A sequence that is passed without h0 begins at zero.",
    "state-carried-over": "The second call of forward depends on the first. Begin each sequence "
    "at h0, which is zero unless given, and with an empty list of states.",
    "gradients-carried-over": "The second call of backward depends on the first. Begin it with "
    "gradients of zero.",
    "clipped": "Gradients are clipped. Do that outside, after backward: what it returns should be "
    "the gradient.",
    "batched-only": "It wants a batch. The check passes one sequence, (T, D), and expects (T, V): "
    "take sequences without the batch axis, or add that axis inside.",
}


def cause_of(id: str, where: str = "") -> str:
    """Return the likely cause, in the reading that fits where it was seen."""
    return CAUSES.get(f"{id} {where}", CAUSES[id])
