"""Clearance against a plain NumPy twin: edges against edges when apart, support functions when overlapping."""

import numpy as np
import pytest
import shapely

from pavane.core.geometry import Footprint, Pose
from pavane.core.robot import RobotProfile
from pavane.numerics.overlap import cell_clearance, point_clearance

ASTRO = RobotProfile.load("astro_like").shape
SHAPES = [
    ASTRO,
    Footprint.disc(0.17),
    Footprint.polygon(np.array([[0.3, -0.1], [0.3, 0.1], [-0.1, 0.0]])),
    Footprint(ASTRO.vertices, 0.06),
]
RESOLUTION = 0.05


def to_segments(points, starts, ends):
    edges = ends - starts
    along = ((points[:, None] - starts) * edges).sum(-1) / np.maximum((edges**2).sum(-1), 1e-300)
    feet = starts + np.clip(along, 0, 1)[..., None] * edges
    return np.hypot(*(points[:, None] - feet).transpose(2, 0, 1))


def square_clearance(polygon, square):
    if len(polygon) == 1:
        out = np.abs(polygon[0] - square.mean(axis=0)) - RESOLUTION / 2
        return out.max() if (out <= 0).all() else np.hypot(*np.maximum(out, 0))
    overlap = []
    for shape in (polygon, square):
        edges = np.roll(shape, -1, axis=0) - shape
        normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1) / np.hypot(*edges.T)[:, None]
        for normal in normals:
            other = square if shape is polygon else polygon
            overlap.append((shape @ normal).max() - (other @ normal).min())
    if min(overlap) >= 0.0:
        return -min(overlap)
    ours = to_segments(polygon, square, np.roll(square, -1, axis=0)).min()
    theirs = to_segments(square, polygon, np.roll(polygon, -1, axis=0)).min()
    return min(ours, theirs)


def twin(shape, pose, solid, reach):
    polygon = pose.transform(shape.vertices)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    padded = np.pad(solid, 20, constant_values=True)  # outside is solid
    cells = np.argwhere(padded)[:, ::-1] - 20
    near = np.hypot(*((cells + 0.5) * RESOLUTION - (pose.x, pose.y)).T) < shape.circumscribed_radius + reach + 0.1
    squares = [(cell + corners) * RESOLUTION for cell in cells[near]]
    return min([reach, *(square_clearance(polygon, square) - shape.radius for square in squares)])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("density", [0.003, 0.03, 0.3])
def test_clearance_equals_the_twin(shape, density):
    rng = np.random.default_rng(7)
    for _ in range(25):
        solid = rng.random((30, 40)) < density
        pose = Pose(rng.uniform(-0.1, 2.1), rng.uniform(-0.1, 1.6), rng.uniform(-np.pi, np.pi))
        reach = float(rng.choice([0.0, 0.2]))
        ours = cell_clearance(
            shape.vertices, shape.radius, pose.x, pose.y, pose.yaw, solid, RESOLUTION, 0.0, 0.0, reach
        )
        assert ours == pytest.approx(twin(shape, pose, solid, reach), abs=1e-12)


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_point_clearance_is_the_footprints_own_distance(shape):
    rng = np.random.default_rng(3)
    for _ in range(100):
        pose = Pose(*rng.uniform(-1, 1, 2), rng.uniform(-np.pi, np.pi))
        point = pose.transform(rng.uniform(-0.4, 0.4, (1, 2)))
        distance, normal_x, normal_y = point_clearance(
            shape.vertices, shape.radius, pose.x, pose.y, pose.yaw, point[0, 0], point[0, 1]
        )
        expected = shape.signed_distance(pose.inverse().transform(point))[0]
        assert distance == pytest.approx(expected, abs=1e-12)
        # the normal leads straight out: the point on the outline below is at distance 0
        foot = point - distance * np.array([[normal_x, normal_y]])
        assert shape.signed_distance(pose.inverse().transform(foot))[0] == pytest.approx(0.0, abs=1e-9)


# -- against shapely, which nobody here wrote --------------------------------------------------------------------------


def outline(footprint: Footprint, x: float, y: float, yaw: float) -> shapely.Geometry:
    """The robot as shapely has it; arcs of a disc are drawn with 512 corners on the circle."""
    corners = Pose(x, y, yaw).transform(footprint.vertices)
    core = shapely.Point(corners[0]) if len(corners) == 1 else shapely.Polygon(corners)
    return core.buffer(footprint.radius, quad_segs=128) if footprint.radius else core


def random_footprint(rng: np.random.Generator) -> Footprint:
    if rng.random() < 0.3:
        return Footprint.disc(float(rng.uniform(0.1, 0.4)))
    while True:
        hull = shapely.MultiPoint(rng.uniform(-0.4, 0.4, (int(rng.integers(4, 12)), 2))).convex_hull
        if hull.contains(shapely.Point(0.0, 0.0)) and hull.area > 0.02:
            return Footprint.polygon(np.array(hull.exterior.coords)[:-1])


@pytest.mark.parametrize("seed", range(40))
def test_contact_with_cells_and_people_is_shapelys(seed):
    """Touching or not, and how far: between random outlines, random cells and random bodies."""
    rng = np.random.default_rng(seed)
    footprint, resolution = random_footprint(rng), float(rng.choice([0.025, 0.05, 0.1]))
    solid = rng.random((30, 30)) < 0.03
    solid[[0, -1], :] = solid[:, [0, -1]] = False
    rows, columns = np.nonzero(solid)
    size = 30 * resolution
    beyond = shapely.box(-1.0, -1.0, size + 1.0, size + 1.0) - shapely.box(0.0, 0.0, size, size)  # what is off the grid
    squares = [shapely.box(*c, *c + resolution) for c in np.stack([columns, rows], axis=1) * resolution]
    cells = shapely.union_all([beyond, *squares])
    for _ in range(12):
        x, y = rng.uniform(0.0, size, 2)
        yaw = float(rng.uniform(-np.pi, np.pi))
        robot = outline(footprint, x, y, yaw)
        clearance = cell_clearance(
            footprint.vertices, footprint.radius, x, y, yaw, solid, resolution, 0.0, 0.0, 0.3
        )  # fmt: skip
        apart = robot.distance(cells)
        assert (clearance <= 0.0) == (apart == 0.0) or max(clearance, apart) < 2e-5
        if apart > 0.0:
            assert clearance == pytest.approx(min(apart, 0.3), abs=2e-5)
        person = np.array([x, y]) + rng.uniform(-0.8, 0.8, 2)
        body = shapely.Point(person).buffer(0.2, quad_segs=128)
        gap = point_clearance(footprint.vertices, footprint.radius, x, y, yaw, *person)[0] - 0.2
        assert (gap <= 2e-5) == robot.intersects(body) or abs(gap) < 4e-5
        if gap > 4e-5:
            assert gap == pytest.approx(robot.distance(body), abs=4e-5)
