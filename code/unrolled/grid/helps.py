"""What the parameters of experiments mean, for the command line's help."""

from __future__ import annotations

import re

COMMON = {
    "animals": "Names of each kind, tame and wild.",
    "batch": "Sequences in a batch.",
    "cell": "rnn, lstm or gru.",
    "directions": "1, or 2 for a bidirectional network.",
    "draws": "Characters drawn at each temperature.",
    "drives": "Standard deviations of what the input adds to the units, x_t W_xh.",
    "dtype": "float32 or float64.",
    "embedding_dim": "Numbers of a word vector.",
    "epochs": "Times that the training part is gone through; by the scale unless given.",
    "feedback": "What the decoder reads at each step: prediction or state.",
    "fractions": "Length after clipping, as a share of the gradient's norm.",
    "gain": "Multiplies the start's W_hh.",
    "gains": "Multiply the start's W_hh.",
    "goal": "Training accuracy, smoothed, at which a network stops; a share.",
    "hidden_dim": "Units of the state.",
    "histories": "Other pasts that are tried for each number of steps.",
    "init": "gaussian, uniform, orthogonal or identity.",
    "input_dim": "Numbers that are read at each step.",
    "input_scale": "Standard deviation of W_xh.",
    "lags": "Steps back, at most.",
    "length": "Steps of a sequence.",
    "lengths": "Steps of the sequences; a column each.",
    "max_norm": "Longer gradients are shortened to it.",
    "models": "Which models; a column each.",
    "bits": "Bits a weight, after rounding; a column each.",
    "nonlinearity": "tanh, relu or linear.",
    "output_dim": "Numbers that are written at each step.",
    "padded_to": "Tokens of a text, padding included.",
    "permutations": "Orders that are tried for each sequence.",
    "place": "Which number counts: first, middle or last.",
    "points": "Values between the ends of the reach.",
    "positions": "Steps that have been read before; a column each.",
    "rate": "Learning rate.",
    "reach": "How far the weight is moved either way.",
    "read": "Words of a text before the padding.",
    "repeats": "Measurements of a time, of which the shortest counts.",
    "scales": "Standard deviations of the weights; a column each.",
    "seeds": "One run for each.",
    "sizes": "Steps and numbers a step, such as 30x5; a column each.",
    "start": "Weights to begin with: default, gaussian, orthogonal or identity.",
    "task": "kind (of a line) or target (of an assignment).",
    "temperatures": "What the logits are divided by; a column each.",
    "test_lengths": "Steps of the test's sequences; a column each.",
    "texts": "Texts that are padded.",
    "times": "Multiplies the number of updates.",
    "train_length": "Steps of the training's sequences.",
    "vocab_size": "Characters to choose from.",
    "width": "Numbers a step, of inputs and states.",
    "widths": "Numbers a step, of inputs and states; a column each.",
    "window": "Characters that the gradient goes back.",
    "windows": "Steps that the gradient goes back; a column each.",
}
"""For parameters whose experiment says nothing about them."""


def help_for(name: str, docstring: str) -> str:
    """Return what the docstring's `Args:` say of a parameter, else the common text, else nothing.

    Line breaks and the marks of code are taken out.
    """
    block = re.search(r"^Args:\n((?: {4}.*\n?|\n)*)", docstring, re.MULTILINE)
    own = re.search(
        rf"^ {{4}}{name}: (.*(?:\n {{5,}}.*)*)", block[1] if block else "", re.MULTILINE
    )
    text = own[1] if own else COMMON.get(name, "")
    return re.sub(r"\s+", " ", text).replace("`", "").strip()
