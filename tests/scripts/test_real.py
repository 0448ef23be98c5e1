"""
What the launch of real servers can show without any of them: files, settings, certificates, passwords.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import ssl
import threading
from pathlib import Path

import pytest

from scripts.real import machine, packages
from scripts.real.__main__ import main
from scripts.real.certificates import issue
from scripts.real.errors import RealServerError
from scripts.real.postgres import hashed
from scripts.real.settings import Settings, User
from scripts.real.stack import describe


def test_put_writes_only_what_differs(tmp_path: Path) -> None:
    """A file with the same content and mode is left alone, which is how a second start changes nothing."""
    path = tmp_path / "file"
    assert machine.put(path, "one")
    inode = path.stat().st_ino
    assert not machine.put(path, "one")
    assert path.stat().st_ino == inode
    assert machine.put(path, "two")
    assert machine.put(path, "two", mode=0o600)
    assert path.read_text(encoding="utf-8") == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_templates_are_filled_completely() -> None:
    """A value that is missing, or that nobody asked for, is an error that names it."""
    names = ("port", "sockets", "connections")
    values = {name: f"<{name}>" for name in names}
    text = machine.fill("postgresql.conf", **values)
    assert all(f"<{name}>" in text for name in names)
    with pytest.raises(RealServerError, match="connections"):
        machine.fill("postgresql.conf", port=1, sockets="x")
    with pytest.raises(RealServerError, match="colour"):
        machine.fill("postgresql.conf", **values, colour="blue")


def test_processes_are_known_by_their_command_line() -> None:
    """A live process id proves nothing: the command line must be one of ours."""
    words = Path("/proc/self/cmdline").read_bytes().split(b"\0")
    assert machine.is_running(os.getpid(), words[0].decode())
    assert not machine.is_running(os.getpid(), "/no/such/state/directory")
    assert not machine.is_running(None, "")


@pytest.mark.parametrize("text", ["", "not a number\n", "\n"])
def test_broken_pid_files_name_no_process(tmp_path: Path, text: str) -> None:
    """A half-written pid file is like none."""
    path = tmp_path / "x.pid"
    assert machine.pid_from(path) is None
    path.write_text(text, encoding="ascii")
    assert machine.pid_from(path) is None
    path.write_text("123\nmore\n", encoding="ascii")
    assert machine.pid_from(path) == 123


def test_failed_program_is_quoted() -> None:
    """Whoever reads the error sees what the program said."""
    with pytest.raises(RealServerError, match=r"(?s)failed \(3\).*went wrong"):
        machine.run(["sh", "-c", "echo went wrong >&2; exit 3"])


def test_users_are_read_from_one_word() -> None:
    """`NAME:PASSWORD[:FULL NAME]`; what is no name is refused."""
    assert User.parse("carol:c-secret") == User("carol", "c-secret", "Carol Example")
    assert User.parse("dan:p:Dan van Dyk").full_name == "Dan van Dyk"
    for wrong in ("carol", ":secret", "carol:", "Carol:x", "a b:x"):
        with pytest.raises(ValueError, match="user"):
            User.parse(wrong)


@pytest.mark.parametrize("port", [80, 65100])
def test_port_base_must_leave_room(tmp_path: Path, port: int) -> None:
    """Privileged ports, and bases whose last port would not exist, are refused."""
    with pytest.raises(ValueError, match="port base"):
        Settings(state=tmp_path, port_base=port)


def test_password_hash_is_salted_sha512() -> None:
    """Dovecot and SOGo read `{SSHA512}`: hash of password and salt, then the salt; equal for equal users."""
    user = User("alice", "secret", "Alice")
    scheme, raw = hashed(user)[:9], base64.b64decode(hashed(user)[9:])
    assert scheme == "{SSHA512}"
    assert hashlib.sha512(b"secret" + raw[64:]).digest() == raw[:64]
    assert len(raw[64:]) == 8
    assert hashed(user) == hashed(user)
    assert hashed(user) != hashed(User("bob", "secret", "Bob"))


def test_certificate_is_trusted_for_localhost(tmp_path: Path) -> None:
    """A strict client that trusts the authority accepts the server as localhost; a second issue keeps it."""
    assert issue(tmp_path)
    assert not issue(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    client = ssl.create_default_context(cafile=str(tmp_path / "ca.crt"))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with server.wrap_socket(theirs, server_side=True) as wire:
            wire.sendall(wire.recv(16))

    thread = threading.Thread(target=serve)
    thread.start()
    with client.wrap_socket(ours, server_hostname="localhost") as wire:
        wire.sendall(b"hello")
        assert wire.recv(16) == b"hello"
    thread.join()
    assert (tmp_path / "server.key").stat().st_mode & 0o077 == 0


def test_description_has_no_secret_but_the_users_own(tmp_path: Path) -> None:
    """Whoever reads the JSON learns addresses and the test users' passwords, and nothing of the database."""
    told = describe(Settings(state=tmp_path))
    assert told["eas_url"] == "http://127.0.0.1:21000/Microsoft-Server-ActiveSync"
    assert told["users"][0] == {
        "user": "alice",
        "password": "alice-secret",
        "email": "alice@sogo.test",
        "name": "Alice Example",
    }
    assert "postgres" not in str(told)


def test_unknown_packages_are_missing() -> None:
    """A package that no distribution has is reported as missing, one of the base system is not."""
    assert packages.missing(["carrierpost-no-such-package"]) == ["carrierpost-no-such-package"]
    if Path("/var/lib/dpkg/status").exists():
        assert packages.missing(["dpkg"]) == []


def test_wrong_usage_is_told_without_traceback(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A bad port base is one sentence and exit status 1."""
    assert main(["status", "--state", str(tmp_path), "--port-base", "70000"]) == 1
    said = capsys.readouterr().err
    assert re.fullmatch(r"real: port base 70000: .*\n", said)


def test_status_of_nothing_is_down(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An empty state directory is a stack that does not run."""
    assert main(["status", "--state", str(tmp_path)]) == 1
    assert '"up": false' in capsys.readouterr().out
