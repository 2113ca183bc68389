"""For the API: a name is shown where it is defined, and not once more in the package that exports it."""

from __future__ import annotations

from typing import Any

from griffe import Extension, Module


class Once(Extension):
    """Take the exports of packages for plain imports, which are not shown."""

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Forget what the modules of a package export."""
        modules = [pkg]
        while modules:
            module = modules.pop()
            module.exports = None
            modules += [member for member in module.modules.values() if not member.is_alias]
