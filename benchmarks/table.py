"""Time of one forward and backward pass, of preparing it, and of whole trainings, beside other libraries.

    python benchmarks/table.py [--rounds 15] [--only XOR] [--peers torch,jax] [--alternate] [--write-docs]

All competitors run in one process, in turns; the best round counts, and figures are ratios to NumPy by hand.
Before anything is timed, all gradients are compared. With --alternate every single call is followed by one of
the next competitor. The process restarts itself with the same settings of malloc and the same number of
threads for everybody.
"""

import functools
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np
import timing
from timing import LIMIT, Work, digits, seconds_of, write

import tinygrad_edu as tg
from tinygrad_edu import trees

STEPS = 1000
PREPARED = ("numpy", "numpy, fast", "native", "native, fast", "JAX jit")
"""What is traced and built before its first pass."""


def main() -> None:
    """Parse the options, time the works, print the tables in Markdown."""
    parser = timing.parser(__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.15, help="how long each round of each takes")
    parser.add_argument("--only", default="", help="time only works whose name contains this")
    parser.add_argument("--alternate", action="store_true", help="take turns after each call")
    parser.add_argument("--passes", action="store_true", help="the table of passes, and nothing else")
    options = parser.parse_args()
    timing.level(options)
    started = time.perf_counter()
    measure = timing.alternating if options.alternate else timing.interleaved
    from libraries import versions
    from works import WORKS

    passes, preparing, trainings = {}, {}, {}
    with timing.empty_cache():
        warm_up()
        for name, makers in WORKS.items():
            if options.only in name:
                tell(name)
                timed = {library: seconds_of(make) for library, make in makers().items()}
                preparing[name] = {library: seconds for library, (seconds, _) in timed.items()}
                work = {library: run for library, (_, run) in timed.items()}
                check_that_all_agree(work)
                passes[name] = measure(work, options.rounds, options.seconds)
        if options.passes:
            print(ratios(passes))
            return
        for name, shape in (("XOR 4×2-2-1", (4, 2, 2, 1)), ("logo 627×2-200-1", (627, 2, 200, 1))):
            if options.only in name:
                tell(f"{name}, {STEPS} steps")
                work = training(*shape)
                check_that_all_agree(work, training=True)
                trainings[name] = timing.interleaved(work, max(options.rounds // 5, 2), options.seconds)
    settings = "as the system has it" if options.default_allocator else "the same thresholds for everybody"
    turns = ", in turns after each call" if options.alternate else ""
    chosen = [name for name in PREPARED if name in one_of(preparing)]
    parts = [
        f"{versions()}.",
        f"Threads: {options.threads}; malloc: {settings}; best of {options.rounds} rounds{turns}.",
        f"One pass, as a ratio to NumPy by hand:\n\n{ratios(passes)}",
        *([] if options.default_allocator else [f"The same with malloc as the system has it:\n\n{beside()}"]),
        f"{STEPS} steps of gradient descent, in milliseconds:\n\n{columns(trainings)}",
        f"Preparing once, in milliseconds, with nothing built before:\n\n{columns(preparing, chosen)}",
    ]
    text = "\n\n".join(parts)
    print(text)
    tell(f"{time.perf_counter() - started:.0f} s")
    if options.write_docs:
        write("table", text)


def beside() -> str:
    """The passes in a process without the settings of malloc, which move the figures of large arrays."""
    tell("with malloc as the system has it")
    plain = {name: value for name, value in os.environ.items() if name not in timing.ALLOCATOR}
    options = [option for option in sys.argv[1:] if option != "--write-docs"]
    command = [sys.executable, __file__, *options, "--default-allocator", "--passes"]
    return subprocess.run(command, env=plain, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def tell(what: str) -> None:
    """Say what goes on, beside the tables."""
    print(what, file=sys.stderr, flush=True)


def warm_up() -> None:
    """What a library does when it is used for the first time belongs to no work."""
    from works import network

    for make in network(3, 2, 2, 1).values():
        make()()


def check_that_all_agree(work: Work, *, training: bool = False) -> None:
    """Raise AssertionError if the gradients of a library are not those by hand, or what a training led to."""
    expected = numbers_of(work["hand"]())[0 if training else 1 :]
    for library, run in work.items():
        if library != LIMIT:
            found = numbers_of(run())  # some give the loss before the gradients, or the losses of all steps
            found = found[: len(expected)] if training else found[-len(expected) :]
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9, err_msg=library)


def numbers_of(result: Any) -> Any:
    """All numbers of a result, one after the other."""
    return np.concatenate([np.ravel(np.asarray(leaf)) for leaf in trees.leaves(result)])


def ratios(times: dict[str, dict[str, float]]) -> str:
    """A row for each competitor, a column for each work."""
    rows = [["hand, µs", *(digits(work["hand"] * 1e6) for work in times.values())]]
    for library in one_of(times):
        if library != "hand":
            cells = [work.get(library, 0) / work["hand"] for work in times.values()]
            rows.append([library, *(digits(cell) if cell else "" for cell in cells)])
    return timing.table(["", *times], rows)


def columns(times: dict[str, dict[str, float]], chosen: list[str] | None = None) -> str:
    """Milliseconds: a row for each competitor, a column for each work."""
    names = one_of(times) if chosen is None else chosen
    rows = [[name, *(digits(work[name] * 1e3) for work in times.values())] for name in names]
    return timing.table(["", *times], rows)


def one_of(times: dict[str, dict[str, float]]) -> list[str]:
    """Every competitor, in the order of their first appearance, and the limit last."""
    names = dict.fromkeys(name for work in times.values() for name in work)
    return sorted(names, key=LIMIT.__eq__)


def training(*shape: int) -> Work:
    """A whole descent: a loop in Python by hand, one call of `repeat`, one `scan` of JAX."""
    import hand
    from libraries import OURS, jax
    from works import network_data, network_loss

    data, params = network_data(*shape)
    both = tg.value_and_grad(lambda *params: network_loss(OURS, *data, *params), (0, 1, 2, 3))

    def step(*params: Any) -> tuple[Any, ...]:
        loss, gradients = both(*params)
        return *(p - 0.1 * g for p, g in zip(params, gradients, strict=True)), loss

    def by_hand() -> list[Any]:
        weights = params
        for _ in range(STEPS):
            _, *gradients = hand.network(*data, *weights)
            weights = [p - 0.1 * g for p, g in zip(weights, gradients, strict=True)]
        return weights

    work = {"hand": by_hand}
    for target, fast in (("numpy", False), ("native", False), ("native", True)):
        compiled = tg.compile(step, target, fast=fast).prepare(*params)
        work[f"{target}, fast" if fast else target] = functools.partial(compiled.repeat, STEPS, *params)
    if jax:
        work["JAX jit, scan"] = scan_in_jax(data, params)
    return work


def scan_in_jax(data: list[Any], params: list[Any]) -> Any:
    """The loop inside of what JAX compiles."""
    from libraries import Functions, jax
    from works import network_loss

    functions = Functions(jax.nn.sigmoid, jax.numpy.mean)
    both = jax.value_and_grad(lambda params: network_loss(functions, *data, *params))

    def step(params: list[Any], _: None) -> tuple[list[Any], Any]:
        loss, gradients = both(params)
        return [p - 0.1 * g for p, g in zip(params, gradients, strict=True)], loss

    start = [jax.numpy.asarray(p) for p in params]
    run = jax.jit(lambda params: jax.lax.scan(step, params, None, length=STEPS))
    jax.block_until_ready(run(start))
    return lambda: jax.block_until_ready(run(start))


if __name__ == "__main__":
    main()
