"""A play mat on the floor: a kind of its own, with a comfort of its own, changes the way that is taken."""

import sys

from pavane import GoTo, Navigator, NavigatorConfig, Objective, PlannerConfig, RobotProfile
from pavane.core.entities import KINDS, KindCost
from pavane.core.files import make_folder
from pavane.drive import drive
from pavane.figures import Way, comparison_picture
from pavane.maps import make_map
from pavane.sim import World

PLAN = {
    "schema": 1,
    "name": "nursery",
    "walls": [{"points": [[0, 0], [8, 0], [8, 4], [0, 4], [0, 0]], "thickness": 0.2}],
    "places": [{"name": "west", "x": 0.8, "y": 1.6}, {"name": "east", "x": 7.2, "y": 1.6}],
    "entities": [
        {"kind": "play_mat", "points": [[2.2, 0.7], [4.0, 0.7], [4.0, 2.4], [2.2, 2.4]], "area": True, "solid": False},
        {"kind": "cable", "points": [[5.4, 0.1], [5.6, 1.5]]},
    ],
}
MANNERS = {
    "hardly minds": KindCost(comfort=0.1, harm=0.02, solid=False),
    "would rather not": KindCost(comfort=0.3, harm=1.0, solid=False),
}

out = make_folder(sys.argv[1] if len(sys.argv) > 1 else "out/examples")
home, robot = make_map(PLAN, "nursery"), RobotProfile.load("astro_like")
ways = []
for name, manner in MANNERS.items():
    objective = Objective(kinds={**KINDS, "play_mat": manner})
    navigator = Navigator(robot, home, config=NavigatorConfig(planner=PlannerConfig(objective=objective)))
    run = drive(navigator, World(home, robot, home.place("west"), seed=0), [GoTo("east")], seconds=40.0)
    print(f"{name}: {run.goals[0].status.value} after {run.duration:.1f} s and {run.distance:.1f} m")
    ways.append(Way(name, run))

title, note = "A play mat and a cable", "kinds of things are a table: how near is uncomfortable, how bad is a touch"
comparison_picture(ways, title, note, (-0.1, 8.1, -0.1, 4.1), 15.0, out / "09_kinds_of_things.png")
