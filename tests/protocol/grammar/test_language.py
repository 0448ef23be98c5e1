"""
The grammar's own text is read strictly, and a mistake in it is told by its line.
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.grammar import GrammarError
from carrierpost.protocol.grammar.language import Direction, read

GOOD = """
group Facts in order  # a remark
    Move:SrcMsgId 1 id
    rule at least one of SrcMsgId

request MoveItems: Move:MoveItems any order, or nothing [14.0+]
    Move:Move 1-3 in order
        with Facts
        Move:DstFldId ? id [..14.1]
        rule DstFldId needs SrcMsgId
"""


def test_a_grammar_is_read() -> None:
    """Groups and messages come with their versions, numbers and rules."""
    groups, messages = read([("good.txt", GOOD)])
    [syntax] = messages["MoveItems", Direction.REQUEST]
    assert (121 in syntax.versions, 140 in syntax.versions, syntax.may_be_nothing) == (False, True, True)
    assert syntax.block is not None
    [move] = syntax.block.elements
    assert (move.least, move.most) == (1, 3)
    assert move.block is not None
    assert [len(move.block.elements), len(move.block.rules), len(groups["Facts"].rules)] == [2, 2, 1]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Move:SrcMsgId 1 id", "Move:Nothing 1 id", "line 3"),
        ("Move:SrcMsgId 1 id", "Move:SrcMsgId 1 colour", "'colour' is no kind of value"),
        ("Move:SrcMsgId 1 id", "Move:SrcMsgId id", "it is no element"),
        ("    Move:SrcMsgId 1 id", "  Move:SrcMsgId 1 id", "it is indented wrongly"),
        ("group Facts in order", "group Facts", "neither a group nor a message"),
        ("with Facts", "with Fiction", "Fiction"),
        ("in order\n        with", "like Fiction\n        with", "line 8"),
        ("? id [..14.1]", "? like Fiction", "there is no group Fiction"),
        ("rule DstFldId needs SrcMsgId", "rule DstFldId needs Colour", "a rule speaks of Colour"),
        ("rule DstFldId needs SrcMsgId", "rule DstFldId likes SrcMsgId", "it is no rule"),
    ],
)
def test_a_mistake_in_the_grammar_is_told(old: str, new: str, said: str) -> None:
    """Unknown elements, kinds, groups and rules, and wrong indents are refused, with the line where there is one."""
    assert old in GOOD
    with pytest.raises(GrammarError, match=said):
        read([("bad.txt", GOOD.replace(old, new))])


def test_a_group_is_said_once() -> None:
    """Two groups of one name are a mistake."""
    with pytest.raises(GrammarError, match="of this name already"):
        read([("a.txt", "group A in order"), ("b.txt", "group A in order")])
