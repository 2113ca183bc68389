"""``pavane bench``: the studies, each in a module of ``pavane.bench.studies`` with its options, run and tables."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import make_dataclass
from functools import reduce
from importlib import import_module
from importlib.util import find_spec
from operator import or_
from typing import TYPE_CHECKING, Annotated

from tyro.conf import subcommand

from pavane.cli import show
from pavane.cli.places import check_json

if TYPE_CHECKING:
    from pavane.bench.runner.study import Study

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
ABOUT = """Run a study: homes, speed, the simulator, spaces of trajectories, the optimizer, the planner's parts,
latency, near goals, people met on the way, risk, replays, reasons, the live page.

Example: pavane bench homes --quick
"""


def run_study(study: Study) -> bool:
    """Run a study, and show and write what it found; False when something was not as it has to be."""
    check_json(study.json)
    found = study.run(show)
    for table in found.tables:
        show.table(*table)
    for note in found.notes:
        show.say(note)
    if found.title is not None:
        show.figures(found.title, found.summary)
    show.write(study.json, found.summary, found.rows)
    return found.passed


def bench_command(arguments: Sequence[str]) -> type:
    """Return the type of ``pavane bench`` for these arguments.

    A study's module loads much, so only that of the study that is asked for is imported. The others have their name and
    what they say of themselves, which ``pavane bench --help`` lists; where ``bench`` is not asked for, there are none.
    """
    bench, asked = [*arguments, "", ""][:2]
    fields = []
    if bench == "bench":
        types = [_load(study) if name == asked else _stand_in(study) for name, study in STUDIES.items()]
        named = (Annotated[study, subcommand(name)] for name, study in zip(STUDIES, types, strict=True))
        fields = [("study", reduce(or_, named))]
    space = {"__doc__": ABOUT, "__call__": lambda command: run_study(command.study)}
    return make_dataclass("BenchCommand", fields, frozen=True, namespace=space)


def _load(study: str) -> type:
    module, name = study.split(":")
    found: type = getattr(import_module(f"{FOLDER}.{module}"), name)
    return found


def _stand_in(study: str) -> type:
    """Return a type without options in place of a study, with the docstring that its source has."""
    module, name = study.split(":")
    return make_dataclass(name, [], namespace={"__doc__": _docstring(f"{FOLDER}.{module}", name)})


def _docstring(module: str, name: str) -> str:
    """Return the docstring of a class without importing its module."""
    spec = find_spec(module)
    source = spec.loader.get_source(module) if spec is not None and spec.loader is not None else ""  # type: ignore[attr-defined]
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name]
    return next((doc for node in classes if (doc := ast.get_docstring(node))), name)
