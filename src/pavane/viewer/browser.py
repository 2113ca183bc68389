"""What the page needs on this machine: viser to serve it; for tests and measurements a browser without a window."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

from pavane.core.errors import BadSetting

REMEDY = "Install it: pip install 'pavane[view]'."
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")


def find_browser() -> str | None:
    """Return the path of the system's Chromium; None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)


def require_viser() -> None:
    """Refuse to show a page without what makes it.

    Raises:
        BadSetting: viser is not installed.
    """
    if find_spec("viser") is None:
        raise BadSetting("the page needs viser, which is not installed", remedy=REMEDY)
