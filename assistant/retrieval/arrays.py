"""Owns the names of the arrays that searching works with; each has one entry per chunk."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BoolVector = NDArray[np.bool_]
FloatVector = NDArray[np.float32]
IntVector = NDArray[np.int64]
