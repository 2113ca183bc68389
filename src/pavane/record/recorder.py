"""Recorder: writes a drive to an MCAP file while it is driven; a file that breaks off can be read up to there."""

from __future__ import annotations

import hashlib
import sys
import warnings
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from mcap.writer import CompressionType, Writer

from pavane.core.errors import BadFile, BadSetting
from pavane.core.files import check_writable
from pavane.core.processor import processor_name
from pavane.navigator import Navigator
from pavane.record import codec
from pavane.record.codec import BELIEF, CANDIDATES, OWN, PLAN, SETUP, TICK
from pavane.record.decisions import pack_belief, pack_candidates, pack_decision
from pavane.record.tick import Decision, PlannerName, Tick
from pavane.record.topics import LATCHED, TYPES, Topics, nanoseconds, schemas

FLUSHED = 1.0  # s of drive after which all is handed to the operating system: so much a kill can cost
CHUNK = 1 << 20  # bytes after which it is in any case
LATCHED_QOS = """- history: 1
  depth: 1
  reliability: 1
  durability: 1
  deadline: {sec: 9223372036, nsec: 854775807}
  lifespan: {sec: 9223372036, nsec: 854775807}
  liveliness: 1
  liveliness_lease_duration: {sec: 9223372036, nsec: 854775807}
  avoid_ros_namespace_conventions: false
"""
# rooms and files that decide nothing
APART = ("bench", "cli", "explain", "figures", "record", "sim", "viewer", "drive.py", "drive_log.py")


class Recorder:
    """The journal of one navigator, in an MCAP file. To be closed, or to be used in a ``with`` statement.

    A file that cannot be written any more is warned of once, and the robot goes on driving.

    Args:
        path: of the file; one that is there is replaced.

    Attributes:
        path: see above.
        error: why nothing is written any more; empty while it is.

    Raises:
        BadFile: it cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        check_writable(path)
        self.path = Path(path)
        self.error = ""
        try:
            self._file: BinaryIO = self.path.open("wb")
        except OSError as error:
            raise BadFile(f"cannot write file ({error.strerror or error})", value=repr(str(path))) from error
        self._writer = Writer(self._file, chunk_size=CHUNK, compression=CompressionType.ZSTD)
        self._topics = Topics()
        self._channels: dict[str, int] = {}
        self._time = 0  # ns, of the newest tick
        self._flushed = 0  # ns
        self._open = True

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def begin(self, navigator: Navigator, planner: PlannerName, seed: int) -> None:
        """See :class:`pavane.record.tick.Journal`.

        Raises:
            BadSetting: the recorder has begun with another navigator.
        """
        if self._channels:
            raise BadSetting("a recorder keeps one drive", value=self.path.name, remedy="Make one for each navigator.")
        setup = codec.Setup(navigator.robot, navigator.home, navigator.config, planner, seed, fingerprint())
        try:
            self._start()
            self._write(SETUP, 0.0, codec.pack_setup(setup))
            for topic, stamp, data in self._topics.begin(navigator):
                self._write(topic, stamp, data)
            self._writer.flush()  # type: ignore[no-untyped-call]
        except Exception as error:
            self._give_up(error)

    def keep(self, navigator: Navigator, tick: Tick, decision: Decision | None) -> None:
        """See :class:`pavane.record.tick.Journal`."""
        if not self._open:
            return
        try:
            if tick.command is not None:
                self._time = nanoseconds(tick.command.stamp)
            if decision is not None:
                start = decision.plan.start
                self._write(PLAN, start, pack_decision(decision))
                if decision.plan.candidates is not None:
                    self._write(CANDIDATES, start, pack_candidates(decision.plan.candidates, start))
                self._write(BELIEF, decision.belief.stamp, pack_belief(decision.belief))
            self._write(TICK, self._time * 1e-9, codec.pack_tick(tick))
            for topic, stamp, data in self._topics.tick(navigator, tick, decision):
                self._write(topic, stamp, data)
            if abs(self._time - self._flushed) >= FLUSHED * 1e9:
                self._flushed = self._time
                if not self.path.exists():  # writing on would fail nobody and help nobody
                    raise FileNotFoundError(2, "the file is gone")
                self._writer.flush()  # type: ignore[no-untyped-call]
        except Exception as error:  # whatever it is: it must not stop a robot
            self._give_up(error)

    def close(self) -> None:
        """Write the index and end the file; once is enough."""
        if not self._open:
            return
        self._open = False
        try:
            if self._channels:
                self._writer.finish()  # type: ignore[no-untyped-call]
            self._file.close()
        except OSError as error:
            self._give_up(error)

    def _start(self) -> None:
        self._writer.start(profile="ros2", library=f"pavane {version('pavane')}")
        numbers = {
            name: self._writer.register_schema(name, "ros2msg", text.encode()) for name, text in schemas().items()
        }
        for topic, name in TYPES.items():
            quality = {"offered_qos_profiles": LATCHED_QOS} if topic in LATCHED else {}
            self._channels[topic] = self._writer.register_channel(topic, "cdr", numbers[name], quality)
        for topic in OWN:
            self._channels[topic] = self._writer.register_channel(topic, "msgpack", 0)

    def _write(self, topic: str, stamp: float, data: bytes) -> None:
        self._writer.add_message(self._channels[topic], self._time, data, nanoseconds(stamp))

    def _give_up(self, error: Exception) -> None:
        self._open = False
        reason = error.strerror if isinstance(error, OSError) and error.strerror else f"{type(error).__name__}: {error}"
        self.error = f"the recording {self.path.name} ends here ({reason}); the drive goes on"
        with suppress(OSError):
            self._file.close()
        warnings.warn(self.error, RuntimeWarning, stacklevel=3)


@lru_cache
def fingerprint() -> dict[str, str]:
    """Return versions of what computes, the processor, and a hash of all source text that decides."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        inner = path.relative_to(root)
        if inner.parts[0] not in APART:
            digest.update(str(inner).encode() + path.read_bytes())
    packages = {name: version(name) for name in ("pavane", "numpy", "numba", "scipy")}
    python = ".".join(map(str, sys.version_info[:3]))
    return {**packages, "python": python, "processor": processor_name(), "source": digest.hexdigest()[:16]}
