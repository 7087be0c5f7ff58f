"""The catalogue of mistakes: which generator makes hypotheses of which kinds, at what."""

from collections.abc import Callable, Iterator

from tinygrad_edu.diagnosis import (
    chains,
    contributions,
    factors,
    fused,
    losses,
    operands,
    paths,
    rows,
    scaled,
    updates,
)
from tinygrad_edu.diagnosis.hypotheses import Case, Hypothesis
from tinygrad_edu.diagnosis.scene import Edge

IN_STEPS: tuple[Callable[[Case, Edge], Iterator[Hypothesis]], ...] = (
    factors.missing_derivative,
    factors.repeated_derivative,
    factors.wrong_point,
    factors.wrong_activation,
    factors.power_slip,
    factors.mask,
    operands.operand,
    operands.shifted_operand,
)
"""Mistakes made in the derivative of an operation that is differentiated by itself."""

AT_EDGES: tuple[Callable[[Case, Edge], Iterator[Hypothesis]], ...] = (
    operands.transposed_gradient,
    operands.upstream_ignored,
    operands.elementwise_for_matmul,
    operands.overwritten,
    rows.missing_sum,
)
"""Mistakes made where an operation hands its gradient on to one of its arguments."""

AT_PLACES: tuple[Callable[[Case, int], Iterator[Hypothesis]], ...] = (
    rows.missing_gradient,
    rows.transposed,
    rows.shifted,
    rows.swapped,
)
"""Mistakes made with the gradient of one Value."""

MEASURED: tuple[Callable[[Case], Iterator[Hypothesis]], ...] = (
    scaled.scaled_places,
    contributions.scaled_paths,
    updates.added_penalty,
    updates.step_for_gradient,
)
"""Mistakes with a factor that is measured in the wrong gradients."""

ANYWHERE: tuple[Callable[[Case], Iterator[Hypothesis]], ...] = (
    chains.written_out,
    paths.lost_statistics,
    paths.diagonal_only,
    losses.wrong_loss,
)
"""Mistakes that a look at the whole graph finds."""

LAST: tuple[Callable[[Case], Iterator[Hypothesis]], ...] = (
    fused.missing_factor,
    updates.left_out,
    updates.stale_parameters,
)
"""Mistakes that are laborious to look for: only if nothing else explains the numbers."""

KINDS = (
    "sign", "constant-factor", "missing-sum", "mean-for-sum", "missing-derivative", "repeated-derivative",
    "wrong-point", "wrong-activation", "wrong-loss", "diagonal-only", "transposed", "operand",
    "elementwise-for-matmul", "lost-path", "double-path", "lost-statistics", "upstream-ignored",
    "stale-parameters", "swapped", "missing-gradient", "shifted", "mask", "overwritten", "power-slip",
    "regularisation",
)  # fmt: skip


def hypotheses(case: Case) -> Iterator[Hypothesis]:
    """Everything that is tried first."""
    yield from of_numbers(case)
    yield from of_graph(case)


def of_numbers(case: Case) -> Iterator[Hypothesis]:
    """What depends on the numbers that are to be explained."""
    for measured in MEASURED:
        yield from measured(case)


def of_graph(case: Case) -> Iterator[Hypothesis]:
    """What depends on the graph, and on which rows are wrong."""
    for anywhere in ANYWHERE:
        yield from anywhere(case)
    for place in case.places:
        if case.scene.arrived[place] is not None or place in case.scene.manual:
            for at_place in AT_PLACES:
                yield from at_place(case, place)
    for edge in case.edges:
        whole = case.at_once.get(edge.node)
        for at_edge in (*IN_STEPS, *AT_EDGES) if whole is None else AT_EDGES if whole == edge.node else ():
            yield from at_edge(case, edge)


def last_hypotheses(case: Case) -> Iterator[Hypothesis]:
    """What is tried if nothing else explains the numbers."""
    for anywhere in LAST:
        yield from anywhere(case)
