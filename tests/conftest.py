"""What all tests share: repeatable hypothesis, and the way to real data."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine and no deadline: a test never fails because a machine is busy.
settings.register_profile("pavane", derandomize=True, deadline=None, max_examples=60, print_blob=False)
settings.load_profile("pavane")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data, ``$PAVANE_DATA`` or ``../shared/data`` beside the checkout; else skips."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("PAVANE_DATA") or beside)
    if not folder.is_dir():
        pytest.skip("no real data here: set PAVANE_DATA to its folder")
    return folder
