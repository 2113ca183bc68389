"""A second opinion on the base: rigid bodies, motors with limited torque, and friction, in MuJoCo.

Two driven wheels and two casters carry a body of uniform density; 1 kHz. ``grip`` scales the wheels' coefficient of
friction, so wheels slip where they push harder than it holds. The integrator is Euler's: MuJoCo's implicit ones change
the speed of a stiffly driven wheel after the contacts are solved, and the base then outruns its wheels.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from pavane.core.arrays import Floats
from pavane.core.errors import BadSetting
from pavane.core.geometry import Pose, wrap_angle
from pavane.core.robot import RobotProfile
from pavane.sim.plant.base import BaseMotion, Twist
from pavane.sim.plant.config import PlantSettings

STEP = 0.001  # s
DENSITY, HEIGHT = 200.0, 0.3  # kg/m^3 and m: that of Amazon Astro, 9.35 kg in 0.42 x 0.25 x 0.44 m
WHEEL_RADIUS, WHEEL_WIDTH, WHEEL_MASS = 0.05, 0.01, 0.25  # m, m, kg
CASTER_RADIUS = 0.02  # m
FRICTION = 0.9  # rubber on wood
SERVO = 0.002  # s, response of a motor; stiff enough to hold a wheel's speed against the drag of turning
RESERVE = 1.5  # torque limit over what the emergency limits need
SETTLE = 200  # steps until the body rests on its wheels

MODEL = """
<mujoco model="{name}">
  <option timestep="{step}" integrator="Euler" cone="elliptic" impratio="10"/>
  <worldbody>
    <geom name="floor" type="plane" size="0 0 1" friction="1 0.005 0.0001"/>
    <body name="base" pos="0 0 {radius}">
      <freejoint name="free"/>
      <inertial pos="0 0 {middle}" mass="{mass}" diaginertia="{ixx} {iyy} {izz}"/>
      <geom type="sphere" size="{caster}" pos="{reach} 0 {caster_z}" condim="1" priority="2" mass="0.01"/>
      <geom type="sphere" size="{caster}" pos="-{reach} 0 {caster_z}" condim="1" priority="2" mass="0.01"/>
      {wheels}
    </body>
  </worldbody>
  <actuator>
    <velocity joint="left" kv="{kv}" forcerange="-{torque} {torque}"/>
    <velocity joint="right" kv="{kv}" forcerange="-{torque} {torque}"/>
  </actuator>
</mujoco>
"""
WHEEL = """<body name="{side}" pos="0 {y} {z}">
        <joint name="{side}" type="hinge" axis="0 1 0" damping="0" armature="{rotor}"/>
        <geom name="{side}" type="cylinder" size="{radius} {half}" zaxis="0 1 0" mass="{mass}"
              friction="{friction} 0 0" priority="1" condim="3"/>
      </body>"""


class _Saved(NamedTuple):
    """The state to which a step that is not made is taken back.

    Args:
        state: (S,) of MuJoCo's integration.
        owed: s that were not yet simulated then.
    """

    state: Floats
    owed: float


class MujocoBase:
    """See :class:`pavane.sim.plant.base.SimulatedBase`.

    Args:
        robot: its outline, track and limits.
        settings: lag of the motors, sizes of the wheels.
        pose: map_from_base at the start.

    Raises:
        BadSetting: MuJoCo is not installed.
    """

    def __init__(self, robot: RobotProfile, settings: PlantSettings, pose: Pose) -> None:
        try:
            import mujoco
        except ImportError as error:
            raise BadSetting(
                "MuJoCo is not installed", value="engine: mujoco", remedy="pip install 'pavane[mujoco]'"
            ) from error
        self._mj: Any = mujoco
        self._track = robot.wheels.track_width
        self._model: Any = mujoco.MjModel.from_xml_string(_describe(robot, settings))
        self._data: Any = mujoco.MjData(self._model)
        self._wheels = [self._model.geom(side).id for side in ("left", "right")]
        self._friction: Floats = self._model.geom_friction[self._wheels, 0].copy()
        self._kind = mujoco.mjtState.mjSTATE_INTEGRATION
        self._before = _Saved(np.empty(mujoco.mj_stateSize(self._model, self._kind)), 0.0)
        self._lag = robot.latency.actuation_lag if settings.lag is None else settings.lag
        self._slopes = -robot.emergency.ax_min, robot.emergency.az_max  # that the motors' controller ramps with at most
        self._owed = 0.0  # s that are not yet simulated, less than a step
        self._asked = Twist(0.0, 0.0)  # of the motors, which the command's lag leads to what is wanted
        for _ in range(SETTLE):
            mujoco.mj_step(self._model, self._data)
        self.place(pose)

    def _where(self) -> Pose:
        """Return map_from_base."""
        x, y, _, w, i, j, k = self._data.qpos[:7].tolist()
        return Pose(x, y, math.atan2(2.0 * (w * k + i * j), 1.0 - 2.0 * (j * j + k * k)))

    def propose(self, step: float, wanted: Twist, grip: float) -> BaseMotion:
        """See :class:`pavane.sim.plant.base.SimulatedBase`."""
        data = self._data
        self._mj.mj_getState(self._model, data, self._before.state, self._kind)
        self._before = self._before._replace(owed=self._owed)
        share = 1.0 - math.exp(-step / self._lag) if self._lag > 0.0 else 1.0
        v, omega = (
            now + min(max(share * (goal - now), -slope * step), slope * step)
            for now, goal, slope in zip(self._asked, wanted, self._slopes, strict=True)
        )
        self._asked = Twist(v, omega)
        half = 0.5 * self._track * omega
        data.ctrl[:] = (v - half) / WHEEL_RADIUS, (v + half) / WHEEL_RADIUS
        self._model.geom_friction[self._wheels, 0] = self._friction * grip
        turned = data.qpos[7:9].copy()
        steps = math.floor((self._owed + step) / STEP + 1e-6)
        self._owed += step - steps * STEP
        for _ in range(steps):
            self._mj.mj_step(self._model, data)
        rims = (data.qpos[7:9] - turned) * (WHEEL_RADIUS / step)
        pose = self._where()
        wheels = self._twist_of(data.qvel[6:8] * WHEEL_RADIUS)
        return BaseMotion(pose, self._twist(pose.yaw), wheels, self._twist_of(rims))

    def accept(self, motion: BaseMotion) -> None:
        """See :class:`pavane.sim.plant.base.SimulatedBase`."""
        self.pose, self.motion = motion.pose, motion

    def stop(self) -> None:
        """See :class:`pavane.sim.plant.base.SimulatedBase`."""
        self._mj.mj_setState(self._model, self._data, self._before.state, self._kind)
        self._owed = self._before.owed
        self._rest()

    def place(self, pose: Pose) -> None:
        """See :class:`pavane.sim.plant.base.SimulatedBase`."""
        self._data.qpos[:2] = pose.x, pose.y
        turn = 0.5 * wrap_angle(pose.yaw)
        self._data.qpos[3:7] = math.cos(turn), 0.0, 0.0, math.sin(turn)
        self._rest()

    def _rest(self) -> None:
        """Stand still."""
        self._data.qvel[:] = 0.0
        self._data.qacc_warmstart[:] = 0.0
        still = Twist(0.0, 0.0)
        self.pose = self._where()
        self.motion = BaseMotion(self.pose, still, still, still)

    def _twist(self, yaw: float) -> Twist:
        """Return the speeds of the body at a heading, rad."""
        vx, vy = self._data.qvel[:2].tolist()
        return Twist(vx * math.cos(yaw) + vy * math.sin(yaw), float(self._data.qvel[5]))

    def _twist_of(self, rims: Floats) -> Twist:
        """Return the speeds that the encoders make of the speeds (2,) of the wheels' rims, m/s."""
        left, right = rims.tolist()
        return Twist(0.5 * (left + right), (right - left) / self._track)


def _describe(robot: RobotProfile, settings: PlantSettings) -> str:
    """Return the robot in MuJoCo's language, MJCF."""
    shape, track = robot.shape, robot.wheels.track_width
    reach = shape.circumscribed_radius
    area = math.pi * reach**2 if len(shape.vertices) == 1 else _area(shape.vertices)
    mass = DENSITY * area * HEIGHT
    flat, upright = 0.5 * mass * area / math.pi, mass * HEIGHT**2 / 12.0  # as a disc of that area
    spin = 0.5 * WHEEL_MASS * WHEEL_RADIUS**2
    carried = 0.5 * mass * WHEEL_RADIUS**2 + spin  # inertia that a wheel sets in motion when the base goes ahead
    rotor = carried  # a motor's own inertia, through a gear that matches it to its load; without grip, all it turns
    turned = flat / (0.5 * track) ** 2 * 0.5 * WHEEL_RADIUS**2 + spin  # and when it turns
    need = max(
        (carried + rotor) * -robot.emergency.ax_min / WHEEL_RADIUS,
        (turned + rotor) * robot.emergency.az_max * 0.5 * track / WHEEL_RADIUS,
    )
    sides = (("left", 0.5, settings.left_scale), ("right", -0.5, settings.right_scale))
    wheels = [
        WHEEL.format(
            side=side, y=y * track * settings.track_scale, z=WHEEL_RADIUS * (scale - 1.0), radius=WHEEL_RADIUS * scale,
            half=WHEEL_WIDTH / 2, mass=WHEEL_MASS, friction=FRICTION, rotor=rotor,
        )
        for side, y, scale in sides
    ]  # fmt: skip
    return MODEL.format(
        name=robot.name, step=STEP, radius=WHEEL_RADIUS, middle=0.25 * HEIGHT - WHEEL_RADIUS, mass=mass,
        ixx=0.5 * flat + upright, iyy=0.5 * flat + upright, izz=flat, caster=CASTER_RADIUS, reach=0.7 * reach,
        caster_z=CASTER_RADIUS - WHEEL_RADIUS, wheels="\n      ".join(wheels), kv=(carried + rotor) / SERVO,
        torque=RESERVE * need,
    )  # fmt: skip


def _area(corners: Floats) -> float:
    """Return the area of a polygon (N, 2), m^2."""
    x, y = corners.T
    return 0.5 * abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))))
