"""Every mistake that the engine notices, and the words in which it says so."""

import inspect
import math
import warnings

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import Value, errors
from tinygrad_edu.errors import (
    ArgumentError,
    BoundsError,
    ConversionError,
    DataTypeError,
    MutationError,
    NonScalarError,
    ShapeError,
    UnsupportedFunctionError,
)
from tinygrad_edu.messages import unsupported

MISTAKES = []


def says(error, message):
    """The decorated function makes a mistake, and gets this answer."""

    def of(mistake):
        MISTAKES.append(pytest.param(mistake, error, message, id=mistake.__name__))
        return mistake

    return of


# ---- shapes ------------------------------------------------------------------------------------


@says(
    ShapeError,
    "X @ w: X has shape (4, 3) and w has shape (2,). In a matrix product the last axis of X (3) must be as "
    "long as the only axis of w (2).",
)
def a_matrix_product_of_an_array_and_a_value():
    X, w = np.ones((4, 3)), Value([1.0, 2.0])
    return X @ w


@says(
    ShapeError,
    "h @ W2: h has shape (4, 3) and W2 has shape (4, 2). In a matrix product the last axis of h (3) must be "
    "as long as the second to last axis of W2 (4).",
)
def a_matrix_product_of_two_values():
    h, W2 = Value(np.ones((4, 3))), Value(np.ones((4, 2)))
    return np.matmul(h, W2)


@says(
    ShapeError,
    "A @ B: A has shape (2, 1, 3) and B has shape (5, 3, 1). The axes before the last two are compared from "
    "the right and must be equal or 1.",
)
def a_product_of_stacks():
    A, B = Value(np.ones((2, 1, 3))), np.ones((5, 3, 1))
    return A @ B


@says(
    ShapeError,
    "v @ 2: v has shape (2,) and 2 has shape (). A matrix product needs arrays; multiply numbers with *.",
)
def a_matrix_product_with_a_number():
    v = Value([1.0, 2.0])
    return v @ 2


@says(
    ShapeError,
    "prediction - y: prediction has shape (3,) and y has shape (2,). Axes are compared from the right and "
    "must be equal or 1; insert an axis with [:, None] or reshape.",
)
def a_difference():
    prediction, y = Value(np.ones(3)), np.ones(2)
    return prediction - y


@says(
    ShapeError,
    "operand 1 + b: operand 1 has shape (3,) and b has shape (2,). Axes are compared from the right and "
    "must be equal or 1; insert an axis with [:, None] or reshape.",
)
def an_operand_without_a_name():
    a, b = Value(np.ones(3)), Value(np.ones(2))
    return a * 2 + b


@says(
    ShapeError,
    "h * k: h has shape (3,) and k has shape (2,). Axes are compared from the right and must be equal or 1; "
    "insert an axis with [:, None] or reshape.",
)
def two_results():
    h, k = Value(np.ones(3)) + 1, Value(np.ones(2)) + 1
    return h * k


@says(
    ShapeError,
    "where(mask, a, b): mask has shape (3,), a has shape (2,) and b has shape (). Axes are compared from "
    "the right and must be equal or 1; insert an axis with [:, None] or reshape.",
)
def a_choice():
    mask, a, b = np.ones(3, bool), Value(np.ones(2)), Value(1.0)
    return np.where(mask, a, b)


@says(ShapeError, "reshape(v): v has shape (6,). Cannot reshape array of size 6 into shape (4,).")
def a_reshape():
    v = Value(np.ones(6))
    return v.reshape(4)


@says(ShapeError, "sum(v): v has shape (6,). Axis 1 is out of bounds for array of dimension 1.")
def an_axis_that_does_not_exist():
    v = Value(np.ones(6))
    return np.sum(v, axis=1)


@says(
    ShapeError,
    "stack([a, b]): a has shape (3,) and b has shape (2,). All input arrays must have the same shape.",
)
def a_stack():
    a, b = Value(np.ones(3)), Value(np.ones(2))
    return np.stack([a, b])


@says(
    ShapeError,
    "The truth of inside of shape (2,) is ambiguous: use np.any, np.all, or np.where(condition, x, y) to "
    "choose element by element.",
)
def truth_of_many_elements():
    inside = Value([1.0, 2.0]) > 1
    if inside:
        pass


@says(TypeError, "v is a single number: it has no length.")
def a_length():
    v = Value(1.0)
    len(v)


@says(TypeError, "v is a single number: it has no length.")
def unpacking_a_number():
    v = Value(1.0)
    left, right = v
    return left, right


@says(
    ShapeError,
    "solve(A, b): A has shape (2, 2) and b has shape (3,). Axes that belong together have the lengths 2 and "
    "3, which must be equal.",
)
def a_system_with_too_many_right_hand_sides():
    A, b = Value(np.eye(2)), np.ones(3)
    return np.linalg.solve(A, b)


@says(
    ShapeError,
    "solve(A, B): A has shape (2, 3, 3) and B has shape (5, 3, 1). The axes before the last two must be "
    "equally long, or of length 1.",
)
def stacks_of_systems():
    A, B = Value(np.ones((2, 3, 3))), Value(np.ones((5, 3, 1)))
    return np.linalg.solve(A, B)


@says(
    ShapeError,
    "einsum([A, B]): A has shape (2, 3) and B has shape (2, 2). The axes that have the same letter must be "
    "equally long, or of length 1.",
)
def a_letter_for_axes_of_different_lengths():
    A, B = Value(np.ones((2, 3))), Value(np.ones((2, 2)))
    return np.einsum("ij,jk->ik", A, B)


@says(ShapeError, "np.linalg.svd takes a matrix or a stack of them, not an array of shape (4,).")
def singular_values_of_a_vector():
    return np.linalg.svd(Value(np.ones(4)))


@says(ShapeError, "diff: given arrays of shape (3,): axis 1 is out of bounds for array of dimension 1.")
def differences_along_an_axis_that_does_not_exist():
    np.diff(Value(np.ones(3)), axis=1)


@says(ShapeError, "split: given arrays of shape (4, 2): axis 2 is out of bounds for array of dimension 2.")
def parts_along_an_axis_that_does_not_exist():
    np.split(Value(np.ones((4, 2))), 2, axis=2)


@says(
    ShapeError,
    "rollaxis: given arrays of shape (3,): axis 2 is out of bounds for array of dimension 1.",
)
def an_axis_to_roll_that_does_not_exist():
    np.rollaxis(Value(np.ones(3)), 2)


@says(
    ShapeError,
    "h has shape (2, 3): item() gives a single number. Say which, item(0) or item(0, 1), or look at all of "
    "them in .data.",
)
def an_item_of_many():
    h = Value(np.ones((2, 3)))
    h.item()


@says(BoundsError, "h has shape (2,): index 3 is out of bounds for axis 0 with size 2.")
def an_item_that_is_not_there():
    h = Value(np.ones(2))
    h.item(3)


@says(
    UnsupportedFunctionError,
    "order='A' depends on how the numbers lie in memory, which a Value does not tell: write order='C' (the "
    "last axis first) or order='F' (the first axis first).",
)
def an_order_of_memory():
    return Value(np.ones((2, 3))).flatten("A")


@says(UnsupportedFunctionError, "pow(x, n, m) is of integers only: write x ** n % m.")
def a_power_with_a_modulus():
    x = Value(3.0)
    return pow(x, 3, 2)


@says(
    DataTypeError,
    f"Value(1{36 * '0'}...): data must be real numbers, not whole numbers this large; gradients are defined "
    "here for float32 and float64.",
)
def a_huge_integer():
    Value(10**400)


@says(
    DataTypeError,
    f"x * 1{36 * '0'}...: a whole number this large is no floating point number; the largest float64 is "
    "about 1.8e308.",
)
def a_product_with_a_huge_integer():
    x = Value(3.0)
    return x * 10**400


@says(
    DataTypeError,
    "x ** int data too long to print: a whole number this large is no floating point number; the largest "
    "float64 is about 1.8e308.",
)
def a_huge_exponent():
    x = Value([3.0])
    return x ** (10**5000)


# ---- gradients of what is no single number -----------------------------------------------------


@says(
    NonScalarError,
    "errors has shape (3,): a gradient is defined for a single number. Reduce it with np.sum or np.mean, or "
    "give the direction: backward(seed=...), vjp, or jacobian.",
)
def backward_of_an_array():
    errors = Value(np.ones(3)) ** 2
    errors.backward()


@says(
    NonScalarError,
    "the result has shape (0,): a gradient is defined for a single number. Reduce it with np.sum or "
    "np.mean, or give the direction: backward(seed=...), vjp, or jacobian.",
)
def gradient_of_an_array():
    tg.grad(lambda x: x * 2)(np.ones(0))


@says(ShapeError, "The seed has shape (2,), and h has shape (3,): they must be equal.")
def a_seed_of_another_shape():
    h = Value(np.ones(3)) * 2
    h.backward(seed=[1.0, 2.0])


@says(DataTypeError, "The seed holds text, not real numbers.")
def a_seed_of_text():
    h = Value([1.0, 2.0]) * 2
    h.backward(seed=["a", "b"])


@says(DataTypeError, "best holds int64 data: there is no gradient of it.")
def gradient_of_an_int():
    best = np.argmax(Value([1.0, 2.0]))
    best.backward()


@says(NonScalarError, "The function returned None: a gradient needs a single number. Is `return` missing?")
def a_function_without_return():
    tg.grad(lambda x: None)(1.0)


@says(
    NonScalarError,
    "The function returned a tuple of 2: a gradient needs a single number. Return the loss alone, or the "
    "pair (loss, aux) with has_aux=True.",
)
def a_function_that_returns_more():
    tg.grad(lambda x: (x * x, x))(1.0)


@says(NonScalarError, "The function returned a dict: a gradient needs a single number.")
def a_function_that_returns_a_dict():
    tg.value_and_grad(lambda x: {"loss": x})(1.0)


@says(NonScalarError, "The function returned an array of shape (2,): a gradient needs a single number.")
def a_function_that_returns_a_plain_array():
    tg.grad(lambda x: np.ones(2))(1.0)


# ---- functions without a rule ------------------------------------------------------------------

INSTEAD = (
    "Write it with supported functions, declare a rule with tg.primitive, or use .data if no gradient is "
    "needed."
)


@says(UnsupportedFunctionError, "scipy.special.expit has no rule for Values: write tg.sigmoid(x).")
def a_function_of_scipy_that_is_here():
    special = pytest.importorskip("scipy.special")
    return special.expit(Value([1.0]))


@says(UnsupportedFunctionError, f"scipy.special.gamma has no rule for Values. {INSTEAD}")
def a_function_of_scipy():
    special = pytest.importorskip("scipy.special")
    return special.gamma(Value([1.0]))


@says(UnsupportedFunctionError, f"zigzag (vectorized) has no rule for Values. {INSTEAD}")
def a_ufunc_of_ones_own():
    def zigzag(x):
        return 2 * x

    return np.frompyfunc(zigzag, 1, 1)(Value([1.0]))


@says(UnsupportedFunctionError, f"np.nextafter has no rule for Values. {INSTEAD}")
def a_ufunc_without_a_rule():
    np.nextafter(Value(1.0), 0.5)


@says(UnsupportedFunctionError, f"np.trim_zeros has no rule for Values. {INSTEAD}")
def a_function_without_a_rule():
    np.trim_zeros(Value([1.0, 2.0]))


@says(UnsupportedFunctionError, f"np.strings.upper has no rule for Values. {INSTEAD}")
def a_function_of_a_module_without_a_rule():
    np.strings.upper(Value(np.eye(2)))


@says(
    UnsupportedFunctionError,
    "np.maximum.accumulate has no rule for Values. The nearest that have one: max, maximum, add.accumulate. "
    f"{INSTEAD}",
)
def a_method_of_a_ufunc():
    np.maximum.accumulate(Value([1.0, 2.0]))


@says(
    UnsupportedFunctionError,
    "add.reduce(..., where=...) has no rule on Values: choose with np.where(condition, x, y) instead.",
)
def a_setting_of_a_method_of_a_ufunc():
    np.add.reduce(Value([1.0, 2.0]), where=[True, False])


@says(
    MutationError,
    "np.add.at would overwrite numbers, and a Value among its arguments would lose its history: write a new "
    "array instead, as a + np.bincount(indices, weights=b, minlength=len(a)).",
)
def a_method_of_a_ufunc_that_writes():
    np.add.at(np.zeros(3), [0, 0], Value([1.0, 2.0]))


@says(
    UnsupportedFunctionError,
    "sum(..., where=...) has no rule on Values: choose with np.where(condition, x, y) instead.",
)
def a_masked_sum():
    np.sum(Value([1.0, 2.0]), where=[True, False])


@says(
    UnsupportedFunctionError,
    "mean(..., dtype=...) has no rule on Values: convert the data before it becomes a Value instead.",
)
def another_dtype():
    np.mean(Value([1.0, 2.0]), dtype=np.float32)


@says(
    UnsupportedFunctionError,
    "sort(..., order=...) has no rule on Values: transpose first to read the numbers in another order.",
)
def another_order():
    np.sort(Value(np.ones((2, 3))), order="x")


@says(UnsupportedFunctionError, "sigmoid has no argument 'slope'; it has x, beta.")
def an_unknown_setting():
    tg.sigmoid(Value(1.0), slope=2)


@says(
    UnsupportedFunctionError,
    "sigmoid(..., beta=...) takes a plain number, not a Value: no gradient passes through a setting. Give "
    "its number, value.item(), or write the formula with operators.",
)
def a_value_as_a_setting():
    tg.sigmoid(Value(1.0), Value(2.0))


@says(ArgumentError, "relu takes at most 1 arguments, not 2.")
def too_many_arguments():
    tg.relu(Value(1.0), 0.1)


# ---- overwriting -------------------------------------------------------------------------------


@says(
    MutationError,
    "w[...] = ... would overwrite a recorded number. Make a new Value with np.where or np.concatenate; or "
    "write w.data[...] = ... to change a parameter between two steps.",
)
def assignment_to_an_element():
    w = Value([1.0, 2.0])
    w[0] = 5


@says(
    MutationError,
    "np.add(..., out=...) would put a result with a history into an array that exists; `a += value` means "
    "the same for a plain array a: write `a = a + value`.",
)
def adding_to_an_array_in_place():
    total = np.zeros(2)
    total += Value([1.0, 2.0])


@says(
    MutationError,
    "np.exp(..., out=...) would put a result with a history into an array that exists; write `y = "
    "np.exp(...)`.",
)
def a_value_as_out():
    v = Value([1.0, 2.0])
    np.exp(np.ones(2), out=v)


@says(
    UnsupportedFunctionError,
    "sum(..., out=...) has no rule on Values: a recorded number is never overwritten; use the result "
    "instead.",
)
def a_sum_into_an_array():
    np.sum(Value([1.0, 2.0]), out=np.zeros(()))


# ---- conversions -------------------------------------------------------------------------------

LOST = (
    "its history would be lost. To look at the numbers write .item() or .data; to compute with them use "
    "NumPy's functions (np.exp, not math.exp); to put Values side by side use np.stack or np.concatenate "
    "instead of np.array or a[i] = value."
)


@says(ConversionError, f"v cannot become a Python float: {LOST}")
def a_function_of_math():
    v = Value(1.0)
    math.exp(v)


@says(ConversionError, f"v cannot become a Python int: {LOST}")
def an_int():
    v = Value(1.0)
    int(v)


@says(ConversionError, f"v cannot be used as an index: {LOST}")
def a_range():
    v = Value(3.0)
    range(v)


@says(ConversionError, f"v cannot become a plain array: {LOST}")
def an_array_of_values():
    v = Value(1.0)
    np.array([v, v])


@says(ConversionError, f"v cannot become a plain array: {LOST}")
def assignment_to_a_slice_of_an_array():
    a, v = np.zeros(2), Value([1.0, 2.0])
    a[:] = v


@says(
    ConversionError,
    "v.astype(int64): no gradient passes through int64 numbers. Convert .data if no gradient is needed.",
)
def conversion_to_ints():
    v = Value(1.5)
    v.astype(np.int64)


@pytest.mark.parametrize("index", [0, (0, 0)])
def test_a_number_put_into_an_array_is_explained_behind_the_error_of_numpy(index):
    a, v = np.zeros((2,) * np.size(index)), Value(1.0)
    with pytest.raises(ValueError, match="setting an array element with a sequence") as raised:
        a[index] = v
    assert type(raised.value.__cause__) is ConversionError
    assert str(raised.value.__cause__) == f"v cannot become a Python float: {LOST}"


# ---- data --------------------------------------------------------------------------------------

ONLY = "gradients are defined here for float32 and float64."


@says(DataTypeError, f"Value(1j): data must be real numbers, not complex numbers; {ONLY}")
def complex_numbers():
    Value(1j)


@says(DataTypeError, f"Value(np.float16(1.0)): data must be real numbers, not float16; {ONLY}")
def half_precision():
    Value(np.float16(1))


@says(DataTypeError, f"Value('3'): data must be real numbers, not text; {ONLY}")
def text():
    Value("3")


@says(DataTypeError, f"Value(None): data must be real numbers, not Python objects; {ONLY}")
def nothing():
    Value(None)


@says(DataTypeError, f"Value({{'w': 1}}): data must be real numbers, not Python objects; {ONLY}")
def a_dict():
    Value({"w": 1})


@says(
    DataTypeError,
    f"Value(array(['2020-01-01'], dtype='datetime...): data must be real numbers, not dates; {ONLY}",
)
def dates():
    Value(np.array(["2020-01-01"], dtype="datetime64[D]"))


@says(DataTypeError, "[[1, 2], [3]]: the rows of a nested list must have equal lengths.")
def rows_of_different_lengths():
    Value([[1, 2], [3]])


@says(DataTypeError, "A masked array would lose its mask here: fill the gaps with .filled(...) first.")
def a_masked_array():
    Value(np.ma.array([1.0, 2.0], mask=[True, False]))


@says(
    DataTypeError, "Value(v) of something that is a Value already: use v itself, or v.data for its numbers."
)
def a_value_of_a_value():
    Value(Value(1.0))


HOLDS = "holds Values: put them side by side with np.stack or np.concatenate, which keep their history."


@says(DataTypeError, f"[Value(1.0, grad=None), 2.0] {HOLDS}")
def a_list_that_holds_values():
    Value([Value(1.0), 2.0])


@says(DataTypeError, f"[[2.0, Value(1.0, grad=None)]] {HOLDS}")
def an_operand_that_holds_values():
    return Value([1.0, 2.0]) * [[2.0, Value(1.0)]]


@says(DataTypeError, "v + 'a': 'a' holds text; only real numbers can be recorded.")
def adding_text():
    v = Value(1.0)
    return v + "a"


@says(DataTypeError, "v * None: None holds Python objects; only real numbers can be recorded.")
def multiplying_by_nothing():
    v = Value([1.0, 2.0])
    return v * None


@says(DataTypeError, "v + labels: labels holds Python objects; only real numbers can be recorded.")
def adding_objects():
    v, labels = Value([1.0, 2.0]), np.array(["a", 1], dtype=object)
    return v + labels


@says(DataTypeError, "multiply gave complex numbers: only real numbers can be recorded and differentiated.")
def multiplying_by_a_complex_number():
    return Value(1.0) * 1j


@says(
    DataTypeError,
    "negative(mask): The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or "
    "the logical_not function instead. mask has shape (2,).",
)
def minus_a_mask():
    mask = Value([1.0, 2.0]) > 1
    return -mask


@says(DataTypeError, "name=5: a name is a text of one line that is not empty.")
def a_name_that_is_no_text():
    Value(1.0, name=5)


@says(
    DataTypeError, "The * of a np.matrix is the @ of an array: make it an array first, with np.asarray(...)."
)
def a_matrix_times_a_value():
    with warnings.catch_warnings(action="ignore"):
        np.matrix(np.eye(2)) * Value(np.ones((2, 1)))


@says(
    DataTypeError, "The * of a np.matrix is the @ of an array: make it an array first, with np.asarray(...)."
)
def a_value_of_a_matrix():
    with warnings.catch_warnings(action="ignore"):
        tg.grad(lambda A: np.sum(A * np.ones((2, 1))))(np.matrix(np.eye(2)))


@says(DataTypeError, r"name='a\x00': a name is a text of one line that is not empty.")
def a_name_that_cannot_be_drawn():
    Value(1.0, name="a\x00")


@says(DataTypeError, "name='': a name is a text of one line that is not empty.")
def an_empty_name():
    Value(1.0).name = ""


@says(
    ArgumentError,
    "class Parameter(Value): a graph has Values of one class only. Keep Values as attributes instead.",
)
def a_subclass():
    class Parameter(Value):
        pass


# ---- transforms --------------------------------------------------------------------------------


@says(ArgumentError, "argnums=2: the function was called with 1 positional arguments.")
def an_argument_that_does_not_exist():
    tg.grad(lambda x: x, argnums=2)(1.0)


@says(ArgumentError, "argnums='w': say which argument by its number, 0 for the first.")
def an_argument_by_its_name():
    tg.grad(lambda w: w, argnums="w")(1.0)


@says(ArgumentError, "argnums=(0, -2) names an argument twice.")
def an_argument_named_twice():
    tg.grad(lambda x, y: x, argnums=(0, -2))(1.0, 2.0)


@says(ArgumentError, "argnums=0: these arguments hold no numbers to differentiate.")
def an_argument_without_numbers():
    tg.grad(lambda p: 1.0)({"w": None})


@says(DataTypeError, f"Value('sgd'): data must be real numbers, not text; {ONLY}")
def an_argument_that_holds_text():
    tg.grad(lambda p: p["w"])({"w": 1.0, "method": "sgd"})


@says(ArgumentError, "has_aux=True: the function must return a pair (loss, aux).")
def aux_without_a_pair():
    tg.grad(lambda x: x, has_aux=True)(1.0)


@says(
    ShapeError,
    "jvp: tangents must have the structure of the arguments: tangents[0]['a'], tangents[0]['b'], not "
    "tangents[0]['a'].",
)
def a_tangent_that_is_missing():
    tg.jvp(lambda p: p["a"] * p["b"], ({"a": 1.0, "b": 2.0},), ({"a": 1.0},))


@says(ShapeError, "The tangent has shape (3,), and x has shape (2,): they must be equal.")
def a_tangent_of_another_shape():
    tg.jvp(lambda x: x, (np.ones(2),), (np.ones(3),))


@says(ShapeError, "pull(g): g must have the structure of the result: g[0], g[1], not g.")
def a_cotangent_of_another_structure():
    _, pull = tg.vjp(lambda x: (x, x), 1.0)
    pull(1.0)


@says(ShapeError, "The seed has shape (3,), and y has shape (2,): they must be equal.")
def a_cotangent_of_another_shape():
    def f(x):
        y = x * x
        return y

    _, pull = tg.vjp(f, np.ones(2))
    pull(np.ones(3))


@says(ArgumentError, "gradient(loss, wrt): loss is float64, not a Value.")
def the_gradient_of_a_plain_number():
    tg.gradient(np.float64(1), Value(1.0))


@says(ArgumentError, "gradient(loss, wrt): wrt holds ndarray, not a Value.")
def the_gradient_by_a_plain_array():
    tg.gradient(Value(1.0), {"w": np.ones(2)})


# ---- all of them -------------------------------------------------------------------------------


@pytest.mark.parametrize(("mistake", "error", "message"), MISTAKES)
def test_a_mistake_is_answered_the_same_each_time(mistake, error, message):
    for _ in range(2):
        with pytest.raises(error) as raised:
            mistake()
        assert (type(raised.value), str(raised.value)) == (error, message)


def test_the_nearest_functions_are_named():
    error = unsupported(np.max, {np.argmax: None, np.maximum: None, np.exp: None})
    assert (
        str(error) == f"np.max has no rule for Values. The nearest that have one: argmax, maximum. {INSTEAD}"
    )


CLASSES = [
    thing for thing in vars(errors).values() if inspect.isclass(thing) and issubclass(thing, errors.Error)
]


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_has_a_base_class_that_people_know_and_says_what_it_is_for(error):
    assert error.__doc__
    assert error is errors.Error or len(error.__bases__) > 1


def test_errors_of_arithmetic_and_warnings_pass_through_as_numpy_gives_them():
    v = Value(0.0)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError, match="divide by zero"):
        1 / v
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert (1 / v).item() == math.inf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert math.isnan((v / 0).item())
