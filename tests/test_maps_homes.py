"""The homes that come with Pavane are homes one could live and drive in."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from pavane.maps import FREE, OCCUPIED, UNKNOWN, OccupancyMap, load_map, stock_homes

RADIUS = 0.23  # m


def clearance(home: OccupancyMap) -> np.ndarray:
    """(rows, columns) distance from each cell centre to the nearest edge of a solid cell, at least, m."""
    return ndimage.distance_transform_edt(~home.solid) * home.grid.resolution - home.grid.resolution / 2


def width_of(home: OccupancyMap, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Free width along the line from jamb to jamb, m."""
    points = np.linspace(start, end, 400) + (np.subtract(end, start) * 0.2)
    points = np.linspace(np.array(start) - np.subtract(end, start) * 0.2, points[-1], 2000)
    columns, rows = home.grid.indices(points).T
    free = home.grid.data[rows, columns] == FREE
    step = float(np.hypot(*(points[1] - points[0])))
    return float(free.sum() * step)


def test_both_homes_are_there() -> None:
    assert stock_homes() == ["flat", "house"]


@pytest.mark.parametrize(("name", "low", "high"), [("flat", 58.0, 62.0), ("house", 138.0, 145.0)])
def test_the_size_is_as_promised(name: str, low: float, high: float) -> None:
    home = load_map(name)
    area = home.grid.resolution**2
    furniture = [outline.corners for outline in home.outlines if not outline.wall]
    free = (home.grid.data == FREE).sum() * area
    inside = free + sum(_area(corners) for corners in furniture)
    assert low <= inside <= high
    assert free > 0.6 * inside


@pytest.mark.parametrize("name", ["flat", "house"])
def test_every_place_is_reached_by_a_robot_of_23_cm_radius(name: str) -> None:
    home = load_map(name)
    wide = clearance(home) >= RADIUS
    regions, _ = ndimage.label(wide)
    found = set()
    for pose in home.places.values():
        column, row = home.grid.indices(np.array([[pose.x, pose.y]]))[0]
        found.add(int(regions[row, column]))
    assert len(home.places) >= 8
    assert len(found) == 1
    assert 0 not in found


@pytest.mark.parametrize("name", ["flat", "house"])
def test_open_doors_have_the_width_they_were_drawn_with(name: str) -> None:
    home = load_map(name)
    assert len(home.doors) >= 2
    for door in home.doors:
        drawn = float(np.hypot(*np.subtract(door.end, door.start)))
        free = width_of(home, door.start, door.end)
        if door.name == "front_door":
            assert free < 0.05
        else:
            assert drawn - 0.01 <= free <= drawn + 0.06, door.name


def test_the_house_has_doors_and_places_enough() -> None:
    home = load_map("house")
    widths = [float(np.hypot(*np.subtract(door.end, door.start))) for door in home.doors]
    assert sum(0.69 <= width <= 0.91 for width in widths) >= 6
    assert {"kitchen", "sofa", "desk", "bed", "front_door", "dock"} <= set(home.places)


@pytest.mark.parametrize("name", ["flat", "house"])
def test_most_of_the_floor_one_can_drive_on_is_wide(name: str) -> None:
    gap = clearance(load_map(name))
    swept = {radius: ndimage.distance_transform_edt(gap < radius) for radius in (RADIUS, 0.375)}
    floor = {radius: (away * 0.05 <= radius - 0.025).sum() for radius, away in swept.items()}  # what a disc can cover
    assert floor[0.375] / floor[RADIUS] > 0.85


@pytest.mark.parametrize("name", ["flat", "house"])
def test_nothing_leaks_out_of_the_walls(name: str) -> None:
    home = load_map(name)
    border = np.concatenate([home.grid.data[0], home.grid.data[-1], home.grid.data[:, 0], home.grid.data[:, -1]])
    assert (border == UNKNOWN).all()
    grown = ndimage.binary_dilation(home.grid.data == UNKNOWN, structure=np.ones((3, 3)))
    assert not (grown & (home.grid.data == FREE)).any()
    assert (home.grid.data == OCCUPIED).any()


def _area(corners: np.ndarray) -> float:
    x, y = corners.T
    return 0.5 * abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1)))
