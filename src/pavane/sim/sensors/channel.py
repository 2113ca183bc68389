"""Channel: how the readings of one sensor become messages that arrive late, out of order, wrongly stamped, or not."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from numpy.random import Generator

from pavane.core.errors import BadSetting
from pavane.sim.sensors.config import ChannelSettings
from pavane.sim.sensors.scene import Delivery, Reading


class Channel:
    """From one sensor to the robot.

    Latency is drawn from a gamma distribution of the stated mean and standard deviation. Whatever becomes of a message,
    the sensor is read and the channel draws, so a fault leaves later noise as it would have been.

    Args:
        settings: jitter, losses, clock.
        rate: samples per second.
        latency: mean time from sensing to arrival, s.
        rng: of jitter and losses.

    Raises:
        BadSetting: jitter without a latency.
    """

    def __init__(self, settings: ChannelSettings, rate: float, latency: float, rng: Generator) -> None:
        if settings.jitter > 0.0 and latency == 0.0:
            raise BadSetting("jitter needs a latency", value=f"jitter {settings.jitter} s, latency 0 s")
        self._settings = settings
        self._period = 1.0 / rate
        self._latency = latency
        self._losses, self._lateness = rng.spawn(2)
        self._samples = 0
        self.next = 0.0  # s, when the next sample is due
        self._arrived = -math.inf
        self._sent: tuple[Reading, float] | None = None  # the newest content and when it was sensed
        self._frozen = False
        self._extra, self._offset, self._loss = 0.0, 0.0, 0.0

    # -- faults -----------------------------------------------------------------------------------------------------

    def freeze(self, on: bool) -> None:
        """Repeat the content of the last message, with new stamps, as long as this is on."""
        self._frozen = on

    def delay(self, extra: float) -> None:
        """Make messages sensed from now on arrive ``extra`` s later still; 0 ends it. Stamps stay those of sensing."""
        self._extra = extra

    def clock(self, offset: float) -> None:
        """Shift the stamps from now on by ``offset`` s, besides what the settings say; 0 sets the clock right again."""
        self._offset = offset

    def lose(self, share: float) -> None:
        """Lose this share of the messages that the settings let through; 0 ends it."""
        self._loss = share

    # -- messages ---------------------------------------------------------------------------------------------------

    def sample(self, time: float, read: Callable[[float], Reading | None]) -> Delivery | None:
        """Take a sample now, and return its delivery; None where nothing will arrive.

        Args:
            time: true time, s.
            read: gives the reading for the stamp that it is handed; None if the sensor has nothing to say.
        """
        self._samples += 1
        self.next = self._samples * self._period
        stamp = self._stamp(time)
        reading, sensed = read(stamp), time
        share = 1.0 - (1.0 - self._settings.dropout) * (1.0 - self._loss)
        lost = share > 0.0 and self._losses.random() < share
        arrival = time + self._draw_latency() + self._extra
        if self._frozen and self._sent is not None:
            last, sensed = self._sent
            reading = replace(last, message=replace(last.message, stamp=stamp))
        if reading is None:
            return None
        self._sent = (reading, sensed)
        if lost:
            return None
        if not self._settings.reorders:
            arrival = self._arrived = max(arrival, self._arrived)
        return Delivery(arrival, sensed, reading.message, reading.seen)

    def _stamp(self, time: float) -> float:
        """Return what the sensor's clock says at a true time, s."""
        settings = self._settings
        stamp = time + settings.clock_offset + settings.clock_drift * time + self._offset
        step = settings.stamp_resolution
        return math.floor(stamp / step + 1e-6) * step if step > 0.0 else stamp

    def _draw_latency(self) -> float:
        """Draw the time from sensing to arrival, s."""
        jitter = self._settings.jitter
        if jitter == 0.0:
            return self._latency
        return float(self._lateness.gamma((self._latency / jitter) ** 2, jitter**2 / self._latency))
