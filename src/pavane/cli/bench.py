"""``pavane bench``: the studies, each in a module of ``pavane.bench.studies`` with its options, run and tables."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, make_dataclass
from functools import reduce
from importlib import import_module
from importlib.util import find_spec
from operator import or_
from typing import Annotated, Any, Generic, TypeVar

from tyro.conf import subcommand

from pavane.bench.runner.study import Study
from pavane.cli import show
from pavane.cli.places import check_json

FOLDER = "pavane.bench.studies"
STUDIES = {  # module and class of each
    "homes": "homes:HomesStudy",
    "speed": "speed:SpeedStudy",
    "sim": "simulator:SimulatorStudy",
    "space": "space:SpaceStudy",
    "optimize": "optimize:OptimizerStudy",
    "planner": "planner:PlannerStudy",
    "latency": "latency:LatencyStudy",
    "goals": "goals:GoalsStudy",
    "people": "people:PeopleStudy",
    "risk": "risk:RiskStudy",
    "replay": "replay:ReplayStudy",
    "why": "why:WhyStudy",
    "view": "view:ViewStudy",
}
Options = TypeVar("Options", bound=Study)


@dataclass(frozen=True, slots=True)
class BenchCommand(Generic[Options]):
    """Run a study: homes, speed, the simulator, spaces of trajectories, the optimizer, the planner's parts, latency,
    near goals, people met on the way, risk, replays, reasons, the live page.

    Example: pavane bench homes --quick
    """

    study: Options

    def __call__(self) -> bool:
        """Do it, and show and write what was found; False when something was not as it has to be."""
        check_json(self.study.json)
        found = self.study.run(show)
        for table in found.tables:
            show.table(*table)
        for note in found.notes:
            show.say(note)
        if found.title is not None:
            show.figures(found.title, found.summary)
        show.write(self.study.json, found.summary, found.rows)
        return found.passed


def bench_command(arguments: Sequence[str]) -> Any:
    """Return the type of ``pavane bench`` for these arguments.

    A study's module compiles and loads much, so only that of the study that is asked for is imported. The others have
    their name and what they say of themselves, which ``pavane bench --help`` lists; where ``bench`` is not asked for,
    not even that is read.
    """
    bench, asked = [*arguments, "", ""][:2]
    types = [
        _load(study) if name == asked else _stand_in(study, described=bench == "bench")
        for name, study in STUDIES.items()
    ]
    named = [Annotated[study, subcommand(name)] for name, study in zip(STUDIES, types, strict=True)]
    return BenchCommand[reduce(or_, named)]  # type: ignore[misc]


def _load(study: str) -> type:
    module, name = study.split(":")
    found: type = getattr(import_module(f"{FOLDER}.{module}"), name)
    return found


def _stand_in(study: str, *, described: bool) -> type:
    """Return a type without options in place of a study, with the docstring that its source has."""
    module, name = study.split(":")
    doc = _docstring(f"{FOLDER}.{module}", name) if described else name
    return make_dataclass(name, [], namespace={"__doc__": doc})


def _docstring(module: str, name: str) -> str:
    """Return the docstring of a class without importing its module."""
    spec = find_spec(module)
    source = spec.loader.get_source(module) if spec is not None and spec.loader is not None else ""  # type: ignore[attr-defined]
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name]
    return next((doc for node in classes if (doc := ast.get_docstring(node))), name)
