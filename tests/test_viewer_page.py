"""The page without a browser: what a click meets, what is drawn, what is said, and how it starts and ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("viser", reason="no viser: tests of the page are skipped (pip install 'pavane[view]')")

from hypothesis import given
from hypothesis import strategies as st

from pavane.cli import demo, main
from pavane.core.errors import BadSetting
from pavane.maps import load_map
from pavane.viewer import shapes
from pavane.viewer.frame import Doorleaf, Frame
from pavane.viewer.layers import seen_by_camera
from pavane.viewer.measure import fill
from pavane.viewer.page import Page
from pavane.viewer.panel import say
from pavane.viewer.picking import meet_height, pick
from pavane.viewer.scenery import cells_as_boxes
from pavane.viewer.session import Session
from pavane.viewer.settings import OBJECTIVES, Settings
from pavane.viewer.timeline_picture import timeline

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def frame() -> Frame:
    session = Session(Settings(people=1))
    session.advance(1.0)
    return session.frame()


def test_a_click_meets_people_and_doors_before_the_floor(frame: Frame) -> None:
    corners = np.array([[3.0, 0.0], [3.0, 0.9], [3.04, 0.9], [3.04, 0.0]])
    leaf = Doorleaf("d", np.zeros(2), np.zeros(2), corners, 0.0, 0.0, False)
    somebody = np.array([[1.0, 0.0, 0.0, 0.0, 0.0, 0.25]])
    seen = replace(
        frame, people=replace(frame.people, states=somebody), movables=replace(frame.movables, doors=(leaf,))
    )
    eye = np.array([-4.0, 0.0, 5.0])

    def at(x: float, y: float, z: float) -> tuple[str, int] | None:
        met = pick(eye, np.array([x, y, z]) - eye, seen)
        return None if met is None else (met.kind, met.index)

    assert at(1.0, 0.0, 1.0) == ("person", 0)
    assert at(3.0, 0.4, 0.4) == ("door", 0)
    assert at(0.0, 2.0, 0.0) == ("floor", -1)
    assert at(0.0, 0.0, 6.0) is None  # into the sky
    floor = pick(eye, np.array([0.5, 2.0, 0.0]) - eye, seen)
    assert floor is not None
    assert (floor.x, floor.y) == pytest.approx((0.5, 2.0))


def test_a_hand_keeps_its_height() -> None:
    eye = np.array([0.0, -4.0, 4.0])
    assert meet_height(eye, np.array([1.0, 0.0, 1.0]), 1.0) == pytest.approx([1.0, 0.0])
    assert meet_height(eye, np.array([0.0, 0.0, 2.0]), 0.0) == pytest.approx([0.0, 4.0])
    assert meet_height(eye, np.array([0.0, 0.0, 4.0]), 1.0) is None  # level
    assert meet_height(eye, np.array([0.0, 0.0, 5.0]), 1.0) is None  # upwards


@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=7))
def test_rectangles_cover_each_cell_once(rows: list[list[bool]]) -> None:
    solid = np.array(rows)
    covered = np.zeros(solid.shape, int)
    for row, column, height, width in shapes.boxes_of(solid):
        covered[row : row + height, column : column + width] += 1
    assert np.array_equal(covered, solid.astype(int))


@pytest.mark.parametrize(
    "corners",
    [
        [[0, 0], [2, 0], [2, 1], [0, 1]],
        [[0, 1], [2, 1], [2, 0], [0, 0]],
        [[0, 0], [3, 0], [3, 1], [1, 1], [1, 3], [0, 3]],  # an L
    ],
)
def test_a_prism_is_closed_but_for_its_foot_and_has_the_area_of_its_outline(corners: list[list[float]]) -> None:
    outline = np.array(corners, float)
    x, y = outline.T
    area = 0.5 * abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())
    lid = shapes.flat(outline, 0.0)
    a, b, c = (lid.vertices[lid.faces[:, k], :2] for k in range(3))
    parts = 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    assert (parts > 0).all()  # seen from above
    assert parts.sum() == pytest.approx(area)
    mesh = shapes.prism(outline, 0.0, 1.0)
    edges = np.sort(np.vstack([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]]), axis=1)
    _, times = np.unique(edges, axis=0, return_counts=True)
    assert (times == 1).sum() == len(outline)
    assert times.max() == 2
    inner = shapes.inset(outline if corners[0] == [0, 0] else outline[::-1], 0.1)
    assert inner.min(axis=0) == pytest.approx([0.1, 0.1])


def test_maps_without_outlines_get_walls_too() -> None:
    home = load_map("flat")
    boxes = cells_as_boxes(home.grid, home.grid.data == 1)
    covered = sum(float(np.prod(np.ptp(corners, axis=0))) for corners in boxes)
    assert covered == pytest.approx((home.grid.data == 1).sum() * home.grid.resolution**2)


def test_the_camera_does_not_see_through_walls(frame: Frame) -> None:
    session = Session(Settings(people=0))
    points = seen_by_camera(session.home, session._drive.world.truth.pose, session.robot.screen, 0.0)
    grid, camera = session.home.grid, points[0]
    along = camera + np.linspace(0.0, 1.0, 50)[:, None, None] * (points[1:] - camera)  # (50, R, 2)
    inside = np.linalg.norm(points[1:] - along, axis=2) > 2.0 * grid.resolution
    columns, rows = grid.indices(along[inside]).T
    assert session.home.solid[rows, columns].mean() < 0.01  # a corner of a cell between two looks
    reach = np.linalg.norm(points[1:] - camera, axis=1)
    assert reach.min() < 0.7 * reach.max()  # some rays end at a wall


def test_each_setting_changes_the_sentence() -> None:
    plain = Settings()
    others = [
        replace(plain, latency=0.1), replace(plain, forwarding=False), replace(plain, gaze=False),
        replace(plain, reflex=False), *(replace(plain, objective=name) for name in list(OBJECTIVES)[1:]),
    ]  # fmt: skip
    texts = {say(settings) for settings in [plain, *others]}
    assert len(texts) == len(others) + 1


def test_the_timeline_draws_one_drive_or_two(frame: Frame) -> None:
    one, two = timeline([frame.series]), timeline([frame.series, frame.series])
    assert "nan" not in two
    assert two.count("<polyline") == 2 * one.count("<polyline") > 0
    assert "stroke-dasharray" in two


# -- how it starts and ends -------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def test_view_prints_its_address_takes_the_next_free_port_and_ends_with_ctrl_c() -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        code += "from pavane.cli import main; sys.exit(main(sys.argv[1:]))"
        line = [sys.executable, "-c", code, "demo", "--serve", "--port", str(port), "--people", "0"]
        environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
        served = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        assert served.stdout is not None
        address = served.stdout.readline()
    assert address.startswith("open http://127.0.0.1:")
    chosen = int(address.split(":")[2].split()[0])
    assert chosen > port
    with socket.create_connection(("127.0.0.1", chosen), timeout=10.0) as page:
        page.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b"200 OK" in page.recv(100)
    time.sleep(1.0)
    served.send_signal(signal.SIGINT)
    try:
        said, _ = served.communicate(timeout=60.0)
    finally:
        served.kill()
    assert served.returncode == 0
    assert said.splitlines() == ["ended"]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", chosen), timeout=2.0)


def test_what_the_page_cannot_go_on_for_is_said_where_it_was_started(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(page: Page) -> None:
        raise BadSetting("the page cannot go on", value=1, limit="none")

    monkeypatch.setattr(Page, "run", fail)
    assert main(["view", "--no-browser", "--port", str(free_port())]) == 2
    told = capsys.readouterr()
    assert told.out.splitlines()[0].startswith("open http")
    assert "the page cannot go on" in told.err


@pytest.mark.parametrize("missing", ["display", "viser"])
def test_demo_says_why_it_opens_no_page(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "has_display", lambda: missing != "display")
    monkeypatch.setattr(demo, "find_spec", lambda name: None if missing == "viser" else name)
    monkeypatch.setattr(demo.DemoCommand, "_drive", lambda self: True)
    assert main(["demo"]) == 0
    told = capsys.readouterr().out
    assert told.count("\n") == 1
    assert ("no display" in told) == (missing == "display")
    assert ("pip install" in told) == (missing == "viser")
    assert main(["demo", "--headless"]) == 0
    assert capsys.readouterr().out == ""


def test_without_viser_view_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("pavane.viewer.browser.find_spec", lambda name: None)
    assert main(["view"]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "pip install 'pavane[view]'" in told


@pytest.mark.parametrize(
    "line",
    ["view --latency 900", "view --people -1", "view --home nowhere", "view --port 0", "demo --serve --headless"],
)
def test_view_refuses_what_cannot_be_shown_in_one_line(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 2
    told = capsys.readouterr()
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_fan_is_filled_up_with_its_own_curves(frame: Frame) -> None:
    assert frame.fan is not None
    full = fill(frame.fan, 600)
    own = len(frame.fan.curves)
    assert full.curves.shape == (600, *frame.fan.curves.shape[1:])
    assert full.curves[:own] == pytest.approx(frame.fan.curves, abs=1e-5)
    start = full.curves[:, 0] - frame.fan.effect[:2].astype(np.float32)
    assert np.abs(start).max() < 0.05  # all begin where the robot will be
    assert len(full.costs) == 600
    assert full.chosen == frame.fan.chosen
