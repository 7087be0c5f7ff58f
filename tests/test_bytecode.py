"""Facts about results and operands, read from the bytecode of little functions that were run."""

import dis
import functools
import operator

import numpy as np
import pytest
from spy import Spy, operations

from tinygrad_edu import bytecode, names


def stored(source, runs=1):
    return [names.stored_name(*where) for where in operations(source, runs)]


def operands(source):
    return [[names.operand_name(*where, position) for position in (0, 1)] for where in operations(source)]


STORED = {
    "z = a + b": ["z"],
    "z: float = a @ b": ["z"],
    "y = z = a * b": ["y"],
    "a += b": ["a"],
    "return a @ b": [None],
    "z = a @ b + c": [None, "z"],
    "z = (e := a - b) ** 2": ["e", "z"],
    "(z := a + b)": ["z"],
    "if (z := a + b) is not None: pass": ["z"],
    "o.z = a + b": ["z"],
    "o.w += a": ["w"],
    "Owner().deep = Owner(p=o)\nx = o\nx.z = y = a + b": ["z"],
    "d['z'] = a + b": [None],
    "d['z'] = z = a + b": ["z"],
    "z = d['z'] = a + b": ["z"],
    "x, y = a + b, c": ["x"],
    "x, y = c, a + b": ["y"],
    "x, y, z = -a, a + b, a @ b": ["x", "y", "z"],
    "x, y = z = a + b, c": [None],
    "x, y = [a + b, c]": [None],
    "z = [a + b]": [None],
    "z = (a + b,)": [None],
    "z = {'k': a + b}": [None],
    "z = Owner(w=a + b)": [None],
    "z = a < b": ["z"],
    "z = a == b": ["z"],
    "z = -a": ["z"],
    "z = +a": ["z"],
    "z = ~a": ["z"],
    "z = a[0]": ["z"],
    "z = a[1:2]": ["z"],
    "z = a[:, None]": ["z"],
    "z = a.T": ["z"],
    "z = a.dot(b)": ["z"],
    "z = a.dot(b).T": [None, "z"],
    "z = spy(a, b)": ["z"],
    "z = spy(a, *[b])": ["z"],
    "z = spy(a, key=b)": ["z"],
    "z = spy(*[a], **d)": ["z"],
    "z = spy(a)(b)": [None, None],
    "z = [spy][0](a)": [None],
    "z = (a - b).dot(c)": [None, "z"],
    "z = operator.matmul(a, b)": ["z"],
    "z = a + b if d is not None else c": ["z"],
    "z = c if d is None else a + b": ["z"],
    "z = a + b or c": [None],
    "z = None or a + b": ["z"],
    "z = [x + b for x in [a]]": [None],
    "z = sum([a, b, c], start=a)": [None, None, None],
    "z = functools.reduce(operator.add, [a, b, c])": [None, None],
    "z = list(map(operator.neg, [a]))": [None],
    "z = next(map(operator.neg, [a]))": [None],
    "for z in map(operator.neg, [a]): pass": [None],
    "z = a in [b]": [None],
    "z = not a + b": [None],
    "o.T = a + b": [None],
    "o.grad = z = a + b": ["z"],
    "try:\n    z = a + b\nfinally:\n    y = a @ b": ["z", "y"],
    "for i in range(2):\n    h = a @ b": ["h", "h"],
    "_ = 0\n_, z = -a, -b": ["_", "z"],
    "global z\nz = a + b": ["z"],
    "z = a + b\ndef g(): return z": ["z"],
    "lambda: 0\nz = (lambda: a + b)()": [None],
    "print(a + b, end='', file=Owner(write=str))": [None],
    "match a + b:\n    case z: pass": ["z"],
}


@pytest.mark.parametrize("source", STORED)
def test_the_first_variable_that_held_a_result(source):
    assert stored(source) == STORED[source]


@pytest.mark.parametrize("source", STORED)
def test_specialised_instructions_give_the_same_names(source):
    assert stored(source, runs=100) == STORED[source]


OPERANDS = {
    "z = a + b": ["a", "b"],
    "z = 2 * a": [None, "a"],
    "z = a @ b + c": [["a", "b"], [None, "c"]],
    "return a + b * c": [["b", "c"], ["a", None]],
    "z = (a if d is None else b) @ c\nfor i in (): pass": [None, "c"],
    "z = a @ (b if d is None else c)\nfor i in (): pass": [None, None],
    "for i in (1, 2):\n    z = c @ (a if i == 1 else b)": [[None, None], [None, None]],
    "z = a < b": ["a", "b"],
    "z = a < b < c": [["a", "b"], [None, "c"]],
    "z = -a": ["a", None],
    "z = a[0]": ["a", None],
    "z = a[1:2]": ["a", None],
    "z = a[b:c]": ["a", None],
    "z = o.X @ o.w": ["X", "w"],
    "z = a + np.pi": ["a", "pi"],
    "z = spy(a, b)": ["a", "b"],
    "z = spy(a, key=b)": ["a", None],
    "z = spy(key=b)": [None, None],
    "z = spy(a, *[b])": [None, None],
    "z = spy(**{'x': b})": [None, None],
    "z = spy([a, b])": [None, None],
    "z = spy(a, -b)": [["b", None], ["a", None]],
    "z = operator.matmul(a, b)": ["a", "b"],
    "z = a.dot(b)": [None, None],
    "z = [spy][0](a, b)": [None, None],
    "z = [o][0].X @ a": ["X", "a"],
    "z = (a - b).dot(c)": [["a", "b"], [None, None]],
    "z = sum([a], b)": [None, None],
    "x = [a, b]\nz = sum(x, c)": [[None, None], [None, None]],
    "z = max(a, b)": [None, None],
    "x, y = a, b\nz = x @ y": ["x", "y"],
    "z = (n := a) + b": ["a", "b"],
    "z = a + (n := b)": ["a", "b"],
    "z = a + b\ndef g(): return a, b": ["a", "b"],
    "z = [x @ b for x in [a]]": ["x", "b"],
    "o.w += a": ["w", "a"],
}


@pytest.mark.parametrize("source", OPERANDS)
def test_the_variables_that_were_loaded_as_operands(source):
    facts = OPERANDS[source]
    assert operands(source) == (facts if isinstance(facts[0], list) else [facts])


def test_names_at_module_level():
    space = {"a": Spy(), "b": Spy(), "operator": operator}
    Spy.seen.clear()
    exec("z: object = operator.add(a, b)\ny = z @ a\nclass C:\n    w = y + z", space)
    assert [names.stored_name(*where) for where in Spy.seen] == ["z", "y", "w"]
    assert [names.operand_name(*where, 1) for where in Spy.seen] == ["b", "a", "z"]


def test_names_of_variables_shared_with_inner_functions():
    def outer(a):
        def inner():
            nonlocal z
            z = a + z
            return z

        z = a @ a
        return inner()

    Spy.seen.clear()
    outer(Spy())
    assert [names.stored_name(*where) for where in Spy.seen] == ["z", "z"]
    assert [names.operand_name(*where, 1) for where in Spy.seen] == ["a", "z"]


def test_a_function_with_more_variables_than_fit_one_byte():
    many = "; ".join(f"v{i} = {i}" for i in range(300))
    source = f"{many}\nx = v299 if v0 else v298\nfar = a @ b if v299 else c\nnear = far @ o.w"
    assert stored(source) == ["far", "near"]
    assert operands(source) == [["a", "b"], ["far", "w"]]


@pytest.mark.parametrize("name", sorted(bytecode.EFFECTS.keys() & dis.opmap.keys() - {"PRECALL", "CALL"}))
@pytest.mark.parametrize("arg", [2, 3])
def test_the_effects_on_the_stack_are_those_of_python(name, arg):
    effect = bytecode.EFFECTS[name]
    pops, pushes = effect(arg) if callable(effect) else effect
    opcode = dis.opmap[name]
    assert pushes - pops == dis.stack_effect(opcode, arg if opcode >= dis.HAVE_ARGUMENT else None)


def test_a_call_takes_its_arguments_and_two_more_from_the_stack():
    effects = {
        name: dis.stack_effect(dis.opmap[name], 3) for name in ("PRECALL", "CALL") if name in dis.opmap
    }
    pops, pushes = bytecode.EFFECTS["CALL"](3)
    assert pushes - pops == sum(effects.values())


def test_every_offset_of_real_code_has_an_answer():
    for function in (dis.dis, np.linalg.norm.__wrapped__, functools.singledispatch, names.nearest):
        code = function.__code__
        for offset in range(len(code.co_code)):
            assert isinstance(names.stored_name(code, offset), str | None)
            assert isinstance(names.operand_name(code, offset, 0), str | None)
