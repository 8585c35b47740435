# %% [markdown]
# # Counting spikes
#
# A sequence has 20 numbers, and the question is whether more than three of them are large.
# You train a recurrent net and a feed-forward net on a thousand such sequences, and ask which is better.
# It is a common first exercise, and its usual report is two accuracies.
# You will see which number is missing beside them, change the experiment so that its numbers can be compared, and then add a third model, which cannot see the order.
#
# **Time:** about 90 minutes.
# **You need:** [[page:order]], [[page:training]], and modules of PyTorch.
# **What it trains:** choosing a measure, a baseline and a protocol before believing a comparison.

# %% id="setup" quiet="on"
from itertools import product
from math import comb, erfc

import matplotlib.pyplot as plt
import torch
from torch import nn

from unrolled import check
from unrolled.page import show, value
from unrolled.settings import scale

STEPS, SEEDS = 20, (0, 1, 2)
EPOCHS = 3 if scale() == "smoke" else 50

# %% [markdown]
# ## 1. The data
#
# All numbers are drawn from N(0, 1).
# The label is 1 where more than three of the 20 are above a threshold, and 0 elsewhere.
# A thousand sequences are for training, and two thousand further ones are held out for the test.
#
# One seed makes one data set: the same seed gives the same numbers, whatever else was drawn before.
# So give the draws a generator of their own.

# %% id="data" quiet="on"
def make_data(seed, threshold=0.9, count=1000, tests=2000):
    # TODO: Draw count + tests sequences from N(0, 1) with a torch.Generator that
    # has this seed. Label them. Return ((x_train, y_train), (x_test, y_test)) with
    # x (N, 20) in float32 and y (N,) in int64; the first `count` are for training.
    # <solution>
    drawn = torch.Generator().manual_seed(seed)
    x = torch.randn(count + tests, STEPS, generator=drawn)
    y = ((x > threshold).sum(dim=1) > 3).long()
    return (x[:count], y[:count]), (x[count:], y[count:])
    # </solution>

# %% [markdown]
# Two thresholds are of interest, 1.5 and 0.9.
# In the cells below, `value` only names a number for the text and returns it unchanged; `show` puts a figure on this page, and in your copy it opens the figure or saves it as an SVG file.
#
# **Predict first.**
# What share of the sequences has label 1 with each of them?
# And with a threshold of 1.5, if the numbers came from `torch.rand` instead of `torch.randn`?

# %% id="shares"
def share(threshold):
    # TODO: The exact share of label 1. One number is above the threshold with
    # probability p = erfc(threshold / √2) / 2; how probable are 4 or more of 20?
    # <solution>
    p = erfc(threshold / 2**0.5) / 2
    fewer = [comb(STEPS, k) * p**k * (1 - p) ** (STEPS - k) for k in range(4)]
    return 1 - sum(fewer)
    # </solution>

print("threshold  exact  drawn, by seed")
for threshold in (1.5, 0.9):
    drawn = [make_data(seed, threshold)[0][1].double().mean() for seed in SEEDS]
    print(f"{threshold:9}  {share(threshold):.3f} ", *(f"{s:.3f}" for s in drawn))
value("share-high", share(1.5)), value("share-low", share(0.9))
uniform = torch.rand(1000, STEPS, generator=torch.Generator().manual_seed(0))
print("uniform, 1.5:", int(((uniform > 1.5).sum(1) > 3).sum()), "of 1000")

# %% [markdown] solution="on"
# A number is above 1.5 in about one of fifteen cases, so four of twenty are rare: [[share-high:.1%]] of the labels are 1.
# With 0.9 it is [[share-low:.1%]], so the two classes are about equally large.
# Uniform numbers end at 1, none of them is above 1.5, and all labels are 0.
# Every model is then right always, and a loss that falls to zero looks like success.
#
# The formula and the draws are two witnesses for the same number.
# If you had written `>= 3` in place of `> 3`, they would not agree.

# %% [markdown]
# ## 2. Two nets and one loop
#
# The recurrent net reads one number a step, has a state of 32, and a linear layer reads the last state.
# The feed-forward net gets all 20 numbers at once: `Linear(20, 32)`, ReLU, `Linear(32, 2)`.
# Both give two logits.

# %% id="models" quiet="on"
class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, 32, batch_first=True)
        self.readout = nn.Linear(32, 2)

    def forward(self, x):  # (B, 20)
        # TODO: Give the recurrent layer (B, 20, 1), and its last state (B, 32) to
        # the readout. Return logits (B, 2).
        # <solution>
        _, last = self.rnn(x[:, :, None])  # (1, B, 32)
        return self.readout(last[0])
        # </solution>

def dense():
    # TODO: Return the feed-forward net.
    # <solution>
    return nn.Sequential(nn.Linear(STEPS, 32), nn.ReLU(), nn.Linear(32, 2))
    # </solution>

# %% [markdown]
# Both are trained alike: 50 epochs, batches of 125 in a new order each epoch, Adam at $4 \times 10^{-3}$, gradients clipped to norm 1.
# `trainer` takes what makes a model, and returns a function `train(x, y, seed)`.
# That one returns `predict`, which turns sequences into labels.

# %% id="training" quiet="on"
def trainer(make_model, weight=None):
    def train(x, y, seed):
        # TODO: Fix PyTorch's seed, make `model` and its optimizer, and train it for
        # EPOCHS epochs with nn.functional.cross_entropy(logits, labels, weight).
        # <solution>
        torch.manual_seed(seed)  # before the weights are drawn
        model = make_model()
        optimizer = torch.optim.Adam(model.parameters(), 4e-3)
        for _ in range(EPOCHS):
            for chosen in torch.randperm(len(x)).split(125):
                loss = nn.functional.cross_entropy(model(x[chosen]), y[chosen], weight)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
        # </solution>
        model.eval()
        predict = torch.no_grad()(lambda x: model(x).argmax(dim=1))
        predict.model = model  # to be looked at later
        return predict
    return train

# %% [markdown]
# ## 3. The usual report
#
# Threshold 1.5, three seeds, accuracy on the 2000 held-out sequences.
# Each seed has its own data and its own start.
#
# **Predict first.**
# Which net wins, and what accuracy do you expect from the better one?

# %% id="accuracy"
def study(train, threshold, score):
    said = []
    for seed in SEEDS:
        (x, y), (x_test, y_test) = make_data(seed, threshold)
        predict = train(x, y, seed)
        said.append([score(predict(x_test), y_test), score(predict(x), y), predict])
    return said  # (test, training, predict) for each seed

def accuracy(said, labels):
    return (said == labels).double().mean().item()

trains = {"recurrent": trainer(Recurrent), "dense": trainer(dense)}
rare = {name: study(train, 1.5, accuracy) for name, train in trains.items()}
print("threshold 1.5      accuracy, by seed")
for name, runs in rare.items():
    print(f"{name:17}", *(f"{run[0]:.3f}" for run in runs))

# %% [markdown]
# That looks well.
# Now print the accuracy of a model that always says 0, on the same sequences.

# %% id="majority"
tests = [make_data(seed, 1.5)[1][1] for seed in SEEDS]  # (N,) each
# TODO: `majority`: a float for each seed, the share of the larger class in `tests`.
# <solution>
majority = [max(accuracy(labels, label) for label in (0, 1)) for labels in tests]
# </solution>
print(f"{'always 0':17}", *(f"{share:.3f}" for share in majority))
gains = [run[0] - m for runs in rare.values() for run, m in zip(runs, majority)]
value("gain-low", min(gains)), value("gain-high", max(gains))
below, above = sum(g < 0 for g in gains), sum(g > 0 for g in gains)
value("runs", len(gains)), value("runs-below", below), value("runs-above", above)
print(f"gained over it: {min(gains):+.3f} to {max(gains):+.3f}")
print(f"of {len(gains)} runs {below} are below it, {above} above")

# %% [markdown]
# > **⚠ You will often read** "the network recognises the sequences with an accuracy of 96 %".
# > Ask what always saying the same would give.
#
# The *balanced accuracy* asks in each class what share of it is found, and takes the mean of the two.
# A model that always says 0 gets 1 in one class and 0 in the other, together 0.5.
# So does a coin, however rare a class is.
# The share that is found of label 1 alone is its *recall*.
#
# **Predict first.**
# What is the balanced accuracy of the two nets?
# And on the sequences that they were trained on?

# %% id="balanced"
def balanced(said, labels):
    # TODO: The mean over the classes 0 and 1 of the share of the class that is found.
    # <solution>
    found = [accuracy(said[labels == label], label) for label in (0, 1)]
    return (found[0] + found[1]) / 2
    # </solution>

def recall(said, labels):  # of label 1
    return accuracy(said[labels == 1], 1)

def span(numbers):
    return f"{min(numbers):.2f} to {max(numbers):.2f}"

for score in (balanced, recall):
    print("threshold 1.5     ", "recall" if score is recall else "balanced accuracy")
    for name, part in product(rare, ("test", "training")):
        numbers = []
        for seed, (*_, predict) in zip(SEEDS, rare[name]):
            train, test = make_data(seed, 1.5)
            x, y = test if part == "test" else train
            numbers.append(score(predict(x), y))
        shown = name if part == "test" else ""
        print(f"{shown:9} {part:8}", *(f"{n:.3f}" for n in numbers))
        value(f"{name}-rare-{score.__name__}-{part}", span(numbers))

# %% [markdown] solution="on"
# The accuracies lie between [[gain-low:+.3f]] and [[gain-high:+.3f]] of what always saying 0 gives.
# Of [[runs]] runs [[runs-below]] are below it and [[runs-above]] above.
#
# The balanced accuracy tells more: a coin has 0.50, and on new sequences the recurrent net has [[recurrent-rare-balanced-test]] and the dense net [[dense-rare-balanced-test]].
# But the two fail differently.
# On its training sequences the dense net has [[dense-rare-balanced-training]]: it fits them, and that does not carry over, since it finds [[dense-rare-recall-training]] of their positives and [[dense-rare-recall-test]] of new ones.
# The recurrent net has [[recurrent-rare-balanced-training]] on its training sequences and finds [[recurrent-rare-recall-training]] of their positives: it does not even fit them.
#
# The obvious but wrong conclusion is that both nets have learned the task almost perfectly, and that the order of their accuracies says which is better.
# With [[share-high:.1%]] of the labels 1, a net that gives every sequence a high probability of 0 already has a small loss.
# Whether that holds the recurrent net back is what the last question of "Go further" tests.

# %% [markdown]
# ## 4. Another threshold
#
# With a threshold of 0.9 the classes are about equal, and the accuracy can be read again.
# Print the balanced accuracy all the same: it costs nothing, and its baseline is known.
#
# **Predict first.**
# Which net is better now?
# By more than the seeds differ among themselves?

# %% id="equal-classes"
runs = {name: study(train, 0.9, balanced) for name, train in trains.items()}

def table(runs):
    for name, seeds in runs.items():
        for row, part in enumerate(("test", "training")):
            shown = name if row == 0 else ""
            print(f"{shown:9} {part:8}", *(f"{run[row]:.3f}" for run in seeds))

def cite(runs):  # for the text
    for name, seeds in runs.items():
        tests, trainings, _ = zip(*seeds)
        value(f"{name}-test", span(tests)), value(f"{name}-training", span(trainings))
        gaps = [b - a for a, b in zip(tests, trainings)]
        value(f"gap-{name}", f"{min(gaps):.3f} to {max(gaps):.3f}")
        value(f"range-{name}", max(tests) - min(tests))

cite(runs)
print("threshold 0.9      balanced accuracy")
table(runs)

# %% [markdown] solution="on"
# The recurrent net has [[recurrent-test]] on new sequences, the dense net [[dense-test]].
# Look at the second line of each: on its training sequences the dense net has [[dense-training]].
# Seed by seed that is more than on new ones by [[gap-dense]], while its test line differs between the seeds by [[range-dense:.3f]] at most.
# For the recurrent net the gap is [[gap-recurrent]].
#
# A wrong conclusion is near at hand: "the recurrent net wins because it understands sequences".
# The order carries nothing in this task: the label does not change when you shuffle the 20 numbers.
# What the recurrent net has is the same weights for every number, and the dense net must learn from a thousand examples, at each of the 20 places anew, what "large" means.

# %% [markdown]
# ## 5. A model that cannot see the order
#
# If one rule for every number is what counts, then keep the rule and drop the recurrence.
# Send each number by itself through the same small net, add up what comes out, and read the sum.
#
# **Predict first.**
# This model is blind to the order by construction, as in [[page:order]].
# Where will it land: below both, between them, or above?

# %% id="sum"
class Summing(nn.Module):
    def __init__(self):
        super().__init__()
        layers = nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()
        self.each = nn.Sequential(*layers)
        self.readout = nn.Linear(32, 2)

    def forward(self, x):  # (B, 20)
        # TODO: Apply `each` to every number by itself, (B, 20, 1) to (B, 20, 32),
        # sum over the 20, and read the sum. Return logits (B, 2).
        # <solution>
        return self.readout(self.each(x[:, :, None]).sum(dim=1))
        # </solution>

trains["sum"] = trainer(Summing)
runs["sum"] = study(trains["sum"], 0.9, balanced)
cite({"sum": runs["sum"]})
table({"sum": runs["sum"]})
for name, make_model in (("recurrent", Recurrent), ("dense", dense), ("sum", Summing)):
    count = sum(p.numel() for p in make_model().parameters())
    print(f"{name:9} {value('weights-' + name, count):5} weights")

# %% id="figure"
fig, ax = plt.subplots(figsize=(4.9, 2.8))
for place, seeds in enumerate(runs.values()):
    test, training = [run[0] for run in seeds], [run[1] for run in seeds]
    ax.plot([place - 0.12] * len(SEEDS), training, "o", mfc="none", color=f"C{place}")
    ax.plot([place + 0.12] * len(SEEDS), test, "o", color=f"C{place}")
low, high = min(run[0] for run in runs["dense"]), max(run[1] for run in runs["dense"])
ax.text(0.88, high + 0.02, "training", color="C1", ha="center", va="bottom")
ax.text(1.12, low - 0.02, "new sequences", color="C1", ha="center", va="top")
ax.axhline(0.5, color="C7", lw=1, ls=":")
ax.text(2.4, 0.51, "a coin", color="C7", ha="right", va="bottom")
ax.set(xticks=range(3), xticklabels=list(runs), xlim=(-0.5, 2.5), ylim=(0.45, 1.02),
       ylabel="balanced accuracy")
least = {name: min(run[0] for run in seeds) for name, seeds in runs.items()}
for name in ("recurrent", "dense"):
    others = [run[0] for run in runs[name]]
    value(f"ahead-{name}", least["sum"] - max(others))
    ahead = sum(run[0] > other for run, other in zip(runs["sum"], others))
    value(f"seeds-ahead-{name}", f"{ahead} of {len(SEEDS)}")
show(fig, alt="On new sequences the lowest seed has a balanced accuracy of "
     + ", ".join(f"{low:.2f} ({name})" for name, low in least.items()) + ".",
     caption="Threshold 0.9, three seeds. Open: on the training sequences.")

# %% [markdown] solution="on"
# The sum has [[sum-test]] on new sequences and [[sum-training]] on its own.
# It is ahead of the recurrent net in [[seeds-ahead-recurrent]] seeds and of the dense net in [[seeds-ahead-dense]].
# Its lowest seed less the highest of the recurrent net is [[ahead-recurrent:+.2f]], and less that of the dense net [[ahead-dense:+.2f]].
# It has [[weights-sum]] weights and the recurrent net [[weights-recurrent]], so between these two their number explains nothing; the dense net has [[weights-dense]].
#
# What has it learned?
# It turns each number into a contribution to the difference of the two logits.
# You can draw that contribution.

# %% id="contribution" solution="on"
def adds(model, x):  # to logit 1 - logit 0, each number by itself, without the bias
    direction = model.readout.weight[1] - model.readout.weight[0]  # (32,)
    return (model.each(x[..., None]) @ direction).detach()

numbers, steepest, parts = torch.linspace(-3, 3, 301), [], []
fig, ax = plt.subplots(figsize=(4.9, 2.6))
for *_, predict in runs["sum"]:
    curve = adds(predict.model, numbers)
    ax.plot(numbers, curve, color="C2", alpha=0.7, lw=1.3)
    rise = curve[10:] - curve[:-10]  # over 0.2
    steepest.append(numbers[rise.argmax() + 5].item())
    parts.append((rise.max() / (curve.max() - curve.min())).item())
value("steepest", span(steepest))
value("rise-least", min(parts)), value("rise-most", max(parts))
ax.axhline(0, color="C7", lw=0.8)
ax.axvline(0.9, color="C7", lw=1, ls=":")
ax.text(0.8, 2, "threshold", color="C7", ha="right")
ax.set(xlabel="a number of the sequence", ylabel="what it adds to the logits")
show(fig, alt="What one number adds to the difference of the logits is steepest at "
     + ", ".join(f"{at:.2f}" for at in steepest) + ", by seed; the threshold is 0.9.",
     caption="What the sum has learned, three seeds, without the bias.")

# %% [markdown] solution="on"
# It is a soft step near the threshold of 0.9: the steepest stretch of width 0.2 has its middle at [[steepest]], and in it lie [[rise-least:.0%]] to [[rise-most:.0%]] of the way from the lowest point to the highest.
# The level on the left matters, too; question 3 of "Go further" measures it.
#
# Each training sequence gives this one rule 20 numbers to learn from, and gives one number to the weights that the dense net has for one place.
# That is weight sharing, as in a convolution.
# The recurrent net shares its weights as well, but must also learn to carry what it has seen over up to 20 steps.

# %% [markdown]
# ## 6. Say what you found, and let it be tested
#
# Write down which model is better than which, as far as your numbers speak for it.
# The check makes your data, trains your models again, and looks for the usual ways to fool oneself: labels that leak, test sequences in training, runs without a seed, a model that says one class, and conclusions that the spread over seeds does not carry.

# %% id="check"
names = tuple(trains)
# TODO: `better`, a list of pairs (better, worse) of these names.
# <solution>
better = [("sum", "recurrent"), ("sum", "dense"), ("recurrent", "dense")]
# </solution>
print(check.counting_spikes(make_data, trains, better=better, seeds=SEEDS))

# %% [markdown] solution="on"
# And what would it have said of the usual report, threshold 1.5 and accuracy?
# Here it is for the dense net.

# %% id="check-rare" solution="on"
def rare_data(seed):
    return make_data(seed, threshold=1.5)

print(check.counting_spikes(rare_data, {"dense": trains["dense"]}, threshold=1.5))

# %% [markdown]
# **What to write under such a result.**
# The data and the rule, the sizes of the training and of the test set, the three nets, the optimiser, its rate and the epochs; the seeds, and what they vary; the measure, and what a model gets that always says the larger class; the lowest and the highest value.
# Without one of these a reader cannot repeat the comparison or judge it.
#
# ## Hints
#
# <details><summary>Hint 1</summary>
#
# Print before you train: the shapes, the share of label 1, and the accuracy of always saying 0.
# If one of them is not what you expected, no training will mend it.
#
# <details><summary>Hint 2</summary>
#
# A boolean tensor can be summed: `(x > threshold).sum(dim=1)` counts along the 20 numbers.
# `nn.RNN` wants three axes, (B, T, D), and here D is 1.
# It returns the outputs of all steps and the last state, which has an axis for the layers in front.
# Set the seed inside of `train`, before the model is made.
#
# <details><summary>Hint 3</summary>
#
# The loop over batches is `for chosen in torch.randperm(len(x)).split(125)`.
# In it come five lines: loss, `zero_grad`, `backward`, clipping, `step`.
# `nn.Linear(1, 32)` applied to (B, 20, 1) treats every number by itself, so the sum over the numbers is `.sum(dim=1)`.
# For the balanced accuracy, `said[labels == 1]` is what was said of the sequences with label 1.
#
# </details>
# </details>
# </details>
#
# ## Go further
#
# **1.** Put one line without weights in front of the dense net, and bring it near the sum or past it.
#
# **2.** Shuffle the numbers within each training sequence anew whenever it is used.
# Does the dense net gain? Why?
#
# **3.** Put 20 more numbers in front of each test sequence, all of them below 0.
# No label changes.
# Do the answers of the trained recurrent net and of the sum change, that is, do they count?
#
# **4.** Go back to the threshold 1.5 and give the rare class a larger weight in the loss.
# What happens to the balanced accuracy, and what to the accuracy?

# %% [markdown] solution="on"
# ## Answers to "Go further"
#
# **1.** Sort the numbers.
# The label is 1 where the fourth largest is above the threshold, so after sorting one place of 20 decides.

# %% id="sorted" solution="on"
class Sorting(nn.Module):
    def __init__(self, before):
        super().__init__()
        self.before, self.net = before, dense()

    def forward(self, x):
        return self.net(self.before(x, self.training))

def ordered(x, training):
    return x.sort(dim=1).values

further = {"sorted": study(trainer(lambda: Sorting(ordered)), 0.9, balanced)}
cite(further)
table(further | {"sum": runs["sum"]})

# %% [markdown] solution="on"
# The dense net on sorted numbers has [[sorted-test]], the sum [[sum-test]], and without sorting the dense net had [[dense-test]].
# Sorting has no weights, so the net still has [[weights-dense]].
# Sort inside of the model, as here.
# If you sort in `make_data`, the check calls the fourth column from the right a leak: it tells the label, and a model that reads it is no longer compared on equal terms with the others.
#
# **2.** In `forward`, `self.training` is True until somebody calls `eval`.

# %% id="shuffled" solution="on"
def shuffled(x, training):
    return x.gather(1, torch.rand(x.shape).argsort(dim=1)) if training else x

class Shuffling(Sorting):
    def __init__(self):
        super().__init__(shuffled)

further = {"shuffled": study(trainer(Shuffling), 0.9, balanced)}
cite(further)
table(further | {"dense": runs["dense"]})

# %% [markdown] solution="on"
# The dense net on ever new orders has [[shuffled-test]] on new sequences, against [[dense-test]] before.
# On its training sequences, in the order in which they were drawn, it has [[shuffled-training]], against [[dense-training]].
# It hardly meets the same order twice, so there is little of a single sequence that it could fit.
# But the symmetry is only suggested by the data: nothing makes its weights at the 20 places agree.
# Compare with [[sorted-test]], where it is built in.
#
# **3.** The models are those of tasks 4 and 5, trained on 20 numbers with the threshold 0.9.

# %% id="longer" solution="on"
for name in ("recurrent", "sum"):
    found, changed, before = [], [], [run[0] for run in runs[name]]
    for seed, (*_, predict) in zip(SEEDS, runs[name]):
        _, (x_test, y_test) = make_data(seed)
        drawn = torch.Generator().manual_seed(100 + seed)
        below = -torch.randn(x_test.shape, generator=drawn).abs()
        said = predict(torch.cat([below, x_test], dim=1))
        found.append(balanced(said, y_test))
        changed.append(1 - accuracy(said, predict(x_test)))
    value(f"long-{name}", span(found)), value(f"changed-{name}", span(changed))
    print(f"{name:9} 20 numbers", *(f"{b:.3f}" for b in before))
    print(f"{'':9} 40 numbers", *(f"{b:.3f}" for b in found))
    print(f"{'':9} changed   ", *(f"{c:.3f}" for c in changed))

# %% [markdown] solution="on"
# With the additional numbers the recurrent net has [[long-recurrent]] and the sum [[long-sum]]; without them it was [[recurrent-test]] and [[sum-test]].
# The share of answers that change is [[changed-recurrent]] and [[changed-sum]].
# A model that counts the numbers above the threshold would not change one.
#
# For the sum you can see why: what do 20 numbers below 0 add to the difference of its logits, on average?

# %% id="level" solution="on"
levels, biases, sizes = [], [], []
for seed, (*_, predict) in zip(SEEDS, runs["sum"]):
    _, (x_test, _) = make_data(seed)
    each = adds(predict.model, x_test)
    bias = predict.model.readout.bias.detach().diff().item()
    levels.append(STEPS * each[x_test < 0].mean().item())
    biases.append(bias)
    sizes.append((each.sum(dim=1) + bias).abs().mean().item())
value("low-add", span(levels)), value("biases", span(biases))
value("logits-size", span(sizes))
print("difference of the logits, by seed")
rows = {"20 low numbers": levels, "biases": biases, "mean size": sizes}
for name, row in rows.items():
    print(f"{name:14}", *(f"{number:6.2f}" for number in row))

# %% [markdown] solution="on"
# 20 low numbers add [[low-add]], and the biases of the read-out [[biases]].
# On the test sequences the whole difference has a mean size of [[logits-size]], without its sign.
# So a small number is not left out: it speaks against label 1, and large numbers make up for it, not the bias.
# To weigh large numbers against small ones is as good as counting while there are 20 in all, and not with 40.
# That a model can be applied to another length does not mean that it learned the rule.
#
# **4.** Give each class the share of the other as its weight, [[weight-zero:.3f]] and [[weight-one:.3f]], and both count alike in the loss.

# %% id="weighted" solution="on"
weight = torch.tensor([share(1.5), 1 - share(1.5)])
value("weight-zero", weight[0]), value("weight-one", weight[1])
value("majority", span(majority))
value("updates", EPOCHS * len(make_data(0)[0][0].split(125)))
weighted = study(trainer(Recurrent, weight), 1.5, lambda *pair: pair)
print("recurrent, 1.5, weighted loss")
for score in (balanced, recall, accuracy):
    numbers = [score(*run[0]) for run in weighted]
    value(f"weighted-{score.__name__}", span(numbers))
    print(f"{score.__name__:17}", *(f"{n:.3f}" for n in numbers))
print(f"{'always 0':17}", *(f"{share:.3f}" for share in majority))

# %% [markdown] solution="on"
# The balanced accuracy of the recurrent net is [[weighted-balanced]] now, and it was [[recurrent-rare-balanced-test]]; of the positives it finds [[weighted-recall]], and it was [[recurrent-rare-recall-test]].
# Its accuracy is [[weighted-accuracy]], while always saying 0 has [[majority]].
# So by accuracy a model that always says 0 may be ahead of one that finds many of the rare sequences.
# Which of the two you want depends on what a missed one costs and what a false alarm costs; the accuracy counts both alike.
#
# ## What this does not show
#
# Each net was trained with one rate, in one size, and for [[updates]] updates in total.
# With another rate or more updates the numbers would be others, and perhaps the order of the nets.
# The sum has one layer more than the other two, so its lead does not tell what weight sharing alone is worth.
# Three seeds are few: with others the recurrent net need not be ahead of the dense net each time.
