"""Overlays: what the robot plans, knows and predicts, drawn on the floor in layers that can be hidden."""

from __future__ import annotations

import viser

from pavane.core.robot import RobotProfile
from pavane.maps import OccupancyMap
from pavane.viewer.frame import Frame
from pavane.viewer.layers import (
    CameraSight,
    CandidateCurves,
    GuidanceArrows,
    MapRims,
    OverlayLayer,
    PeopleForecasts,
    PlanPath,
    Surprises,
    Trail,
)

LAYERS = {
    "candidates": "all that was weighed, green better, red worse",
    "plan": "what is driven, and the robot when it begins to count",
    "guidance": "blue: the loose advice of the route",
    "people": "where they may be: discs that grow with the doubt",
    "maps": "6 x 6 m of the planner, 2 x 2 m of the guard",
    "surprises": "violet: seen, not on the map; red: what the guard sees",
    "camera": "what the camera sees, and where the screen will look",
    "trail": "where it has been",
}  # and what each shows


class Overlays:
    """The layers of one drive.

    Args:
        scene: to put them into.
        root: name of the node above them.
        home: its map, for what the camera can see.
        robot: its outline and screen.
    """

    def __init__(self, scene: viser.SceneApi, root: str, home: OccupancyMap, robot: RobotProfile) -> None:
        self._nodes = {layer: scene.add_frame(f"{root}/{layer}", show_axes=False) for layer in LAYERS}
        self._camera = CameraSight(scene, f"{root}/camera", home, robot)
        self._layers: dict[str, OverlayLayer] = {
            "candidates": CandidateCurves(scene, f"{root}/candidates"),
            "plan": PlanPath(scene, f"{root}/plan", robot),
            "guidance": GuidanceArrows(scene, f"{root}/guidance"),
            "people": PeopleForecasts(scene, f"{root}/people"),
            "maps": MapRims(scene, f"{root}/maps"),
            "surprises": Surprises(scene, f"{root}/surprises"),
            "camera": self._camera,
            "trail": Trail(scene, f"{root}/trail"),
        }
        self._number = 0  # of the fan that was drawn last

    def choose(self, layer: str, shown: bool) -> None:
        """Show a layer or hide it."""
        self._nodes[layer].visible = shown
        self._number = 0  # a hidden layer was not kept up to date

    def show(self, frame: Frame) -> None:
        """Draw a frame; the fan only when there is a new one."""
        for layer in self._layers.values():
            layer.show(frame)
        fan = frame.fan
        if fan is not None and fan.number != self._number:
            self._number = fan.number
            for name, layer in self._layers.items():
                layer.show_fan(fan, shown=self._nodes[name].visible)

    def show_camera(self, frame: Frame) -> None:
        """Draw what the camera sees; not needed as often."""
        if self._nodes["camera"].visible:
            self._camera.show_cone(frame)
