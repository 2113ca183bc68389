"""The objective in C (``evaluate.c``), compiled for this machine and called through ctypes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from ctypes import POINTER, c_float, c_int, c_int16, c_int64
from pathlib import Path
from typing import Any

import numpy as np

from pavane.core.arrays import Floats32
from pavane.motion.model import DT, SEGMENTS, Bounds
from pavane.planning.local_planner.objective.arguments import LATTICE, Context
from pavane.planning.local_planner.objective.hazards import FAINT, STRIDE
from pavane.planning.local_planner.objective.people import SIDEWAYS, SLOW, PersonRow, RoundedRectangle
from pavane.planning.local_planner.objective.progress import Goal
from pavane.planning.local_planner.objective.stop import STOP_POINTS
from pavane.planning.local_planner.objective.walls import DISCOMFORT_LENGTH
from pavane.planning.local_planner.objective.weights import Weights

SOURCE = Path(__file__).with_name("evaluate.c")
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-O3", "-march=native", "-ffast-math", "-std=gnu11", "-fPIC")


class _Situation(ctypes.Structure):
    """The struct of that name in the source."""

    _fields_ = [
        *((name, POINTER(c_float)) for name in ("bounds", "weights", "lattice")),
        ("clearance", POINTER(c_int64)), ("cost", POINTER(c_int16)),
        *((name, POINTER(c_float)) for name in ("goal", "body", "discs")), ("discs_count", c_int),
        ("people", POINTER(c_float)), ("people_count", c_int), ("discount", POINTER(c_float)),
    ]  # fmt: skip


class Evaluate:
    """The compiled function with one problem in its hands.

    Args:
        library: what :func:`build` gave.
        context: what candidates are judged by.
    """

    def __init__(self, library: ctypes.CDLL, context: Context) -> None:
        start, limits, figures, fields, goal, discs, body, people, discount, _ = context
        lattice = np.array([getattr(fields, name) for name in LATTICE], np.float32)
        floats = [np.array(part, np.float32) for part in (start, limits, figures, goal, body, discs, people, discount)]
        self._held = (*floats, lattice, fields.clearance, fields.cost)  # the struct holds addresses alone
        self._start, bounds, weights, aim, outline, circles, others, discounts = map(_floats, floats)
        self._situation = _Situation(
            bounds, weights, _floats(lattice), fields.clearance.ctypes.data_as(POINTER(c_int64)),
            fields.cost.ctypes.data_as(POINTER(c_int16)), aim, outline, circles, len(discs), others, people.shape[1],
            discounts,
        )  # fmt: skip
        self._function = library.evaluate
        self._function.argtypes = [POINTER(c_float), c_int, POINTER(c_float), POINTER(_Situation), POINTER(c_float)]
        self._function.restype = None

    def __call__(self, decisions: Floats32, costs: Floats32) -> None:
        """Costs (N,) of decisions (8, N), both float32 and contiguous; N at least 64."""
        self._function(_floats(decisions), decisions.shape[1], self._start, self._situation, _floats(costs))


def build() -> ctypes.CDLL | None:
    """Compile the source and load it; None where there is no compiler that can."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        return None
    structs: tuple[tuple[str, Any], ...] = (
        ("BOUNDS", Bounds._fields), ("WEIGHTS", Weights._fields), ("LATTICE", LATTICE), ("GOAL", Goal._fields),
        ("BODY", RoundedRectangle._fields), ("PERSON", PersonRow._fields), ("SEGMENTS", SEGMENTS),
    )  # fmt: skip
    constants = (
        ("DT", f"{DT}f"), ("STRIDE", STRIDE), ("STOP_POINTS", STOP_POINTS),
        ("FAINT", f"{FAINT}f"), ("SIDEWAYS", f"{SIDEWAYS}f"), ("SLOW", f"{SLOW}f"),
        ("DISCOMFORT_LENGTH", f"{DISCOMFORT_LENGTH}f"),
    )  # fmt: skip
    shared = [f"-D{name}={','.join(map(str, names))}" for name, names in structs]
    shared += [f"-D{name}={value}" for name, value in constants]
    with tempfile.TemporaryDirectory() as folder:
        unit, library = f"{folder}/evaluate.o", f"{folder}/evaluate.so"
        # linked without -ffast-math: that would make this whole process round small numbers to zero
        steps = ([*FLAGS, *shared, "-c", str(SOURCE), "-o", unit], ["-shared", unit, "-o", library, "-lm"])
        try:
            for arguments in steps:
                subprocess.run([compiler, *arguments], check=True, capture_output=True)
            return ctypes.CDLL(library)
        except (subprocess.CalledProcessError, OSError):
            return None


def _floats(values: Floats32) -> Any:
    return values.ctypes.data_as(POINTER(c_float))
