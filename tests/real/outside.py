"""
A person's mailbox on the real stack, seen from outside ActiveSync: SMTP, IMAP, CalDAV and CardDAV.

What the tests change here, the hub has to hear of by itself.
"""

from __future__ import annotations

import imaplib
import smtplib
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from tests.real.conftest import RealStack, RealUser

__all__ = ["Outside", "message"]


def message(to: str, subject: str, text: str, *, sender: str = "ida@remote.example") -> EmailMessage:
    """
    Write a mail with a text.
    """
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail.set_content(text)
    return mail


class Outside:
    """
    Everything that other programs do to one person's mailbox.

    Args:
        stack: the running servers.
        user: whose mailbox.
    """

    def __init__(self, stack: RealStack, user: RealUser) -> None:
        self.stack = stack
        self.user = user

    # -- mail

    def deliver(self, mail: EmailMessage) -> None:
        """
        Hand a mail to the mailbox's own transport.
        """
        with smtplib.SMTP(*self.stack.smtp_address, timeout=30) as smtp:
            smtp.send_message(mail, to_addrs=[self.user.email])

    @contextmanager
    def imap(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4]:
        """
        Look into a folder of the mailbox.
        """
        host, _, port = self.stack.imap.rpartition(":")
        with imaplib.IMAP4(host, int(port), timeout=30) as imap:
            imap.login(self.user.user, self.user.password)
            imap.select(folder)
            yield imap

    def uids(self, subject: str, folder: str = "INBOX") -> list[str]:
        """
        Find the mails of a folder that have a subject.
        """
        with self.imap(folder) as imap:
            _, found = imap.uid("SEARCH", "UNDELETED", "SUBJECT", f'"{subject}"')
            return [uid.decode() for uid in found[0].split()]

    def flag(self, subject: str, flags: str) -> None:
        """
        Set flags of a mail as another mail program would.
        """
        (uid,) = self.uids(subject)
        with self.imap() as imap:
            imap.uid("STORE", uid, "+FLAGS", flags)

    def expunge(self, subject: str) -> None:
        """
        Delete a mail for ever.
        """
        self.flag(subject, "(\\Deleted)")
        with self.imap() as imap:
            imap.expunge()

    # -- calendar, tasks, contacts

    def _dav(self, method: str, path: str, text: str = "", content_type: str = "") -> int:
        login = b64encode(f"{self.user.user}:{self.user.password}".encode()).decode()
        request = urllib.request.Request(
            f"{self.stack.dav}/{self.user.user}/{path}",
            method=method,
            data=text.encode() or None,
            headers={"Authorization": f"Basic {login}", **({"Content-Type": content_type} if content_type else {})},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return int(answer.status)

    def put_event(self, name: str, *components: str, zone: str = "") -> None:
        """
        Write an event, or a series with its exceptions, each as the lines inside VEVENT.
        """
        events = "".join(f"BEGIN:VEVENT\r\n{lines}END:VEVENT\r\n" for lines in components)
        text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tests//EN\r\n{zone}{events}END:VCALENDAR\r\n"
        self._dav("PUT", f"Calendar/personal/{name}.ics", text, "text/calendar")

    def put_task(self, name: str, lines: str) -> None:
        """
        Write a task, as the lines inside VTODO.
        """
        todo = f"BEGIN:VTODO\r\n{lines}END:VTODO\r\n"
        text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tests//EN\r\n{todo}END:VCALENDAR\r\n"
        self._dav("PUT", f"Calendar/personal/{name}.ics", text, "text/calendar")

    def put_contact(self, name: str, lines: str, *, book: str = "personal") -> None:
        """
        Write a contact, as the lines inside VCARD.
        """
        text = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{name}.vcf\r\n{lines}END:VCARD\r\n"
        self._dav("PUT", f"Contacts/{book}/{name}.vcf", text, "text/vcard")

    def delete(self, path: str) -> None:
        """
        Delete what lies at a path below the user's DAV root; nothing is fine too.
        """
        try:
            self._dav("DELETE", path)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 404:
                raise

    def make_address_book(self, name: str) -> None:
        """
        Make an empty address book.
        """
        self._dav("MKCOL", f"Contacts/{name}/")

    @staticmethod
    def next_second() -> None:
        """
        Wait until the server's stamps have moved on.

        SOGo stamps contacts, events and tasks with whole seconds, and shows a change only when its stamp is later than
        the synchronisation before; no clock but the machine's own moves a real server's.
        """
        time.sleep(1.2)
