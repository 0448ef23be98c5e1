"""
The real stack itself: it answers as ActiveSync over http and https, knows its users, and delivers mail.
"""

from __future__ import annotations

import imaplib
import smtplib
import ssl
import urllib.error
import urllib.request
import uuid
from base64 import b64encode
from email.message import Message

import pytest

from tests.real.conftest import RealStack, RealUser

pytestmark = pytest.mark.real


def options(url: str, user: RealUser, password: str, *, ca: str | None = None) -> Message:
    """
    Send OPTIONS and return the answer's headers; raises `HTTPError` for what is not 200.
    """
    login = b64encode(f"{user.user}:{password}".encode()).decode()
    request = urllib.request.Request(url, method="OPTIONS", headers={"Authorization": f"Basic {login}"})
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca)),
    )
    with opener.open(request, timeout=30) as answer:
        assert answer.status == 200
        headers: Message = answer.headers
        return headers


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_options_name_versions_and_commands(real_stack: RealStack, name: str) -> None:
    """OPTIONS tells which versions and commands there are; SOGo goes up to 14.1."""
    user = real_stack.user(name)
    headers = options(real_stack.eas_url, user, user.password)
    assert headers["MS-ASProtocolVersions"].split(",")[-1] == "14.1"
    assert {"Sync", "FolderSync", "Ping", "SendMail"} <= set(headers["MS-ASProtocolCommands"].split(","))


def test_wrong_password_is_refused(real_stack: RealStack) -> None:
    """A wrong password gets 401 and is asked for by Basic."""
    with pytest.raises(urllib.error.HTTPError) as refused:
        options(real_stack.eas_url, real_stack.user("alice"), "not-the-password")
    with refused.value as answer:
        assert answer.code == 401
        assert answer.headers["WWW-Authenticate"].lower().startswith("basic")


def test_tls_is_trusted_through_its_own_authority_only(real_stack: RealStack) -> None:
    """With the stack's authority the same answer comes over TLS; the machine's own authorities do not know it."""
    user = real_stack.user("alice")
    headers = options(real_stack.eas_url_tls, user, user.password, ca=str(real_stack.tls_ca))
    assert "14.1" in headers["MS-ASProtocolVersions"]
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        options(real_stack.eas_url_tls, user, user.password)


def test_accepted_mail_lies_in_the_mailbox(real_stack: RealStack) -> None:
    """Whoever got 250 for a mail finds it by IMAP at once."""
    bob = real_stack.user("bob")
    subject = f"stack {uuid.uuid4()}"
    mail = f"From: someone@remote.example\r\nTo: {bob.email}\r\nSubject: {subject}\r\n\r\nHello\r\n"
    with smtplib.SMTP(*real_stack.smtp_address, timeout=30) as smtp:
        smtp.sendmail("someone@remote.example", [bob.email], mail)
    host, _, port = real_stack.imap.rpartition(":")
    with imaplib.IMAP4(host, int(port), timeout=30) as imap:
        imap.login(bob.user, bob.password)
        imap.select("INBOX", readonly=True)
        _, found = imap.search(None, "SUBJECT", f'"{subject}"')
    assert len(found[0].split()) == 1


@pytest.mark.parametrize("address", ["nobody@sogo.test", "someone@elsewhere.example"])
def test_mail_for_strangers_is_refused_while_the_sender_waits(real_stack: RealStack, address: str) -> None:
    """Unknown people and other domains get 550 at RCPT, so nothing is lost later."""
    with smtplib.SMTP(*real_stack.smtp_address, timeout=30) as smtp:
        smtp.ehlo()
        smtp.mail("someone@remote.example")
        assert smtp.rcpt(address)[0] == 550


def test_fresh_mailbox_has_modification_sequences(real_stack: RealStack) -> None:
    """After one login Dovecot tells HIGHESTMODSEQ of every folder, from which SOGo makes its sync keys."""
    alice = real_stack.user("alice")
    host, _, port = real_stack.imap.rpartition(":")
    for _ in range(2):  # the first login may be the one that switches them on
        with imaplib.IMAP4(host, int(port), timeout=30) as imap:
            imap.login(alice.user, alice.password)
            imap.select("INBOX", readonly=True)
            _, told = imap.response("HIGHESTMODSEQ")
    assert told[0] is not None
    assert int(told[0]) >= 100000
