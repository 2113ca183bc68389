"""Pictures of the ideas: the drives made for them, and what is drawn from these."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pavane.bench.runner.report import read_report, write_report
from pavane.core.errors import BadFile
from pavane.core.plan import Status
from pavane.core.robot import RobotProfile
from pavane.drive_log import Run
from pavane.figures import (
    Way,
    calibration_picture,
    comparison_picture,
    encounter_picture,
    layers_picture,
    run_animation,
    snapshot_picture,
    style,
)
from pavane.figures.staged import (
    CORRIDOR_VIEW,
    DEMO_VIEW,
    MOMENTS,
    drive_past_kinds,
    layers_of,
    meet,
    most_interesting,
    near_moment,
    run_errand,
)
from pavane.planning.local_planner import sample_motions
from test_figures import made_up_run, pixels_like

ROBOT = "astro_like"


@pytest.fixture(scope="module")
def errand() -> Run:
    return run_errand(ROBOT, 0)[0]


def test_the_samples_are_mirrored_start_at_the_base_and_keep_the_limits() -> None:
    robot = RobotProfile.load("round")
    motions = sample_motions(robot, 40, np.random.default_rng(3), speed=0.2)
    assert motions.shape == (40, 61, 5) and (motions[:, 0, :3] == 0.0).all()
    np.testing.assert_allclose(motions[:20], motions[20:] * (1.0, -1.0, -1.0, 1.0, -1.0), atol=1e-6)
    assert motions[:, :, 3].max() <= robot.limits.vx_max + 1e-6
    assert np.abs(motions[:, :, 4]).max() <= robot.limits.wz_max + 1e-6


def test_kinds_get_room_by_how_bad_they_are_to_touch() -> None:
    run, things = drive_past_kinds(RobotProfile.load("round"), 0)
    assert run.goals[0].status is Status.REACHED and not run.contacts
    gaps, speeds = ({thing.kind: getattr(thing, name) for thing in things} for name in ("gap", "speed"))
    assert gaps["wall"] < gaps["cable"] < gaps["stairs"]
    assert speeds["wall"] > speeds["cable"] > speeds["stairs"]


def test_the_errand_is_worth_showing(errand: Run, tmp_path: Path) -> None:
    assert errand.goals[0].status is Status.REACHED and not errand.contacts
    snapshot = most_interesting(errand)
    assert abs(snapshot.pan) > 0.2 and len(snapshot.people) and len(snapshot.path)
    ahead = snapshot.pose.inverse().transform(snapshot.candidates[snapshot.best].astype(np.float64))
    assert np.sign(ahead[-1, 1]) == np.sign(snapshot.pan)  # the screen is turned to where it will go
    snapshot_picture(snapshot, errand.home, errand.robot, tmp_path / "snapshot")
    assert (tmp_path / "snapshot.png").exists() and (tmp_path / "snapshot.svg").exists()
    assert pixels_like(tmp_path / "snapshot.png", style.GUIDE) > 1000


def test_the_layers_say_what_the_code_does(errand: Run, tmp_path: Path) -> None:
    snapshot = most_interesting(errand)
    whole, local, reactive = layers_of(errand, snapshot)
    assert whole.rate == "on demand" and "314 × 238 cells" in whole.map
    assert local.map.startswith("6 × 6 m") and local.rate.startswith("10 times a second, 3 s")
    assert reactive.map.startswith("2 × 2 m") and reactive.rate == "50 times a second"
    near, sweep = near_moment(errand, run_errand(ROBOT, 0)[1], snapshot)
    assert near.solid.shape == (80, 80) and 0.02 < near.solid.mean() < 0.9
    assert not near.solid[38:42, 38:42].any() and np.hypot(*(sweep[-1] - sweep[0])[:2]) > 0.05
    out = tmp_path / "layers.png"
    layers_picture(snapshot, near, sweep, errand.home, errand.robot, (whole, local, reactive), out)
    assert pixels_like(out, style.WALL) > 3000 and pixels_like(out, style.ROBOT) > 200


def test_a_moving_picture_shows_what_the_robot_thinks(errand: Run, tmp_path: Path) -> None:
    reds = []
    for overlays in (False, True):
        out = tmp_path / f"{overlays}.gif"
        run_animation(errand, out, fps=2, seconds_max=4.0, size=320, view=DEMO_VIEW, overlays=overlays)
        with Image.open(out) as image:
            assert image.size[0] == 320
            image.seek(3)
            pixels = np.asarray(image.convert("RGB")).astype(int)
        reds.append(int((pixels[..., 0] - pixels[..., 2] > 90).sum()))
    assert reds[1] > 1.2 * reds[0]  # bad candidates and where people may be


def test_two_to_four_ways_are_compared(tmp_path: Path) -> None:
    run = made_up_run()
    for count, turns in ((2, False), (3, True), (4, False)):
        out = tmp_path / f"{count}.png"
        ways = [Way(f"way {i}", run) for i in range(count)]
        comparison_picture(ways, "title", "note", (0.0, 9.0, 0.0, 7.5), 20.0, out, turns=turns)
        with Image.open(out) as image:
            assert image.width == 1280
        assert pixels_like(out, style.ROBOT) > 100 * count


def test_an_encounter_is_drawn_in_space_and_time(tmp_path: Path) -> None:
    run = meet(ROBOT, 0)
    assert run.goals[0].status is Status.REACHED and not run.contacts
    out = tmp_path / "encounter.png"
    encounter_picture(run, CORRIDOR_VIEW, MOMENTS, 13.0, out)
    assert pixels_like(out, style.CHOSEN) > 500


def test_calibration_is_drawn_from_a_report(tmp_path: Path) -> None:
    rows = [
        {"people": who, "horizon_s": h, "from": p, "to": 2 * p, "pairs": 4000, "contacts": int(6000 * p),
         "foretold": 5600.0 * p, "ratio": 0.93}
        for who in ("all", "recorded") for h in (1.0, 2.0, 3.0) for p in (0.001, 0.01, 0.1, 0.4)
    ]  # fmt: skip
    summary = {"pairs": 16000, "inside_50": 52.0, "inside_90": 91.0, "inside_99": 99.2}
    path = tmp_path / "risk.json"
    write_report(path, summary, rows)
    report = read_report(path)
    calibration_picture(report.summary, report.rows, "note", tmp_path / "calibration.png")
    assert pixels_like(tmp_path / "calibration.png", "#3f74c9") > 3000
    for text in ("{}", "[1, 2", '{"summary": {"a": [1]}, "rows": []}'):
        path.write_text(text)
        with pytest.raises(BadFile, match="not a report"):
            read_report(path)
    with pytest.raises(BadFile, match="cannot read"):
        read_report(tmp_path / "nothing.json")


def test_the_same_picture_is_the_same_file(errand: Run, tmp_path: Path) -> None:
    for name in ("a", "b"):
        snapshot_picture(most_interesting(errand), errand.home, errand.robot, tmp_path / f"{name}.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
