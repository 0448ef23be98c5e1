"""
Sync ([MS-ASCMD] Sync): the client's side of it, and what both sides write.
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.protocol.classes import (
    BodyPreference,
    BodyType,
    Contact,
    ContentClass,
    Email,
    Event,
    Flag,
    FlagStatus,
    NoteItem,
)
from carrierpost.protocol.commands.sync import (
    Add,
    BodyPartPreference,
    Change,
    CollectionResponse,
    Conflict,
    Delete,
    Fetch,
    FilterType,
    ItemResponse,
    MIMESupport,
    ResponseKind,
    SoftDelete,
    SyncCollection,
    SyncOptions,
    SyncRequest,
    SyncResponse,
)
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Note, Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Contacts
from tests.protocol.commands.known import answers, asks, body, received

MAIL = SyncRequest(collections=(SyncCollection(collection_id="1", sync_key="9", content_class=ContentClass.EMAIL),))


@pytest.mark.parametrize("version", Version)
def test_everything_a_collection_can_ask_in_its_one_order(version: Version) -> None:
    """Exchange answers 4 when one element stands elsewhere; what a version does not know is left out."""
    request = SyncRequest(
        collections=(
            SyncCollection(
                collection_id="1",
                sync_key="9",
                deletes_as_moves=False,
                get_changes=True,
                window_size=100,
                conversation_mode=True,
                options=(
                    SyncOptions(
                        filter_type=FilterType.ONE_WEEK,
                        body_preferences=(
                            BodyPreference(type=BodyType.HTML, truncation_size=512, all_or_none=True, preview=50),
                            BodyPreference(type=BodyType.MIME),
                        ),
                        body_part_preference=BodyPartPreference(type=BodyType.HTML, truncation_size=512),
                        conflict=Conflict.SERVER_WINS,
                        mime_truncation=8,
                        mime_support=MIMESupport.ALWAYS,
                        rights_management_support=True,
                    ),
                ),
                commands=(Fetch(server_id="1:1"), Delete(server_id="1:2")),
            ),
        ),
        wait=5,
        window_size=200,
    )
    v14, v141 = version >= Version.V14_0, version >= Version.V14_1
    xml = f"""<Sync xmlns="AirSync">
      <Collections>
        <Collection>
          <SyncKey>9</SyncKey>
          <CollectionId>1</CollectionId>
          <DeletesAsMoves>0</DeletesAsMoves>
          <GetChanges>1</GetChanges>
          <WindowSize>100</WindowSize>
          {"<ConversationMode>1</ConversationMode>" if v14 else ""}
          <Options>
            <FilterType>3</FilterType>
            <BodyPreference xmlns="AirSyncBase">
              <Type>2</Type><TruncationSize>512</TruncationSize><AllOrNone>1</AllOrNone>
              {"<Preview>50</Preview>" if v14 else ""}
            </BodyPreference>
            <BodyPreference xmlns="AirSyncBase"><Type>4</Type></BodyPreference>
            {
        '''<BodyPartPreference xmlns="AirSyncBase"><Type>2</Type><TruncationSize>512</TruncationSize>
                </BodyPartPreference>'''
        if v141
        else ""
    }
            <Conflict>1</Conflict>
            <MIMETruncation>8</MIMETruncation>
            <MIMESupport>2</MIMESupport>
            {'<RightsManagementSupport xmlns="RightsManagement">1</RightsManagementSupport>' if v141 else ""}
          </Options>
          <Commands>
            <Fetch><ServerId>1:1</ServerId></Fetch>
            <Delete><ServerId>1:2</ServerId></Delete>
          </Commands>
        </Collection>
      </Collections>
      <Wait>5</Wait>
      <WindowSize>200</WindowSize>
    </Sync>"""
    payload = request.encode(version)
    assert payload.body == body(xml)
    notes = Notes()
    heard = SyncRequest.decode(payload, version, notes)
    assert notes == []
    assert heard.encode(version) == payload
    if version is Version.V16_1:
        assert heard.collections[0].options == request.collections[0].options


def test_the_first_request_of_a_folder_asks_for_a_key() -> None:
    """Key 0, and perhaps which properties are not ghosted; an empty list means that all are."""
    asks(
        SyncRequest(collections=(SyncCollection(collection_id="1"),)),
        Version.V12_1,
        """<Sync xmlns="AirSync"><Collections><Collection><SyncKey>0</SyncKey><CollectionId>1</CollectionId>
        </Collection></Collections></Sync>""",
    )
    for supported, xml in (
        ((), "<Supported/>"),
        (
            (Contacts.FirstName, Contacts.LastName),
            '<Supported><FirstName xmlns="Contacts"/><LastName xmlns="Contacts"/></Supported>',
        ),
    ):
        asks(
            SyncRequest(collections=(SyncCollection(collection_id="1", supported=supported),)),
            Version.V14_1,
            f"""<Sync xmlns="AirSync"><Collections><Collection><SyncKey>0</SyncKey><CollectionId>1</CollectionId>{xml}
            </Collection></Collections></Sync>""",
        )


def test_partial_and_empty_requests() -> None:
    """No body repeats the last request; Partial names only what differs from it."""
    asks(SyncRequest(), Version.V12_1, "")
    asks(SyncRequest(wait=8, partial=True), Version.V12_1, '<Sync xmlns="AirSync"><Wait>8</Wait><Partial/></Sync>')
    asks(
        SyncRequest(heartbeat_interval=900, partial=True),
        Version.V14_0,
        '<Sync xmlns="AirSync"><HeartbeatInterval>900</HeartbeatInterval><Partial/></Sync>',
    )
    asks(
        SyncRequest(window_size=5, partial=True),
        Version.V14_0,
        '<Sync xmlns="AirSync"><WindowSize>5</WindowSize><Partial/></Sync>',
    )
    asks(
        SyncRequest(collections=(SyncCollection(collection_id="1", sync_key=None, window_size=1),), partial=True),
        Version.V14_0,
        """<Sync xmlns="AirSync"><Collections><Collection><CollectionId>1</CollectionId><WindowSize>1</WindowSize>
        </Collection></Collections><Partial/></Sync>""",
    )


def test_two_ways_to_wait_exclude_each_other() -> None:
    """[MS-ASCMD] Wait, HeartbeatInterval: the server would answer 4, so it is not sent."""
    with pytest.raises(LocalProtocolError, match="heartbeat_interval"):
        SyncRequest(wait=8, heartbeat_interval=480).encode(Version.V14_0)


def test_a_hanging_request_is_held_as_long_as_it_says() -> None:
    """Minutes or seconds; other requests are not held."""
    assert SyncRequest(wait=8).hold == 480
    assert SyncRequest(heartbeat_interval=500).hold == 500
    assert MAIL.hold == 0


def test_commands_of_a_client() -> None:
    """Additions carry the client's id, changes what changed, instances their start, drafts the word to be sent."""
    commands = (
        Add(
            client_id="c1",
            content_class=ContentClass.EMAIL,
            data=Email(to="bob@example.org", subject="Draft"),
            send=True,
        ),
        Change(
            server_id="1:2",
            content_class=ContentClass.EMAIL,
            data=Email(read=True, flag=Flag(status=FlagStatus.ACTIVE)),
        ),
    )
    xml = """<Sync xmlns="AirSync"><Collections><Collection><SyncKey>9</SyncKey><CollectionId>1</CollectionId><Commands>
      <Add>
        <ClientId>c1</ClientId>
        <ApplicationData><To xmlns="Email">bob@example.org</To><Subject xmlns="Email">Draft</Subject></ApplicationData>
        {send}
      </Add>
      <Change>
        <ServerId>1:2</ServerId>
        <ApplicationData><Read xmlns="Email">1</Read><Flag xmlns="Email"><Status>2</Status></Flag></ApplicationData>
      </Change>
    </Commands></Collection></Collections></Sync>"""
    request = SyncRequest(collections=(SyncCollection(collection_id="1", sync_key="9", commands=commands),))
    asks(request, Version.V16_0, xml.format(send='<Send xmlns="Email2"/>'))
    assert request.encode(Version.V14_1).body == body(xml.format(send=""))


def test_RC2_occurrences_are_changed_and_deleted_by_their_start() -> None:
    """From 16.0 on: InstanceId in compact form after ServerId; a Delete has no properties."""
    start = dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)
    commands = (
        Change(server_id="2:1", instance_id=start, content_class=ContentClass.CALENDAR, data=Event(subject="Moved")),
        Delete(server_id="2:1", instance_id=start),
    )
    asks(
        SyncRequest(collections=(SyncCollection(collection_id="2", sync_key="9", commands=commands),)),
        Version.V16_1,
        """<Sync xmlns="AirSync"><Collections><Collection><SyncKey>9</SyncKey><CollectionId>2</CollectionId><Commands>
          <Change>
            <ServerId>2:1</ServerId><InstanceId xmlns="AirSyncBase">20261124T210000Z</InstanceId>
            <ApplicationData><Subject xmlns="Calendar">Moved</Subject></ApplicationData>
          </Change>
          <Delete>
            <ServerId>2:1</ServerId><InstanceId xmlns="AirSyncBase">20261124T210000Z</InstanceId>
          </Delete>
        </Commands></Collection></Collections></Sync>""",
    )


@pytest.mark.parametrize("instance", ["<InstanceId/>", "<InstanceId>soon</InstanceId>"])
def test_an_occurrence_that_cannot_be_told_does_not_stand_for_its_series(instance: str) -> None:
    """Such a Delete is left out, and such a Change has no properties; both are noted."""
    odd = instance.replace("<InstanceId", '<InstanceId xmlns="AirSyncBase"', 1)
    notes = Notes()
    read = SyncRequest.decode(
        Payload(
            body=body(
                f"""<Sync xmlns="AirSync"><Collections><Collection><SyncKey>9</SyncKey><CollectionId>2</CollectionId>
                <Commands><Delete><ServerId>2:1</ServerId>{odd}</Delete><Change><ServerId>2:1</ServerId>{odd}
                <ApplicationData><Subject xmlns="Calendar">Moved</Subject></ApplicationData></Change></Commands>
                </Collection></Collections></Sync>"""
            )
        ),
        Version.V16_1,
        notes,
    )
    (change,) = read.collections[0].commands
    assert isinstance(change, Change)
    assert change.data is None
    assert [problem.element for problem in (*notes, *change.problems)] == ["AirSyncBase:InstanceId"] * 2


def test_everything_an_answer_can_say_in_the_order_old_phones_want() -> None:
    """MoreAvailable between Status and the blocks, answers before changes, no empty block."""
    collection = CollectionResponse(
        collection_id="1",
        sync_key="10",
        content_class=ContentClass.CONTACTS,
        more_available=True,
        responses=(
            ItemResponse(kind=ResponseKind.ADD, client_id="c1", server_id="1:9"),
            ItemResponse(kind=ResponseKind.CHANGE, server_id="1:2", status=7),
            ItemResponse(
                kind=ResponseKind.FETCH,
                server_id="1:1",
                content_class=ContentClass.CONTACTS,
                data=Contact(first_name="Ada"),
            ),
            ItemResponse(kind=ResponseKind.DELETE, server_id="1:3", status=8),
        ),
        commands=(
            Add(server_id="1:4", content_class=ContentClass.CONTACTS, data=Contact(first_name="Bob")),
            Change(server_id="1:5", content_class=ContentClass.CONTACTS, data=Contact(job_title="Sea captain")),
            Delete(server_id="1:6"),
            SoftDelete(server_id="1:7"),
        ),
    )
    answers(
        SyncRequest(
            collections=(SyncCollection(collection_id="1", sync_key="9", content_class=ContentClass.CONTACTS),)
        ),
        SyncResponse(collections=(collection,)),
        Version.V14_1,
        """<Sync xmlns="AirSync"><Collections><Collection>
          <SyncKey>10</SyncKey>
          <CollectionId>1</CollectionId>
          <Status>1</Status>
          <MoreAvailable/>
          <Responses>
            <Add><ClientId>c1</ClientId><ServerId>1:9</ServerId><Status>1</Status></Add>
            <Change><ServerId>1:2</ServerId><Status>7</Status></Change>
            <Fetch><ServerId>1:1</ServerId><Status>1</Status>
              <ApplicationData><FirstName xmlns="Contacts">Ada</FirstName></ApplicationData></Fetch>
            <Delete><ServerId>1:3</ServerId><Status>8</Status></Delete>
          </Responses>
          <Commands>
            <Add><ServerId>1:4</ServerId>
              <ApplicationData><FirstName xmlns="Contacts">Bob</FirstName></ApplicationData></Add>
            <Change><ServerId>1:5</ServerId>
              <ApplicationData><JobTitle xmlns="Contacts">Sea captain</JobTitle></ApplicationData></Change>
            <Delete><ServerId>1:6</ServerId></Delete>
            <SoftDelete><ServerId>1:7</ServerId></SoftDelete>
          </Commands>
        </Collection></Collections></Sync>""",
    )


@pytest.mark.parametrize(
    ("response", "xml"),
    [
        (SyncResponse(empty=True), ""),
        (SyncResponse(status=12), '<Sync xmlns="AirSync"><Status>12</Status></Sync>'),
        (SyncResponse(status=14, limit=59), '<Sync xmlns="AirSync"><Status>14</Status><Limit>59</Limit></Sync>'),
        (SyncResponse(status=15, limit=300), '<Sync xmlns="AirSync"><Status>15</Status><Limit>300</Limit></Sync>'),
        (
            SyncResponse(
                collections=(CollectionResponse(collection_id="1", status=3, content_class=ContentClass.EMAIL),)
            ),
            """<Sync xmlns="AirSync"><Collections><Collection><CollectionId>1</CollectionId><Status>3</Status>
            </Collection></Collections></Sync>""",
        ),
    ],
    ids=["empty", "hierarchy", "wait", "too many", "key"],
)
def test_short_answers(response: SyncResponse, xml: str) -> None:
    """SK8: nothing changed is no body at all; a refusal is a status and perhaps a limit."""
    answers(MAIL, response, Version.V14_1, xml)


def test_12_1_names_the_class_in_its_answers() -> None:
    """And a client that does not know the folder takes it from there."""
    collection = CollectionResponse(collection_id="1", sync_key="2", content_class=ContentClass.TASKS)
    answers(
        SyncRequest(),
        SyncResponse(collections=(collection,)),
        Version.V12_1,
        """<Sync xmlns="AirSync"><Collections><Collection><Class>Tasks</Class><SyncKey>2</SyncKey>
        <CollectionId>1</CollectionId><Status>1</Status></Collection></Collections></Sync>""",
    )


@pytest.mark.parametrize(
    "xml",
    [
        """<Sync xmlns="AirSync"><Collections><Collection><SyncKey>2</SyncKey><CollectionId>1</CollectionId>
        </Collection></Collections></Sync>""",
        """<Sync xmlns="AirSync"><Status>1</Status><Collections><Collection><SyncKey>2</SyncKey>
        <CollectionId>1</CollectionId></Collection></Collections></Sync>""",
        """<Sync xmlns="AirSync"><Collections><Collection><Status>1</Status><CollectionId>1</CollectionId>
        <SyncKey>2</SyncKey></Collection></Collections></Sync>""",
    ],
    ids=["nowhere", "only above", "only inside"],
)
def test_WB10_a_status_stands_where_it_will(xml: str) -> None:
    """Each status is read in its own place, and a missing one is a success."""
    read = received(MAIL, xml)
    assert (read.status, read.collections[0].status, read.collections[0].sync_key) == (1, 1, "2")


def test_WB10_a_status_of_an_item_is_not_that_of_the_folder() -> None:
    """Statuses are looked for in their own element alone."""
    read = received(
        MAIL,
        """<Sync xmlns="AirSync"><Collections><Collection><SyncKey>2</SyncKey><CollectionId>1</CollectionId>
        <Responses><Change><ServerId>1:1</ServerId><Status>8</Status></Change></Responses>
        </Collection></Collections></Sync>""",
    )
    assert (read.status, read.collections[0].status) == (1, 1)
    assert read.collections[0].responses[0].status == 8


def test_WB11_an_unreadable_field_is_noted_with_its_item() -> None:
    """The engine sets such an item aside, and goes on with the others."""
    read = received(
        MAIL,
        """<Sync xmlns="AirSync"><Collections><Collection><SyncKey>2</SyncKey><CollectionId>1</CollectionId><Status>1</Status>
        <Commands><Add><ServerId>1:1</ServerId><ApplicationData><From xmlns="Email">xn--\\@@</From>
        <DateReceived xmlns="Email">never</DateReceived></ApplicationData></Add>
        <Add><ServerId>1:2</ServerId><ApplicationData><Subject xmlns="Email">fine</Subject></ApplicationData></Add></Commands>
        </Collection></Collections></Sync>""",
    )
    first, second = read.collections[0].commands
    assert first.data == Email(from_="xn--\\@@")
    assert first.problems == (Note("Email:DateReceived", "'never' is no date and time"),)
    assert second == Add(server_id="1:2", content_class=ContentClass.EMAIL, data=Email(subject="fine"))


def test_the_class_of_an_unknown_folder_is_told_by_its_items() -> None:
    """Or it stays untold, and is noted."""
    read = received(
        SyncRequest(),
        """<Sync xmlns="AirSync"><Collections><Collection><SyncKey>2</SyncKey><CollectionId>5</CollectionId><Status>1</Status>
        <Commands><Add><ServerId>5:1</ServerId><ApplicationData><Subject xmlns="Notes">n</Subject></ApplicationData></Add>
        <Add><ServerId>5:2</ServerId><ApplicationData/></Add></Commands></Collection></Collections></Sync>""",
    )
    first, second = read.collections[0].commands
    assert first.data == NoteItem(subject="n")
    assert second.data is None
    assert [problem.element for problem in second.problems] == ["AirSync:ApplicationData"]


def test_what_is_no_command_is_skipped_and_noted() -> None:
    """In either block."""
    notes = Notes()
    payload = Payload(
        body=body(
            """<Sync xmlns="AirSync"><Collections><Collection><SyncKey>2</SyncKey><CollectionId>1</CollectionId>
            <Status>1</Status><Responses><Status>1</Status></Responses><Commands><Status>1</Status></Commands>
            </Collection></Collections></Sync>"""
        )
    )
    read = MAIL.decode_response(payload, Version.V14_1, notes)
    assert (read.collections[0].commands, read.collections[0].responses) == ((), ())
    assert [note.element for note in notes] == ["AirSync:Status"] * 2
