# %% [markdown]
# # Backpropagation through time, from scratch
#
# You write a recurrent network in NumPy, forward and backward, without help from autograd.
# Then you write the same network with a mistake on purpose, and find out which tests notice.
# A backward pass is a page of code that runs whether it is right or not, so the second half is as important as the first.
#
# **Time:** about 60 minutes.
# **You need:** the chapter [[page:bptt]], with pencil and paper, and NumPy; PyTorch for one cell.
# The chapter shows such a `backward`, so read it first and close it while you write.
# **What it trains:** turning a derivation into a loop, keeping track of which state belongs to which step, and not believing a gradient before a witness has confirmed it.

# %% id="setup" quiet="on"
import matplotlib.pyplot as plt
import numpy as np

from unrolled import check
from unrolled.gradcheck import finite_differences, relative_error
from unrolled.page import show, value

NAMES = ["W_xh", "W_hh", "W_hy", "b_h", "b_y"]

# %% [markdown]
# ## 1. The network
#
# At each step the network computes
#
# $$a_t = x_t W_{xh} + h_{t-1} W_{hh} + b_h,$$
#
# $$h_t = \tanh(a_t), \qquad y_t = h_t W_{hy} + b_y.$$
#
# `forward` takes one sequence, `inputs` of shape (T, D), and perhaps a first state `h0` of shape (H,), which is zero unless given.
# It keeps every state in `self.states`, (T, H), and returns every output, (T, V).
#
# `backward` takes `d_output`, (T, V): the gradient of the loss with respect to each output.
# It returns a dict with five gradients, each called like its weight and of its shape.
# The loss itself does not appear.
# Whatever it is, all that you need to know of it is in `d_output`.
#
# Derive the gradients on paper before you write `backward`.
# A good way in is to ask of $h_t$ how many ways lead from it to the loss.
#
# If you are stuck, there are three hints further down, and `print(check.bptt(VanillaRNN))` works at any time.
# Try to get as far as section 4 without it: there you learn to judge your gradient yourself.
#
# In the cells, `value` only names a number for the text of the site, and `show` puts a figure on the page; outside the site `show` opens the figure, or saves it as a file where Matplotlib can open none.

# %% id="network" quiet="on"
class VanillaRNN:
    def __init__(self, input_dim, hidden_dim, output_dim, scale=0.3, seed=0):
        rng = np.random.default_rng(seed)
        self.W_xh = scale * rng.normal(size=(input_dim, hidden_dim))
        self.W_hh = scale * rng.normal(size=(hidden_dim, hidden_dim))
        self.W_hy = scale * rng.normal(size=(hidden_dim, output_dim))
        self.b_h = np.zeros(hidden_dim)
        self.b_y = np.zeros(output_dim)

    def forward(self, inputs, h0=None):
        self.inputs = inputs  # (T, D)
        self.h0 = np.zeros_like(self.b_h) if h0 is None else h0
        # TODO: Compute the states and keep them in self.states, (T, H).
        # Return the outputs, (T, V).
        # <solution>
        h, states = self.h0, []
        for x in inputs:
            h = np.tanh(x @ self.W_xh + h @ self.W_hh + self.b_h)
            states.append(h)
        self.states = np.array(states)
        return self.states @ self.W_hy + self.b_y
        # </solution>

    def backward(self, d_output):
        grads = {name: np.zeros_like(getattr(self, name)) for name in NAMES}
        # TODO: Go through the steps from the last to the first, and add to
        # each of the five what the step contributes. Return grads.
        # <solution>
        d_later = np.zeros_like(self.b_h)  # from the steps after t, (H,)
        for t in reversed(range(len(self.inputs))):
            h, d_y = self.states[t], d_output[t]
            before = self.states[t - 1] if t > 0 else self.h0
            d_h = d_y @ self.W_hy.T + d_later
            delta = d_h * (1 - h**2)
            grads["W_xh"] += np.outer(self.inputs[t], delta)
            grads["W_hh"] += np.outer(before, delta)
            grads["W_hy"] += np.outer(h, d_y)
            grads["b_h"] += delta
            grads["b_y"] += d_y
            d_later = delta @ self.W_hh.T
        return grads
        # </solution>

# %% [markdown] solution="on"
# **How it comes about.**
# From $h_t$ two ways lead to the loss: into the output $y_t$, and into the next state.
# Write $\delta_t$ for $\partial L / \partial a_t$.
# What comes back along the two ways is added, and then goes through the slope of the $\tanh$:
#
# $$\frac{\partial L}{\partial h_t} = \frac{\partial L}{\partial y_t} W_{hy}^{\top} + \delta_{t+1} W_{hh}^{\top},$$
#
# $$\delta_t = \frac{\partial L}{\partial h_t} \odot (1 - h_t \odot h_t).$$
#
# In code the first sum is `d_h`, and `d_later` is the part from the future.
# It is zero at the last step, because nothing comes after it, and that is why the loop begins there.
#
# Each weight is used at every step, so its gradient is a sum over the steps.
# The term of a step is the outer product of what the weight was multiplied by and what came back to where it was added: $x_t$ with $\delta_t$, $h_{t-1}$ with $\delta_t$, $h_t$ with $\partial L / \partial y_t$.
# A bias is multiplied by one, so its term is what came back alone.
#
# Three lines are easily got wrong and still run.
# `before` is the state before the step, and at `t = 0` that is `h0`: Python would accept `states[-1]`, which is the last state.
# The slope is `1 - h**2` with the result of the $\tanh$, not with its argument.
# And `delta @ self.W_hh.T` has a transpose that no shape asks for, because the matrix is square.
#
# A new `h` is made in every step.
# Had the loop written into one array, as `h[:] = …` does, then all entries of the list would be that one array, and hold the last state.

# %% [markdown]
# ## 2. Ten steps
#
# Take ten steps with 4 numbers in, a state of 8 and 3 numbers out.
# The loss is a random weighted sum of all outputs, $L = \sum_t y_t \cdot d_t$, so that $\partial L / \partial y_t$ is the row $d_t$ and `d_output` is random.
#
# **Predict first.** Which of the five norms should be zero if your `backward` forgot to pass anything from one step to the step before?

# %% id="norms"
rng = np.random.default_rng(1)
inputs, d_output = rng.normal(size=(10, 4)), rng.normal(size=(10, 3))
net = VanillaRNN(4, 8, 3)
print("outputs", net.forward(inputs).shape)
for name, grad in net.backward(d_output).items():
    print(f"{name:4} {grad.shape!s:7} norm {np.linalg.norm(grad):.3f}")

# %% [markdown]
# > **⚠ You will often read** that this settles it: if no norm is zero, the gradient flows through all steps, and backpropagation through time works.
#
# You can test that.
# Write a network that has no backpropagation through time in it, and look at its norms.

# %% [markdown]
# ## 3. The same with a mistake
#
# `Forgetful` has your `forward`.
# In its `backward` nothing comes back from the next step: each state is told about its own output only.
#
# You may copy your `backward` and strike what must go.
# There is also a way that copies nothing.
# A step that is told nothing by the next one is the last step of a sequence, and so it could as well be a sequence of its own.

# %% id="forgetful" quiet="on"
class Forgetful(VanillaRNN):
    def backward(self, d_output):
        # TODO: Return the five gradients without the recurrence.
        # <solution>
        inputs, states, h0 = self.inputs, self.states, self.h0
        before = np.vstack([h0, states[:-1]])  # (T, H)
        grads = {name: np.zeros_like(getattr(self, name)) for name in NAMES}
        for t in range(len(inputs)):
            self.forward(inputs[t : t + 1], before[t])
            for name, grad in super().backward(d_output[t : t + 1]).items():
                grads[name] += grad
        self.inputs, self.states, self.h0 = inputs, states, h0
        return grads
        # </solution>

# %% [markdown] solution="on"
# **Why this is the same as striking a term.**
# In your loop the recurrence enters at one place, `d_later`.
# Set it to zero at every step, and each step is treated as if it were the last.
# A sequence of one step that begins at the state before it has the same $x_t$, $h_{t-1}$ and $h_t$, and nothing after it.
# So the forgetful gradient is the sum of the gradients of $T$ sequences of length one.
# In the words of the chapter it is truncated backpropagation through time, with a window of one step.
#
# The three attributes are put back at the end, because `self.forward` has overwritten them.

# %% [markdown]
# **Predict first.** Will the norms of the two differ: not at all, by some per cent, or by a factor of two and more?
# And does it depend on the scale of the weights?

# %% id="side-by-side"
def both(scale, seed):
    """Right and forgetful gradients of one network on one sequence."""
    rng = np.random.default_rng([seed, 1])
    inputs, d_output = rng.normal(size=(10, 4)), rng.normal(size=(10, 3))
    grads = []
    for cls in (VanillaRNN, Forgetful):
        net = cls(4, 8, 3, scale=scale, seed=seed)
        net.forward(inputs)
        grads.append(net.backward(d_output))
    return *grads, inputs, d_output

differ = {0.01: [], 0.3: []}
print("scale seed  of     right   wrong  differ")
for scale, shares in differ.items():
    for seed in (0, 1, 2):
        right, wrong, *_ = both(scale, seed)
        for name in ("W_hh", "W_xh"):
            a, b = np.linalg.norm(right[name]), np.linalg.norm(wrong[name])
            shares.append(abs(a - b) / max(a, b))
            print(f"{scale:5} {seed:4}  {name}  {a:.4f}  {b:.4f}  {shares[-1]:6.1%}")
value("differ-small", max(differ[0.01]))
value("differ-low", min(differ[0.3])), value("differ-high", max(differ[0.3]))

# %% id="numbers" solution="on"
right, wrong, *_ = both(0.01, 0)
print("b_h at scale 0.01")
print("right", *(f"{x:6.3f}" for x in right["b_h"][:5]))
print("wrong", *(f"{x:6.3f}" for x in wrong["b_h"][:5]))

# %% [markdown] solution="on"
# **What you see.**
# No norm is zero, so the test passes for both.
# For these three seeds the norms differ by per cents and not by a factor: at scale 0.01 by [[differ-small:.1%]] at most, at 0.3 by [[differ-low:.1%]] to [[differ-high:.1%]].
# So the scale matters for how far apart they can be, and at 0.01 the single numbers are hard to tell apart, too.
# At either scale a norm does not say which of two gradients is right.
# You would not even have the right one beside the wrong one.
#
# The answer to the question of section 2 is that no norm should be zero.
# In `Forgetful` every weight still has a gradient by way of each step's own output.
# A zero takes a loss and inputs that are made for it, and they are the first question under "Go further".
#
# The obvious but wrong conclusion from such rows is that the mistake is small, because the norms are close.
# Two gradients can have the same length and point in different directions.

# %% [markdown]
# ## 4. Two witnesses
#
# Somebody must judge who has not seen your derivation.
#
# *Finite differences* move one weight up and down by a little, and look at what the loss does.
# `finite_differences(function, array)` does that for every entry of an array, and calls `function` with each changed copy.
# You write the function: the loss of the network when the weight called `name` is this array.

# %% id="finite-differences" quiet="on"
def numerical(net, name, inputs, d_output):
    """Gradient of the loss sum(outputs * d_output) for one weight."""
    original = getattr(net, name)

    def loss(array):
        # TODO: Return the loss, a number, with `array` in place of the weight.
        # <solution>
        setattr(net, name, array)
        return np.sum(net.forward(inputs) * d_output)
        # </solution>

    gradient = finite_differences(loss, original)
    setattr(net, name, original)
    return gradient

# %% [markdown]
# *Autograd* records what happens to tensors and applies the chain rule by itself.
# The tensors below hold your weights; what the loop does at each step is for you to write.

# %% id="autograd" quiet="on"
import torch

def autograd(net, inputs, d_output):
    """The five gradients, by PyTorch, in float64."""
    w = {name: torch.tensor(getattr(net, name), requires_grad=True) for name in NAMES}
    h, loss = torch.zeros(len(net.b_h), dtype=torch.float64), 0.0
    for x, d_y in zip(torch.tensor(inputs), torch.tensor(d_output)):
        # TODO: Compute h, and add to the loss the part of this step's output.
        # <solution>
        h = torch.tanh(x @ w["W_xh"] + h @ w["W_hh"] + w["b_h"])
        loss = loss + torch.sum((h @ w["W_hy"] + w["b_y"]) * d_y)
        # </solution>
    loss.backward()
    return {name: tensor.grad.numpy() for name, tensor in w.items()}

# %% [markdown]
# **Predict first.** The norms were of the same size.
# At scale 0.3, how far is the forgetful gradient from what the witnesses say: less than a hundredth of its length, less than a tenth, or more?
# Which of its five gradients are right?
#
# The error is relative, the length of the difference over the length of the longer of the two.

# %% id="compare"
right, wrong, inputs, d_output = both(0.3, 0)
net = VanillaRNN(4, 8, 3, scale=0.3, seed=0)
torchs = autograd(net, inputs, d_output)
errors = np.empty((5, 4))
print("      yours           forgetful")
print("      nudged   torch  nudged   torch")
for row, name in enumerate(NAMES):
    nudged = numerical(net, name, inputs, d_output)
    errors[row] = [relative_error(grads[name], witness)
                   for grads in (right, wrong) for witness in (nudged, torchs[name])]
    print(f"{name:4}", *(f"{error:7.0e}" for error in errors[row]))
value("nudged-most", errors[:, 0].max()), value("torch-most", errors[:, 1].max())
value("eps", np.finfo(np.float64).eps)
off = errors[[0, 1, 3], 2]  # W_xh, W_hh, b_h
value("off-low", off.min()), value("off-high", off.max())

# %% [markdown] solution="on"
# **What the witnesses say.**
# Both agree with the right gradient: the largest of the five errors is [[nudged-most:.1e]] for finite differences and [[torch-most:.1e]] for autograd, where neighbouring float64 numbers near 1 are [[eps:.1e]] apart.
# Both disagree with the forgetful one about the three weights that come before the state, and by the same amount: [[off-low:.0%]] to [[off-high:.0%]] of the longer one's length, so more than a tenth.
# The gradients of $W_{hy}$ and $b_y$ are right even so: they need the states and `d_output`, and no $\delta_t$.
#
# That the two witnesses agree with each other matters.
# Finite differences know no chain rule; they only run your `forward`.
# Autograd does not run your code at all, so it would also notice a mistake in `forward`, if you did not make the same one when you wrote it in PyTorch.
#
# It would be too much to conclude that your network is right.
# This was one network, one sequence, ten steps, and a first state of zero.
# A mistake in the use of `h0`, or one that only a second call shows, has not been looked for.

# %% [markdown]
# ## 5. How the scale hides the mistake
#
# Measure the relative error of the forgetful gradient of $W_{hh}$ for weights of several scales, and for five seeds.
#
# **Predict first.** What happens to the relative error when all weights become ten times smaller: nothing, or does it become about three, ten, or a hundred times smaller?
# Is it the same from 1 to 0.1 as from 0.1 to 0.01?

# %% id="scales"
scales, seeds = np.array([0.01, 0.03, 0.1, 0.3, 1.0]), range(5)
error, nudged = np.empty((2, len(seeds), len(scales)))  # (seeds, scales) each
for row, seed in enumerate(seeds):
    for column, scale in enumerate(scales):
        right, wrong, inputs, d_output = both(scale, seed)
        # TODO: Fill both arrays at [row, column]: the relative error of the
        # forgetful W_hh against the right one, and that of the right one
        # against finite differences.
        # <solution>
        error[row, column] = relative_error(wrong["W_hh"], right["W_hh"])
        net = VanillaRNN(4, 8, 3, scale=scale, seed=seed)
        witness = numerical(net, "W_hh", inputs, d_output)
        nudged[row, column] = relative_error(right["W_hh"], witness)
        # </solution>
value("small", np.median(error[:, 0])), value("large", np.median(error[:, 3]))
value("small-high", error[:, 0].max())
value("low", error[:, 3].min()), value("high", error[:, 3].max())
value("witness", nudged.max())
print("scale  error of W_hh, five seeds")
for column, scale in enumerate(scales):
    low, middle, high = np.quantile(error[:, column], [0, 0.5, 1])
    print(f"{scale:5}  {low:.3f} to {high:.3f}, median {middle:.3f}")

# %% id="figure"
fig, ax = plt.subplots()
ax.loglog(scales, error.T, color="C0", alpha=0.6, lw=1.2)
ax.loglog(scales, nudged.T, color="C1", alpha=0.6, lw=1.2)
ax.text(0.1, 0.02, "forgetful, against right", color="C0")
ax.text(0.011, nudged.max() * 4, "right, against finite differences", color="C1")
ax.set(xlabel="scale of the weights", ylabel="relative error of ∂L/∂W_hh")
ax.set_ylim(1e-11, 4)
small, large = np.median(error[:, 0]), np.median(error[:, 3])
show(fig, alt=f"Without the recurrence the gradient of W_hh is off by {small:.0%} at "
     f"scale 0.01 and by {large:.0%} at 0.3, medians of five seeds; the largest error "
     f"of the right one is {nudged.max():.1e}.",
     caption="A line for each of five seeds.")

# %% id="factor" solution="on"
print("scale  scale·√H  slope  median error")
for column, scale in enumerate(scales):
    slopes = []
    for seed in seeds:
        net = VanillaRNN(4, 8, 3, scale=scale, seed=seed)
        net.forward(both(scale, seed)[2])
        slopes.append(np.mean(1 - net.states**2))
    print(f"{scale:5}  {scale * np.sqrt(8):8.3f}  {np.mean(slopes):5.2f}"
          f"  {np.median(error[:, column]):12.3f}")
middle = np.median(error, axis=0)
value("shrink-small", middle[2] / middle[0])
value("shrink-large", middle[4] / middle[2])
value("root", np.sqrt(8)), value("slope", np.mean(slopes))

# %% [markdown] solution="on"
# **Why the error shrinks with the scale.**
# What `Forgetful` leaves out is $\delta_{t+1} W_{hh}^{\top}$.
# A random matrix of $H \times H$ numbers multiplies the length of a row by about their scale times $\sqrt H$.
# The part that stays, $\frac{\partial L}{\partial y_t} W_{hy}^{\top}$, has no such factor.
# So the ratio of the two, which is about the error, is about scale times $\sqrt H$ as long as that is small.
# From 0.1 to 0.01 the median error becomes [[shrink-small:.1f]] times smaller, close to ten.
# From 1 to 0.1 it is only [[shrink-large:.1f]] times: at scale 1, scale times $\sqrt H$ is [[root:.1f]] and no longer small, and an error over the longer of two lengths hardly grows beyond one.
# That the part left out does not become many times longer than the rest is due to the $\tanh$: it saturates there, and its slope is [[slope:.2f]] on average.
#
# Over the five seeds the median error is [[small:.1%]] at scale 0.01 and [[large:.0%]] at 0.3, where it ranges from [[low:.0%]] to [[high:.0%]].
# Now think of a test with a tolerance of a tenth, on weights of scale 0.01, where the highest of the five errors is [[small-high:.1%]].
# It passes, and there is no backpropagation through time in the code.
#
# The lower lines of the figure show that this is a weakness of the tolerance and not of the witness.
# Over all scales and seeds the largest error of the right gradient against finite differences is [[witness:.1e]].
# Between this and the error of the wrong gradient there is a wide gap, at 0.01 as well, and a tolerance belongs in the gap.
#
# So check in float64, at a scale that makes scale times $\sqrt H$ nearly one, and ask for many digits.
# The check below does so, with weights of scale 0.3.

# %% [markdown]
# ## Check
#
# The check runs your network on sequences of several lengths and compares outputs, states and gradients with its own.
# Where they differ it computes what wrong implementations would return, one mistake at a time and then two, and names the mistakes that give your numbers.
#
# **Predict first.** What will it say about `Forgetful`?

# %% id="check"
print(check.bptt(VanillaRNN))
print()
print(check.bptt(Forgetful))

# %% [markdown] solution="on"
# **How it can tell.**
# The check finds the outputs, the states and two gradients right, and names the mistake in the other three.
# A gradient of floating-point numbers is a fingerprint.
# If wrong code with one known mistake returns the same numbers as yours to many digits, then you have made that mistake, or one that comes to the same.
# That `W_hy` and `b_y` are right would have narrowed it down by hand, too: they are the two that do without $\delta_t$, so the mistake is where $\delta_t$ is made.
# And a sequence of one step would have been right, because there is nothing to forget in it.

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Write `backward` for T = 1 and check it with `numerical` from section 4, which needs only your `forward`: write that first.
# There is no recurrence in it, and four of the five gradients are already what one step contributes.
# The fifth, that of $W_{hh}$, is zero there, because $h_0$ is.
# Then draw the network for T = 2 with an arrow for everything that is computed, and go along the arrows backwards.
#
# <details><summary>Hint 2: the two ways out of a state</summary>
#
# $h_t$ goes into $y_t$ by $W_{hy}$, and into $a_{t+1}$ by $W_{hh}$.
# A product `h @ W` hands back `d @ W.T`.
# Add what comes back along both ways before you multiply by the slope of the tanh, which is `1 - h**2`.
# At the last step only one of the two ways exists.
#
# <details><summary>Hint 3: the loop</summary>
#
# Begin with `d_later = 0`, and for each `t` from the last to the first:
#
# - `d_h` is what comes back from the output of this step, plus `d_later`;
# - `delta` is `d_h` times the slope;
# - each matrix gets an outer product: of `inputs[t]`, the state before, or the state after, with `delta` or `d_output[t]`;
# - each bias gets the second factor alone;
# - `d_later` becomes what `delta` hands back through `W_hh`.
#
# The state before the first step is `h0`, not `states[-1]`.
#
# </details>
# </details>
# </details>

# %% [markdown]
# ## Go further
#
# 1. Which loss, and which inputs, make a zero appear in the forgetful gradient, so that a look at norms would help after all?
# 2. Pair $W_{hh}$ with $h_t$ where it should be $h_{t-1}$, and leave out the slope of the tanh, and transpose $W_{hh}$ on the way back, each alone. Which of these errors shrink with the scale of the weights, and how fast?
# 3. Is the forgetful gradient useless? Measure the cosine of the angle between it and the right one, all five weights as one long vector, at scale 0.3. Then leave out $W_{hy}$ and $b_y$, which are right in both.
# 4. Train both by gradient descent to repeat their input two steps later. Does the loss fall for `Forgetful` as well, and how far?

# %% [markdown] solution="on"
# ### 1. A loss that is silent
#
# Let the loss look at the last output only, and let all inputs but the first be zero.
# The gradient of $W_{xh}$ is the sum over the steps of $x_t$ with $\delta_t$.
# The loss makes $\delta_t$ zero at every step but the last if there is no recurrence, and the inputs make $x_t$ zero at every step but the first.
# Either alone would leave a term.

# %% id="silent" solution="on"
for seed in (0, 1, 2):
    *_, inputs, d_output = both(0.3, seed)
    inputs[1:], d_output[:-1] = 0, 0
    norms = []
    for cls in (VanillaRNN, Forgetful):
        net = cls(4, 8, 3, seed=seed)
        net.forward(inputs)
        norms.append(np.linalg.norm(net.backward(d_output)["W_xh"]))
    print(f"seed {seed}: right {norms[0]:.1e}, forgetful {norms[1]:.1e}")

# %% [markdown] solution="on"
# The forgetful gradient is exactly zero: nothing that is said at the last step reaches the first.
# So a norm does tell you something when you know beforehand that it must be zero if a certain mistake was made.
# "No norm is zero" is a test only together with an input and a loss that are made for it.
#
# ### 2. Three mistakes and the scale
#
# All three can be computed from what the network has, when `backward` is one function with three switches.

# %% id="switches" solution="on" quiet="on"
def gradient(net, d_output, own_state=False, no_slope=False, transposed=False):
    """The gradients of W_xh and W_hh, with mistakes."""
    W_back = net.W_hh if transposed else net.W_hh.T
    before = net.states if own_state else np.vstack([net.h0, net.states[:-1]])
    slopes = np.ones_like(net.states) if no_slope else 1 - net.states**2
    deltas, d_later = np.empty_like(net.states), 0.0
    for t in reversed(range(len(deltas))):
        deltas[t] = (d_output[t] @ net.W_hy.T + d_later) * slopes[t]
        d_later = deltas[t] @ W_back
    return {"W_xh": net.inputs.T @ deltas, "W_hh": before.T @ deltas}

# %% id="mistakes" solution="on"
mistakes = {"own_state": "W_hh", "transposed": "W_xh", "no_slope": "W_xh"}
print("error by scale, median of five seeds")
print("mistake      0.001    0.01     0.1       1")
for mistake, name in mistakes.items():
    found = np.empty((5, 4))  # (seeds, scales)
    for row in range(5):
        for column, scale in enumerate((0.001, 0.01, 0.1, 1)):
            *_, inputs, d_output = both(scale, row)
            net = VanillaRNN(4, 8, 3, scale=scale, seed=row)
            net.forward(inputs)
            pair = [gradient(net, d_output, **{mistake: on}) for on in (False, True)]
            found[row, column] = relative_error(*(grads[name] for grads in pair))
    for word, share in ((mistake, 0.5), ("  lowest", 0), ("  highest", 1)):
        each = np.quantile(found, share, axis=0)
        print(f"{word:10}" + "".join(f"{x:8.2g}" for x in each))
value("no-slope", found[:, 1].max())  # at 0.01

# %% [markdown] solution="on"
# The first error is that of the gradient of $W_{hh}$, the other two are those of $W_{xh}$.
# Taking $h_t$ for $h_{t-1}$ is about as wrong at 0.001 as at 1: the two states are different states, and making both smaller does not make them alike.
# The transpose sits in the recurrence, like the mistake of `Forgetful`, so its error is in proportion to the scale.
# The slope is $1 - h^2$, and $h$ is in proportion to the scale, so leaving it out costs a share in proportion to its *square*: this is the mistake that hides best.
# These laws hold only while the scale is small.
# At the left of the table ten times the scale makes ten times the error of the transpose and a hundred times that of the slope; at the right it makes less of both, because the $\tanh$ saturates and an error over the longer length stays near one.
# At 0.01 the highest error without the slope is [[no-slope:.1%]], and a tolerance of one per cent lets it pass.
#
# ### 3. The angle

# %% id="angle" solution="on"
def cosine(seed, names):
    right, wrong, *_ = both(0.3, seed)
    a, b = (np.concatenate([g[n].ravel() for n in names]) for g in (right, wrong))
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

print("cosine, ten seeds")
for word, names in (("five", NAMES), ("three", ["W_xh", "W_hh", "b_h"])):
    cosines = [cosine(seed, names) for seed in range(10)]
    low, middle, high = np.quantile(cosines, [0, 0.5, 1])
    value(f"{word}-median", middle), value(f"{word}-range", f"{low:.2f} to {high:.2f}")
    print(f"{word:5}  {low:.2f} to {high:.2f}, median {middle:.2f}")

# %% [markdown] solution="on"
# The median of the cosine over ten seeds is [[five-median:.2f]], the range [[five-range]].
# The two gradients that are right anyway flatter it: for the other three alone the median is [[three-median:.2f]], the range [[three-range]].
# Where the cosine is above zero, a small enough step against the wrong gradient lowers this loss all the same.
# So a loss that falls need not come from a right gradient.
#
# ### 4. Training with a wrong gradient
#
# At step $t$ the network is to say $x_{t-2}$, two numbers that it read two steps before.
# The first two targets of each sequence are zero, because there is nothing to repeat yet.
# The loss is the mean of the squared error.
# The baseline always says zero, the mean of what is to be said.
# Every update draws a new sequence, and both networks start from the same weights and see the same sequences.

# %% id="training" solution="on" quiet="on"
def trained(cls, seed, names=NAMES, updates=1000, rate=0.1, T=12):
    """Mean loss over the last 200 updates, that of the baseline beside it."""
    rng, losses = np.random.default_rng([seed, 2]), []
    net = cls(2, 8, 2, scale=0.3, seed=seed)
    for _ in range(updates):
        inputs = rng.normal(size=(T, 2))
        targets = np.vstack([np.zeros((2, 2)), inputs[:-2]])
        error = net.forward(inputs) - targets
        losses.append((np.mean(error**2), np.mean(targets**2)))
        grads = net.backward(2 * error / error.size)
        for name in names:
            setattr(net, name, getattr(net, name) - rate * grads[name])
    return np.mean(losses[-200:], axis=0)

# %% id="runs" solution="on"
print("seed  right  forgetful  reading  baseline")
runs = np.empty((3, 4))  # (seeds, columns)
for seed, row in enumerate(runs):
    row[0], row[3] = trained(VanillaRNN, seed)
    row[1] = trained(Forgetful, seed)[0]
    row[2] = trained(VanillaRNN, seed, names=["W_hy", "b_y"])[0]
    print(f"{seed:4}  {row[0]:.3f}      {row[1]:.3f}    {row[2]:.3f}     {row[3]:.3f}")
value("right-high", runs[:, 0].max()), value("wrong-low", runs[:, 1].min())
value("below", int(np.sum(runs[:, 1] < runs[:, 3])))
value("reading-low", runs[:, 2].min()), value("reading-high", runs[:, 2].max())

# %% [markdown] solution="on"
# The forgetful network does learn: its loss falls below the baseline in [[below]] of 3 runs, and whoever looks at its loss alone is content.
# The right gradient brings the loss to [[right-high:.3f]] at most, the wrong one to [[wrong-low:.3f]] at least.
# To say $x_{t-2}$, the state must carry it over two transitions, from $h_{t-2}$ to $h_{t-1}$ to $h_t$, and neither $y_{t-2}$ nor $y_{t-1}$ asks for it.
# Only $\delta_{t+1} W_{hh}^{\top}$ tells the earlier states that it will be wanted.
# $W_{hh}$ does learn in `Forgetful`, by the pairing of $h_{t-1}$ with $\delta_t$: to hand on to $h_t$ what $h_{t-1}$ happens to hold of $x_{t-2}$.
# Nothing asks $h_{t-1}$ to hold it.
# Something of it is there anyway, because random weights mix it in: the column "reading" trains $W_{hy}$ and $b_y$ alone, with the other weights as they were drawn, and ends at [[reading-low:.3f]] to [[reading-high:.3f]].
# That can be lower than the loss of `Forgetful`, where $W_{xh}$ is taught by $y_t$ alone, and to $y_t$ the input $x_t$ is only a disturbance.
#
# This is how some recurrent networks were once trained on purpose.
# Elman (1990, "Finding structure in time", *Cognitive Science* 14) treats the state before the step as a further input, and sends no gradient through it.
#
# What this does not show is where the two would end.
# It is one task, three seeds, one learning rate and one number of updates.
