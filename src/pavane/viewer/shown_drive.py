"""ShownDrive: a session and where it is drawn; and how people in it are dragged."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass

import numpy as np
import viser

from pavane.viewer.frame import Frame
from pavane.viewer.home_view import HomeView
from pavane.viewer.picking import meet_height
from pavane.viewer.session import Session

Dragged = Callable[[viser.SceneNodeDragEvent[viser.MeshHandle]], Coroutine[None, None, None]]
Poke = Callable[[Session], str]


@dataclass(slots=True, eq=False)
class ShownDrive:
    """A session and where it is drawn.

    Args:
        session: the drive.
        view: where it is drawn.
        frame: that was drawn last.
    """

    session: Session
    view: HomeView
    frame: Frame


def dragging(drive: ShownDrive, person: int, reach_in: Callable[[Poke], None]) -> Dragged:
    """Return what a drag of somebody's body does: they are led over the floor to below the pointer.

    Args:
        drive: that they are seen in.
        person: their row in the frame.
        reach_in: hands over what is to be done in all drives.
    """
    grip = np.zeros(3)  # height of the hand, and where they stand from there

    async def dragged(event: viser.SceneNodeDragEvent[viser.MeshHandle]) -> None:
        aside = np.array([*drive.view.offset, 0.0])
        if event.phase == "start":
            held = np.array(event.start_position) - aside
            grip[:] = held[2], *(drive.frame.people.states[person, :2] - held[:2])
            reach_in(lambda session: session.grab(person))
        eye, hand = np.array(event.client.camera.position) - aside, np.array(event.end_position) - aside
        at = meet_height(eye, hand, float(grip[0]))
        if at is not None:
            x, y = (at + grip[1:]).tolist()
            reach_in(lambda session: session.drag(person, x, y))
        if event.phase == "end":
            reach_in(lambda session: session.release(person))

    return dragged
