"""
Find ([MS-ASCMD] Find).
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.protocol.classes import ContentClass, Importance
from carrierpost.protocol.classes.gal import GALEntry
from carrierpost.protocol.commands.find import FindGAL, FindMail, FindRequest, FindResponse, FindResult, FoundMail
from carrierpost.protocol.commands.looking import PictureLimits, SearchStore
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received

ID = "0f3c1f3a-8f0e-4b8f-9f8c-1a2b3c4d5e6f"
MAIL = FindRequest(search_id=ID, criterion=FindMail(free_text="subject:tea"))
PEOPLE = FindRequest(search_id=ID, criterion=FindGAL(text="ada", picture=PictureLimits(max_pictures=2)), range=(0, 9))
LATEST = Version.V16_1


def test_mail_is_looked_for() -> None:
    """Everywhere, or in a folder and those below it, page by page."""
    query = f"""<Find xmlns="Find"><SearchId>{ID}</SearchId><ExecuteSearch><MailBoxSearchCriterion>
    <Query><FreeText>subject:tea</FreeText><Class xmlns="AirSync">Email</Class>{{}}</Query>{{}}
    </MailBoxSearchCriterion></ExecuteSearch></Find>"""
    asks(MAIL, LATEST, query.format("", ""))
    asks(
        FindRequest(
            search_id=ID,
            criterion=FindMail(free_text="subject:tea", collection_id="5", deep_traversal=True),
            range=(100, 199),
        ),
        LATEST,
        query.format(
            '<CollectionId xmlns="AirSync">5</CollectionId>',
            "<Options><Range>100-199</Range><DeepTraversal/></Options>",
        ),
    )


def test_people_are_looked_for() -> None:
    """With pictures, where they are wanted."""
    asks(
        PEOPLE,
        LATEST,
        f"""<Find xmlns="Find"><SearchId>{ID}</SearchId><ExecuteSearch><GalSearchCriterion><Query>ada</Query>
        <Options><Range>0-9</Range><Picture><MaxPictures>2</MaxPictures></Picture></Options>
        </GalSearchCriterion></ExecuteSearch></Find>""",
    )


def test_mail_is_found() -> None:
    """Named by folder and id, shown with what a list of results needs."""
    answers(
        MAIL,
        FindResponse(
            results=(
                FindResult(
                    content_class=ContentClass.EMAIL,
                    server_id="5:1",
                    collection_id="5",
                    mail=FoundMail(
                        subject="Tea",
                        date_received=dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC),
                        display_to="Ada",
                        display_cc="Bo",
                        display_bcc="Cy",
                        importance=Importance.HIGH,
                        read=False,
                        is_draft=False,
                        preview="Is there",
                        has_attachments=True,
                        from_="Di <di@example.org>",
                    ),
                ),
            ),
            range=(0, 0),
            total=1,
        ),
        LATEST,
        """<Find xmlns="Find"><Status>1</Status><Response><Store xmlns="ItemOperations">Mailbox</Store>
        <Status>1</Status><Result><Class xmlns="AirSync">Email</Class><ServerId xmlns="AirSync">5:1</ServerId>
        <CollectionId xmlns="AirSync">5</CollectionId><Properties><Subject xmlns="Email">Tea</Subject>
        <DateReceived xmlns="Email">2026-11-24T21:00:00.000Z</DateReceived><DisplayTo xmlns="Email">Ada</DisplayTo>
        <DisplayCc>Bo</DisplayCc><DisplayBcc>Cy</DisplayBcc><Importance xmlns="Email">2</Importance>
        <Read xmlns="Email">0</Read><IsDraft xmlns="Email2">0</IsDraft><Preview>Is there</Preview>
        <HasAttachments>1</HasAttachments><From xmlns="Email">Di &lt;di@example.org&gt;</From></Properties></Result>
        <Range>0-0</Range><Total>1</Total></Response></Find>""",
    )


def test_people_are_found() -> None:
    """As Search finds them."""
    answers(
        PEOPLE,
        FindResponse(
            store=SearchStore.GAL,
            results=(FindResult(person=GALEntry(display_name="Ada", email_address="ada@example.org")),),
            range=(0, 0),
        ),
        LATEST,
        """<Find xmlns="Find"><Status>1</Status><Response><Store xmlns="ItemOperations">GAL</Store><Status>1</Status>
        <Result><Properties><DisplayName xmlns="GAL">Ada</DisplayName>
        <EmailAddress xmlns="GAL">ada@example.org</EmailAddress></Properties></Result><Range>0-0</Range>
        </Response></Find>""",
    )


def test_searches_are_refused() -> None:
    """As a whole, or in the place where was looked; nothing found is no refusal."""
    answers(MAIL, FindResponse(status=3), LATEST, '<Find xmlns="Find"><Status>3</Status></Find>')
    answers(
        MAIL,
        FindResponse(store_status=4),
        LATEST,
        """<Find xmlns="Find"><Status>1</Status><Response><Store xmlns="ItemOperations">Mailbox</Store>
        <Status>4</Status></Response></Find>""",
    )
    assert received(MAIL, '<Find xmlns="Find"><Status>1</Status><Response><Result/></Response></Find>') == (
        FindResponse()
    )


@pytest.mark.parametrize("version", [one for one in Version if one < LATEST])
def test_older_versions_search_instead(version: Version) -> None:
    """The error says with what."""
    with pytest.raises(LocalProtocolError, match="look with Search"):
        MAIL.encode(version)


@pytest.mark.parametrize("span", [(-1, 5), (5, 4), (0, 1000)])
def test_ranges_that_are_none_are_not_sent(span: tuple[int, int]) -> None:
    """They would be refused."""
    with pytest.raises(LocalProtocolError, match="0 to 999"):
        FindRequest(search_id=ID, criterion=FindMail(free_text="tea"), range=span).encode(LATEST)


@pytest.mark.parametrize(
    "inner",
    [
        "",
        f"<SearchId>{ID}</SearchId>",
        """<ExecuteSearch><GalSearchCriterion><Query>ada</Query></GalSearchCriterion></ExecuteSearch>""",
        f"""<SearchId>{ID}</SearchId><ExecuteSearch><GalSearchCriterion><Query/></GalSearchCriterion></ExecuteSearch>""",
        f"""<SearchId>{ID}</SearchId><ExecuteSearch><MailBoxSearchCriterion><Query/></MailBoxSearchCriterion>
        </ExecuteSearch>""",
        f"""<SearchId>{ID}</SearchId><ExecuteSearch><GalSearchCriterion><Query>ada</Query>
        <Options><Range>9-1</Range></Options></GalSearchCriterion></ExecuteSearch>""",
        f"""<SearchId>{ID}</SearchId><ExecuteSearch><GalSearchCriterion><Query>ada</Query>
        <Options><Range>some</Range></Options></GalSearchCriterion></ExecuteSearch>""",
    ],
)
def test_what_is_incomplete_is_refused(inner: str) -> None:
    """No id, nothing to look for, or a range that is none."""
    with pytest.raises(MalformedRequest) as caught:
        FindRequest.decode(Payload(body=body(f'<Find xmlns="Find">{inner}</Find>')), LATEST, Notes())
    assert caught.value.status == 2
