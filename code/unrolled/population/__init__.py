"""Train many small recurrent networks of one kind at once, each on its own batches.

Their weights are stacked along a leading axis S, and each time step is one batched product
for all of them. Backpropagation through time is written by hand, as in `unrolled.rnn` and
`unrolled.lstm`. Each member follows the trajectory that its own `torch.nn` module would.
"""

from unrolled.population.stack import Layout, stack, unstack
from unrolled.population.training import Outcome, Recipe, train

__all__ = ["Layout", "Outcome", "Recipe", "stack", "train", "unstack"]
