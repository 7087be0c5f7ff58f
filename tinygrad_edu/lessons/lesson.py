"""What a lesson is: data, a model as an ordinary expression, gradients by hand, a training, a figure."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tinygrad_edu.compiling import compile  # noqa: A004 (the field's word)
from tinygrad_edu.lessons.canvas import SIZE, Theme, prepared
from tinygrad_edu.training import Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Params = dict[str, Array]
Gradients = dict[str, Array | np.float64]
Result = TypeVar("Result")

PAYS = 400
"""From so many steps on, what compiled steps save is more than what compiling takes."""


@dataclass(frozen=True)
class Formula:
    """One line of a derivation: what it is about, as plain text and as LaTeX (without dollar signs)."""

    name: str
    text: str
    latex: str


@dataclass(frozen=True)
class Lesson:
    """One step of the talk.

    Attributes
    ----------
    name : str
        The identifier on the command line, such as ``"linear-regression"``.
    title, text : str
        A headline, and what the lesson teaches in a few sentences.
    definitions : tuple of Formula
        The forward direction. Every name that `forward` returns is defined here, and so is the objective "Q".
    gradients : tuple of Formula
        The derivation in the order in which it is done by hand, from the objective back to the parameters.
        The names are those that `by_hand` returns.
    data : mapping of str to array
        What the loss needs besides the parameters: the inputs ``x`` and the expected outputs ``y``.
    initial : callable
        ``initial(rng)`` gives the parameters before training, as a dict of arrays.
    forward : callable
        The model. Asks by name for parameters and data, gives its intermediates by name; arrays or Values.
    loss : callable
        ``loss(**inputs)``, the objective as one number, where ``inputs`` holds parameters and data.
    by_hand : callable
        The derivation as plain NumPy, independent of the engine. Asks by name for parameters, data and
        intermediates, gives a dict from the names of parameters and intermediates to gradients.
    method : callable
        ``method(objective, params, steps=...)``, a generator of `tinygrad_edu.training.Step`.
    steps : int
        How many steps of `method` the lesson takes.
    draw : callable
        ``draw(steps, ax, theme)`` paints the course of a training on Axes; see `figure`.
    size : (float, float)
        Width and height of a new figure, in inches.
    mistake : tuple of str
        What the mistake in the derivation is known to be, as kinds of findings that `compare` must give;
        empty for a derivation that is right, as nearly all are.
    remark : str
        What one has to know to read the numbers, such as a unit; may be empty.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.lessons import LESSONS
    >>> lesson = LESSONS["linear-regression"]
    >>> params = lesson.initial(np.random.default_rng(0))
    >>> [round(step.objective) for step in lesson.train(params, steps=2)]
    [32262279, 19648512, 12868655]
    >>> by_hand = lesson.gradients_by_hand(params)
    >>> print(f"{by_hand['theta0']:.3f} {by_hand['theta1']:.3f}")
    -6985.968 -3075.649
    """

    name: str
    title: str
    text: str
    definitions: tuple[Formula, ...]
    gradients: tuple[Formula, ...]
    data: Mapping[str, Array]
    initial: Callable[[np.random.Generator], Params]
    forward: Callable[..., dict[str, Any]]
    loss: Callable[..., Any]
    by_hand: Callable[..., Gradients]
    method: Callable[..., Iterator[Step]]
    steps: int
    draw: Callable[[Sequence[Step], "Axes", Theme], None]
    size: tuple[float, float] = SIZE
    mistake: tuple[str, ...] = ()
    remark: str = ""

    def inputs(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters and data together: the keyword arguments of `loss`."""
        return {**params, **self.data}

    def objective(self, params: Mapping[str, Any]) -> Any:
        """The loss as a function of the parameters alone, which is what is differentiated and minimised."""
        return self.loss(**self.inputs(params))

    def predict(self, params: Mapping[str, Any], **data: Any) -> dict[str, Any]:
        """The intermediates of the model at `params`; `data`, such as x=points, replaces its own."""
        return call_by_name(self.forward, {**self.inputs(params), **data})

    def gradients_by_hand(self, params: Mapping[str, Any]) -> Gradients:
        """The hand-derived gradients at `params` (arrays), computed without the engine."""
        return call_by_name(self.by_hand, {**self.inputs(params), **self.predict(params)})

    def train(self, params: Params, *, steps: int | None = None) -> Iterator[Step]:
        """Trains from `params`, one `Step` at a time; step 0 is the state before the first update.

        A long training runs on a compiled objective, which gives the same numbers in less time.
        """
        steps = self.steps if steps is None else steps
        objective = compile(self.objective) if steps >= PAYS else self.objective
        return self.method(objective, params, steps=steps)

    @property
    def is_compiled(self) -> bool:
        """Whether the training is long enough for compiling to pay."""
        return self.steps >= PAYS

    def figure(self, steps: Sequence[Step], ax: "Axes | None" = None, theme: Theme = "light") -> "Axes":
        """Paints what a training did.

        Parameters
        ----------
        steps : sequence of Step
            A training or every so many steps of it; the last one is the result.
        ax : matplotlib Axes, optional
            Where to paint; a new figure otherwise.
        theme : "light" or "dark"

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        MissingPackageError
            If matplotlib is not installed.
        ArgumentError
            If there is no step to paint, or the theme is unknown.
        """
        axes = prepared(steps, ax, theme, self.size)
        self.draw(steps, axes, theme)
        return axes


def call_by_name(function: Callable[..., Result], available: Mapping[str, Any]) -> Result:
    """Calls a function with those of the available things that its parameters are named after."""
    return function(**{name: available[name] for name in inspect.signature(function).parameters})
