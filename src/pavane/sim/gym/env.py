"""HomeEnv: drive through a home with people, by what a robot's sensors say."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from pavane.core.arrays import Bytes, Floats32
from pavane.core.errors import BadSetting
from pavane.sim.gym.attempt import Attempt
from pavane.sim.gym.config import EnvSettings
from pavane.sim.gym.episode import Episodes
from pavane.sim.gym.observation import Observation, observation_space
from pavane.sim.gym.picture import Painter
from pavane.sim.gym.reward import Reward, progress_reward
from pavane.sim.world import World


class HomeEnv(gymnasium.Env[Observation, Floats32]):
    """A robot, a goal, and people who walk about.

    Args:
        render_mode: ``rgb_array``, or None.
        reward: what a step is worth; replaces :func:`progress_reward`.
        settings: keywords of :class:`EnvSettings`.

    Raises:
        PavaneError: a setting, home, profile or scenario that cannot be used.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 10}  # noqa: RUF012 - as Gymnasium has it

    def __init__(self, *, render_mode: str | None = None, reward: Reward = progress_reward, **settings: Any) -> None:
        if render_mode not in (None, "rgb_array"):
            raise BadSetting("unknown render_mode", value=render_mode, limit="rgb_array, or None")
        self.settings = EnvSettings.of(settings)
        self.metadata = self.metadata | {"render_fps": max(1, round(1.0 / self.settings.step))}
        self.render_mode = render_mode
        self._reward = reward
        self._episodes = Episodes(self.settings)
        self.robot = self._episodes.robot
        self._space = observation_space(self.robot, self.settings.people_seen)
        self.observation_space = self._space
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
        self._attempt: Attempt | None = None
        self._painter: Painter | None = None

    @property
    def world(self) -> World:
        """The simulated world of this episode.

        Raises:
            BadSetting: there is none yet.
        """
        return self._under_way().episode.world

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Draw an episode; the robot stands until every sensor has spoken, at most 1 s.

        Args:
            seed: of this and all later episodes.
            options: there are none.

        Raises:
            BadSetting: options are given, or the home is too small for what was asked.
        """
        super().reset(seed=seed)
        if options:
            raise BadSetting("reset of the environment has no options", value=options)
        self._attempt = Attempt(self._episodes.draw(self.np_random), self.settings, self._space)
        return self._attempt.observe(), self._attempt.info()

    def step(self, action: Floats32) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Let the robot drive towards the speeds asked for during one step.

        Args:
            action: (2,) shares of the speed limits, −1 to 1: forward speed, negative of the reverse limit; yaw rate.

        Raises:
            BadSetting: the action is not two finite numbers.
        """
        attempt = self._under_way()
        passed = attempt.drive(*self._asked(action))
        terminated = passed.reached or (self.settings.contact_ends and bool(passed.contacts))
        truncated = attempt.over and not terminated
        return attempt.observe(), float(self._reward(passed)), terminated, truncated, attempt.info()

    def render(self) -> Bytes | None:
        """Paint the picture (rows, columns, 3) of now; None without a render mode."""
        if self.render_mode is None:
            return None
        attempt = self._under_way()
        episode = attempt.episode
        if self._painter is None or self._painter.home is not episode.home:
            self._painter = Painter(episode.home, self.robot, self.settings.goal_radius)
        home, goal = episode.world.home, episode.trip.goal
        return self._painter.paint(attempt.truth, home, goal, attempt.trail, attempt.scan())

    def _under_way(self) -> Attempt:
        """Return the episode that is under way, or refuse where there is none."""
        if self._attempt is None:
            raise BadSetting("the environment has no episode yet", remedy="Call reset first.")
        return self._attempt

    def _asked(self, action: Floats32) -> tuple[float, float]:
        """Return the speed and yaw rate that an action means, m/s and rad/s."""
        shares = np.asarray(action, np.float64)
        if shares.shape != (2,) or not np.isfinite(shares).all():
            raise BadSetting("the action is wrong", value=action, limit="two finite numbers, -1 to 1")
        ahead, turn = np.clip(shares, -1.0, 1.0).tolist()
        limits = self.robot.limits
        return ahead * (limits.vx_max if ahead > 0.0 else -limits.vx_min), turn * limits.wz_max
