"""The command line: ``pavane demo | run | bench | profile``."""

from pavane.cli.app import main

__all__ = ["main"]
