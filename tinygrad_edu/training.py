"""Gradient descent as a generator of steps, with momentum and as Adam; the bridge to SciPy's minimisers."""

from collections.abc import Callable, Iterator
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu import trees
from tinygrad_edu.compiling import Compiled
from tinygrad_edu.errors import ArgumentError, DivergenceError, missing_package
from tinygrad_edu.transforms import value_and_grad

Array = Any
Loss = Callable[[Any], Any]
Update = Callable[[int, Array, Array], Array]
METHODS = "Those that use a gradient: CG, BFGS, L-BFGS-B, TNC, SLSQP."
INSIDE = "from 0 up to, but not including, 1."


class Step(NamedTuple):
    """Where a descent stands after `number` updates.

    Attributes
    ----------
    number : int
        How many updates were made; 0 before the first.
    objective : float
        The loss at `params`.
    params, gradients : in the structure that the descent was given
        The parameters, and the gradient of the loss there.
    """

    number: int
    objective: float
    params: Any
    gradients: Any


def gradient_descent(loss: Loss, params: Any, rate: float, steps: int) -> Iterator[Step]:
    """Steepest descent: every parameter p becomes p - rate * gradient, all at the same time.

    Parameters
    ----------
    loss : callable
        ``loss(params)``, a single number. For a loss from `tg.compile`, loss and gradient run compiled.
    params : nested dict, list or tuple of arrays
        Where to start; the arrays are not changed.
    rate : float
        Positive.
    steps : int
        How many updates.

    Yields
    ------
    Step
        ``steps + 1`` of them, the first before any update. The loop is the caller's: stop whenever you like.

    Raises
    ------
    ArgumentError
        If the rate is not positive, the number of steps is negative, or there are no parameters.
    DivergenceError
        After a step whose objective is no longer a finite number, when the next one is asked for.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> for step in tg.gradient_descent(lambda p: (p["x"] - 3) ** 2, {"x": 0.0}, rate=0.25, steps=2):
    ...     print(step.number, step.objective, step.params["x"])
    0 9.0 0.0
    1 2.25 1.5
    2 0.5625 2.25
    """
    return _descent(loss, params, rate, steps, lambda: lambda i, t, g: float(rate) * g)


def momentum(loss: Loss, params: Any, rate: float, steps: int, decay: float = 0.9) -> Iterator[Step]:
    """Descent with momentum (Polyak 1964): v becomes decay * v + gradient, and p becomes p - rate * v.

    Parameters and steps as for `gradient_descent`; ``0 <= decay < 1``.
    """
    _check(
        _lies(decay, 0, 1), f"decay={decay}: momentum decays by a factor from 0 up to, but not including, 1."
    )

    def fresh() -> Update:
        velocity: dict[int, Array] = {}

        def update(i: int, t: int, g: Array) -> Array:
            velocity[i] = float(decay) * velocity.get(i, 0.0) + g
            return float(rate) * velocity[i]

        return update

    return _descent(loss, params, rate, steps, fresh)


def adam(
    loss: Loss,
    params: Any,
    rate: float,
    steps: int,
    decay: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
) -> Iterator[Step]:
    """Adam (Kingma and Ba 2015): steps of about `rate` for each parameter, from running means of g and of g².

    Parameters and steps as for `gradient_descent`; `decay` are the factors of the two running means.
    """
    _check(np.shape(decay) == (2,), f"decay={decay!r}: Adam has two, for the means of g and of g².")
    _check(_lies(decay[0], 0, 1) and _lies(decay[1], 0, 1), f"decay={decay}: both factors lie {INSIDE}")
    _check(_lies(epsilon, 0), f"epsilon={epsilon!r}: a number, small and not negative.")
    fading, fading_squares = map(float, decay)

    def fresh() -> Update:
        means: dict[int, tuple[Array, Array]] = {}

        def update(i: int, t: int, g: Array) -> Array:
            first, second = means.get(i, (0.0, 0.0))
            first = fading * first + (1 - fading) * g
            second = fading_squares * second + (1 - fading_squares) * g * g
            means[i] = first, second
            corrected = np.sqrt(second / (1 - fading_squares**t)) + float(epsilon)
            return float(rate) * first / (1 - fading**t) / corrected

        return update

    return _descent(loss, params, rate, steps, fresh)


class Minimum(NamedTuple):
    """What `minimize` found: parameters, the loss there, the number of iterations, and why it stopped."""

    params: Any
    objective: float
    steps: int
    converged: bool
    message: str


def minimize(
    loss: Loss,
    params: Any,
    method: str = "L-BFGS-B",
    callback: Callable[[Any], None] | None = None,
    **options: Any,
) -> Minimum:
    """Minimise with ``scipy.optimize.minimize``, which gets the gradients from here.

    Parameters
    ----------
    loss, params : as for `gradient_descent`
    method : str
        Any of SciPy's methods that use a gradient.
    callback : callable, optional
        Called with the parameters after each iteration.
    **options
        SciPy's options for the method, such as ``maxiter=500``.

    Raises
    ------
    MissingPackageError
        If SciPy is not installed.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> best = tg.minimize(lambda p: (p["x"] - 3) ** 2, {"x": 0.0})
    >>> round(float(best.params["x"]), 6), best.converged
    (3.0, True)
    """
    try:
        from scipy import optimize
    except ImportError as error:
        raise missing_package("scipy", "train", "tg.minimize") from error
    _check(bool(trees.leaves(params)), f"params={params!r} holds no numbers: there is nothing to minimise.")
    leaves = [np.asarray(leaf, dtype=float) for leaf in trees.leaves(params)]
    ends = np.cumsum([leaf.size for leaf in leaves])[:-1]
    both = differentiated(loss)

    def unflattened(vector: Array) -> Any:
        pieces = np.split(vector, ends)
        return trees.rebuild(params, [p.reshape(x.shape)[()] for p, x in zip(pieces, leaves, strict=True)])

    def flattened(arrays: list[Array]) -> Array:
        return np.concatenate([np.ravel(array) for array in arrays]) if arrays else np.zeros(0)

    def objective(vector: Array) -> tuple[float, Array]:
        value, gradients = both(unflattened(vector))
        return float(value), flattened(trees.leaves(gradients))

    report = None if callback is None else lambda vector: callback(unflattened(vector))
    try:
        found = optimize.minimize(
            objective, flattened(leaves), jac=True, method=method, callback=report, options=options
        )
    except ValueError as error:
        known = {"Unknown solver": "SciPy has no such method", "Hessian": "it needs second derivatives too"}
        for words, why in known.items():
            _check(words not in str(error), f"method={method!r}: {why}. {METHODS}")
        raise
    return Minimum(
        unflattened(found.x), float(found.fun), int(found.nit), bool(found.success), str(found.message)
    )


def differentiated(loss: Loss) -> Callable[[Any], Any]:
    """The loss and its gradient; as a compiled program if the loss was compiled."""
    return loss.value_and_grad if isinstance(loss, Compiled) else value_and_grad(loss)


def _descent(loss: Loss, params: Any, rate: float, steps: int, fresh: Callable[[], Update]) -> Iterator[Step]:
    _check(_lies(rate, 0) and rate > 0, f"rate={rate!r}: the rate of a descent is a positive number.")
    _check(
        _lies(steps, 0) and steps % 1 == 0, f"steps={steps!r}: the number of steps is 0 or more, and whole."
    )
    _check(bool(trees.leaves(params)), f"params={params!r} holds no numbers: there is nothing to descend in.")
    start = trees.transform(lambda p: p.copy() if isinstance(p, np.ndarray) else p, params)
    return _steps(differentiated(loss), start, int(steps), float(rate), fresh())


def _steps(
    both: Callable[[Any], Any], params: Any, steps: int, rate: float, update: Update
) -> Iterator[Step]:
    for number in range(steps + 1):
        value, gradients = both(params)
        yield Step(number, float(value), params, gradients)
        if number < steps:
            if not np.isfinite(value):
                raise DivergenceError(
                    f"The objective is {float(value)} after {number} updates: the descent has left the "
                    f"finite numbers. Try a rate smaller than {rate:g}, or look for the operation that "
                    "overflows."
                )
            moved = [
                p - update(i, number + 1, g)
                for i, (p, g) in enumerate(zip(trees.leaves(params), trees.leaves(gradients), strict=True))
            ]
            params = trees.rebuild(params, moved)


def _lies(x: Any, low: float, high: float = float("inf")) -> bool:
    """Whether x is a number, not less than `low` and less than `high`."""
    return isinstance(x, Real) and low <= float(x) < high


def _check(condition: bool, message: str) -> None:
    if not condition:
        raise ArgumentError(message)
