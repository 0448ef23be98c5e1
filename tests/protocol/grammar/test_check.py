"""
The checker is right about documents that are known to be good and bad, and notices what is moved, doubled or dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carrierpost import wbxml
from carrierpost.protocol.grammar import Direction, check, check_payload
from carrierpost.protocol.grammar.check import _grammar
from carrierpost.protocol.grammar.language import Block
from carrierpost.protocol.message import ContentType, Payload
from carrierpost.protocol.multipart import join_parts
from carrierpost.protocol.version import Version
from carrierpost.wbxml import pages
from carrierpost.wbxml.pages import TAGS, VERSIONS, AirSync, Email, Ping, name_of

REQUEST, ANSWER = Direction.REQUEST, Direction.ANSWER
V12, V14, V16 = Version.V12_1, Version.V14_1, Version.V16_1


def problems(xml: str, command: str, direction: Direction, version: Version = V14) -> list[str]:
    return list(map(str, check(wbxml.from_xml(xml), command, direction, version)))


SYNC = (
    '<Sync xmlns="AirSync"><Collections><Collection><SyncKey>3</SyncKey><CollectionId>2</CollectionId>'
    "<DeletesAsMoves/><GetChanges>1</GetChanges><WindowSize>50</WindowSize>"
    "<Options><FilterType>3</FilterType>"
    '<BodyPreference xmlns="AirSyncBase"><Type>2</Type><TruncationSize>512</TruncationSize></BodyPreference></Options>'
    "<Commands><Change><ServerId>2:1</ServerId><ApplicationData>"
    '<Read xmlns="Email">1</Read></ApplicationData></Change></Commands>'
    "</Collection></Collections></Sync>"
)
ANSWERED = (
    '<Sync xmlns="AirSync"><Collections><Collection><SyncKey>4</SyncKey><CollectionId>2</CollectionId>'
    "<Status>1</Status><MoreAvailable/><Commands><Add><ServerId>2:2</ServerId><ApplicationData>"
    '<Subject xmlns="Email">Tea</Subject><Body xmlns="AirSyncBase"><Type>1</Type>'
    "<EstimatedDataSize>4</EstimatedDataSize><Truncated>0</Truncated><Data>four</Data></Body>"
    "</ApplicationData></Add></Commands></Collection></Collections></Sync>"
)
FOLDERS = (
    '<FolderSync xmlns="FolderHierarchy"><Status>1</Status><SyncKey>1</SyncKey><Changes><Count>2</Count>'
    "<Update><ServerId>3</ServerId><ParentId>0</ParentId><DisplayName>New</DisplayName><Type>12</Type></Update>"
    "<Add><ServerId>2</ServerId><ParentId>0</ParentId><DisplayName>Inbox</DisplayName><Type>2</Type></Add>"
    "</Changes></FolderSync>"
)
MOVED = (
    '<MoveItems xmlns="Move"><Response><SrcMsgId>1</SrcMsgId><Status>3</Status><DstMsgId>9</DstMsgId></Response>'
    "</MoveItems>"
)
PING = (
    '<Ping xmlns="Ping"><HeartbeatInterval>480</HeartbeatInterval>'
    "<Folders><Folder><Id>2</Id><Class>Email</Class></Folder></Folders></Ping>"
)
GOOD = [
    (SYNC, "Sync", REQUEST),
    (ANSWERED, "Sync", ANSWER),
    (FOLDERS, "FolderSync", ANSWER),
    (MOVED, "MoveItems", ANSWER),
    (PING, "Ping", REQUEST),
    ('<FolderSync xmlns="FolderHierarchy"><Status>142</Status></FolderSync>', "FolderSync", ANSWER),
    ('<MoveItems xmlns="Move"><Status>142</Status></MoveItems>', "MoveItems", ANSWER),
    ('<SendMail xmlns="ComposeMail"><Status>118</Status></SendMail>', "SendMail", ANSWER),
    ('<Provision xmlns="Provision"/>', "Provision", REQUEST),
]


@pytest.mark.parametrize(("xml", "command", "direction"), GOOD)
def test_documents_that_are_right_are_let_through(xml: str, command: str, direction: Direction) -> None:
    """Nothing is wrong with them."""
    assert problems(xml, command, direction) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<SyncKey>3</SyncKey><CollectionId>2</CollectionId>", "<CollectionId>2</CollectionId><SyncKey>3</SyncKey>",
         "Sync/Collections/Collection: SyncKey comes too late"),
        ("<WindowSize>50</WindowSize>", "<WindowSize>50</WindowSize>" * 2,
         "Sync/Collections/Collection: WindowSize comes more than 1 time(s)"),
        ("<SyncKey>3</SyncKey>", "", "Sync/Collections/Collection: SyncKey is missing"),
        ("<SyncKey>3</SyncKey>", "<SyncKey/>", "Sync/Collections/Collection/SyncKey: is empty"),
        ("<SyncKey>3</SyncKey>", "<SyncKey>0</SyncKey>", "Sync/Collections/Collection: SyncKey 0 forbids Commands"),
        ("<GetChanges>1", "<GetChanges>yes", "Sync/Collections/Collection/GetChanges: neither 0 nor 1"),
        ("<FilterType>3", "<FilterType>9",
         "Sync/Collections/Collection/Options/FilterType: a number that is not allowed"),
        ("<Type>2</Type><TruncationSize>512</TruncationSize>", "<TruncationSize>512</TruncationSize><Type>2</Type>",
         "Sync/Collections/Collection/Options/BodyPreference: Type comes too late"),
        ('<Read xmlns="Email">1</Read>', '<Subject xmlns="Email">x</Subject><Read xmlns="Email">1</Read>',
         "Sync/Collections/Collection/Commands/Change/ApplicationData: Email:Subject does not belong here"),
        ("<ServerId>2:1</ServerId>", '<InstanceId xmlns="AirSyncBase">20260101T000000Z</InstanceId>'
         "<ServerId>2:1</ServerId>",
         "Sync/Collections/Collection/Commands/Change: InstanceId belongs to 16.0 and later, not to 14.1"),
        ("</Collections></Sync>", "</Collections><Wait>5</Wait><HeartbeatInterval>60</HeartbeatInterval></Sync>",
         "Sync: at most one of Wait, HeartbeatInterval"),
        ("<Commands>", "<Commands>text", "Sync/Collections/Collection/Commands: text stands between elements"),
    ],
)  # fmt: skip
def test_requests_that_are_wrong_are_told_by_path(old: str, new: str, problem: str) -> None:
    """Order, number, place, version, value: each has its sentence."""
    assert old in SYNC
    assert problem in problems(SYNC.replace(old, new), "Sync", REQUEST)


@pytest.mark.parametrize(
    ("xml", "command", "problem"),
    [
        (ANSWERED.replace("<Type>1</Type><EstimatedDataSize>4</EstimatedDataSize>",
                          "<EstimatedDataSize>4</EstimatedDataSize><Type>1</Type>"), "Sync",
         "Sync/Collections/Collection/Commands/Add/ApplicationData/Body: Type comes too late"),
        (FOLDERS.replace("<Type>12</Type>", "<Type>20</Type>"), "FolderSync",
         "FolderSync/Changes/Update/Type: a number that is not allowed"),
        (MOVED.replace("<DstMsgId>9</DstMsgId>", ""), "MoveItems", "MoveItems/Response: Status 3 needs DstMsgId"),
        (MOVED.replace("<Status>3", "<Status>1"), "MoveItems", "MoveItems/Response: DstMsgId needs Status 3"),
        ('<Ping xmlns="Ping"><Status>2</Status></Ping>', "Ping", "Ping: Status 2 needs Folders"),
        ('<Ping xmlns="Ping"><Status>9</Status></Ping>', "Ping", "Ping/Status: a status that this does not have"),
        ('<FolderSync xmlns="FolderHierarchy"><Status>1</Status></FolderSync>', "FolderSync",
         "FolderSync: Status 1 needs SyncKey"),
        (PING, "FolderSync", "Ping: the root must be FolderSync"),
    ],
)  # fmt: skip
def test_answers_that_are_wrong_are_told_by_path(xml: str, command: str, problem: str) -> None:
    """As are requests."""
    assert problem in problems(xml, command, ANSWER)


def test_later_siblings_are_counted_in_paths() -> None:
    """The second collection of a request is told from the first."""
    two = SYNC.replace("</Collections>", "<Collection><SyncKey>1</SyncKey></Collection></Collections>")
    assert problems(two, "Sync", REQUEST) == ["Sync/Collections/Collection[2]: CollectionId is missing"]


def test_old_versions_refuse_by_http() -> None:
    """12.1 has no status 142 in an answer: HTTP says it there."""
    refusal = '<FolderSync xmlns="FolderHierarchy"><Status>142</Status></FolderSync>'
    assert problems(refusal, "FolderSync", ANSWER, V12) == ["FolderSync/Status: a status that this does not have"]


def test_bodies_are_what_the_version_sends() -> None:
    """A message up to 12.1, a document from 14.0 on, nothing where nothing may stand, and parts."""
    mail = Payload(body=b"From: a", content_type=ContentType.MAIL)
    assert check_payload(mail, "SendMail", REQUEST, V12) == []
    assert check_payload(Payload(body=b"From: a"), "SendMail", REQUEST, V12) != []
    assert check_payload(mail, "SendMail", REQUEST, V14) != []
    assert check_payload(Payload(), "SendMail", ANSWER, V14) == []
    assert [str(one) for one in check_payload(Payload(), "FolderSync", ANSWER, V14)] == [
        "FolderSync: the answer has no body"
    ]
    assert check_payload(Payload(), "Sync", REQUEST, V14) == []
    assert check_payload(Payload(), "GetAttachment", REQUEST, V14) != []
    document = wbxml.encode(Ping.Ping, [Ping.Status, "1"])
    parts = Payload(body=join_parts([document]), content_type=ContentType.MULTIPART)
    assert check_payload(parts, "Ping", ANSWER, V14) == []
    assert check_payload(Payload(body=document[:-1]), "Ping", ANSWER, V14) != []


def test_a_problem_never_shows_a_value() -> None:
    """What a violation says can go into a report: the document's values are not in it."""
    secret = SYNC.replace("<GetChanges>1", "<GetChanges>hunter2").replace("<FilterType>3", "<FilterType>hunter2")
    assert len(found := problems(secret, "Sync", REQUEST)) == 2
    assert not any("hunter2" in one for one in found)


# -- mutations


def _lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
        for child in value[1::2]:
            yield from _lists(child)


ORDERED = {"Collection", "BodyPreference", "Body", "FolderSync", "Changes", "Update", "Add", "Response"}


@pytest.mark.parametrize(("xml", "command", "direction"), GOOD[:5])
def test_every_mutation_of_what_is_required_is_noticed(xml: str, command: str, direction: Direction) -> None:
    """Each element that must stand there is dropped, and each that may stand once is doubled: nothing passes."""
    passed = []
    for doubled in (False, True):
        for number, _ in enumerate(_lists(wbxml.from_xml(xml).value)):
            size = len(list(_lists(wbxml.from_xml(xml).value))[number])
            for index in range(0, size, 2):
                document = wbxml.from_xml(xml)
                victim = list(_lists(document.value))[number]
                name = name_of(victim[index])[1]
                victim[index : index + 2] = victim[index : index + 2] * (2 if doubled else 0)
                if not check(document, command, direction, V14):
                    passed.append(name)
        allowed = OFTEN if doubled else OPTIONAL
        assert set(passed) <= allowed, (doubled, set(passed) - allowed)
        passed.clear()


OFTEN = {"Collection", "Change", "Add", "Update", "Options", "BodyPreference", "Response", "Folder"}
OPTIONAL = {
    "DeletesAsMoves", "GetChanges", "WindowSize", "Options", "FilterType", "BodyPreference", "TruncationSize",
    "Commands", "MoreAvailable", "Subject", "Body", "EstimatedDataSize", "Truncated", "Data", "Update", "Add",
    "HeartbeatInterval", "Folders", "Read",
}  # fmt: skip


@pytest.mark.parametrize(
    ("xml", "command", "direction"), [(SYNC, "Sync", REQUEST), (FOLDERS, "FolderSync", ANSWER), GOOD[3]]
)
def test_every_change_of_a_demanded_order_is_noticed(xml: str, command: str, direction: Direction) -> None:
    """Neighbours of different kinds change places where the order is fixed: nothing passes."""
    kinds = {
        "Sync": (AirSync.SyncKey, AirSync.CollectionId, AirSync.DeletesAsMoves, AirSync.GetChanges, AirSync.WindowSize),
        "FolderSync": None,
        "MoveItems": None,
    }[command]
    swapped = 0
    for number, children in enumerate(_lists(wbxml.from_xml(xml).value)):
        for index in range(0, len(children) - 2, 2):
            if kinds is not None and children[index] not in kinds:
                continue
            document = wbxml.from_xml(xml)
            victim = list(_lists(document.value))[number]
            victim[index : index + 4] = victim[index + 2 : index + 4] + victim[index : index + 2]
            swapped += 1
            assert check(document, command, direction, V14), [name_of(tag)[1] for tag in victim[0::2]]
    assert swapped > 1


# -- the grammar itself


def _elements(block: Block, version: int, seen: set[int], found: set[int]) -> None:
    if id(block) in seen:
        return
    seen.add(id(block))
    known = [element for element in block.elements if version in element.versions]
    assert len({element.tag for element in known}) == len(known), "an element comes twice in one block"
    for element in known:
        found.add(element.tag)
        for inner in (element.block, *(_grammar()[0][name] for name in element.groups)):
            if inner is not None:
                _elements(inner, version, seen, found)


def _of(version: Version) -> set[int]:
    found: set[int] = set()
    seen: set[int] = set()
    for syntaxes in _grammar()[1].values():
        for syntax in syntaxes:
            if version in syntax.versions and syntax.block is not None:
                found.add(syntax.root)
                _elements(syntax.block, version, seen, found)
    return found


LISTED_SHORTER = {"Provision:MaxDevicePasswordFailedAttempts", "Provision:MaxCalendarAgeFilter"}
"""Elements that one table of the specification ends with 16.0; servers of 16.1 send them."""
WITHOUT_COMMAND = {"FolderHierarchy:Folders", "FolderHierarchy:Folder"}
"""Elements of 12.1 that no command of the specification uses."""


def _legacy() -> set[int]:
    """
    Give the elements that the code pages mark as older than all versions here.
    """
    lines = Path(pages.__file__).read_text(encoding="utf-8").splitlines()
    return {int(line.split("= ")[1].split()[0], 16) for line in lines if line.endswith("# legacy")}


@pytest.mark.parametrize("version", list(Version))
def test_the_grammar_knows_each_element_of_a_version_and_no_other(version: Version) -> None:
    """The code pages and the grammar, which were written apart, agree on which elements a version has."""
    legacy = _legacy()
    wanted = {
        tag
        for tag in TAGS.values()
        if tag not in legacy and VERSIONS.get(tag, (121, 161))[0] <= version <= VERSIONS.get(tag, (121, 161))[1]
    }
    found = _of(version)
    names = {":".join(name_of(tag)) for tag in found ^ wanted}
    assert names <= LISTED_SHORTER | WITHOUT_COMMAND, names


def test_the_wire_names_mail_properties_as_the_grammar_does() -> None:
    """A group is found by what its elements are called: one that every mail has is in it."""
    assert Email.Subject in {element.tag for element in _grammar()[0]["Mail"].elements}
