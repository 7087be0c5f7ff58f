"""Without a C compiler, tests of the native target are skipped; built programs go to a folder of the run."""

import pytest

from tinygrad_edu.compiling.c_compiler import compiler
from tinygrad_edu.errors import CompilerError


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def native(cache, monkeypatch):
    """The native target can be used, and keeps what it builds in the folder that is given."""
    monkeypatch.setenv("TINYGRAD_EDU_CACHE", str(cache))
    try:
        compiler()
    except CompilerError as error:
        pytest.skip(str(error))
    return cache
