"""Recurrent neural networks, small enough to read: the code behind the chapters."""

from unrolled.rnn import VanillaRNN

__all__ = ["VanillaRNN", "__version__"]

__version__ = "0.1.0"
