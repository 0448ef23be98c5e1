"""
GetItemEstimate ([MS-ASCMD] GetItemEstimate).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.get_item_estimate import (
    Estimate,
    EstimateCollection,
    GetItemEstimateRequest,
    GetItemEstimateResponse,
)
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received


def test_12_1_wants_class_and_filter_beside_the_key() -> None:
    """In an order of its own."""
    asks(
        GetItemEstimateRequest(
            collections=(
                EstimateCollection(
                    collection_id="2",
                    sync_key="9",
                    content_class=ContentClass.CALENDAR,
                    filter_type=FilterType.TWO_WEEKS,
                ),
            )
        ),
        Version.V12_1,
        """<GetItemEstimate xmlns="GetItemEstimate"><Collections><Collection>
          <Class>Calendar</Class>
          <CollectionId>2</CollectionId>
          <FilterType xmlns="AirSync">4</FilterType>
          <SyncKey xmlns="AirSync">9</SyncKey>
        </Collection></Collections></GetItemEstimate>""",
    )


@pytest.mark.parametrize("version", [Version.V14_0, Version.V14_1, Version.V16_0, Version.V16_1])
def test_later_versions_want_the_options_of_sync(version: Version) -> None:
    """Key first, then the folder, the mode, and the filter as an option."""
    asks(
        GetItemEstimateRequest(
            collections=(
                EstimateCollection(
                    collection_id="1", sync_key="9", filter_type=FilterType.ONE_DAY, conversation_mode=True, max_items=7
                ),
                EstimateCollection(collection_id="2", sync_key="8"),
            )
        ),
        version,
        """<GetItemEstimate xmlns="GetItemEstimate"><Collections><Collection>
          <SyncKey xmlns="AirSync">9</SyncKey>
          <CollectionId>1</CollectionId>
          <ConversationMode xmlns="AirSync">1</ConversationMode>
          <Options xmlns="AirSync"><FilterType>1</FilterType><MaxItems>7</MaxItems></Options>
        </Collection><Collection>
          <SyncKey xmlns="AirSync">8</SyncKey>
          <CollectionId>2</CollectionId>
          <Options xmlns="AirSync"><FilterType>0</FilterType></Options>
        </Collection></Collections></GetItemEstimate>""",
    )


def test_answers_name_their_folder() -> None:
    """A refused folder has no estimate, so it is known by its place in the request."""
    request = GetItemEstimateRequest(
        collections=(
            EstimateCollection(collection_id="1", sync_key="9"),
            EstimateCollection(collection_id="2", sync_key="0"),
        )
    )
    answers(
        request,
        GetItemEstimateResponse(
            estimates=(Estimate(collection_id="1", estimate=12), Estimate(collection_id="2", status=3))
        ),
        Version.V14_1,
        """<GetItemEstimate xmlns="GetItemEstimate">
          <Response><Status>1</Status><Collection><CollectionId>1</CollectionId><Estimate>12</Estimate></Collection></Response>
          <Response><Status>3</Status></Response>
        </GetItemEstimate>""",
    )


def test_a_refusal_of_the_whole() -> None:
    """A common status alone."""
    answers(
        GetItemEstimateRequest(collections=()),
        GetItemEstimateResponse(status=142),
        Version.V14_1,
        '<GetItemEstimate xmlns="GetItemEstimate"><Status>142</Status></GetItemEstimate>',
    )


def test_an_estimate_that_is_no_number_is_zero() -> None:
    """It is for progress bars alone."""
    read = received(
        GetItemEstimateRequest(collections=()),
        """<GetItemEstimate xmlns="GetItemEstimate"><Response><Collection><CollectionId>1</CollectionId>
        <Estimate>many</Estimate></Collection></Response></GetItemEstimate>""",
    )
    assert read.estimates == (Estimate(collection_id="1"),)


@pytest.mark.parametrize(
    "inner",
    [
        "<CollectionId>1</CollectionId>",
        '<SyncKey xmlns="AirSync">1</SyncKey>',
        '<SyncKey xmlns="AirSync">1</SyncKey><CollectionId>1</CollectionId><FilterType xmlns="AirSync">x</FilterType>',
        '<SyncKey xmlns="AirSync">1</SyncKey><CollectionId>1</CollectionId><FilterType xmlns="AirSync">9</FilterType>',
    ],
)
def test_malformed_requests_are_refused(inner: str) -> None:
    """Without key, without folder, with a filter that does not exist: 103."""
    xml = f"""<GetItemEstimate xmlns="GetItemEstimate"><Collections><Collection>{inner}</Collection></Collections>
    </GetItemEstimate>"""
    with pytest.raises(MalformedRequest) as caught:
        GetItemEstimateRequest.decode(Payload(body=body(xml)), Version.V14_1, Notes())
    assert caught.value.status == 103
