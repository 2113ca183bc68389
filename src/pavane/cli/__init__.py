"""The command line: ``pavane demo | view | run | scenarios | replay | why | bench | figures | profile | warmup``."""

from pavane.cli.app import main

__all__ = ["main"]
