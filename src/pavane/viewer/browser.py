"""A browser without a window, for tests and measurements of the page."""

from __future__ import annotations

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--no-sandbox", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")


def find_browser() -> str | None:
    """Return the path of the system's Chromium; None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name)) is not None), None)
