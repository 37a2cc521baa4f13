# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Files that are no images are found by their ends; those that only look so are decoded."""

import os

import numpy as np
import pytest
from PIL import Image

from snas_tf.data.images import image_files
from snas_tf.errors import InvalidInput

EXTENSIONS = ("png", "jpg", "gif", "bmp")


@pytest.fixture
def paths(tmp_path):
    """A random image in every format."""
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    found = {extension: tmp_path / f"image.{extension}" for extension in EXTENSIONS}
    for path in found.values():
        Image.fromarray(pixels).save(path)
    return found


@pytest.fixture
def decoded(monkeypatch):
    """The names of the files that were decoded."""
    names, decode = [], image_files._decode

    def recorded(path):
        names.append(path.name)
        return decode(path)

    monkeypatch.setattr(image_files, "_decode", recorded)
    return names


def refusal(*paths):
    with pytest.raises(InvalidInput) as error:
        image_files.check_files(paths)
    return str(error.value)


def test_whole_files_are_not_decoded(paths, decoded):
    image_files.check_files([*paths.values()] * 3)
    assert decoded == []


@pytest.mark.parametrize(
    ("extension", "to_spare"), {"png": 0, "jpg": 0, "gif": 2, "bmp": 2}.items()
)
def test_a_file_that_broke_off_is_found_wherever_it_did(paths, extension, to_spare):
    """All but the end mark of a GIF image and the padding of a BMP one is missed."""
    path = paths[extension]
    content, pixels = path.read_bytes(), image_files.read_image(paths[extension])
    shown = {"jpg": "JPEG"}.get(extension, extension.upper())
    reasons = ("0 bytes", "a text", "begins as no image", f"does not end as a {shown} image does")
    size = len(content)
    for kept in {*range(0, size, 61), *range(size - 9, size - to_spare)}:
        path.write_bytes(content[:kept])
        message = refusal(path)
        assert f"cannot read '{path}' (" in message and "); do replace or remove the" in message
        assert any(reason in message for reason in reasons), kept
    for kept in range(size - to_spare, size):
        path.write_bytes(content[:kept])
        image_files.check_files([path])
        np.testing.assert_array_equal(image_files.read_image(path), pixels)


def test_other_things_of_the_name_of_an_image_are_found(tmp_path, paths):
    cases = {
        b"": "it is empty, 0 bytes",
        b"<html>not found</html>": "it is a text",
        "köning".encode() * 9: "it is a text",
        b"\xff": "it begins as no image",
        bytes(99): "it begins with zeros",
        b"GIF8": "damaged, or broken off: it does not end as a GIF image does",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1": "HEIC, which is not read: only PNG, JPEG, WebP",
        b"\0\0\0\x18ftypisom\0\0\0\0mp41": "a film, 'isom', which is not read",
        b"\0\0\0\x0cJXL \r\n\x87\n": "JPEG XL, which is not read",
        b"%PDF-1.7": "PDF, which is not read",
        b"8BPS\0\1": "Photoshop, which is not read",
        b"version https://git-lfs.github.com/spec/v1": "a Git LFS pointer",
    }
    for number, (content, reason) in enumerate(cases.items()):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(content)
        assert f"'{path}' ({reason}" in refusal(paths["png"], path)
    folder = tmp_path / "folder.png"
    folder.mkdir()
    assert f"'{folder}' (Is a directory)" in refusal(folder)
    link = tmp_path / "link.png"
    link.symlink_to(tmp_path / "gone.png")
    assert f"'{link}' (No such file or directory)" in refusal(link)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_found(paths):
    paths["png"].chmod(0)
    assert "(Permission denied)" in refusal(paths["png"])


@pytest.mark.parametrize("extension", ["png", "jpg", "gif"])
def test_more_behind_an_image_is_no_fault(paths, decoded, extension):
    path = paths[extension]
    path.write_bytes(path.read_bytes() + bytes(16))
    image_files.check_files([path])
    assert decoded == [path.name]


def test_an_extension_may_be_another_formats(paths, tmp_path, decoded):
    path = tmp_path / "really_a_png.jpg"
    path.write_bytes(paths["png"].read_bytes())
    image_files.check_files([path])
    assert decoded == []
    np.testing.assert_array_equal(
        image_files.read_image(path), image_files.read_image(paths["png"])
    )


def test_all_that_are_damaged_are_counted_and_the_first_is_named(tmp_path, paths, monkeypatch):
    monkeypatch.setattr(image_files, "_CHUNK", 7)
    files = []
    for number in range(50):
        files.append(tmp_path / f"{number:02d}.png")
        content = paths["png"].read_bytes()
        files[-1].write_bytes(content[:99] if number in (23, 31, 49) else content)
    message = refusal(*files)
    assert message.endswith(
        f"'{files[23]}' (damaged, or broken off: it does not end as a PNG image does) and 2 more; "
        "do replace or remove them"
    )
    assert "\n" not in message
    image_files.check_files([])


def test_no_more_than_so_many_are_decoded(tmp_path, paths, decoded, monkeypatch):
    monkeypatch.setattr(image_files, "_MOST_DECODED", 3)
    files = []
    for number in range(9):
        files.append(tmp_path / f"{number}.png")
        files[-1].write_bytes(paths["png"].read_bytes() + b"\n")
    image_files.check_files(files)
    assert sorted(decoded) == ["0.png", "1.png", "2.png"]


def test_what_cannot_be_read_is_named(paths):
    path = paths["jpg"]
    assert image_files.read_image(path).shape == (20, 30, 3)
    path.unlink()
    with pytest.raises(InvalidInput, match="cannot read '.*image.jpg' .No such file"):
        image_files.read_image(path)
