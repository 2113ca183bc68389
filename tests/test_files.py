"""Files appear whole or not at all, links stay, and what is no ordinary file is written into."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from pavane.core.errors import BadFile
from pavane.core.files import check_writable, make_folder, whole_file, write_whole


def test_a_file_appears_in_one_step_and_others_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    with whole_file(path) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, stop: type[BaseException]) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(stop), whole_file(path) as file:
        file.write(b"new")
        raise stop
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_whole(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path, there: bool) -> None:
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "a.bin", tmp_path / "link"
    if there:
        target.write_bytes(b"old")
    link.symlink_to(target)
    check_writable(link)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert [p.name for p in target.parent.iterdir()] == ["a.bin"]


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_writable(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    data = bytes(200_000)  # more than a pipe holds
    write_whole(pipe, data)
    reader.join(10.0)
    assert got == [data]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_devices_stay_devices() -> None:
    check_writable("/dev/null")
    write_whole("/dev/null", b"x")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    with pytest.raises(BadFile, match="No space left"):
        write_whole("/dev/full", b"x")


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "no" / "a", tmp_path / "file" / "a", "", "a\0b"):
        with pytest.raises(BadFile, match="cannot write file"):
            check_writable(path)
        with pytest.raises(BadFile, match="cannot write file"):
            write_whole(path, b"x")
    for path in ("", " ", str(tmp_path / "file" / "b"), "a\0b"):
        with pytest.raises(BadFile):
            make_folder(path)
    assert make_folder(tmp_path / "a" / "b").is_dir()
