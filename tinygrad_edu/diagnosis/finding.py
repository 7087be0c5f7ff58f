"""What is said about a mistake: its kind, its place, a sentence, the evidence, other readings."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One mistake: its kind, the Value where it was made, and a sentence that says what to do.

    Attributes
    ----------
    kind : str
        An identifier such as ``"missing-derivative"``, or ``"unexplained"``.
    node : str
        The name of the Value whose manual gradient is the first wrong one because of it; it need not be one
        whose gradient was given.
    message, correction : str
        What is wrong, and the corrected line of the derivation as far as it can be written down; in it ``dx``
        is the gradient of ``x``.
    residual : float
        What is left of the deviation, relative to the true gradient, once the mistake is taken into account.
    alternatives : tuple of Finding
        Other findings that explain the same numbers.
    before : float
        The deviation itself, relative to the true gradient.
    elements, probes : int
        How many numbers the finding explains, and at how many points; 0 numbers where only together with
        the next one.
    rows : tuple of str
        The names whose wrong gradients it explains.
    uses : tuple of (place, position)
        Where along the graph the mistake lies, if it is not the gradient as a whole: operations by their
        place in the history of the loss, each with the position of the argument.
    place : str
        Where the mistake is: `node`, or what an operation without a name computes.
    together : bool
        Whether it explains the numbers only together with a mistake that is told before it.
    """

    kind: str
    node: str
    message: str
    correction: str = ""
    residual: float = 0.0
    alternatives: tuple["Finding", ...] = ()
    before: float = 0.0
    elements: int = 0
    probes: int = 0
    rows: tuple[str, ...] = ()
    uses: tuple[tuple[int, int], ...] = ()
    place: str = ""
    together: bool = False
