"""Output files are written whole or not at all."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from etcdlab.cli.files import check_writable, write_whole
from etcdlab.errors import LabError, UsageError


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    check_writable(path)
    write_whole(path, b"after")
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]
    mask = os.umask(0o022)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_links_and_pipes_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    write_whole(tmp_path / "link", b"data")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"data"
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as executor:
        read = executor.submit(pipe.read_bytes)
        write_whole(pipe, b"data")
        assert read.result() == b"data"
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["missing/file", ".", "a-file/below"])
def test_where_no_file_can_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "a-file").write_text("")
    with pytest.raises(UsageError):
        check_writable(tmp_path / name)
    with pytest.raises(LabError, match="cannot be written"):
        write_whole(tmp_path / name, b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["a-file"]


def test_where_not_even_root_can_write() -> None:
    with pytest.raises(LabError, match="cannot be written"):
        write_whole(Path("/proc/nothing"), b"data")
