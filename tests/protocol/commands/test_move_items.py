"""
MoveItems ([MS-ASCMD] MoveItems).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.move_items import MOVED, Move, Moved, MoveItemsRequest, MoveItemsResponse
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.status import Action, outcome
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received

REQUEST = MoveItemsRequest(
    moves=(
        Move(src_msg_id="1:1", src_fld_id="1", dst_fld_id="2"),
        Move(src_msg_id="1:2", src_fld_id="1", dst_fld_id="9"),
    )
)


@pytest.mark.parametrize("version", Version)
def test_items_move(version: Version) -> None:
    """Three is success here; a refused item keeps its id."""
    asks(
        REQUEST,
        version,
        """<MoveItems xmlns="Move">
        <Move><SrcMsgId>1:1</SrcMsgId><SrcFldId>1</SrcFldId><DstFldId>2</DstFldId></Move>
        <Move><SrcMsgId>1:2</SrcMsgId><SrcFldId>1</SrcFldId><DstFldId>9</DstFldId></Move></MoveItems>""",
    )
    answers(
        REQUEST,
        MoveItemsResponse(
            moved=(Moved(src_msg_id="1:1", status=MOVED, dst_msg_id="2:1"), Moved(src_msg_id="1:2", status=2))
        ),
        version,
        """<MoveItems xmlns="Move">
        <Response><SrcMsgId>1:1</SrcMsgId><Status>3</Status><DstMsgId>2:1</DstMsgId></Response>
        <Response><SrcMsgId>1:2</SrcMsgId><Status>2</Status></Response></MoveItems>""",
    )
    answers(REQUEST, MoveItemsResponse(status=142), version, '<MoveItems xmlns="Move"><Status>142</Status></MoveItems>')


def test_three_is_success_and_one_is_none() -> None:
    """Nobody may take the numbers of other commands for these; a missing one is no success either."""
    assert outcome("MoveItems", 3).action is Action.NONE
    assert outcome("MoveItems", 1).action is Action.FOLDER_SYNC
    read = received(REQUEST, '<MoveItems xmlns="Move"><Response><SrcMsgId>1:1</SrcMsgId></Response></MoveItems>')
    assert read.moved[0].status not in (1, 3)


@pytest.mark.parametrize(
    "inner",
    ["", "<Move/>", "<Move><SrcMsgId>1</SrcMsgId><SrcFldId>1</SrcFldId></Move>",
     "<Move><SrcMsgId/><SrcFldId>1</SrcFldId><DstFldId>2</DstFldId></Move>"],
)  # fmt: skip
def test_what_is_incomplete_is_refused(inner: str) -> None:
    """Nothing to move, or not from where to where."""
    with pytest.raises(MalformedRequest) as caught:
        MoveItemsRequest.decode(
            Payload(body=body(f'<MoveItems xmlns="Move">{inner}</MoveItems>')), Version.V14_1, Notes()
        )
    assert caught.value.status == 103
