"""What places and operations are called in a sentence: by the user's names, and as lines of Python."""

from collections.abc import Callable, Mapping, Sequence

from tinygrad_edu.diagnosis.code import code, rule_code
from tinygrad_edu.diagnosis.scene import Edge, Scene

LONGEST = 60


class Words:
    """Names in one graph.

    Parameters
    ----------
    scene : Scene
        The first probe.
    names : mapping
        The names of Values and plain operands, by identity.
    """

    def __init__(self, scene: Scene, names: Mapping[int, str]) -> None:
        self.scene, self.names = scene, names

    def has_name(self, place: int) -> bool:
        """Whether the Value at a place has a name, or a manual gradient."""
        return id(self.scene.nodes[place]) in self.names or place in self.scene.manual

    def name(self, place: int) -> str:
        """The name of a Value, or what it computes."""
        node = self.scene.nodes[place]
        if id(node) in self.names:
            return self.names[id(node)]
        return "unnamed" if node.is_leaf else self._short(code(node, self.names))

    def called(self, place: int) -> str:
        """The name of a Value as it stands in a sentence, where formulas are set off."""
        name = self.name(place)
        return name if name.isidentifier() else f"`{name}`"

    def line(self, place: int) -> str:
        """An operation as it is written: ``a2 = sigmoid(z2)``, or ``(f - y) ** 2`` without a name."""
        node = self.scene.nodes[place]
        written = self._short(code(node, self.names, whole=True))
        return (
            f"{self.names[id(node)]} = {written}" if id(node) in self.names and not node.is_leaf else written
        )

    def operand(self, edge: Edge, position: int, inverse: bool = False) -> str:
        """The name of an operand of an operation; or what one over it is written as."""
        arg = self.scene.nodes[edge.node].args[position]
        if id(arg) in self.names and not inverse:
            return self.names[id(arg)]
        try:
            return self._short(code(arg, self.names, inverse=inverse))
        except (TypeError, ValueError):
            return "the operand"

    def operand_of(self, place: int) -> str:
        """The name of the only operand of an operation."""
        return self.operand(Edge(place, 0), 0)

    def factor(self, edge: Edge) -> str | None:
        """The derivative of an operation as a factor: ``a2 * (1 - a2)``."""
        text = rule_code(self.scene.nodes[edge.node], edge.position, None, self.names)
        return None if text is None else text.text

    def landmark(self, place: int) -> int:
        """The first Value with a name whose gradient a mistake at this place spoils; rather a row."""
        found, waiting = set(), {place}
        while waiting:
            at = max(waiting)
            waiting.remove(at)
            if self.has_name(at):
                found.add(at)
            else:
                waiting.update(argument for _, argument in self.scene.arguments[at])
        return max(found & self.scene.manual.keys() or found or {place})

    @staticmethod
    def _short(text: str) -> str:
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def listed(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


Say = Callable[[], str]
