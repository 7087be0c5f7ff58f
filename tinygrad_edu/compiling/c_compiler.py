"""From C to a loaded library: the system's compiler, the cache on disk, and the BLAS that NumPy carries."""

import ctypes
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.errors import CompilerError

FLAGS = ("-std=c11", "-fPIC", "-shared", "-fopenmp-simd", "-ffp-contract=off", "-fno-math-errno",
         "-fno-trapping-math", "-w")  # fmt: skip
FAST_MATH = ("-freciprocal-math", "-fno-signed-zeros", "-ffp-contract=fast")
"""The parts of -ffast-math that keep infinities, NaN and the rest of the process as they are."""
BLAS = ("scipy_cblas_{}gemm64_", "cblas_{}gemm64_", "scipy_cblas_{}gemm", "cblas_{}gemm")
"""What the product of matrices is called in NumPy's BLAS; those with 64 take 64-bit lengths."""


def compiler() -> list[str]:
    """The command: $CC, or what the system calls its compiler.

    Raises
    ------
    CompilerError
        If there is none.
    """
    chosen = shlex.split(os.environ.get("CC", ""))
    for command in [chosen] if chosen else (["cc"], ["gcc"], ["clang"]):
        if shutil.which(command[0]):
            return command
    wanted = f"$CC is {chosen[0]!r}, which is not found" if chosen else "neither cc, gcc nor clang is found"
    raise CompilerError(
        f'target="native" needs a C compiler, and {wanted}: install one (such as gcc), or set $CC to it.'
    )


def cache_folder() -> Path:
    """Where built programs are kept: $TINYGRAD_EDU_CACHE, or the place that the platform has for such."""
    if chosen := os.environ.get("TINYGRAD_EDU_CACHE"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "tinygrad_edu"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "tinygrad_edu"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tinygrad_edu"


def built(source: str, *, fast_math: bool, long: bool = False) -> Path:
    """The library made of the source; built before, or now. Of a long one, without much optimization.

    Two processes may build the same at once: each builds for itself, and the last to finish puts its library
    in the place of the other's, in one step. What was built before needs no compiler.

    Raises
    ------
    CompilerError
        If it was not built before, and there is no compiler or it fails.
    """
    machine = platform.machine().lower()
    native = ["-mcpu=native"] if machine in ("arm64", "aarch64") else ["-march=native"]
    if machine in ("x86_64", "amd64"):
        native.append("-mprefer-vector-width=512")
    flags = [*FLAGS, "-O1" if long else "-O3", *native, *(FAST_MATH if fast_math else ())]
    content = "\0".join([source, os.environ.get("CC", ""), *flags, _processor(), platform.platform()])
    name = hashlib.sha256(content.encode()).hexdigest()[:32]
    library = cache_folder() / f"{name}.so"
    if not library.exists():
        command = [*compiler(), *flags]
        library = _writable(library.parent) / library.name
        with tempfile.TemporaryDirectory(dir=library.parent) as workspace:
            written, made = Path(workspace, "program.c"), Path(workspace, "program.so")
            written.write_text(source, encoding="utf-8")
            run = subprocess.run(  # noqa: S603 (the user's own compiler)
                [*command, "-o", str(made), str(written), "-lm"], capture_output=True, text=True, check=False
            )
            if run.returncode or not made.exists():
                said = run.stderr or run.stdout or "It made no library."
                raise CompilerError(f"{shlex.join(command)} failed:\n{said}")
            written.replace(library.with_suffix(".c"))
            made.replace(library)
    return library


def loaded(library: Path, *, quick: bool) -> Any:
    """The library; a quick one is called without letting other threads of Python run meanwhile."""
    try:
        return (ctypes.PyDLL if quick else ctypes.CDLL)(str(library))
    except OSError as error:
        raise CompilerError(f"A program was built and cannot be loaded: {error}") from error


def _writable(folder: Path) -> Path:
    """The folder, made if need be; or a temporary one, where that is not possible."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return _temporary_folder()
    return folder if os.access(folder, os.W_OK) else _temporary_folder()


@cache
def _temporary_folder() -> Path:
    """Where there is no place for a cache: gone when the system clears it."""
    return Path(tempfile.mkdtemp(prefix="tinygrad_edu"))


@cache
def _processor() -> str:
    """What tells processors apart, since code for one may not run on another."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() + platform.node()
    return next((line for line in lines if line.startswith(("flags", "Features"))), platform.node())


@cache
def blas(letter: str) -> tuple[int, bool] | None:
    """Where the BLAS has its product of matrices, and whether it takes 64-bit lengths; None without one."""
    core: Any = getattr(np, "_core", None)
    try:
        library = ctypes.CDLL(core._multiarray_umath.__file__)
    except (AttributeError, OSError):
        return None
    for name in BLAS:
        function = getattr(library, name.format(letter), None)
        if function is not None:
            return ctypes.cast(function, ctypes.c_void_p).value or 0, "64_" in name
    return None
