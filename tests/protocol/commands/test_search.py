"""
Search ([MS-ASCMD] Search).
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.protocol.classes import BodyPreference, BodyType, ContentClass, Email
from carrierpost.protocol.classes.documents import Document
from carrierpost.protocol.classes.gal import GALEntry, GALPicture
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.search import (
    DocumentQuery,
    GALQuery,
    MailboxQuery,
    SearchOptions,
    SearchRequest,
    SearchResponse,
    SearchResult,
)
from carrierpost.protocol.commands.sync import MIMESupport
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received

MAIL = SearchRequest(query=MailboxQuery(free_text="tea"))
START = dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)


@pytest.mark.parametrize("version", Version)
def test_mail_is_looked_for(version: Version) -> None:
    """In folders and below them, of a time, with what is wanted of each; all conditions together."""
    asks(
        SearchRequest(
            query=MailboxQuery(
                content_class=ContentClass.EMAIL,
                collection_ids=("5", "6"),
                free_text="tea & cake",
                received_after=START,
                received_before=START + dt.timedelta(days=1),
            ),
            options=SearchOptions(
                range=(0, 99),
                deep_traversal=True,
                rebuild_results=True,
                mime_support=MIMESupport.NEVER,
                body_preferences=(BodyPreference(type=BodyType.PLAIN, truncation_size=500),),
            ),
        ),
        version,
        """<Search xmlns="Search"><Store><Name>Mailbox</Name><Query><And>
        <Class xmlns="AirSync">Email</Class><CollectionId xmlns="AirSync">5</CollectionId>
        <CollectionId xmlns="AirSync">6</CollectionId><FreeText>tea &amp; cake</FreeText>
        <GreaterThan><DateReceived xmlns="Email"/><Value>2026-11-24T21:00:00.000Z</Value></GreaterThan>
        <LessThan><DateReceived xmlns="Email"/><Value>2026-11-25T21:00:00.000Z</Value></LessThan></And></Query>
        <Options><Range>0-99</Range><DeepTraversal/><RebuildResults/><MIMESupport xmlns="AirSync">0</MIMESupport>
        <BodyPreference xmlns="AirSyncBase"><Type>1</Type><TruncationSize>500</TruncationSize></BodyPreference>
        </Options></Store></Search>""",
    )


def test_a_conversation_is_looked_for_from_14_0_on() -> None:
    """Before, the question would find everything, and is not asked."""
    request = SearchRequest(query=MailboxQuery(conversation_id=bytes(range(16))))
    asks(
        request,
        Version.V14_0,
        """<Search xmlns="Search"><Store><Name>Mailbox</Name><Query><And>
        <ConversationId opaque="base64">AAECAwQFBgcICQoLDA0ODw==</ConversationId></And></Query></Store></Search>""",
    )
    with pytest.raises(LocalProtocolError, match="no conversations"):
        request.encode(Version.V12_1)


@pytest.mark.parametrize("version", Version)
def test_people_are_looked_for(version: Version) -> None:
    """By the beginning of a word; pictures are asked for from 14.1 on."""
    picture = "<Picture><MaxSize>9000</MaxSize><MaxPictures>3</MaxPictures></Picture>"
    limits = PictureLimits(max_size=9000, max_pictures=3)
    has = version >= Version.V14_1
    asks(
        SearchRequest(query=GALQuery(text="ada"), options=SearchOptions(range=(0, 9), picture=limits)),
        version,
        f"""<Search xmlns="Search"><Store><Name>GAL</Name><Query>ada</Query>
        <Options><Range>0-9</Range>{picture if has else ""}</Options></Store></Search>""",
        heard=SearchRequest(
            query=GALQuery(text="ada"), options=SearchOptions(range=(0, 9), picture=limits if has else None)
        ),
    )


def test_people_are_found() -> None:
    """With a picture, or the reason why there is none."""
    answers(
        SearchRequest(query=GALQuery(text="a")),
        SearchResponse(
            results=(
                SearchResult(
                    person=GALEntry(
                        display_name="Ada", phone="1", alias="ada", email_address="ada@example.org",
                        picture=GALPicture(status=1, data=b"\xff\xd8"),
                    )
                ),
                SearchResult(person=GALEntry(display_name="Al", picture=GALPicture(status=173))),
            ),
            range=(0, 1),
            total=2,
        ),
        Version.V14_1,
        """<Search xmlns="Search"><Status>1</Status><Response><Store><Status>1</Status>
        <Result><Properties><DisplayName xmlns="GAL">Ada</DisplayName><Phone xmlns="GAL">1</Phone>
        <Alias xmlns="GAL">ada</Alias><EmailAddress xmlns="GAL">ada@example.org</EmailAddress>
        <Picture xmlns="GAL"><Status>1</Status><Data opaque="base64">/9g=</Data></Picture></Properties></Result>
        <Result><Properties><DisplayName xmlns="GAL">Al</DisplayName>
        <Picture xmlns="GAL"><Status>173</Status></Picture></Properties></Result>
        <Range>0-1</Range><Total>2</Total></Store></Response></Search>""",
    )  # fmt: skip


@pytest.mark.parametrize("version", Version)
def test_mail_is_found(version: Version) -> None:
    """Named by a long id, with its folder and the properties of its class."""
    answers(
        MAIL,
        SearchResponse(
            results=(
                SearchResult(
                    content_class=ContentClass.EMAIL,
                    long_id="L1",
                    collection_id="5",
                    data=Email(subject="Tea", read=True),
                ),
            ),
            range=(0, 0),
            total=1,
        ),
        version,
        """<Search xmlns="Search"><Status>1</Status><Response><Store><Status>1</Status>
        <Result><Class xmlns="AirSync">Email</Class><LongId>L1</LongId><CollectionId xmlns="AirSync">5</CollectionId>
        <Properties><Subject xmlns="Email">Tea</Subject><Read xmlns="Email">1</Read></Properties></Result>
        <Range>0-0</Range><Total>1</Total></Store></Response></Search>""",
    )


def test_nothing_is_found() -> None:
    """An empty result is none; so is one without anything inside, or no result at all."""
    empty = """<Search xmlns="Search"><Status>1</Status><Response><Store><Status>1</Status>{}</Store></Response>
    </Search>"""
    answers(MAIL, SearchResponse(), Version.V14_1, empty.format("<Result/>"))
    for nothing in ("", "<Result><Properties/></Result>"):
        assert received(MAIL, empty.format(nothing)) == SearchResponse()


def test_documents_are_found() -> None:
    """With a login of their own, which is not shown."""
    request = SearchRequest(
        query=DocumentQuery(link_id="\\\\sea\\papers"),
        options=SearchOptions(range=(0, 999), user_name="ada", password=Secret("tea")),
    )
    asks(
        request,
        Version.V14_1,
        """<Search xmlns="Search"><Store><Name>DocumentLibrary</Name><Query><EqualTo>
        <LinkId xmlns="DocumentLibrary"/><Value>\\\\sea\\papers</Value></EqualTo></Query>
        <Options><Range>0-999</Range><UserName>ada</UserName><Password>tea</Password></Options></Store></Search>""",
    )
    assert "tea" not in repr(request)
    answers(
        request,
        SearchResponse(results=(SearchResult(document=Document(link_id="\\\\sea\\papers\\a", is_folder=False)),)),
        Version.V14_1,
        """<Search xmlns="Search"><Status>1</Status><Response><Store><Status>1</Status><Result><Properties>
        <LinkId xmlns="DocumentLibrary">\\\\sea\\papers\\a</LinkId><IsFolder xmlns="DocumentLibrary">0</IsFolder>
        </Properties></Result></Store></Response></Search>""",
    )


def test_searches_are_refused() -> None:
    """As a whole, or in the place where was looked."""
    answers(MAIL, SearchResponse(status=142), Version.V14_1, '<Search xmlns="Search"><Status>142</Status></Search>')
    answers(
        MAIL,
        SearchResponse(store_status=8),
        Version.V14_1,
        """<Search xmlns="Search"><Status>1</Status><Response><Store><Status>8</Status></Store></Response></Search>""",
    )


@pytest.mark.parametrize(
    ("inner", "status"),
    [
        ("", 2),
        ("<Store><Name>Attic</Name><Query>tea</Query></Store>", 2),
        ("<Store><Name>GAL</Name></Store>", 2),
        ("<Store><Name>GAL</Name><Query> </Query></Store>", 2),
        ("<Store><Name>DocumentLibrary</Name><Query>tea</Query></Store>", 2),
        ("<Store><Name>Mailbox</Name><Query><And/></Query></Store>", 2),
        ("<Store><Name>Mailbox</Name><Query><Or><FreeText>tea</FreeText></Or></Query></Store>", 8),
        (
            """<Store><Name>Mailbox</Name><Query><And><FreeText>tea</FreeText><LessThan><Subject xmlns="Email"/>
            <Value>2026-11-24T21:00:00.000Z</Value></LessThan></And></Query></Store>""",
            8,
        ),
        (
            """<Store><Name>Mailbox</Name><Query><And><FreeText>tea</FreeText><LessThan><DateReceived xmlns="Email"/>
            <Value>yesterday</Value></LessThan></And></Query></Store>""",
            2,
        ),
    ],
)
def test_what_is_incomplete_or_too_much_is_refused(inner: str, status: int) -> None:
    """A condition that cannot be understood is never left out, which would find too much."""
    with pytest.raises(MalformedRequest) as caught:
        SearchRequest.decode(Payload(body=body(f'<Search xmlns="Search">{inner}</Search>')), Version.V14_1, Notes())
    assert caught.value.status == status


def test_a_query_without_and_is_understood() -> None:
    """Some clients leave it out where there is one condition."""
    xml = '<Search xmlns="Search"><Store><Name>mailbox</Name><Query><FreeText>tea</FreeText></Query></Store></Search>'
    assert SearchRequest.decode(Payload(body=body(xml)), Version.V14_1, Notes()) == MAIL
