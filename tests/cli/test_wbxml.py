"""
`carrierpost wbxml`: a message as XML and back.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from carrierpost.cli import main

SYNC = bytes.fromhex("03016a00455c4f4b033000015203350001010101")


def test_decode_prints_xml_with_namespaces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Elements have the names of their code page, which is the XML namespace."""
    (tmp_path / "sync").write_bytes(SYNC)
    assert main(["wbxml", "decode", str(tmp_path / "sync")]) == 0
    out = capsys.readouterr().out
    assert '<Sync xmlns="AirSync">' in out
    assert "<SyncKey>0</SyncKey>" in out
    assert "<CollectionId>5</CollectionId>" in out


def test_encode_gives_the_same_bytes_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What decode prints, encode turns into the document it came from."""
    (tmp_path / "sync").write_bytes(SYNC)
    main(["wbxml", "decode", str(tmp_path / "sync")])
    (tmp_path / "sync.xml").write_text(capsys.readouterr().out)
    assert main(["wbxml", "encode", str(tmp_path / "sync.xml"), "-o", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again").read_bytes() == SYNC


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A dash stands for standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SYNC)))
    assert main(["wbxml", "decode", "-"]) == 0
    assert "<SyncKey>0</SyncKey>" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "content", "said"),
    [
        ("decode", SYNC[:-3], "byte"),
        ("decode", b"", "byte"),
        ("decode", b"<html>", "byte"),
        ("encode", b"<Sync xmlns='AirSync'><Nonsense/></Sync>", "Nonsense"),
        ("encode", b"<Sync", "XML"),
        ("encode", b"\xff\xfe\xfa", "XML"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, content: bytes, said: str
) -> None:
    """A refusal names the place or the element, with status 1 and without a traceback."""
    (tmp_path / "file").write_bytes(content)
    assert main(["wbxml", command, str(tmp_path / "file"), *(["-o", "/dev/null"] if command == "encode" else [])]) == 1
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


def test_check_says_what_is_wrong_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document that the grammar allows exits with 0; one with a child too few names its place, and exits with 1."""
    (tmp_path / "sync").write_bytes(SYNC)
    assert main(["wbxml", "check", str(tmp_path / "sync")]) == 0
    assert capsys.readouterr().err == "request of Sync in 16.1: as it should be\n"
    assert main(["wbxml", "check", "--as", "answer", str(tmp_path / "sync")]) == 1
    assert capsys.readouterr().out == "Sync/Collections/Collection: Status is missing\n"
    (tmp_path / "odd").write_bytes(bytes.fromhex("03016a00001105"))
    assert main(["wbxml", "check", str(tmp_path / "odd")]) == 2
    assert "is the root of no command's message" in capsys.readouterr().err
    assert main(["wbxml", "check", "--version", "9", str(tmp_path / "sync")]) == 1
    assert "no ActiveSync version" in capsys.readouterr().err
