"""
Attachments saved to disk while they come in.

The bytes go into a temporary file beside the target and get their name when they are complete, so a file that is there
is whole. When the connection breaks, what has come is kept and the server is asked for the rest (Range of
ItemOperations); one that knows no ranges, as all of 12.1, begins anew.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import msgspec

from carrierpost.client.errors import ConnectionLost, TimedOut
from carrierpost.engine.context import Context
from carrierpost.engine.errors import NotFetched
from carrierpost.engine.fetching import place_of, refused
from carrierpost.engine.windows import Limits
from carrierpost.formats.file_names import numbered, safe_name
from carrierpost.model import Item
from carrierpost.protocol.classes import Attachment
from carrierpost.protocol.commands.get_attachment import GetAttachmentRequest
from carrierpost.protocol.commands.item_operations import FetchedItem, FetchItem, ItemOperationsRequest
from carrierpost.protocol.errors import HTTPStatusError, StatusError, UnreadableAnswer
from carrierpost.protocol.spill import Spill
from carrierpost.protocol.version import Version

__all__ = ["FileProgress", "OnProgress", "attachment_of", "attachments_of", "save_attachment"]

_MOST_BYTES = 4 * 1024**3
"""Bytes of an attachment, whatever the server says of it; no mail system carries as many."""

_LAST_BYTE = 2**31 - 2  # a range has to name a last byte, and one beyond the end is cut by the server
_PATIENCE = 4  # attempts in a row that bring nothing


class FileProgress(msgspec.Struct, frozen=True):
    """
    How far a file has come.

    Attributes:
        done: bytes that are on the disk.
        total: bytes of the whole; `None` when nothing is known.
        exact: whether the server said so of what it sends; else it is what it had estimated before.
    """

    done: int
    total: int | None = None
    exact: bool = False


OnProgress = Callable[[FileProgress], None]
"""Hears of each piece that was written; called often, so it has to be quick."""


def attachments_of(item: Item) -> tuple[Attachment, ...]:
    """
    Give what is said of an item's attachments.
    """
    found: tuple[Attachment, ...] | None = getattr(item.data, "attachments", None)
    return found or ()


def attachment_of(item: Item, reference: str) -> Attachment:
    """
    Give what is said of one attachment.

    Raises:
        NotFetched: the item has none of this reference.
    """
    for one in attachments_of(item):
        if one.file_reference == reference:
            return one
    raise NotFetched("the item has no such attachment (any more); list them anew")


def _silent(_: FileProgress) -> None:
    """
    Tell nobody.
    """


async def save_attachment(
    context: Context, item_id: int, file_reference: str, folder: Path, *, on_progress: OnProgress = _silent
) -> Path:
    """
    Save an attachment as a file of its name; where a file of that name is there already, its name gets a number.

    Args:
        context: the account.
        item_id: the item that it is attached to.
        file_reference: the attachment's reference, from the item.
        folder: where it goes; made if it is not there.
        on_progress: hears of each piece.

    Returns:
        The file, complete.

    Raises:
        NotHeld: there is no such item.
        NotFetched: the server does not give it, its policy forbids it, or it cannot be written.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    item, _ = await place_of(context, item_id)
    attachment = attachment_of(item, file_reference)
    account = await context.store.account(context.account_id)
    limits = Limits.of(account.policy)
    if (forbidden := limits.forbids_attachment(attachment.estimated_data_size)) is not None:
        raise NotFetched(forbidden)
    name = safe_name(attachment.display_name or "")
    with _File(folder, name, file_reference, attachment.estimated_data_size, limits, on_progress) as file:
        version = context.session.partnership.version
        if version < Version.V14_0:
            await _by_name(context, file_reference, file, pages=name.lower().endswith((".htm", ".html")))
        else:
            await _in_pieces(context, file_reference, file)
        return file.publish()


async def _by_name(context: Context, file_reference: str, file: _File, *, pages: bool) -> None:
    """
    Fetch by GetAttachment; what breaks begins anew.
    """
    request = GetAttachmentRequest(file_reference=file_reference)
    for attempt in range(1, _PATIENCE + 1):
        try:
            await context.session.send(request, sink=Spill(request.name, file, pages=pages))
            return
        except (ConnectionLost, TimedOut):
            if attempt == _PATIENCE:
                raise
        except HTTPStatusError as error:
            if error.status in (404, 500):  # how servers of 12.1 say that there is none
                raise NotFetched(f"the server does not give this attachment (HTTP {error.status})") from error
            raise


async def _in_pieces(context: Context, file_reference: str, file: _File) -> None:
    """
    Fetch by ItemOperations; what breaks is continued for as long as each attempt brings something.
    """
    idle = 0
    while True:
        before = file.size
        wanted = FetchItem(file_reference=file_reference, range=(before, _LAST_BYTE) if before else None)
        try:
            fetched = await _fetch(context, wanted, file)
        except (ConnectionLost, TimedOut):
            idle = 0 if file.size > before else idle + 1
            if idle == _PATIENCE:
                raise
            continue
        if fetched.status == 8 and before:  # it cannot continue
            file.begin(0, None)
            continue
        if fetched.status != 1 or fetched.content is None:
            raise refused(fetched)
        if file.is_short:
            raise NotFetched("the server ended the attachment before it was complete; try again")
        return


async def _fetch(context: Context, wanted: FetchItem, file: _File) -> FetchedItem:
    request = ItemOperationsRequest(fetches=(wanted,), multipart=True)
    answer = await context.session.send(request, sink=Spill(request.name, file))
    if answer.status != 1:
        raise StatusError(request.name, answer.status)
    if not answer.fetched:
        raise NotFetched("the server answered without the attachment; try again")
    return answer.fetched[0]


class _File:
    """
    A file that comes in; a context manager that leaves nothing behind unless `publish` was called.

    Args:
        folder: where it goes.
        name: its name.
        reference: tells temporary files of one name apart.
        estimate: its bytes, as the server estimated them.
        limits: what the policy allows.
        on_progress: hears of each piece.
    """

    def __init__(
        self, folder: Path, name: str, reference: str, estimate: int | None, limits: Limits, on_progress: OnProgress
    ) -> None:
        self._folder = folder
        self._name = name
        self._limits = limits
        self._on_progress = on_progress
        self._estimate = estimate
        mark = hashlib.sha256(f"{name}\0{reference}\0{os.getpid()}".encode("utf-8", "replace")).hexdigest()[:12]
        self._temporary = folder / f".carrierpost-{mark}.part"
        self._total: int | None = None
        self.size = 0

    def __enter__(self) -> _File:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._temporary.unlink(missing_ok=True)
            handle = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        self._stream = os.fdopen(handle, "wb", buffering=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stream.close()
        self._temporary.unlink(missing_ok=True)

    @property
    def is_short(self) -> bool:
        """
        Whether less has come than the server said there is.
        """
        return self._total is not None and self.size < self._total

    def begin(self, first: int, total: int | None) -> None:
        """
        Hear where the bytes that come belong; see `Target.begin`.
        """
        if first > self.size:
            raise UnreadableAnswer("ItemOperations", f"it continues at byte {first}, and only {self.size} were held")
        try:
            self._stream.seek(first)
            self._stream.truncate()
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        self.size, self._total = first, total
        if total is not None:
            self._check(total)
        self._tell()

    def write(self, piece: bytes) -> None:
        """
        Take bytes; see `Target.write`.
        """
        self._check(self.size + len(piece))
        try:
            view = memoryview(piece)
            while view:
                written = self._stream.write(view)
                view = view[written:]
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        self.size += len(piece)
        self._tell()

    def _check(self, size: int) -> None:
        """
        Hold what really comes against what the policy allows, whatever was estimated.
        """
        forbidden = self._limits.forbids_attachment(size)
        if forbidden is not None:
            raise NotFetched(forbidden)
        if size > _MOST_BYTES:
            raise NotFetched(f"the attachment has more than {_MOST_BYTES // 1024**3} GB, which is not believed")

    def _tell(self) -> None:
        exact = self._total is not None
        total = self._total if exact else self._estimate
        self._on_progress(FileProgress(self.size, total, exact))

    def publish(self) -> Path:
        """
        Give the file its name, and never that of another.
        """
        try:
            os.fsync(self._stream.fileno())
            number = 1
            while True:
                target = self._folder / numbered(self._name, number)
                try:
                    _link(self._temporary, target)
                except FileExistsError:
                    number += 1
                    continue
                return target
        except OSError as error:
            raise _unwritable(self._folder, error) from error


def _link(temporary: Path, target: Path) -> None:
    """
    Give a file a second name that nothing has yet; where the file system has no second names, give it another.
    """
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        temporary.rename(target)


def _unwritable(folder: Path, error: OSError) -> NotFetched:
    return NotFetched(f"the attachment cannot be written to {folder}: {error.strerror or error}")
