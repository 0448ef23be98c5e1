"""
What several classes of items share: bodies, attachments, places ([MS-ASAIRS]).
"""

from __future__ import annotations

import enum
from typing import Annotated

from carrierpost.protocol.record import At, Form, Record
from carrierpost.wbxml.pages import AirSyncBase, Email2, ItemOperations

__all__ = [
    "Attachment",
    "AttachmentMethod",
    "Body",
    "BodyPart",
    "BodyPreference",
    "BodyType",
    "DeletedAttachment",
    "Location",
    "NewAttachment",
]


class BodyType(enum.IntEnum):
    """
    The format of a body ([MS-ASAIRS] Type).
    """

    PLAIN = 1
    HTML = 2
    RTF = 3
    MIME = 4


class Body(Record, frozen=True):
    """
    An item's text.

    Attributes:
        type: its format.
        estimated_data_size: bytes of the whole, as the server estimates; some servers are far off.
        truncated: whether `data` is only the beginning.
        data: the text; compressed RTF is base64 text.
        opaque: the same as bytes, where the server sent a byte array (MIME); then `data` is absent.
        part: number of the multipart part that holds the data instead.
        preview: the first characters as plain text (14.0 and later).

    """

    type: Annotated[BodyType | None, At(AirSyncBase.Type)] = None
    estimated_data_size: Annotated[int | None, At(AirSyncBase.EstimatedDataSize)] = None
    truncated: Annotated[bool | None, At(AirSyncBase.Truncated)] = None
    data: Annotated[str | None, At(AirSyncBase.Data)] = None
    opaque: Annotated[bytes | None, At(AirSyncBase.Data)] = None
    part: Annotated[int | None, At(ItemOperations.Part)] = None
    preview: Annotated[str | None, At(AirSyncBase.Preview)] = None


class BodyPart(Record, frozen=True):
    """
    What a message adds to its conversation (14.1 and later).

    Attributes:
        status: 1 for success, 176 when the conversation is too large.
        type: its format; HTML in practice.
        estimated_data_size: bytes of the whole.
        truncated: whether `data` is only the beginning.
        data: the text.
        opaque: the same as bytes, where the server sent a byte array.
        part: number of the multipart part that holds the data instead.
        preview: the first characters as plain text.

    """

    status: Annotated[int | None, At(AirSyncBase.Status)] = None
    type: Annotated[BodyType | None, At(AirSyncBase.Type)] = None
    estimated_data_size: Annotated[int | None, At(AirSyncBase.EstimatedDataSize)] = None
    truncated: Annotated[bool | None, At(AirSyncBase.Truncated)] = None
    data: Annotated[str | None, At(AirSyncBase.Data)] = None
    opaque: Annotated[bytes | None, At(AirSyncBase.Data)] = None
    part: Annotated[int | None, At(ItemOperations.Part)] = None
    preview: Annotated[str | None, At(AirSyncBase.Preview)] = None


class BodyPreference(Record, frozen=True):
    """
    How a client wants bodies of one format. The order of elements is binding.

    Attributes:
        type: the format.
        truncation_size: most bytes wanted; `None` for the whole.
        all_or_none: rather nothing than a truncated body.
        preview: characters of preview wanted, up to 255 (14.0 and later).

    """

    type: Annotated[BodyType | None, At(AirSyncBase.Type)] = None
    truncation_size: Annotated[int | None, At(AirSyncBase.TruncationSize)] = None
    all_or_none: Annotated[bool | None, At(AirSyncBase.AllOrNone)] = None
    preview: Annotated[int | None, At(AirSyncBase.Preview)] = None


class AttachmentMethod(enum.IntEnum):
    """
    What an attachment is ([MS-ASAIRS] Method).
    """

    FILE = 1
    EMBEDDED_MESSAGE = 5
    OLE = 6


class Attachment(Record, frozen=True):
    """
    An attachment's description; its bytes are fetched by `file_reference`.

    Attributes:
        display_name: the file's name.
        file_reference: opaque; sent back as it is.
        client_id: answers the client's own id for an attachment it added (16.0 and later).
        method: what it is.
        estimated_data_size: bytes, roughly; some servers count the base64 form.
        content_id: the id by which an HTML body shows it.
        content_location: the address by which an HTML body shows it.
        is_inline: whether the body shows it.
        content_type: its media type, where the server tells it.
        um_att_duration: seconds of a voice message.
        um_att_order: order among voice messages.

    """

    display_name: Annotated[str | None, At(AirSyncBase.DisplayName)] = None
    file_reference: Annotated[str | None, At(AirSyncBase.FileReference)] = None
    client_id: Annotated[str | None, At(AirSyncBase.ClientId)] = None
    method: Annotated[AttachmentMethod | None, At(AirSyncBase.Method)] = None
    estimated_data_size: Annotated[int | None, At(AirSyncBase.EstimatedDataSize)] = None
    content_id: Annotated[str | None, At(AirSyncBase.ContentId)] = None
    content_location: Annotated[str | None, At(AirSyncBase.ContentLocation)] = None
    is_inline: Annotated[bool | None, At(AirSyncBase.IsInline)] = None
    content_type: Annotated[str | None, At(AirSyncBase.ContentType)] = None
    um_att_duration: Annotated[int | None, At(Email2.UmAttDuration)] = None
    um_att_order: Annotated[int | None, At(Email2.UmAttOrder)] = None


class NewAttachment(Record, frozen=True):
    """
    An attachment that a client adds to a draft or an event (16.0 and later).

    Attributes:
        client_id: names it in the answer.
        method: what it is.
        content_type: its media type.
        content: its bytes.
        display_name: the file's name.
        content_id: the id by which an HTML body shows it.
        content_location: the address by which an HTML body shows it.
        is_inline: whether the body shows it.

    """

    client_id: Annotated[str | None, At(AirSyncBase.ClientId)] = None
    method: Annotated[AttachmentMethod | None, At(AirSyncBase.Method)] = None
    content_type: Annotated[str | None, At(AirSyncBase.ContentType)] = None
    content: Annotated[bytes | None, At(AirSyncBase.Content, form=Form.BASE64)] = None
    display_name: Annotated[str | None, At(AirSyncBase.DisplayName)] = None
    content_id: Annotated[str | None, At(AirSyncBase.ContentId)] = None
    content_location: Annotated[str | None, At(AirSyncBase.ContentLocation)] = None
    is_inline: Annotated[bool | None, At(AirSyncBase.IsInline)] = None


class DeletedAttachment(Record, frozen=True):
    """
    An attachment that a client takes away from a draft or an event (16.0 and later).

    Attributes:
        file_reference: which one.

    """

    file_reference: Annotated[str | None, At(AirSyncBase.FileReference)] = None


class Location(Record, frozen=True):
    """
    A place in parts (16.0 and later); older versions have only its name.

    Attributes:
        display_name: the name shown.
        annotation: a remark.
        street: street and number.
        city: city.
        state: state or province.
        country: country.
        postal_code: postal code.
        latitude: degrees north, as text.
        longitude: degrees east, as text.
        accuracy: metres, as text.
        altitude: metres, as text.
        altitude_accuracy: metres, as text.
        location_uri: an address that names the place.

    """

    display_name: Annotated[str | None, At(AirSyncBase.DisplayName)] = None
    annotation: Annotated[str | None, At(AirSyncBase.Annotation)] = None
    street: Annotated[str | None, At(AirSyncBase.Street)] = None
    city: Annotated[str | None, At(AirSyncBase.City)] = None
    state: Annotated[str | None, At(AirSyncBase.State)] = None
    country: Annotated[str | None, At(AirSyncBase.Country)] = None
    postal_code: Annotated[str | None, At(AirSyncBase.PostalCode)] = None
    latitude: Annotated[str | None, At(AirSyncBase.Latitude)] = None
    longitude: Annotated[str | None, At(AirSyncBase.Longitude)] = None
    accuracy: Annotated[str | None, At(AirSyncBase.Accuracy)] = None
    altitude: Annotated[str | None, At(AirSyncBase.Altitude)] = None
    altitude_accuracy: Annotated[str | None, At(AirSyncBase.AltitudeAccuracy)] = None
    location_uri: Annotated[str | None, At(AirSyncBase.LocationUri)] = None
