"""Two classifiers that see which words a text has, and not their order."""

from __future__ import annotations

import torch
from torch import nn

from unrolled import validate
from unrolled.models.text import check_texts


class Bag(nn.Module):
    """Add up a weight for each word and class; PAD, token 0, has none."""

    def __init__(self, vocab_size: int, classes: int) -> None:
        super().__init__()
        vocab_size = validate.size("vocab_size", vocab_size)
        classes = validate.size("classes", classes)
        self.weights = nn.EmbeddingBag(vocab_size, classes, mode="sum", padding_idx=0)
        nn.init.zeros_(self.weights.weight)
        self.bias = nn.Parameter(torch.zeros(classes))

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        check_texts(tokens, lengths, self.weights.num_embeddings)
        scores: torch.Tensor = self.weights(tokens) + self.bias  # (B, classes)
        return scores


class DeepBag(nn.Module):
    """Put a hidden layer on the mean embedding, in the sizes of the recurrent classifier."""

    def __init__(self, vocab_size: int, classes: int) -> None:
        super().__init__()
        vocab_size = validate.size("vocab_size", vocab_size)
        classes = validate.size("classes", classes)
        self.mean = nn.EmbeddingBag(vocab_size, 64, mode="mean", padding_idx=0)
        self.hidden = nn.Linear(64, 128)
        self.readout = nn.Linear(128, classes)

    def forward(self, tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        check_texts(tokens, lengths, self.mean.num_embeddings)
        logits: torch.Tensor = self.readout(torch.tanh(self.hidden(self.mean(tokens))))
        return logits
