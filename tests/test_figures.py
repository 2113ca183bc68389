"""Pictures of a made-up drive: written, of the right size, not blank, and not too heavy."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from scipy.interpolate import CubicSpline

from pavane.core.arrays import Floats
from pavane.core.errors import BadFile, BadSetting
from pavane.core.geometry import Grid, Pose
from pavane.core.plan import Plan, Status
from pavane.core.robot import RobotProfile
from pavane.drive_log import CommandSeries, ContactRecord, GoalRecord, PlanRecord, Run, Snapshot
from pavane.figures import run_animation, run_picture, snapshot_picture, style
from pavane.figures.scene import has_changes, known_view, whole_view
from pavane.maps import OccupancyMap, load_map

RATE = 50.0
WAYPOINTS = np.array(
    [[3.4, 2.2], [3.0, 2.6], [3.1, 3.2], [3.8, 3.4], [4.8, 3.3], [5.5, 4.3], [5.6, 5.3], [5.7, 6.0], [5.3, 5.4],
     [5.1, 4.2], [4.7, 3.2], [4.6, 2.0], [4.9, 1.25], [5.8, 1.15], [6.9, 1.2]]
)  # fmt: skip


def smooth_drive(seconds: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Times, poses, v and omega along the waypoints, starting and ending at rest."""
    times = np.arange(0.0, seconds + 1e-9, 1.0 / RATE)
    share = times / seconds
    knots = np.linspace(0.0, 1.0, len(WAYPOINTS))
    place = CubicSpline(knots, WAYPOINTS)
    eased = share - np.sin(2 * math.pi * share) / (2 * math.pi)
    points = place(eased)
    velocity = np.gradient(points, times, axis=0)
    yaw = np.unwrap(np.arctan2(*place(eased, 1).T[::-1]))
    return times, np.column_stack([points, yaw]), np.hypot(*velocity.T), np.gradient(yaw, times)


def walkers(times: Floats) -> Floats:
    """(T, 2, 6): one person to and fro in the living room, one who comes out of the bedroom after a while."""
    phase = 0.25 * times
    first = np.stack([5.6 + 1.2 * np.cos(phase), 4.3 + 0.9 * np.sin(phase)], axis=1)
    second = np.stack([3.1 + 0.0 * times, 5.2 - 0.12 * (times - 4.0)], axis=1)
    people = []
    for path in (first, second):
        velocity = np.gradient(path, times, axis=0)
        yaw = np.arctan2(velocity[:, 1], velocity[:, 0])
        people.append(np.column_stack([path, yaw, velocity, np.full(len(times), 0.25)]))
    both = np.stack(people, axis=1)
    both[times < 4.0, 1] = np.nan
    both[times > 18.0, 1] = np.nan
    return both


def plans_along(times: Floats, poses: Floats, v: Floats, omega: Floats) -> tuple[PlanRecord, ...]:
    """Ten plans a second that know the future, in an odom frame away from the map."""
    map_from_odom = Pose(0.4, -0.2, 0.3)
    records = []
    for k in range(0, len(times) - 10, 5):
        part = slice(k, min(k + 150, len(times)))
        inverse = map_from_odom.inverse()
        odom = np.column_stack([inverse.transform(poses[part, :2]), poses[part, 2] - map_from_odom.yaw])
        zeros = np.zeros(len(odom))
        plan = Plan(float(times[k]), 1.0 / RATE, odom, v[part], omega[part], zeros, zeros, np.zeros(8, np.float32), 0.0)
        records.append(PlanRecord(plan, map_from_odom, 0.12))
    return tuple(records)


def made_up_snapshot(home_name: str = "flat") -> Snapshot:
    home = load_map(home_name)
    pose = Pose(4.5, 3.35, 0.0)
    resolution = home.grid.resolution
    free = ~home.solid
    inside = ndimage.distance_transform_edt(free) - ndimage.distance_transform_edt(~free)
    clearance = (inside * resolution).astype(np.float32)
    goal = np.array([5.7, 6.0])
    rows, columns = np.indices(free.shape)
    x0, y0 = home.grid.origin.x, home.grid.origin.y
    away = np.hypot(columns * resolution + x0 - goal[0], rows * resolution + y0 - goal[1])
    cost = np.where(free, away, np.inf).astype(np.float32)
    rng = np.random.default_rng(5)
    ks = np.arange(61) * 0.05
    speeds, turns, bends = rng.uniform(-0.2, 1.0, 600), rng.normal(0, 0.7, 600), rng.normal(0, 0.5, 600)
    yaw = turns[:, None] * ks + 0.5 * bends[:, None] * ks**2
    x = pose.x + np.cumsum(speeds[:, None] * np.cos(yaw) * 0.05, axis=1)
    y = pose.y + np.cumsum(speeds[:, None] * np.sin(yaw) * 0.05, axis=1)
    candidates = np.stack([x, y], axis=-1).astype(np.float32)
    costs = np.hypot(*(candidates[:, -1] - goal).T).astype(np.float32)
    person = np.array([6.2, 4.6]) + ks[:, None] * np.array([-0.3, 0.25])
    path = np.array([[4.5, 3.35], [5.3, 3.8], [5.6, 4.6], [5.7, 6.0]])
    window = np.abs(rows * resolution + home.grid.origin.y - pose.y) < 3.0
    return Snapshot(
        12.3, pose, 0.5, Grid(clearance, resolution, home.grid.origin), window & (columns > 60), candidates, costs,
        int(np.argmin(costs)), path, Grid(cost, resolution, home.grid.origin), person[None], (0.05 + 0.15 * ks)[None],
        np.array([0.25]),
    )  # fmt: skip


def made_up_run(seconds: float = 36.0) -> Run:
    times, poses, v, omega = smooth_drive(seconds)
    reasons = tuple("person ahead" if 6.0 < t < 7.2 or 15.0 < t < 15.4 else "" for t in times)
    emergency = (times > 15.1) & (times < 15.3)
    half = seconds / 2
    goals = (
        GoalRecord(0.0, "sofa", Pose(5.7, 6.0, 0.0), Status.REACHED, half),
        GoalRecord(half, "kitchen", Pose(6.9, 1.25, -math.pi / 2), Status.REACHED, seconds),
    )
    pan = np.clip(0.6 * np.gradient(poses[:, 2], times), -1.2, 1.2)
    first, *others = plans_along(times, poses, v, omega)
    return Run(
        load_map("flat"), RobotProfile.load("astro_like"), times, poses, v, omega,
        CommandSeries(v, omega, emergency, reasons), pan, walkers(times), goals,
        (ContactRecord(15.2, "person", 0.1, False),), (replace(first, snapshot=made_up_snapshot()), *others),
    )  # fmt: skip


@pytest.fixture(scope="module")
def run() -> Run:
    return made_up_run()


def colours_of(path: Path) -> int:
    with Image.open(path) as image:
        return len(image.convert("RGB").getcolors(maxcolors=1 << 24) or [])


def test_the_run_picture_is_written_and_not_blank(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run.png"
    run_picture(run, out)
    with Image.open(out) as image:
        assert image.width == 1440
        assert 1200 < image.height < 2000
    assert colours_of(out) > 500


def test_a_run_without_people_goals_plans_or_motion_is_drawn_too(run: Run, tmp_path: Path) -> None:
    still = replace(
        run, times=run.times[:1], poses=run.poses[:1], v=run.v[:1], omega=run.omega[:1],
        commands=CommandSeries(run.v[:1], run.omega[:1], run.commands.emergency[:1], ("",)), pan=run.pan[:1],
        people=np.empty((1, 0, 6)), goals=(), contacts=(), plans=(),
    )  # fmt: skip
    run_picture(still, tmp_path / "still.png")
    run_animation(still, tmp_path / "still.gif", size=200)
    assert colours_of(tmp_path / "still.png") > 50


def test_the_animation_lasts_as_long_as_asked_and_stays_light(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "run.gif"
    run_animation(run, out, fps=10, seconds_max=6.0, size=320)
    with Image.open(out) as image:
        frames = getattr(image, "n_frames", 1)
        assert max(image.size) in range(318, 350)
        assert 50 <= frames <= 62
        first = np.asarray(image.convert("RGB")).astype(int)
        image.seek(frames // 2)
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - first).max() > 100
    assert out.stat().st_size < 600_000


def test_the_snapshot_is_written_and_shows_the_best_in_green(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "snapshot.png"
    snapshot_picture(run.snapshots[0], run.home, run.robot, out)
    with Image.open(out) as image:
        assert image.size == (960, 1032)
        pixels = np.asarray(image.convert("RGB")).astype(int)
    assert (np.abs(pixels - (0x17, 0x70, 0x3A)).sum(axis=-1) < 6).sum() > 200


def pixels_like(path: Path, colour: str) -> int:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    wanted = tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return int((np.abs(pixels - wanted).sum(axis=-1) < 6).sum())


def test_the_snapshot_tells_what_the_map_does_not_know_from_walls(run: Run, tmp_path: Path) -> None:
    snapshot, out = run.snapshots[0], tmp_path / "snapshot.png"
    column, row = snapshot.clearance.indices(np.array([[4.6, 2.4]]))[0]
    field = snapshot.clearance.data.copy()
    field[row : row + 6, column : column + 6] = -0.05  # a box of 0.3 m
    boxed = replace(snapshot, clearance=replace(snapshot.clearance, data=field))
    snapshot_picture(boxed, run.home, run.robot, out)
    with_box = pixels_like(out, style.NEW)
    snapshot_picture(snapshot, run.home, run.robot, out)
    assert with_box - pixels_like(out, style.NEW) > 1500
    beyond = replace(boxed, pose=Pose(0.5, 0.5))  # mostly outside the home: unknown, and that is not a wall
    snapshot_picture(beyond, run.home, run.robot, out)
    assert pixels_like(out, style.PAPER) > 300_000 > 4 * pixels_like(out, style.WALL)


def test_where_people_may_be_does_not_hide_the_floor(run: Run, tmp_path: Path) -> None:
    snapshot, out = run.snapshots[0], tmp_path / "snapshot.png"
    standing = replace(snapshot, people=np.repeat(snapshot.people[:, :1], 61, axis=1))
    counts = []
    for crowd in (1, 4):  # one, and four at one place
        many = replace(
            standing, people=np.repeat(standing.people, crowd, axis=0), sigma=np.repeat(standing.sigma, crowd, axis=0),
            radii=np.repeat(standing.radii, crowd),
        )  # fmt: skip
        snapshot_picture(many, run.home, run.robot, out)
        counts.append(pixels_like(out, style.PERSON))
    assert 3000 < counts[0] < 8000  # the body, and not the area around it
    assert counts[1] == pytest.approx(counts[0], rel=0.1)


def test_the_whole_home_is_shown_unless_it_is_very_large(run: Run) -> None:
    assert whole_view(run, 1.0) == known_view(run.home)
    grid = run.home.grid
    large = replace(run, home=OccupancyMap(replace(grid, data=np.zeros((200, 1000), np.uint8))))
    view = whole_view(large, 1.0)
    assert view[1] - view[0] < 10.0
    assert view[0] <= run.poses[:, 0].min() and view[1] >= run.poses[:, 0].max()


def test_changes_are_told_from_a_home_that_only_moved_in_time(run: Run) -> None:
    assert not has_changes(run)
    assert not has_changes(replace(run, truth=run.home))
    moved = OccupancyMap(replace(run.home.grid, data=np.roll(run.home.grid.data, 1, axis=0)))
    assert has_changes(replace(run, truth=moved))


def test_a_round_robot_shows_where_it_looks(run: Run, tmp_path: Path) -> None:
    quiet = replace(run, robot=RobotProfile.load("round"), contacts=(), people=run.people[:, :0])
    pictures = []
    for turn in (0.0, math.pi / 2):
        poses = quiet.poses + np.array([0.0, 0.0, turn])
        run_picture(replace(quiet, poses=poses), tmp_path / "run.png")
        with Image.open(tmp_path / "run.png") as image:
            pictures.append(np.asarray(image.convert("RGB")).astype(int))
    assert (np.abs(pictures[0] - pictures[1]).sum(axis=-1) > 100).sum() > 500


def test_bad_settings_and_folders_are_refused_in_plain_words(run: Run, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="fps"):
        run_animation(run, tmp_path / "x.gif", fps=0)
    with pytest.raises(BadFile, match="cannot write file"):
        run_picture(run, tmp_path / "missing" / "x.png")


def test_a_run_refuses_series_of_different_lengths(run: Run) -> None:
    with pytest.raises(ValueError, match="every series"):
        replace(run, v=run.v[:-1])
    with pytest.raises(ValueError, match="every series"):
        replace(run.commands, reasons=run.commands.reasons[:-1])


def test_a_run_knows_its_length_and_its_ticks(run: Run) -> None:
    assert run.duration == pytest.approx(36.0)
    assert 10.0 < run.distance < 20.0
    assert run.index(-1.0) == 0
    assert run.index(1.0) == 50
    assert run.index(1e9) == len(run.times) - 1
