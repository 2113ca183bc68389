"""Where compiled kernels are kept, and what is said where they cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import numpy as np
from pavane.numerics.distance import clearance
assert clearance(np.ones((3, 3), np.bool_), 0.05, 1.0)[1, 1] < 0.0
"""


def run(cache: str, code: str = CODE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PAVANE_CACHE": cache}, capture_output=True, text=True
    )


def test_a_cache_that_cannot_be_written_is_said_once_and_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run(str(tmp_path / "file" / "cache"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("RuntimeWarning: compiled kernels cannot be kept in") == 1
    assert "Set PAVANE_CACHE" in done.stderr
    assert not list(tmp_path.glob("**/kernels-*"))


def test_a_cache_that_is_missing_is_made_without_a_word(tmp_path: Path) -> None:
    done = run(str(tmp_path / "new" / "cache"))
    assert (done.returncode, done.stderr) == (0, "")
    assert list((tmp_path / "new" / "cache").glob("kernels-*"))
    assert list((tmp_path / "new" / "cache").glob("kernels-*/**/*.nbc")), "the machine code is kept"


def test_an_import_makes_no_folder(tmp_path: Path) -> None:
    rooms = "pavane.navigator.navigator, pavane.sim, pavane.planning.local_planner.planner"
    done = run(str(tmp_path / "cache"), f"import {rooms}")
    assert (done.returncode, done.stderr) == (0, "")
    assert not list(tmp_path.iterdir())


def test_what_was_kept_is_loaded_and_not_compiled_again(tmp_path: Path) -> None:
    looks = "import pavane.numerics.distance as d; print(sum(d._distance.stats.cache_hits.values()))"
    assert [run(str(tmp_path), f"{CODE}\n{looks}").stdout for _ in range(2)] == ["0\n", "1\n"]
