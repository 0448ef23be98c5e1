"""
An SMTP server for one domain: `smtp_sink.py PORT LMTP_PORT DOMAIN`.

A recipient is asked for at the LMTP server while the client still waits, so an unknown one is refused at once; and
a mail is accepted only after it lies in every recipient's mailbox, so whoever gets 250 may go and look.

Needs Debian's python3-aiosmtpd; it is started with Debian's Python and knows nothing of this tree.
"""

from __future__ import annotations

import asyncio
import smtplib
import sys
from typing import Any

from aiosmtpd.smtp import SMTP


class Delivery:
    """
    Hands mail on.

    Args:
        lmtp_port: where mailboxes take mail.
        domain: whose mail is taken; all other is refused.

    """

    def __init__(self, lmtp_port: int, domain: str) -> None:
        self.lmtp_port = lmtp_port
        self.suffix = f"@{domain}"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """
        Answer RCPT TO; called by aiosmtpd.
        """
        if not address.lower().endswith(self.suffix):
            return "550 5.7.1 mail for other domains is not taken here"
        code, reason = await asyncio.to_thread(self._ask, address)
        if code != 250:
            return f"{code} {reason}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """
        Answer the end of DATA; called by aiosmtpd.
        """
        try:
            await asyncio.to_thread(self._deliver, envelope)
        except (OSError, smtplib.SMTPException) as error:
            return f"451 4.3.0 not delivered: {type(error).__name__}"
        return "250 2.0.0 delivered"

    def _connect(self) -> smtplib.LMTP:
        return smtplib.LMTP("127.0.0.1", self.lmtp_port, local_hostname="localhost")

    def _ask(self, address: str) -> tuple[int, str]:
        with self._connect() as lmtp:
            lmtp.ehlo_or_helo_if_needed()
            lmtp.mail("")
            code, reason = lmtp.rcpt(address)
            return code, reason.decode("ascii", "replace")

    def _deliver(self, envelope: Any) -> None:
        with self._connect() as lmtp:
            # LMTP answers DATA once per recipient, which smtplib does not expect: one transaction for each.
            for recipient in dict.fromkeys(envelope.rcpt_tos):
                lmtp.sendmail(envelope.mail_from or "", [recipient], envelope.original_content)


async def serve(port: int, lmtp_port: int, domain: str) -> None:
    """
    Serve for ever.
    """
    delivery = Delivery(lmtp_port, domain)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(delivery, hostname="localhost", data_size_limit=128 * 2**20, enable_SMTPUTF8=True),
        "127.0.0.1",
        port,
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
