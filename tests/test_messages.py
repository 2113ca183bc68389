import math

import numpy as np
import pytest

from pavane.core.errors import BadMessage
from pavane.core.geometry import Pose
from pavane.core.messages import FARTHEST, Detections, Localization, Odometry, Scan, ScreenFeedback

NAN, INF = math.nan, math.inf
MOUNT = Pose(0.1, 0.0, 0.0)


def scan(**changes: object) -> Scan:
    values: dict[str, object] = {
        "stamp": 1.0,
        "angle_min": -1.0,
        "angle_increment": 0.5,
        "ranges": np.array([1.0, INF, NAN, 0.0, 2.0]),
        "range_max": 5.0,
        "mount": MOUNT,
    }
    return Scan(**(values | changes))  # type: ignore[arg-type]


def test_a_scan_may_hold_what_lidars_say() -> None:
    np.testing.assert_allclose(scan().angles, [-1.0, -0.5, 0.0, 0.5, 1.0])
    assert len(scan(ranges=np.full(3, INF)).angles) == 3  # nothing within range is an answer


@pytest.mark.parametrize(
    "changes",
    [
        {"stamp": NAN},
        {"stamp": INF},
        {"angle_min": NAN},
        {"angle_increment": INF},
        {"range_max": NAN},
        {"range_max": INF},
        {"range_max": 0.0},
        {"mount": Pose(NAN, 0.0, 0.0)},
        {"mount": Pose(0.0, 0.0, INF)},
        {"ranges": np.array([])},
        {"ranges": np.ones((2, 2))},
        {"ranges": np.full(4, NAN)},
        {"ranges": np.array([1.0, -0.1])},
        {"ranges": np.array([1.0, -INF])},
        {"ranges": [1.0, 2.0]},
        {"ranges": np.array(["a", "b"])},
        {"stamp": None},
        {"range_max": "far"},
        {"mount": None},
        {"mount": Pose(1e300, 0.0)},
    ],
)
def test_a_bad_scan_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadMessage, match="scan"):
        scan(**changes)


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_nothing_that_is_not_finite_gets_in(bad: float) -> None:
    ok = Pose(0.0, 0.0, 0.0)
    for make in (
        lambda: Odometry(bad, ok, 0.0, 0.0),
        lambda: Odometry(0.0, Pose(bad, 0.0, 0.0), 0.0, 0.0),
        lambda: Odometry(0.0, Pose(0.0, 0.0, bad), 0.0, 0.0),
        lambda: Odometry(0.0, ok, bad, 0.0),
        lambda: Odometry(0.0, ok, 0.0, bad),
        lambda: Localization(bad, ok),
        lambda: Localization(0.0, Pose(0.0, bad, 0.0)),
        lambda: ScreenFeedback(0.0, bad, 0.0),
        lambda: ScreenFeedback(0.0, 0.0, bad),
        lambda: Detections(bad, np.zeros((1, 2)), 0.1),
        lambda: Detections(0.0, np.array([[0.0, bad]]), 0.1),
        lambda: Detections(0.0, np.zeros((1, 2)), bad),
    ):
        with pytest.raises(BadMessage):
            make()


@pytest.mark.parametrize("far", [1e300, -1.1 * FARTHEST])
def test_where_no_robot_is_is_no_message(far: float) -> None:
    for make in (
        lambda: Odometry(0.0, Pose(far, 0.0), 0.0, 0.0),
        lambda: Odometry(0.0, Pose(0.0, 0.0), far, 0.0),
        lambda: Odometry(0.0, Pose(0.0, 0.0), 0.0, far),
        lambda: Localization(0.0, Pose(0.0, far)),
    ):
        with pytest.raises(BadMessage, match=r"too f(ar|ast)"):
            make()
    assert Localization(0.0, Pose(-FARTHEST, FARTHEST)).map_from_odom.y == FARTHEST


@pytest.mark.parametrize("bad", [None, "far", 10**400, np.ones(2)])
def test_what_is_no_number_is_refused(bad: float) -> None:
    for make in (
        lambda: Odometry(bad, Pose(0.0, 0.0), 0.0, 0.0),
        lambda: Odometry(0.0, Pose(bad, 0.0), 0.0, 0.0),
        lambda: Odometry(0.0, Pose(0.0, 0.0), bad, 0.0),
        lambda: ScreenFeedback(0.0, bad, 0.0),
    ):
        with pytest.raises(BadMessage, match="is not finite"):
            make()


def test_what_is_no_pose_is_refused() -> None:
    for make in (lambda: Odometry(0.0, None, 0.0, 0.0), lambda: Localization(0.0, (1.0, 2.0, 0.0))):  # type: ignore[arg-type]
        with pytest.raises(BadMessage, match="is no pose"):
            make()


def test_detections_may_be_empty_but_not_misshapen() -> None:
    assert len(Detections(0.0, np.zeros((0, 2)), 0.05).positions) == 0
    with pytest.raises(BadMessage, match=r"wrong shape; got \(3,\)"):
        Detections(0.0, np.zeros(3), 0.05)
    with pytest.raises(BadMessage, match="position_std"):
        Detections(0.0, np.zeros((1, 2)), 0.0)
