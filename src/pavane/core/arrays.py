"""Array types used in signatures; the shape stands in the docstring of the function that takes or gives one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Names = NDArray[np.str_]
AnyArray = NDArray[Any]
