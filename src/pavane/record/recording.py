"""open_recording: read a recorded drive, also from a file that breaks off."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
import zstandard

from pavane.core.errors import BadFile, PavaneError
from pavane.record.codec import PLAN, SCHEMA, SCHEMAS, SETUP, TICK, Setup, unpack, unpack_setup, unpack_tick
from pavane.record.tick import JobEnd, Tick

MAGIC = b"\x89MCAP0\r\n"
CHANNEL, MESSAGE, CHUNK, DATA_END = 0x04, 0x05, 0x06, 0x0F
LONGEST = 1 << 32  # bytes of a record; a longer one is none


class TickEntry(NamedTuple):
    """A recorded tick as it was written, and the plan that came into use with it; None where none did."""

    tick: bytes
    plan: bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """A recorded drive.

    Args:
        path: of the file.
        setup: of the navigator.
        start: the robot's clock on the first tick, s.
        duration: from there to the latest tick, s.
        ticks: how many there are.
        plans: how many came into use.
        jobs: by number, when the results of background work were there.
        cut: in words, why the file breaks off; empty if it is whole.
    """

    path: Path
    setup: Setup
    start: float
    duration: float
    ticks: int
    plans: int
    jobs: dict[int, JobEnd]
    cut: str

    def entries(self) -> Iterator[TickEntry]:
        """Return the ticks in the order in which they happened."""
        plan: bytes | None = None
        for topic, _, data in read_messages(self.path):
            if topic == PLAN:
                plan = data
            elif topic == TICK:
                yield TickEntry(data, plan)
                plan = None


def open_recording(path: str | Path) -> Recording:
    """Look through a recording.

    Raises:
        BadFile: it is missing, no MCAP file, no recording of ours, of another schema, or breaks off before the setup.
    """
    reader = Reader(path)
    setup: Setup | None = None
    first = last = None
    ticks, plans, plan = 0, 0, False
    jobs: dict[int, JobEnd] = {}
    for topic, _, data in reader.messages():
        if topic == SETUP and setup is None:
            setup = _setup(path, data)
        elif topic == PLAN:
            plan = True
        elif topic == TICK:
            tick = _tick(path, data)
            ticks += 1
            plans, plan = plans + plan, False
            jobs |= {job.number: job for job in tick.jobs}
            if tick.command is not None:
                first = tick.command.stamp if first is None else first
                last = tick.command.stamp if last is None else max(last, tick.command.stamp)
    if setup is None:
        if reader.cut:
            raise BadFile(f"{path} breaks off before the setup: nothing can be read", remedy="Record the drive anew.")
        raise BadFile(f"{path} is an MCAP file, but no recording of Pavane", limit=f"a topic {SETUP}")
    first = 0.0 if first is None else first
    return Recording(
        Path(path), setup, first, (first if last is None else last) - first, ticks, plans, jobs, reader.cut
    )


def _setup(path: str | Path, data: bytes) -> Setup:
    """Return the setup in a recording; raise BadFile if this version cannot use it."""
    try:
        plain = unpack(data)
        schema = plain["schema"]
        if schema in SCHEMAS:
            return unpack_setup(plain)
    except (msgspec.MsgspecError, PavaneError, KeyError, TypeError, ValueError) as error:
        raise BadFile(f"the setup in {path} cannot be used ({error})") from error
    raise BadFile(
        f"{path} is a recording of another schema", value=schema, limit=SCHEMA,
        remedy="Replay it with the version of Pavane that made it.",
    )  # fmt: skip


def _tick(path: str | Path, data: bytes) -> Tick:
    """Return a tick of a recording; raise BadFile if this version cannot use it."""
    try:
        return unpack_tick(data)
    except (msgspec.MsgspecError, PavaneError, KeyError, TypeError, ValueError) as error:
        raise BadFile(f"a tick in {path} cannot be used ({error})") from error


def read_messages(path: str | Path) -> Iterator[tuple[str, int, bytes]]:
    """Return topic, log time in ns and content of each message in the order of the file, as far as it goes."""
    return Reader(path).messages()


class Reader:
    """Reads an MCAP file from front to back without its index, up to where it breaks off.

    Of a chunk that is not whole, as much as can be unpacked is read: whole blocks of its compression.

    Args:
        path: of the file.

    Attributes:
        cut: in words, why reading ended before the end of the data; empty before that and if it did not.

    Raises:
        BadFile: it is missing, or no MCAP file.
    """

    def __init__(self, path: str | Path) -> None:
        self.cut = ""
        self._path = path
        self._topics: dict[int, str] = {}
        with self._file() as file:
            magic = file.read(len(MAGIC))
        if not magic:
            raise BadFile(f"{path} is empty", limit="a recording (MCAP)")
        if magic != MAGIC:
            what = "breaks off within its first bytes" if MAGIC.startswith(magic) else "is no MCAP file"
            raise BadFile(f"{path} {what}", limit="a recording (MCAP)")

    def messages(self) -> Iterator[tuple[str, int, bytes]]:
        """Topic, log time in ns and content of each message in the order of the file."""
        with self._file() as file:
            file.seek(len(MAGIC))
            while True:
                head = file.read(9)
                if len(head) < 9:
                    self.cut = f"it breaks off after {file.tell()} bytes"
                    return
                kind, length = struct.unpack("<BQ", head)
                if kind == DATA_END:
                    return
                content = file.read(length) if length < LONGEST else b""
                if kind == CHUNK:
                    yield from self._chunk(content)
                else:
                    yield from self._record(kind, content)
                if len(content) < length:
                    self.cut = f"it breaks off after {file.tell()} bytes"
                if self.cut:
                    return

    def _file(self) -> BinaryIO:
        try:
            return open(self._path, "rb")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BadFile(f"cannot read file ({reason})", value=repr(str(self._path))) from error

    def _chunk(self, content: bytes) -> Iterator[tuple[str, int, bytes]]:
        try:
            _, _, size, crc, name = struct.unpack_from("<QQQII", content)
            compression, data = content[32 : 32 + name], content[40 + name :]
            if compression == b"zstd":
                data = zstandard.ZstdDecompressor().decompressobj().decompress(data)  # of a part, what is there
        except struct.error:
            return  # not even its head is there
        except zstandard.ZstdError:
            self.cut = "a chunk is damaged"
            return
        if compression not in (b"zstd", b""):
            what = f"{self._path} is compressed in a way that Pavane does not write"
            raise BadFile(what, value=compression.decode(errors="replace"), limit="zstd, or not compressed")
        if len(data) == size and crc and zlib.crc32(data) != crc:
            self.cut = "a chunk is damaged"
            return
        at = 0
        while at + 9 <= len(data):
            kind, length = struct.unpack_from("<BQ", data, at)
            at += 9 + length
            if at > len(data):
                return
            yield from self._record(kind, data[at - length : at])

    def _record(self, kind: int, content: bytes) -> Iterator[tuple[str, int, bytes]]:
        if kind == CHANNEL:
            number, _, length = struct.unpack_from("<HHI", content)
            self._topics[number] = content[8 : 8 + length].decode()
        elif kind == MESSAGE and len(content) >= 22:
            number, _, log_time, _ = struct.unpack_from("<HIQQ", content)
            if number in self._topics:
                yield self._topics[number], log_time, content[22:]
