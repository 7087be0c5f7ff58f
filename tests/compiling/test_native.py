"""The native target: calls, loops, products, indexing, what is kept on disk, and life without a compiler."""

import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.compiling import c_source
from tinygrad_edu.compiling import native as native_target
from tinygrad_edu.compiling.c_compiler import blas, built, cache_folder, loaded
from tinygrad_edu.compiling.c_lowering import Lowered
from tinygrad_edu.compiling.c_source import source_of
from tinygrad_edu.compiling.native import NativeProgram
from tinygrad_edu.errors import BoundsError, CompilerError
from tinygrad_edu.lessons import LESSONS

rng = np.random.default_rng(0)


def network_loss(x, y, W1, b1, W2, b2):
    a1 = tg.sigmoid(x @ W1 + b1)
    a2 = tg.sigmoid(a1 @ W2 + b2)
    return np.mean((a2 - y) ** 2) / 2


def network_arrays(samples, inputs, hidden, outputs):
    shapes = (samples, inputs), (samples, outputs), (inputs, hidden), (hidden,), (hidden, outputs), (outputs,)
    return [rng.normal(size=shape) for shape in shapes]


def compared(f, *args, rtol=1e-12):
    """A program in C, which gives what the function gives."""
    program = NativeProgram(tg.trace(f, *args).simplified())
    results = program.run(list(args))
    expected = tg.trace(f, *args)(*args)
    for ours, theirs in zip(
        results, expected if isinstance(expected, (tuple, list)) else [expected], strict=True
    ):
        assert (type(ours), ours.dtype) == (type(theirs), theirs.dtype)
        atol = rtol * np.max(np.abs(theirs), initial=0)
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=atol)
    return program


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS.keys())
def test_each_lesson_has_its_loss_and_gradients(native, lesson):
    params = lesson.initial(np.random.default_rng(0))
    loss_and_gradients = tg.value_and_grad(lesson.objective)
    loss, gradients = tg.compile(loss_and_gradients, target="native")(params)
    expected_loss, expected = loss_and_gradients(params)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-13)
    for name, gradient in gradients.items():
        size = np.max(np.abs(expected[name]))
        np.testing.assert_allclose(gradient, expected[name], rtol=0, atol=1e-12 * size)


@pytest.mark.parametrize("sizes", [(4, 2, 2, 1), (63, 2, 20, 1), (40, 30, 50, 10)])
def test_networks_of_any_size(native, sizes):
    x, y, *params = network_arrays(*sizes)

    def f(x, y, *params):
        loss, gradients = tg.value_and_grad(network_loss, (2, 3, 4, 5))(x, y, *params)
        return loss, *gradients

    compared(f, x, y, *params, rtol=1e-10)


def test_arrays_of_any_arrangement_and_numbers_of_any_class(native):
    def f(x, y, a):
        return x * a + y.T, np.sum(x)

    program = compared(f, np.ones((3, 2)), np.ones((2, 3)), 2.0)
    x, y = rng.normal(size=(2, 3)), rng.normal(size=(4, 6))
    for a in (1.5, np.float64(1.5), np.array(1.5), np.float32(1.5)):
        scaled, total = program.run([x.T, y[::2, ::2], a])
        np.testing.assert_array_equal(scaled, x.T * 1.5 + y[::2, ::2].T)
        assert total == pytest.approx(x.sum())
        assert type(total) is np.float64


def test_numbers_in_another_order_of_bytes(native):
    x = rng.normal(size=(2, 3))
    f = tg.compile(lambda x: x + 1, target="native")
    for given in (x, x.astype(">f8"), x):
        np.testing.assert_array_equal(f(given), x + 1)


def test_threads_do_not_disturb_each_other(native):
    f = tg.compile(lambda x: np.sum(np.exp(x) @ np.exp(x).T, axis=0), target="native")
    arrays = rng.normal(size=(4, 300, 310)) / 10
    f(arrays[0])
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(f, [*arrays] * 5))
    for nth, result in enumerate(found):
        x = arrays[nth % 4]
        np.testing.assert_allclose(result, np.sum(np.exp(x) @ np.exp(x).T, axis=0), rtol=1e-12)


def test_results_share_no_memory(native):
    x = rng.normal(size=5)
    program = compared(lambda x: (x, x + 1, x + 1, np.reshape(x, (5, 1))), x)
    first, second = program.run([x]), program.run([x])
    everything = [x, *first, *second]
    assert not any(np.shares_memory(a, b) for i, a in enumerate(everything) for b in everything[:i])


def test_without_a_look_into_objects_calls_are_the_same(native, monkeypatch):
    monkeypatch.setattr(native_target, "is_as_expected", lambda: False)
    compared(lambda x, a: (np.sum(x * a), x - a), rng.normal(size=(2, 3)), 2.0)


def test_single_precision_stays_single(native):
    x, y, *params = (a.astype(np.float32) for a in network_arrays(30, 40, 50, 3))
    compared(network_loss, x, y, *params, rtol=1e-5)


def test_one_loop_does_it_all(native):
    slope = tg.grad(lambda a, x, y: np.mean((a * x - y) ** 2))
    source = source_of(Lowered(tg.trace(slope, 1.0, *rng.normal(size=(2, 50))).simplified()))
    assert source.count("for (") == 1
    assert "#pragma omp simd reduction(+:" in source
    assert "const double *const restrict x = inputs[1];  /* 50 */" in source


def test_a_loop_that_does_many_things_is_not_taken_apart(native):
    """With loop distribution, GCC 12 gets the choice between two tables wrong."""
    weights, ups, downs, given = rng.normal(size=(4, 3, 3, 2))

    def f(a, b, c, d, e, g):
        bent = np.sum(weights * tg.leaky_relu(c * 1.5, slope=-0.5))
        chosen = np.where(c * 1.5 > 0, ups, downs)
        between = (g > 0) & (g < 1)
        first = np.prod(a, axis=1), tg.leaky_relu(b, slope=-0.5), bent, chosen
        return *first, np.sum(d), np.sum(e), between, given

    compared(f, *rng.normal(size=(6, 3, 3, 2)))


def test_many_numbers_are_added_up_in_blocks(native):
    x = np.full(1_000_000, 0.1)
    (total,) = compared(np.sum, x, rtol=1e-15).run([x])
    assert abs(total - 100_000) < 1e-10


@pytest.mark.parametrize("with_blas", [True, False])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_large_products(native, monkeypatch, with_blas, dtype):
    if not with_blas:
        monkeypatch.setattr(c_source, "blas", lambda letter: None)
    elif blas("d") is None:
        pytest.skip("NumPy has no BLAS that can be called")
    x, y = rng.normal(size=(70, 90)).astype(dtype), rng.normal(size=(80, 90)).astype(dtype)

    def f(x, y):
        return x @ y.T, (y @ x.T), (x[:, 5:60] @ y[:55, ::2]), (x + 1)[::2].T @ y[:35]

    program = compared(f, x, y, rtol=1e-5 if dtype is np.float32 else 1e-10)
    assert ("blas_multiply" in program.source) == with_blas


def test_an_index_that_is_computed(native):
    x, rows = rng.normal(size=(5, 4, 3)), np.array([3, -1, 0, 3])

    def f(x, rows):
        return x[rows], x[:, rows], x[:, rows, 1], x[rows, 0], x[rows, :, rows % 3], x[None, rows, ..., 1]

    program = compared(f, x, rows)
    assert "index_of" in program.source
    with pytest.raises(BoundsError, match="out of range"):
        program.run([x, np.array([3, 5, 0, 3])])
    loss = tg.compile(tg.grad(lambda x: np.sum(x[rows] ** 2)), target="native")
    np.testing.assert_allclose(loss(x), tg.grad(lambda x: np.sum(x[rows] ** 2))(x))


def test_gradients_of_single_numbers_of_an_array_are_gathered_in_place(native):
    W = rng.normal(size=(3, 3))
    f = tg.grad(lambda W: sum(W[i, j] * W[j, i] for i in range(3) for j in range(i)))
    program = compared(f, W)
    assert "for" not in program.source.partition("[i] = 0;")[2]


def test_softmax_and_its_kin(native):
    x = rng.normal(size=(3, 5)) * 100
    compared(lambda x: (tg.softmax(x), tg.log_softmax(x, axis=0), tg.logsumexp(x)), x)


def test_repeat_is_the_loop_in_python(native):
    x, y, *params = network_arrays(4, 2, 3, 1)

    def step(*params):
        loss, gradients = tg.value_and_grad(network_loss, (2, 3, 4, 5))(x, y, *params)
        return *(p - g for p, g in zip(params, gradients, strict=True)), loss

    expected, losses = params, []
    for _ in range(1501):
        *expected, loss = step(*expected)
        losses.append(loss)
    *found, recorded = tg.compile(step, target="native").repeat(1501, *params)
    np.testing.assert_allclose(recorded, losses, rtol=1e-10)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-8)


def test_fast_math_is_a_switch_and_keeps_infinities(native):
    x = np.array([1.0, np.inf, np.nan])
    loss = tg.compile(lambda x: np.isfinite(x / 3), target="native", fast=True)
    assert loss(x).tolist() == [True, False, False]


def test_the_same_program_is_built_once(native, monkeypatch):
    x = rng.normal(size=7)
    program = tg.trace(lambda x: np.sum(np.sin(x) * 123.25), x)
    NativeProgram(program)
    monkeypatch.setenv("CC", f"{sys.executable} -c pass")
    with pytest.raises(CompilerError, match="It made no library"):
        NativeProgram(program)  # another compiler makes another library
    monkeypatch.delenv("CC")
    before = sorted(native.iterdir())
    NativeProgram(program)
    assert sorted(native.iterdir()) == before


def test_two_processes_may_build_the_same_at_once(native, tmp_path):
    script = textwrap.dedent("""
        import numpy as np, tinygrad_edu as tg
        f = tg.compile(lambda x: np.exp(x).sum(), target="native")
        print(f(np.zeros(7)))
    """)
    run = [sys.executable, "-W", "error", "-c", script]
    environment = {**os.environ, "TINYGRAD_EDU_CACHE": str(tmp_path)}
    processes = [
        subprocess.Popen(run, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert outputs == [("7.0\n", "")] * 2
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".c", ".so"]


def test_without_a_compiler_the_program_runs_as_numpy(monkeypatch, tmp_path):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TINYGRAD_EDU_CACHE", str(tmp_path))
    f = tg.compile(lambda x: x * 2, target="native")
    message = (
        'target="native" needs a C compiler, and neither cc, gcc nor clang is found: install one (such as '
        'gcc), or set $CC to it. <lambda> runs as NumPy (target="numpy").'
    )
    with pytest.warns(RuntimeWarning) as warned:
        assert f(np.ones(2)).tolist() == [2, 2]
    assert [str(warning.message) for warning in warned] == [message]
    assert "import numpy" in f.source


def test_what_was_built_before_needs_no_compiler(native, monkeypatch, tmp_path):
    program = tg.trace(lambda x: np.sum(np.exp(x) * 1.25), np.ones(3))
    NativeProgram(program)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert NativeProgram(program).run([np.zeros(3)]) == [3.75]
    with pytest.raises(CompilerError, match="needs a C compiler"):
        NativeProgram(tg.trace(lambda x: np.sum(np.exp(x) * 1.26), np.ones(3)))


def test_a_compiler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv("CC", "no-such-cc -g")
    with pytest.raises(CompilerError, match="CC is 'no-such-cc', which is not found"):
        built("int x;", fast_math=False)


def test_a_compiler_that_fails_shows_why(native):
    with pytest.raises(CompilerError, match="error"):
        built("this is no C", fast_math=False)


def test_what_has_no_c_runs_as_numpy(native):
    f = tg.compile(lambda x: np.linalg.det(x) * 2, target="native")
    with pytest.warns(RuntimeWarning, match='target="native" has no C for det, which is used here'):
        assert f(np.eye(2)) == 2


def test_a_folder_that_cannot_be_written_is_left_alone(native, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TINYGRAD_EDU_CACHE", str(tmp_path / "file" / "cache"))
    assert tg.compile(lambda x: x * 2, target="native")(np.ones(2)).tolist() == [2, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_cannot_be_loaded_is_a_clear_error(tmp_path):
    (tmp_path / "program.so").write_text("no library")
    with pytest.raises(CompilerError, match="was built and cannot be loaded: "):
        loaded(tmp_path / "program.so", quick=True)


def test_long_programs_are_several_functions(native, monkeypatch):
    monkeypatch.setattr(c_source, "LONG", 10)

    def f(x, a, rows):
        for n in range(20):
            x, a = np.tanh(x * a + n), a + np.sum(x[rows]) / 100
        return x, a

    program = compared(f, rng.normal(size=(4, 3)), 0.5, np.array([0, 2]))
    assert "static void part3(void) {" in program.source


def test_second_derivatives(native):
    x, y, *params = network_arrays(6, 2, 3, 1)
    hessian = tg.hessian(lambda W1: network_loss(x, y, W1, *params[1:]))
    found = tg.compile(hessian, target="native")(params[0])
    np.testing.assert_allclose(found, hessian(params[0]), rtol=1e-10, atol=1e-15)


WORDS = """i j k first start stop double int64_t exp fabs logistic FMA NAN y1 gamma index linux
           inputs result1 part1 compute call tables HEAD memory_of_double out_of_range v2 v2_sum v3_i"""


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("sines", [1, 150], ids=["short", "long"])
def test_every_name_of_python_can_be_one_in_c(native, sines):
    names = WORDS.split()
    steps = [f"y = y + {name} * np.sum({name} * x)" for name in names] + [
        "y = np.sin(y) / (1 + np.sum(y * y))"
    ] * sines
    lines = [f"def f(x, {', '.join(names)}):", "y = x", *steps, "return np.exp(y), np.sum(np.abs(y) * x), i"]
    namespace = {"np": np}
    exec("\n    ".join(lines), namespace)
    program = compared(namespace["f"], *rng.normal(size=(len(names) + 1, 5)))
    assert ("static void part2(void)" in program.source) == (sines > 1)


def test_names_inside_loops_hide_nothing(native):
    def f(x, x_i, h):
        h_i = h * 2
        h_sum = np.sum(h_i * x_i)
        return np.sum(x * x_i) + h_sum, h_i

    compared(f, *rng.normal(size=(3, 20)))


def test_where_programs_are_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("TINYGRAD_EDU_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("TINYGRAD_EDU_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "tinygrad_edu"
