"""
Documents of file shares ([MS-ASDOC]): found and fetched, never synchronized.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from carrierpost.protocol.record import At, Record
from carrierpost.wbxml.pages import DocumentLibrary

__all__ = ["Document"]


class Document(Record, frozen=True):
    """
    A file or a folder of a share.

    Attributes:
        link_id: its address, by which it is fetched.
        display_name: its name.
        is_folder: whether it is a folder.
        creation_date: when it was made.
        last_modified_date: when it was last changed.
        is_hidden: whether it is hidden.
        content_length: its size in bytes.
        content_type: its media type.

    """

    link_id: Annotated[str | None, At(DocumentLibrary.LinkId)] = None
    display_name: Annotated[str | None, At(DocumentLibrary.DisplayName)] = None
    is_folder: Annotated[bool | None, At(DocumentLibrary.IsFolder)] = None
    creation_date: Annotated[dt.datetime | None, At(DocumentLibrary.CreationDate)] = None
    last_modified_date: Annotated[dt.datetime | None, At(DocumentLibrary.LastModifiedDate)] = None
    is_hidden: Annotated[bool | None, At(DocumentLibrary.IsHidden)] = None
    content_length: Annotated[int | None, At(DocumentLibrary.ContentLength)] = None
    content_type: Annotated[str | None, At(DocumentLibrary.ContentType)] = None
