"""The command that measures runs, with nothing but this package and NumPy, and says what it measured."""

import os
import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_the_table_of_one_work_is_complete(tmp_path):
    options = [
        "--only",
        "XOR",
        "--rounds",
        "1",
        "--seconds",
        "0.001",
        "--peers",
        "none",
        "--default-allocator",
    ]
    run = subprocess.run(
        [sys.executable, str(BENCHMARKS / "table.py"), *options],
        cwd=BENCHMARKS.parent,
        env={**os.environ, "PYTHONPATH": str(BENCHMARKS.parent)},
        check=True,
        capture_output=True,
        text=True,
    )
    rows = dict(re.findall(r"^\| ([a-z, µ]+) \| ([\d.,]+) \|$", run.stdout, re.MULTILINE))
    assert {"hand", "hand, µs", "eager", "numpy", "numpy, fast", "native", "native, fast"} == rows.keys()
    assert all(float(figure.replace(",", "")) > 0 for figure in rows.values())
    assert "malloc: as the system has it; best of 1 rounds" in run.stdout
