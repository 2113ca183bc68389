import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from pavane.core.errors import BadFile, BadProfile, PavaneError
from pavane.core.plausible import PLAUSIBLE
from pavane.core.robot import PROFILES, Detector, RobotProfile, stock_profiles

GOOD = """
schema: 1
name: mine
robot_radius: 0.2
limits: {vx_max: 0.8, vx_min: -0.2, wz_max: 2.0, ax_max: 0.8, ax_min: -1.0, az_max: 4.0, jx_max: 5.0, jz_max: 25.0}
emergency: {ax_min: -2.0, az_max: 8.0}
wheels: {track_width: 0.3, speed_max: 1.0}
lidar: {range_max: 5.0, field_of_view_deg: 180, yaw_deg: 90, x: 0.1}
screen: {pan_limit_deg: 90, rate_max_deg: 180, acceleration_max_deg: 360, jerk_max_deg: 3000}
"""


def write(folder: Path, old: str = "", new: str = "") -> Path:
    """A profile file in which one phrase of GOOD is replaced."""
    assert old in GOOD
    path = folder / "mine.yaml"
    path.write_text(GOOD.replace(old, new, 1) if old else GOOD + new)
    return path


@pytest.mark.parametrize("name", stock_profiles())
def test_stock_profiles_load_and_say_where_their_figures_come_from(name: str) -> None:
    profile = RobotProfile.load(name)
    assert profile.name == name
    assert len(profile.source) > 40
    assert profile.shape.inscribed_radius > 0.03


def test_the_stock_profiles_are_all_there() -> None:
    assert {"astro_like", "round", "turtlebot3_burger", "turtlebot4", "jackal"} <= set(stock_profiles())


def test_published_figures_of_known_robots() -> None:
    burger, turtlebot4, jackal = (RobotProfile.load(n) for n in ("turtlebot3_burger", "turtlebot4", "jackal"))
    assert (burger.limits.vx_max, burger.limits.wz_max, burger.wheels.track_width) == (0.22, 2.84, 0.16)
    assert np.ptp(burger.shape.vertices, axis=0) == pytest.approx([0.140, 0.178])
    assert (turtlebot4.limits.vx_max, turtlebot4.limits.wz_max, turtlebot4.lidar.range_max) == (0.306, 1.9, 12.0)
    assert np.ptp(jackal.shape.vertices, axis=0) == pytest.approx([0.508, 0.430])
    assert jackal.wheels.track_width == pytest.approx(1.5 * 0.37559)


def test_degrees_become_radians_and_defaults_are_filled(tmp_path: Path) -> None:
    profile = RobotProfile.load(write(tmp_path))
    assert profile.lidar.field_of_view == pytest.approx(math.pi)
    assert profile.lidar.mount.yaw == pytest.approx(math.pi / 2)
    assert profile.screen is not None
    assert profile.screen.pan_limit == pytest.approx(math.pi / 2)
    assert profile.screen.rate_max == pytest.approx(math.pi)
    assert profile.screen.acceleration_max == pytest.approx(2 * math.pi)
    assert profile.detector is None
    assert profile.creep_speed == 0.05
    assert profile.latency.actuation_delay == pytest.approx(0.12)
    assert profile.shape.is_disc


# (what is written in the place of what, what the error says)
MALFORMED = [
    ("schema: 1", "schema: 2", "another schema"),
    ("name: mine", "name: ''", "length >= 1 - at `name`"),
    ("name: mine\n", "", "missing required field `name`"),
    ("robot_radius: 0.2\n", "", "exactly one of robot_radius and footprint"),
    ("robot_radius: 0.2", "robot_radius: 0.2\nfootprint: [[1, 1], [-1, 1], [0, -1]]", "exactly one of"),
    ("robot_radius: 0.2", "robot_radius: 200", "too large"),
    ("robot_radius: 0.2", "robot_radius: .nan", "robot_radius"),
    ("robot_radius: 0.2", "footprint: [[0.2, 0.1], [0.1, 0.1]]", "at least 3"),
    ("robot_radius: 0.2", "footprint: [[0.2, 0.2], [-0.2, 0.2], [0.1, 0.0], [-0.2, -0.2]]", "not convex"),
    ("robot_radius: 0.2", "footprint: [[0.2, 0.2], [0.4, 0.2], [0.3, 0.4]]", "contain the base origin"),
    ("robot_radius: 0.2", "footprint: [[0.2, 0.2, 0.0], [0.4, 0.2, 0.0], [0.3, 0.4, 0.0]]", "length"),
    ("vx_max: 0.8", "vx_max: 0.0", "limits.vx_max"),
    ("vx_max: 0.8", "vx_max: 800", "limits.vx_max cannot be right; got 800 m/s"),
    ("vx_max: 0.8", "vx_max: fast", "limits.vx_max"),
    ("vx_max: 0.8", "vx_max: .inf", "limits.vx_max is not finite"),
    ("vx_max: 0.8", "vx_max: 1.2", "faster than the wheels turn"),
    ("vx_max: 0.8", "vx_max: 0.8, vx_max: 0.9", "written twice; got vx_max"),
    ("vx_max: 0.8", "v_max: 0.8", "v_max"),
    ("vx_min: -0.2", "vx_min: 0.2", "limits.vx_min"),
    ("vx_min: -0.2", "vx_min: -0.9", "reverses faster"),
    ("wz_max: 2.0", "wz_max: 115", "limits.wz_max cannot be right; got 115 rad/s"),
    ("wz_max: 2.0", "wz_max: 7.0", "needs faster wheels"),
    ("ax_max: 0.8", "ax_max: 0.001", "limits.ax_max cannot be right"),
    ("ax_min: -1.0", "ax_min: 1.0", "limits.ax_min"),
    ("ax_min: -2.0", "ax_min: -0.5", "brakes more gently"),
    ("az_max: 8.0", "az_max: 3.0", "limits.az_max is more than emergency.az_max"),
    ("track_width: 0.3", "track_width: 2.0", "far wider than the robot"),
    ("field_of_view_deg: 180", "field_of_view_deg: 3.14", "field_of_view_deg cannot be right; got 3.14 degrees"),
    ("field_of_view_deg: 180", "field_of_view_deg: 400", "field_of_view_deg"),
    ("x: 0.1}", "x: 100}", "lidar.x, lidar.y lies far outside"),
    ("x: 0.1}", "x: 0.1, rays: 1}", "rays"),
    ("x: 0.1}", "x: 0.1, rays: 1000000000}", "rays`; got 1000000000"),
    ("x: 0.1}", "x: 0.1, rate: 0}", "rate"),
    ("pan_limit_deg: 90", "pan_limit_deg: 1.57", "screen.pan_limit_deg cannot be right; got 1.57 degrees"),
    ("", "latency: {scan: 50}", "latency.scan cannot be right; got 50 s"),
    ("", "creep_speed: 0.9", "creep_speed is faster"),
    ("", "colour: red", "colour"),
    ("", "limits: [1, 2]", "written twice; got limits"),
]


@pytest.mark.parametrize(("old", "new", "words"), MALFORMED, ids=[f"{new[:40]!r}" for _, new, _ in MALFORMED])
def test_a_malformed_profile_gives_one_clear_error(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises((BadProfile, BadFile)) as caught:
        RobotProfile.load(write(tmp_path, old, new))
    line = str(caught.value)
    assert words in line.replace("`$.", "`").replace("$.", "")
    assert line.startswith("mine.yaml: ")
    assert "\n" not in line


@pytest.mark.parametrize("text", ["{[", "\x00", "limits: {vx_max: 0.8", "a: !!python/object:os.system {}"])
def test_what_is_not_yaml_is_a_bad_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(BadFile, match=r"mine\.yaml is not YAML"):
        RobotProfile.load(path)


@pytest.mark.parametrize(
    "text", [b"", b"- 1\n- 2\n", b"\xff\xfe\x00", b"? [a, b]\n: 1\n", b"42", b"a: 2026-99-99", b"[" * 9999]
)
def test_whatever_a_file_holds_the_error_is_ours(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(text)
    with pytest.raises(PavaneError):
        RobotProfile.load(path)


def test_a_missing_profile_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot read profile"):
        RobotProfile.load(tmp_path / "none.yaml")
    with pytest.raises(BadProfile, match=r"expected astro_like, .*turtlebot4"):
        RobotProfile.load("turtlebot9")


def test_a_limit_met_exactly_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "wz_max: 2.0", "wz_max: 6.666666666666667")  # * 0.3 / 2 = speed_max, in exact arithmetic
    assert RobotProfile.load(path).limits.wz_max == pytest.approx(20 / 3)


def test_every_plausible_bound_names_a_key_that_exists() -> None:
    profile = RobotProfile.load(PROFILES / "astro_like.yaml")
    screen = msgspec.structs.replace(profile.screen, detector=Detector(field_of_view_deg=80.0))
    profile = msgspec.structs.replace(profile, screen=screen)
    for path in PLAUSIBLE:
        value: object = profile
        for part in path.split("."):
            value = getattr(value, part)
        assert isinstance(value, int | float)


def test_a_detector_does_not_look_past_the_picture_of_its_camera(tmp_path: Path) -> None:
    path = write(tmp_path, "jerk_max_deg: 3000}", "jerk_max_deg: 3000, detector: {field_of_view_deg: 91}}")
    with pytest.raises(BadProfile, match="looks wider than its camera"):
        RobotProfile.load(path)
