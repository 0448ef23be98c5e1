"""
ItemOperations ([MS-ASCMD] ItemOperations).
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.protocol.classes import Body, BodyPreference, BodyType, Contact, ContentClass, Email
from carrierpost.protocol.classes.documents import Document
from carrierpost.protocol.commands.item_operations import (
    EmptiedFolder,
    EmptyFolderContents,
    FetchedItem,
    FetchItem,
    ItemOperationsRequest,
    ItemOperationsResponse,
    MoveConversation,
    MovedConversation,
)
from carrierpost.protocol.commands.sync import BodyPartPreference, MIMESupport
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest, UnreadableAnswer
from carrierpost.protocol.message import ContentType, Payload
from carrierpost.protocol.multipart import join_parts
from carrierpost.protocol.record import Notes
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Email as EmailPage
from tests.protocol.commands.known import answers, asks, body, received

CONVERSATION = bytes(range(16))
ROOT = '<ItemOperations xmlns="ItemOperations">'


@pytest.mark.parametrize(
    ("fetch", "xml"),
    [
        (
            FetchItem(collection_id="1", server_id="1:7", mime_support=MIMESupport.ALWAYS,
                      body_preferences=(BodyPreference(type=BodyType.MIME),)),
            """<Store>Mailbox</Store><CollectionId xmlns="AirSync">1</CollectionId><ServerId xmlns="AirSync">1:7</ServerId>
            <Options><MIMESupport xmlns="AirSync">2</MIMESupport>
            <BodyPreference xmlns="AirSyncBase"><Type>4</Type></BodyPreference></Options>""",
        ),
        (FetchItem(long_id="L7"), '<Store>Mailbox</Store><LongId xmlns="Search">L7</LongId>'),
        (
            FetchItem(file_reference="1%3a9%3a0", range=(10, 19)),
            """<Store>Mailbox</Store><FileReference xmlns="AirSyncBase">1%3a9%3a0</FileReference>
            <Options><Range>10-19</Range></Options>""",
        ),
        (
            FetchItem(link_id="\\\\sea\\map.txt", user_name="ada", password=Secret("anchor")),
            """<Store>DocumentLibrary</Store><LinkId xmlns="DocumentLibrary">\\\\sea\\map.txt</LinkId>
            <Options><UserName>ada</UserName><Password>anchor</Password></Options>""",
        ),
        (
            FetchItem(collection_id="1", server_id="1:7", schema=(EmailPage.Subject,), rights_management_support=True,
                      remove_rights_management_protection=True, body_part_preference=BodyPartPreference(type=BodyType.HTML)),
            """<Store>Mailbox</Store><CollectionId xmlns="AirSync">1</CollectionId><ServerId xmlns="AirSync">1:7</ServerId>
            <RemoveRightsManagementProtection xmlns="RightsManagement"/>
            <Options><Schema><Subject xmlns="Email"/></Schema>
            <BodyPartPreference xmlns="AirSyncBase"><Type>2</Type></BodyPartPreference>
            <RightsManagementSupport xmlns="RightsManagement">1</RightsManagementSupport></Options>""",
        ),
    ],
    ids=["item", "long id", "attachment", "document", "rights"],
)  # fmt: skip
def test_what_can_be_fetched(fetch: FetchItem, xml: str) -> None:
    """Each by its own kind of id, with the options that belong to it."""
    asks(ItemOperationsRequest(fetches=(fetch,)), Version.V14_1, f"{ROOT}<Fetch>{xml}</Fetch></ItemOperations>")


def test_rights_and_conversation_parts_exist_from_14_1_on() -> None:
    """Before, they are left out."""
    fetch = FetchItem(
        long_id="L", rights_management_support=True, remove_rights_management_protection=True,
        body_part_preference=BodyPartPreference(type=BodyType.HTML),
    )  # fmt: skip
    asks(
        ItemOperationsRequest(fetches=(fetch,)),
        Version.V14_0,
        f'{ROOT}<Fetch><Store>Mailbox</Store><LongId xmlns="Search">L</LongId></Fetch></ItemOperations>',
        heard=ItemOperationsRequest(fetches=(FetchItem(long_id="L"),)),
    )


def test_folders_are_emptied_and_conversations_moved() -> None:
    """The other two operations, requests and answers."""
    request = ItemOperationsRequest(
        empties=(
            EmptyFolderContents(collection_id="4", delete_sub_folders=True),
            EmptyFolderContents(collection_id="5"),
        ),
        moves=(MoveConversation(conversation_id=CONVERSATION, dst_fld_id="9"),),
    )
    asks(
        request,
        Version.V14_0,
        f"""{ROOT}
        <EmptyFolderContents><CollectionId xmlns="AirSync">4</CollectionId><Options><DeleteSubFolders/></Options>
        </EmptyFolderContents>
        <EmptyFolderContents><CollectionId xmlns="AirSync">5</CollectionId></EmptyFolderContents>
        <Move><ConversationId opaque="base64">AAECAwQFBgcICQoLDA0ODw==</ConversationId><DstFldId>9</DstFldId>
        <Options><MoveAlways/></Options></Move></ItemOperations>""",
    )
    answers(
        request,
        ItemOperationsResponse(
            emptied=(EmptiedFolder(collection_id="4"), EmptiedFolder(collection_id="5", status=3)),
            moved=(MovedConversation(conversation_id=CONVERSATION, status=156),),
        ),
        Version.V14_0,
        f"""{ROOT}<Status>1</Status><Response>
        <EmptyFolderContents><Status>1</Status><CollectionId xmlns="AirSync">4</CollectionId></EmptyFolderContents>
        <EmptyFolderContents><Status>3</Status><CollectionId xmlns="AirSync">5</CollectionId></EmptyFolderContents>
        <Move><Status>156</Status><ConversationId opaque="base64">AAECAwQFBgcICQoLDA0ODw==</ConversationId></Move>
        </Response></ItemOperations>""",
    )
    with pytest.raises(LocalProtocolError, match=r"12\.1"):
        request.encode(Version.V12_1)


REQUEST = ItemOperationsRequest(
    fetches=(
        FetchItem(collection_id="1", server_id="1:7", content_class=ContentClass.EMAIL),
        FetchItem(file_reference="f"),
    )
)
FETCHED = ItemOperationsResponse(
    fetched=(
        FetchedItem(
            collection_id="1",
            server_id="1:7",
            data=Email(subject="s", body=Body(type=BodyType.PLAIN, data="All of it")),
        ),
        FetchedItem(file_reference="f", content=b"\x00\xff", content_type="image/png", range=(0, 1), total=9),
        FetchedItem(status=6, collection_id="1", server_id="1:8"),
    )
)


def test_answers_inline() -> None:
    """Bytes are base64 text; what was refused has only its ids."""
    answers(
        REQUEST,
        FETCHED,
        Version.V14_1,
        f"""{ROOT}<Status>1</Status><Response>
        <Fetch><Status>1</Status><CollectionId xmlns="AirSync">1</CollectionId><ServerId xmlns="AirSync">1:7</ServerId>
        <Properties><Subject xmlns="Email">s</Subject>
        <Body xmlns="AirSyncBase"><Type>1</Type><Data>All of it</Data></Body></Properties></Fetch>
        <Fetch><Status>1</Status><FileReference xmlns="AirSyncBase">f</FileReference><Properties><Range>0-1</Range>
        <Total>9</Total><ContentType xmlns="AirSyncBase">image/png</ContentType><Data>AP8=</Data></Properties></Fetch>
        <Fetch><Status>6</Status><CollectionId xmlns="AirSync">1</CollectionId><ServerId xmlns="AirSync">1:8</ServerId>
        </Fetch></Response></ItemOperations>""",
    )


def test_answers_in_parts_read_the_same() -> None:
    """The caller need not know which form the server chose."""
    payload = FETCHED.encode(Version.V14_1, multipart=True)
    assert payload.content_type is ContentType.MULTIPART
    assert payload.body.endswith(b"\x00\xff")
    assert REQUEST.decode_response(payload, Version.V14_1, Notes()) == FETCHED


def test_a_body_may_be_a_part() -> None:
    """Exchange puts MIME there; it is filled in."""
    first = body(
        f"""{ROOT}<Status>1</Status><Response><Fetch><Status>1</Status><CollectionId xmlns="AirSync">1</CollectionId>
        <ServerId xmlns="AirSync">1:7</ServerId><Properties><Body xmlns="AirSyncBase"><Type>4</Type>
        <Part xmlns="ItemOperations">1</Part></Body></Properties></Fetch></Response></ItemOperations>"""
    )
    payload = Payload(body=join_parts([first, "Subject: é\r\n".encode()]), content_type=ContentType.MULTIPART)
    (fetched,) = REQUEST.decode_response(payload, Version.V14_1, Notes()).fetched
    assert fetched.data == Email(body=Body(type=BodyType.MIME, data="Subject: é\r\n"))


@pytest.mark.parametrize(
    ("inner", "element"),
    [
        ("<Data>no*base64</Data>", "ItemOperations:Data"),
        ("<Part>7</Part>", "ItemOperations:Part"),
        ("<Part>first</Part>", "ItemOperations:Part"),
        ("<Data>AA==</Data><Version>new</Version>", "ItemOperations:Version"),
    ],
)
def test_BD7_one_unreadable_attachment_does_not_cost_the_others(inner: str, element: str) -> None:
    """It is noted; the rest is there."""
    fetch = '<Fetch><Status>1</Status><FileReference xmlns="AirSyncBase">f</FileReference><Properties>{}</Properties></Fetch>'
    notes = Notes()
    first, second = REQUEST.decode_response(
        Payload(
            body=body(
                f"""{ROOT}<Status>1</Status><Response>{fetch.format(inner)}{fetch.format("<Data>AA==</Data>")}
                </Response></ItemOperations>"""
            )
        ),
        Version.V14_1,
        notes,
    ).fetched
    assert first.content in (None, b"\x00")
    assert second.content == b"\x00"
    assert [note.element for note in notes] == [element]


def test_documents_are_typed() -> None:
    """[MS-ASDOC] Properties of a file share, with the bytes and when they were changed."""
    when = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
    answers(
        ItemOperationsRequest(fetches=(FetchItem(link_id="l"),)),
        ItemOperationsResponse(
            fetched=(
                FetchedItem(
                    link_id="l",
                    document=Document(display_name="map.txt", content_length=1),
                    content=b"\x00",
                    version=when,
                ),
            )
        ),
        Version.V14_1,
        f"""{ROOT}<Status>1</Status><Response><Fetch><Status>1</Status><LinkId xmlns="DocumentLibrary">l</LinkId>
        <Properties><DisplayName xmlns="DocumentLibrary">map.txt</DisplayName>
        <ContentLength xmlns="DocumentLibrary">1</ContentLength>
        <Version>2026-11-24T00:00:00.000Z</Version><Data>AA==</Data></Properties></Fetch></Response></ItemOperations>""",
    )


def test_the_class_of_an_item_is_taken_from_the_answer() -> None:
    """When the request does not say it: from its Class, or from its elements."""
    read = received(
        ItemOperationsRequest(fetches=(FetchItem(long_id="L"),)),
        f"""{ROOT}<Status>1</Status><Response><Fetch><Status>1</Status><LongId xmlns="Search">L</LongId>
        <Class xmlns="AirSync">Contacts</Class>
        <Properties><Body xmlns="AirSyncBase"><Data>remark</Data></Body></Properties></Fetch></Response></ItemOperations>""",
    )
    assert read.fetched[0].data == Contact(body=Body(data="remark"))


def test_a_refusal_of_the_whole() -> None:
    """Status alone, and no body at all, which is none."""
    answers(REQUEST, ItemOperationsResponse(status=2), Version.V12_1, f"{ROOT}<Status>2</Status></ItemOperations>")
    assert REQUEST.decode_response(Payload(), Version.V12_1, Notes()) == ItemOperationsResponse()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01\x00\x00",
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff",
        b"\x01\x00\x00\x00\x0c\x00\x00\x00\x09\x00\x00\x00x",
    ],
)
def test_broken_parts_are_an_unreadable_answer(data: bytes) -> None:
    """A table that is cut off, is empty, or lies."""
    with pytest.raises(UnreadableAnswer, match="multipart body"):
        REQUEST.decode_response(Payload(body=data, content_type=ContentType.MULTIPART), Version.V14_1, Notes())


def test_a_request_without_anything_to_do_is_refused() -> None:
    """With status 2."""
    with pytest.raises(MalformedRequest) as caught:
        ItemOperationsRequest.decode(Payload(body=body(f"{ROOT}</ItemOperations>")), Version.V14_1, Notes())
    assert caught.value.status == 2


def test_a_multipart_answer_is_asked_for_outside_the_body() -> None:
    """By a header or an option of the query."""
    assert ItemOperationsRequest(multipart=True).encode(Version.V14_1).accept_multipart
    assert not ItemOperationsRequest().encode(Version.V14_1).accept_multipart
