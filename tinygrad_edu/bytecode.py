"""Bytecode read as a stack machine: where a result goes, where an operand came from. Knows code objects only.

Nothing here guesses: where the bytecode does not settle a name, there is none. Only straight-line code is
followed, through instructions whose effect on the stack is in `EFFECTS`; any other instruction, those of a
newer Python included, ends the search.
"""

import dis
import functools
import sys
from bisect import bisect_right
from collections.abc import Callable
from types import CodeType

import numpy as np

LOADS = {
    "LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW", "LOAD_FAST_LOAD_FAST", "STORE_FAST_LOAD_FAST",
    "LOAD_FAST_BORROW_LOAD_FAST_BORROW", "LOAD_NAME", "LOAD_GLOBAL", "LOAD_DEREF", "LOAD_CLASSDEREF",
}  # fmt: skip
STORES = {
    "STORE_FAST", "STORE_FAST_STORE_FAST", "STORE_FAST_LOAD_FAST",
    "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF",
}  # fmt: skip
ATTRIBUTES = {"LOAD_ATTR", "LOAD_METHOD"}
CALLS = {"CALL", "CALL_KW", "CALL_FUNCTION_EX"}
OPERATORS = {
    "BINARY_OP": 2, "BINARY_SUBSCR": 2, "BINARY_SLICE": 3, "COMPARE_OP": 2,
    "UNARY_NEGATIVE": 1, "UNARY_INVERT": 1, "UNARY_POSITIVE": 1,
}  # fmt: skip

# (values popped, values pushed) by each instruction that a search may pass, some depending on its argument
EFFECTS: dict[str, tuple[int, int] | Callable[[int], tuple[int, int]]] = {
    **dict.fromkeys(LOADS, (0, 1)), **dict.fromkeys(STORES, (1, 0)),
    "LOAD_CONST": (0, 1), "LOAD_SMALL_INT": (0, 1), "PUSH_NULL": (0, 1), "POP_TOP": (1, 0),
    "LOAD_GLOBAL": lambda arg: (0, 1 + (arg & 1)),
    "LOAD_ATTR": lambda arg: (1, 1 + (arg & 1 if sys.version_info >= (3, 12) else 0)), "LOAD_METHOD": (1, 2),
    "LOAD_FAST_LOAD_FAST": (0, 2), "LOAD_FAST_BORROW_LOAD_FAST_BORROW": (0, 2),
    "STORE_FAST_LOAD_FAST": (1, 1), "STORE_FAST_STORE_FAST": (2, 0),
    "STORE_ATTR": (2, 0), "STORE_SUBSCR": (3, 0), "STORE_SLICE": (4, 0),
    **{operator: (operands, 1) for operator, operands in OPERATORS.items()},
    "UNARY_NOT": (1, 1), "IS_OP": (2, 1), "CONTAINS_OP": (2, 1), "CALL_INTRINSIC_1": (1, 1),
    "CALL": lambda arg: (arg + 2, 1), "CALL_KW": lambda arg: (arg + 3, 1),
    "NOP": (0, 0), "KW_NAMES": (0, 0), "PRECALL": (0, 0),
    **dict.fromkeys(("BUILD_TUPLE", "BUILD_LIST", "BUILD_SET", "BUILD_SLICE"), lambda arg: (arg, 1)),
    "BUILD_MAP": lambda arg: (2 * arg, 1), "UNPACK_SEQUENCE": lambda arg: (1, arg),
    "LIST_EXTEND": (1, 0), "DICT_MERGE": (1, 0), "LIST_TO_TUPLE": (1, 1),
}  # fmt: skip

# Callables that run several operations, or other ones than they return.
REPEATING = {
    "sum", "prod", "sumprod", "min", "max", "any", "all", "sorted", "list", "tuple", "dict", "set",
    "frozenset", "deque", "map", "filter", "zip", "enumerate", "reversed", "iter", "next", "divmod", "reduce",
    "accumulate",
}  # fmt: skip
REPEATING_MODULES = {"builtins", "collections", "functools", "itertools", "math"}

# `np.dot(a, b)` and `a.dot(b)` are the same bytecode: only the habit of these names tells them apart.
MODULES = {"np", "numpy", "tg", "tinygrad_edu", "operator"}

# `X.T @ e` has no operand named "T", and `w.data = w.data - step` computes nothing named "data".
ARRAY_ATTRIBUTES = {*dir(np.ndarray), "grad"}


class Listing:
    """The instructions of one code object, and the answers already found. Holds no reference to the code."""

    def __init__(self, code: CodeType) -> None:
        self.size = len(code.co_code)
        self.lines = list(code.co_lines())
        self.instructions: list[dis.Instruction] = []
        self.starts: list[int] = []
        self.joins: set[int] = set()
        self.stored: dict[int | None, str | None] = {}
        self.operands: dict[tuple[int | None, int], str | None] = {}
        prefixed = False
        for instruction in dis.get_instructions(code):
            if not prefixed:
                self.starts.append(instruction.offset)
            if instruction.is_jump_target:
                self.joins.add(len(self.instructions))
            prefixed = instruction.opname == "EXTENDED_ARG"
            if not prefixed:
                self.instructions.append(_alike(instruction, code))

    def index_of(self, offset: int) -> int | None:
        """The instruction at `offset`, which may point into its caches or, in 3.11, just before a call."""
        if not 0 <= offset < self.size:
            return None
        index = bisect_right(self.starts, offset) - 1
        return index + (self.instructions[index].opname == "PRECALL")

    def find_store(self, index: int) -> str | None:
        """Run the stack forward from instruction `index` until its result is given a name."""
        return self.follow([self.gives_one_result(index)], index)

    @functools.cached_property
    def receiving(self) -> frozenset[str]:
        """The variables in which results of calls are stored."""
        calls = [i for i, each in enumerate(self.instructions) if each.opname in CALLS]
        return frozenset(filter(None, (self.follow([True], i) for i in calls)))

    def find_part(self, index: int, nth: int, field: str | None) -> str | None:
        """The name of item number `nth` of the result: unpacked, taken out, or an item of what has a name."""
        after = self.instructions[index + 1]
        if after.opname == "LOAD_ATTR" and after.argval == field:
            return self.follow([True], index + 1)
        if after.opname in {"LOAD_CONST", "LOAD_SMALL_INT"} and after.argval == nth:
            subscripts = self.instructions[index + 2].opname in {"BINARY_SUBSCR", "BINARY_OP"}
            return self.follow([subscripts], index + 2)
        if after.opname != "UNPACK_SEQUENCE":
            name = self.find_store(index)
            return name and f"{name}[{nth}]"
        names = self.find_unpacked(index + 1)
        return names[nth] if nth < len(names) else None

    def find_unpacked(self, index: int) -> list[str | None]:
        """The names of all items that instruction `index` unpacks; none if it does something else."""
        if self.instructions[index].opname != "UNPACK_SEQUENCE":
            return []
        count = self.instructions[index].arg or 0
        return [self.follow([i == count - 1 - nth for i in range(count)], index) for nth in range(count)]

    def follow(self, stack: list[bool], index: int) -> str | None:
        """Run the stack forward from after instruction `index` until the item marked True is given a name."""
        while any(stack):
            index += 1
            instruction = self.instructions[index]
            opname, arg = instruction.opname, instruction.arg or 0
            pops, pushes = _effect(instruction) or (arg, 0)
            stack = [False] * (pops - len(stack)) + stack
            if opname == "JUMP_FORWARD":
                index = self.starts.index(instruction.argval) - 1
            elif opname == "COPY":
                stack.append(stack[-arg])
            elif opname == "SWAP":
                stack[-1], stack[-arg] = stack[-arg], stack[-1]
            elif _effect(instruction) is None:
                return None
            else:
                popped = [stack.pop() for _ in range(pops)]
                stack += [False] * pushes
                for is_result, name in zip(popped, _targets(instruction), strict=False):
                    if is_result and name.isidentifier():
                        return name
        return None

    def gives_one_result(self, index: int) -> bool:
        """Whether instruction `index` runs one operation and leaves that operation's own result."""
        instruction = self.instructions[index]
        if instruction.opname == "LOAD_ATTR":
            return _effect(instruction) == (1, 1)
        if instruction.opname not in CALLS:
            return instruction.opname in OPERATORS
        callee = self.callee(index)
        return callee != () and callee[0] not in (REPEATING if len(callee) == 1 else REPEATING_MODULES)

    def find_operand(self, index: int, position: int) -> str | None:
        """Walk the stack backwards from instruction `index` to whatever loaded that operand."""
        instruction = self.instructions[index]
        pushed = OPERATORS.get(instruction.opname, 0)
        positional = 1 if instruction.opname == "BINARY_SLICE" else pushed
        if instruction.opname in {"CALL", "CALL_KW"}:
            callee = self.callee(index)
            if not callee or callee[0] in REPEATING or (len(callee) > 1 and callee[0] not in MODULES):
                return None
            pushed = (instruction.arg or 0) + (instruction.opname == "CALL_KW")
            positional = (instruction.arg or 0) - len(self.keywords(index))
        if not 0 <= position < positional:
            return None
        path = self.path(index, pushed - 1 - position)
        return path[-1] if path and path[-1] not in ARRAY_ATTRIBUTES and path[-1].isidentifier() else None

    def keywords(self, index: int) -> tuple[str, ...]:
        """The names of the keyword arguments of the call at `index`."""
        before = self.instructions[index - 1]
        if before.opname == "PRECALL":
            before = self.instructions[index - 2]
        named = before.opname == "KW_NAMES" or self.instructions[index].opname == "CALL_KW"
        return tuple(before.argval) if named else ()

    def callee(self, index: int) -> tuple[str, ...]:
        """What the call at `index` calls, ``("np", "linalg", "solve")``; empty where that is not certain."""
        opname, arg = self.instructions[index].opname, self.instructions[index].arg or 0
        pushed = {"CALL": arg, "CALL_KW": arg + 1, "CALL_FUNCTION_EX": 1 + (arg & 1)}[opname]
        return self.path(index, pushed + 1) or self.path(index, pushed)

    def path(self, index: int, depth: int) -> tuple[str, ...]:
        """The dotted name behind the value that lies `depth` below the top before instruction `index`.

        Empty where that is not certain; ``("", "T")`` for an attribute of something that has no name.
        """
        while index > 0 and index not in self.joins:
            index -= 1
            instruction = self.instructions[index]
            opname, arg = instruction.opname, instruction.arg or 0
            effect = _effect(instruction)
            if opname == "COPY":
                depth = depth - 1 if depth else arg - 1
            elif opname == "SWAP":
                depth = {0: arg - 1, arg - 1: 0}.get(depth, depth)
            elif effect is None:
                return ()
            elif depth >= effect[1]:
                depth += effect[0] - effect[1]
            elif opname in LOADS:
                names = instruction.argval
                return (names,) if isinstance(names, str) else (names[-1 - depth],)
            elif opname in ATTRIBUTES:
                return (*(self.path(index, 0) or ("",)), instruction.argval)
            else:
                return ()
        return ()


def _alike(instruction: dis.Instruction, code: CodeType) -> dis.Instruction:
    """The instruction as if all versions of Python spelled it alike."""
    if instruction.opname == "KW_NAMES":
        return instruction._replace(argval=code.co_consts[instruction.arg or 0])
    if instruction.argrepr == "INTRINSIC_UNARY_POSITIVE":
        return instruction._replace(opname="UNARY_POSITIVE")
    return instruction


def _effect(instruction: dis.Instruction) -> tuple[int, int] | None:
    effect = EFFECTS.get(instruction.opname)
    return effect(instruction.arg or 0) if callable(effect) else effect


def _targets(instruction: dis.Instruction) -> tuple[str, ...]:
    """The names under which a storing instruction stores what it pops, in the order of popping."""
    if instruction.opname == "STORE_ATTR":
        return ("", "" if instruction.argval in ARRAY_ATTRIBUTES else instruction.argval)
    if instruction.opname not in STORES:
        return ()
    return (instruction.argval,) if isinstance(instruction.argval, str) else instruction.argval
