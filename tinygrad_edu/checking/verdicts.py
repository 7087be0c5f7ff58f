"""One claimed slope against a measured one: right, wrong, or not to be told; and what a ratio says."""

import math
from collections.abc import Iterable

from tinygrad_edu.checking.differences import Slope
from tinygrad_edu.checking.report import WORDS, Verdict

RELATIVE = 1e-6
"""Slopes that differ by less than this part of themselves are the same."""
MARGIN = 10.0
"""So many times the estimated uncertainty is beyond doubt."""
DROWNED = 0.1
"""An uncertainty of more than this part of the slope says nothing about it."""


def judge(claimed: float, measured: Slope, relative: float = RELATIVE) -> Verdict:
    """The verdict on a claimed slope.

    >>> judge(2.0, Slope(2.0, 1e-12, 2.0, 2.0)), judge(1.0, Slope(2.0, 1e-12, 2.0, 2.0))
    ('correct', 'wrong')
    >>> judge(0.5, Slope(0.5, 1e-12, 0.0, 1.0, "kink"))
    'kink'
    """
    if measured.shape in ("edge", "jump"):
        return "edge" if measured.shape == "edge" else "kink"
    if not math.isfinite(claimed):
        steep = measured.uncertainty > DROWNED * abs(measured.value)
        return "edge" if steep and not math.isnan(claimed) else "wrong"
    if measured.shape == "kink":
        room = MARGIN * measured.uncertainty + relative * max(abs(measured.low), abs(measured.high))
        return "kink" if measured.low - room <= claimed <= measured.high + room else "wrong"
    size = max(abs(claimed), abs(measured.value))
    if abs(claimed - measured.value) > MARGIN * measured.uncertainty + relative * size:
        return "wrong"
    if claimed == 0:
        return "flat"
    return "noise" if measured.uncertainty > DROWNED * size else "correct"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that a row has for several."""
    order = list(WORDS)
    verdicts = set(verdicts)
    if verdicts <= {"correct", "flat"} and "correct" in verdicts:
        return "correct"
    return max(verdicts, key=order.index, default="flat")


def deviation(claimed: float, measured: float) -> float:
    """The difference of two slopes, divided by the larger one."""
    if claimed == measured or math.isnan(measured):
        return 0.0
    return abs(claimed - measured) / max(abs(claimed), abs(measured))


def ratio_words(ratios: list[float], claimed: float) -> str:
    """What the ratio of claimed to measured slopes says, if it is the same at all elements; else nothing.

    >>> ratio_words([2.0, 2.0000000001], 1.0), ratio_words([-1.0], 1.0), ratio_words([0.5, 0.7], 1.0)
    ('twice as large', 'the sign is wrong', '')
    """
    if not math.isfinite(claimed):
        return f"{claimed} is no slope; tg.find_nonfinite tells where it comes from"
    first = ratios[0] if ratios else math.nan
    if math.isnan(first) or not all(abs(ratio - first) <= 1e-4 * abs(first) for ratio in ratios):
        return ""
    if first == 0:
        return "nothing arrives"
    known = {1.0: "", -1.0: "the sign is wrong", 2.0: "twice as large", 0.5: "half as large"}
    for value, words in known.items():
        if abs(first - value) <= 1e-4:
            return words
    size = abs(first)
    whole = 1e-4 < size < 1 and abs(1 / size - round(1 / size)) < 1e-4 / size
    factor = f"1/{round(1 / size)}" if whole else f"{size:.4g}"
    return f"{factor} times as large{', with the wrong sign' if first < 0 else ''}"
