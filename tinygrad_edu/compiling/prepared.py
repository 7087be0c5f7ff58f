"""One signature of a function, ready to run: its program, what was built of it, and how it is called."""

from typing import Any

from tinygrad_edu import trees
from tinygrad_edu.compiling.calling import Calling
from tinygrad_edu.compiling.target import Built
from tinygrad_edu.errors import ArgumentError
from tinygrad_edu.node import Node
from tinygrad_edu.program.programs import Program

Array = Any


class Prepared:
    """One signature: its program, ready to run."""

    def __init__(
        self, program: Program, caught: tuple[Node, ...], args: tuple[Any, ...], built: Built
    ) -> None:
        self.program, self.caught, self.built = program, caught, built
        self.calling = Calling(args, program.result, self.run if caught else built.run)
        count = len(program.inputs) - len(caught)
        self._types = [(entry.shape, entry.dtype) for entry in program.inputs[count:]]

    def fits(self) -> bool:
        """Whether the Values from outside still have the shapes that they had."""
        return self._types == [(node.shape, node.dtype) for node in self.caught]

    def run(self, inputs: list[Array]) -> list[Array]:
        """The outputs for the inputs of a call."""
        return self.built.run(self.completed(inputs))

    def completed(self, inputs: list[Array]) -> list[Array]:
        """The inputs with what the Values from outside hold now."""
        return [*inputs, *(node._data for node in self.caught)] if self.caught else inputs

    def column(self, title: str) -> int | None:
        """The number of the output that is collected; None if the function gives its state only."""
        given = self.program.arguments[: len(self.program.arguments) - len(self.caught)]
        result = self.program.result
        state: Any = given[0] if len(given) == 1 else given
        if _alike(state, result) or _alike(given, result):
            return None
        if isinstance(result, tuple) and len(result) > 1 and result[-1] is not None:
            first = result[:-1]
            fits = _alike(given, first) or (len(first) == 1 and _alike(state, first[0]))
            if fits and trees.leaves(result[-1]) == [result[-1]] and result[-1].shape == ():
                return len(self.program.outputs) - 1
        raise ArgumentError(
            f"repeat: {title} takes {_described(given)} and gives {_described(result)}: it must give as much "
            "as it takes, in the same structure, shapes and dtypes, or that and a single number as the last "
            "of a tuple."
        )


def _alike(tree: Any, other: Any) -> bool:
    """Whether two structures of entries have the same keys, shapes and dtypes."""
    ours, theirs = list(trees.paths(tree)), list(trees.paths(other))
    return [(path, each.shape, each.dtype) for path, each in ours] == [
        (path, each.shape, each.dtype) for path, each in theirs
    ]


def _described(tree: Any) -> str:
    shapes = ["×".join(map(str, leaf.shape)) or "a number" for leaf in trees.leaves(tree)]
    return ", ".join(shapes) or "nothing"
