"""
GetAttachment: 12.1's way to an attachment, which later versions do not have.
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.get_attachment import GetAttachmentRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.post import put_mime
from tests.server.phone import Phone, make_server
from tests.support.virtual import EPOCH, virtual

MIME = (
    b"From: x@larch.example\r\nTo: ada@larch.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n'
    b'--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="a.png"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nAQID\r\n--b--\r\n"
)


@virtual
async def test_the_bytes_come_as_they_are() -> None:
    """The body is the file, with its type; a wrong name is 500, none at all 400."""
    phone = Phone(make_server(), version=Version.V12_1)
    item = put_mime(phone.mailbox, phone.folder(FolderType.INBOX), MIME, now=EPOCH)
    [reference] = item.attached
    answer = await phone.raw("GetAttachment", GetAttachmentRequest(file_reference=reference).encode(phone.version))
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"\x01\x02\x03", "image/png")
    assert (await phone.ask(GetAttachmentRequest(file_reference=reference))).content == b"\x01\x02\x03"
    wrong = GetAttachmentRequest(file_reference="1:99/0").encode(phone.version)
    assert (await phone.raw("GetAttachment", wrong)).status == 500
    assert (await phone.raw("GetAttachment")).status == 400


@pytest.mark.parametrize("version", [one for one in Version if one >= Version.V14_0])
def test_later_versions_do_not_have_it(version: Version) -> None:
    """501: the command is not supported; ItemOperations is."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        payload = Payload(parameters=(("AttachmentName", "1:1/0"),))
        assert (await phone.raw("GetAttachment", payload)).status == 501

    story()
