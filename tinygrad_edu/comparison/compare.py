"""tg.compare: the manual gradients that a person gives, held against those of a graph."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.comparison.foreign import inputs_of
from tinygrad_edu.comparison.matching import Manual
from tinygrad_edu.comparison.probes import Inputs, at_probes, at_recorded_point
from tinygrad_edu.comparison.result import Comparison
from tinygrad_edu.comparison.rows import comparison_of
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.value import Value


def compare(
    loss: Value | Callable[..., Any],
    manual: Manual | Callable[..., Manual],
    inputs: Inputs | None = None,
    probes: Callable[[np.random.Generator], Inputs] | None = None,
) -> Comparison:
    """Hold manual gradients against automatic ones, Value by Value.

    Parameters
    ----------
    loss : Value or callable
        A recorded loss; or, with `inputs`, a function ``loss(**inputs)`` that gives one.
    manual : mapping or callable
        Gradients by name (or by Value): of parameters, of intermediate results, of any subset, as arrays,
        numbers, lists, or tensors of another library. With `inputs`, a function that returns such a mapping.
        It is called with whatever its parameters are named after: inputs, and named intermediate results as
        they were recorded (plain arrays).
    inputs : mapping of str to array, optional
        The arguments of the two functions. Those that are floating point become Values of these names.
    probes : callable, optional
        ``probes(rng)`` gives further inputs to compare at. Without it, the inputs whose gradients the manual
        function gives are moved a little, twice; data stay as they are, since they may have to be whole
        numbers, probabilities or labels.

    Returns
    -------
    Comparison
        One row for every named Value. ``print`` it, ask for ``.ok``, or call ``.raise_if_wrong()`` in a test.

    Raises
    ------
    ArgumentError
        For a name that the graph does not know (with the nearest ones), and a name that stands for two
        Values.
    NonScalarError
        If the loss is not a single number.

    Notes
    -----
    ``.grad`` is left alone. A difference counts as rounding if it is no larger than what changes in the
    last digits of the numbers in the forward pass can cause.

    Examples
    --------
    >>> import numpy as np, tinygrad_edu as tg
    >>> x, y = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 5.0])
    >>> w = tg.Value(0.5, name="w")
    >>> loss = np.mean((w * x - y) ** 2) / 2
    >>> tg.compare(loss, {"w": np.mean((0.5 * x - y) * x)}).ok
    True
    >>> print(tg.compare(loss, {"w": np.mean(0.5 * x - y)}).summary())
    The mistake is at w.
    """
    frame = sys._getframe(1)
    if inputs is None:
        if not isinstance(manual, Mapping) or not isinstance(loss, Value):
            raise ArgumentError(
                "compare takes a recorded loss and a mapping of gradients, compare(loss, manual), or two "
                "functions and their inputs, compare(loss_fn, manual_fn, inputs)."
            )
        return comparison_of([at_recorded_point(loss, manual, frame)])
    if not callable(loss) or not callable(manual):
        raise ArgumentError(
            "compare(loss_fn, manual_fn, inputs): with inputs, the first two arguments are functions."
        )
    if not isinstance(inputs, Mapping):
        raise ArgumentError(
            f"compare(loss_fn, manual_fn, inputs): inputs is a dict from argument names to arrays, not a "
            f"{type(inputs).__name__}."
        )
    fresh = None if probes is None else lambda rng: inputs_of(probes(rng))
    return comparison_of(list(at_probes(loss, manual, inputs_of(inputs), fresh, frame)))
