"""Spans of memory: what follows from accuracies by length, and what does not."""

from __future__ import annotations

from dataclasses import dataclass

from unrolled.check.findings import Findings, spread

GAP = 2.6  # the next length tried is at most so many times the span; 10, 25, 50, 100, 200 will do


@dataclass(frozen=True)
class Row:
    """One way of training.

    Attributes:
        accuracies: For each length those of the seeds.
        learned: Above this a network has learned the length.
        coin: What guessing gives, from and to.
    """

    way: str
    accuracies: dict[int, list[float]]
    learned: float
    coin: tuple[float, float]

    @property
    def lengths(self) -> list[int]:
        """All that were tried, the shortest first."""
        return sorted(self.accuracies)

    def all_learn(self, length: int) -> bool:
        """Whether every seed has learned a length."""
        return min(self.accuracies[length]) > self.learned

    @property
    def span(self) -> int:
        """The longest length that all seeds learn, with all shorter ones; 0 for none."""
        reached = 0
        for length in self.lengths:
            if not self.all_learn(length):
                break
            reached = length
        return reached

    @property
    def first_failed(self) -> int | None:
        """The shortest length that not all seeds learn; None where none was tried."""
        return next((T for T in self.lengths if not self.all_learn(T)), None)

    def all_seeds_alike(self) -> bool:
        """Whether seeds never make a difference, though they could."""
        numbers = list(self.accuracies.values())
        alike = all(len(set(each)) == 1 and len(each) > 1 for each in numbers)
        return alike and any(each[0] < 1 for each in numbers)

    def at(self, length: int) -> str:
        """Return a length and its accuracies in words."""
        return f"at {length} the accuracies are {spread(self.accuracies[length])}"


def judge_span(row: Row, stated: int | None, found: Findings) -> None:
    """Compare what a reader concluded about one way with its accuracies."""
    said = stated or 0
    if said and said not in row.accuracies:
        found.add(
            "length-missing",
            f"{row.way}: {said} is given as the span, but was not run",
            f"You ran {', '.join(map(str, row.lengths))}. A span is a length that was run.",
        )
    elif said > row.span:
        _too_long(row, said, found)
    elif said < row.span:
        found.add(
            "span-too-short",
            f"{row.way}: {said} is given as the span, but {row.at(row.span)}",
            f"Every seed learned {row.span} and all shorter lengths that you ran.",
        )
    elif not row.span:
        found.add(
            "never-learned",
            f"{row.way}: no length was learned, and {row.lengths[0]} is the shortest",
            "An untrained network gives these numbers, too. A cliff needs a near side: run a "
            "length of 2 or 3, and look at the loss and the number of updates.",
        )
    else:
        _cliff(row, found)


def _too_long(row: Row, said: int, found: Findings) -> None:
    failed = row.first_failed
    assert failed is not None
    numbers = row.accuracies[failed]
    what = f"{row.way}: {said} is given as the span, but {row.at(failed)}"
    if max(numbers) <= row.coin[1]:
        found.add(
            "chance-taken-for-learning",
            what,
            f"A coin gives {row.coin[0]:.2f} to {row.coin[1]:.2f} in as many tests. "
            "An accuracy counts from there, not from 0.",
        )
    elif max(numbers) > row.learned:
        count = sum(number > row.learned for number in numbers)
        found.add(
            "some-seeds-fail",
            what,
            f"Only {count} of {len(numbers)} seeds learned it. A mean, or the best seed, "
            "hides the others; say in how many it works.",
        )
    else:
        _under_way(row, failed, found)


def _under_way(row: Row, length: int, found: Findings) -> None:
    found.add(
        "still-learning",
        f"{row.way}: {row.at(length)}: neither learned nor a coin's",
        "The budget ended while the network was on its way, so this is where the updates end "
        "and not the memory. Train on, or name the budget in the conclusion.",
    )


def _cliff(row: Row, found: Findings) -> None:
    failed = row.first_failed
    if failed is None:
        found.right.append(f"{row.way}: at least {row.span}; nothing longer was run")
        return
    numbers = row.accuracies[failed]
    if failed > GAP * row.span:
        found.add(
            "length-missing",
            f"{row.way}: {row.span} is learned, {failed} is not, nothing between was run",
            "The cliff may be anywhere between the two. Run a length in the middle.",
        )
    elif row.coin[1] < max(numbers) <= row.learned:
        _under_way(row, failed, found)
    else:
        count = sum(number > row.learned for number in numbers)
        found.right.append(
            f"{row.way}: {row.span}; at {failed}, {count} of {len(numbers)} seeds learn"
        )


def judge_difference(first: Row, second: Row, found: Findings) -> None:
    """Say whether the first way reaches further than the second."""
    claim = f"{first.way} is said to reach further than {second.way}"
    if first.span <= second.span:
        _no_difference(first, second, claim, found)
        return
    shared = [T for T in first.lengths if second.span < T <= first.span and T in second.accuracies]
    if not shared:
        found.add(
            "not-compared",
            f"{claim}, but no length between {second.span} and {first.span} was run with both",
            "Two ways are compared at the same length, with everything else alike.",
        )
        return
    apart = [T for T in shared if min(first.accuracies[T]) > max(second.accuracies[T])]
    if apart:
        T = apart[0]
        found.right.append(
            f"{first.way} reaches further than {second.way}: {spread(first.accuracies[T])} "
            f"against {spread(second.accuracies[T])} at {T}"
        )
        return
    T = shared[0]
    found.add(
        "difference-within-spread",
        f"{claim}, but at {T} the seeds overlap: {spread(first.accuracies[T])} against "
        f"{spread(second.accuracies[T])}",
        "Another set of seeds may turn it round. Take more seeds, or a length further from "
        "the cliff, or say that these runs do not tell.",
    )


def _no_difference(first: Row, second: Row, claim: str, found: Findings) -> None:
    if first.first_failed is None and first.span == second.span:
        found.add(
            "end-not-reached",
            f"{claim}, but it was not run beyond {first.span}, and both learn that",
            "Run lengths at which at least one of them fails.",
        )
    else:
        found.add(
            "wrong-way-round",
            f"{claim}, but the spans are {first.span} and {second.span}",
            "The numbers say the opposite, or that the two are alike.",
        )
