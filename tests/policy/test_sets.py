"""
What an administrator sets, and what follows for a person's device.
"""

from __future__ import annotations

import plistlib
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrierpost.model import Channel, LockScreenDetail, Platform
from carrierpost.policy import (
    SETTINGS,
    EffectivePolicy,
    Policies,
    PolicyInvalid,
    PolicySet,
    PolicyTarget,
    PolicyValues,
    TargetKind,
    effective_policy,
    stricter,
)
from carrierpost.policy.app_configuration import (
    android_configuration,
    android_schema,
    ios_configuration,
    read_configuration,
)
from carrierpost.policy.document import (
    load_policies,
    parse_target,
    read_policies,
    save_policies,
    write_policies,
    written_target,
)
from carrierpost.policy.fields import ALWAYS, CONTACT_FIELDS, CONTACT_GROUPS, cut_contact, fields_allowed
from carrierpost.policy.sets import PRODUCT_DEFAULT, concerned, matches
from carrierpost.policy.settings import Kind, parse_value, written_value
from carrierpost.protocol.classes import Body, Contact
from carrierpost.protocol.commands.sync import FilterType

FILE = """
[groups]
sales = ["ada@larch.example", "*@sales.example"]

[[set]]
name = "Everyone"
target = "everyone"

[set.values]
export_contacts = true
attachment_limit = 5000
shortest_check_frequency = 15

[[set]]
name = "Sales"
target = "group sales"
note = "agreed with the works council"

[set.values]
contact_fields = ["mail", "numbers"]
attachment_limit = 0

[[set]]
name = "Sales phones"
target = "group Sales"
platforms = ["ios"]

[set.values]
override_native_contacts_check = false
lock_screen_detail = "count"
"""


def test_later_sets_count_and_every_value_knows_where_it_is_from() -> None:
    """The product's default, then each set that fits, in order; what no set names comes from the product."""
    policies = read_policies(FILE)
    ada = effective_policy(policies, address="Ada@Larch.example", platform=Platform.IOS)
    assert (ada.values.export_contacts, ada.sources["export_contacts"]) == (True, "Everyone")
    assert (ada.values.attachment_limit, ada.sources["attachment_limit"]) == (0, "Sales")
    assert (ada.values.lock_screen_detail, ada.sources["lock_screen_detail"]) == (
        LockScreenDetail.COUNT,
        "Sales phones",
    )
    assert (ada.values.remote_images, ada.sources["remote_images"]) == ("ask", PRODUCT_DEFAULT)
    assert ada.source("attachment_limit") == "policy set 'Sales'"
    assert ada.source("remote_images") == "the product default"
    assert list(ada.sources) == list(SETTINGS)

    on_android = effective_policy(policies, address="ada@larch.example", platform=Platform.ANDROID)
    assert on_android.values.override_native_contacts_check is True
    cy = effective_policy(policies, address="cy@larch.example", platform=Platform.IOS)
    assert (cy.values.attachment_limit, cy.values.contact_fields) == (5000, ("all",))
    known_elsewhere = effective_policy(policies, address="cy@larch.example", groups=["Sales"])
    assert known_elsewhere.values.contact_fields == ("mail", "numbers")
    assert effective_policy(Policies(), address="x@y.example") == EffectivePolicy()


@pytest.mark.parametrize(
    ("pattern", "address", "fits"),
    [
        ("*@sales.example", "Bo@Sales.Example", True),
        ("*@sales.example", "bo@sales.example.evil.example", False),
        ("ada@larch.example", "ADA@larch.example ", True),
        ("?da@larch.example", "ada@larch.example", True),
        ("[ab]da@larch.example", "ada@larch.example", False),
        ("[ab]da@larch.example", "[ab]da@larch.example", True),
        ("*", "anybody@anywhere.example", True),
        ("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "a" * 5000, False),
    ],
)
def test_patterns_of_addresses(pattern: str, address: str, fits: bool) -> None:
    """Stars and question marks alone mean something, letters are small or large, and no pattern is slow."""
    target = PolicyTarget(kind=TargetKind.ADDRESS, name=pattern)
    assert matches(target, address, (), None) is fits


def test_targets_are_written_as_they_are_read() -> None:
    """A target is one line at a terminal, too."""
    for text in ("everyone", "address *@sales.example", "group the sales people, ios, android", "everyone, desktop"):
        assert written_target(parse_target(text)) == text
    for wrong in ("", "nobody", "group", "everyone x", "group sales, windows"):
        with pytest.raises(PolicyInvalid, match="target"):
            parse_target(wrong)


def test_a_change_tells_whom_it_concerns() -> None:
    """By account the settings that become different on any device; who sees no difference is not named."""
    before = read_policies(FILE)
    after = read_policies(FILE.replace('lock_screen_detail = "count"', 'lock_screen_detail = "nothing"'))
    people = {1: "ada@larch.example", 2: "cy@larch.example"}
    assert concerned(before, after, people) == {1: ("lock_screen_detail",)}
    assert concerned(before, before, people) == {}
    assert concerned(Policies(), before, {2: "cy@larch.example"}) == {
        2: ("export_contacts", "shortest_check_frequency", "attachment_limit")
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[set]]\nname = 'a'\n[set.values]\nexport_contact = true",
         "set 'a': there is no setting 'export_contact'; did you mean 'export_contacts'?"),
        ("[[set]]\nname = 'a'\n[set.values]\nexport_contacts = 3",
         "set 'a': export_contacts is 3; it is true or false"),
        ("[[set]]\nname = 'a'\n[set.values]\nlock_screen_detail = 'sendr'", "did you mean 'sender'?"),
        ("[[set]]\nname = 'a'\n[set.values]\nsign_in_hours = 0", "a whole number from 1 to 8760"),
        ("[[set]]\nname = 'a'\n[set.values]\nsign_in_hours = true", "a whole number from 1 to 8760"),
        ("[[set]]\nname = 'a'\n[set.values]\nattachment_limit = -1", "or 0 for no limit"),
        ("[[set]]\nname = 'a'\n[set.values]\nshortest_check_frequency = 0", '"push", "manual" or a number of minutes'),
        ("[[set]]\nname = 'a'\n[set.values]\ncontact_fields = ['phones']", "contact_fields holds 'phones'; "),
        ("[[set]]\nname = 'a'\n[set.values]\ncontact_fields = 3", "it is a list of names"),
        ("[[set]]\nname = 'a'\nvalue = {}", "set 'a': there is no key 'value'; did you mean 'values'?"),
        ("[[set]]\ntarget = 'everyone'", "set 1 name: is ''; it is a text of 1 to"),
        ("[[set]]\nname = 'a'\ntarget = 'group sales'", "there is no group 'sales'; no groups are given"),
        ("[groups]\nsale = []\n[[set]]\nname = 'a'\ntarget = 'group sales'", "did you mean 'sale'?"),
        ("[[set]]\nname = 'a'\n[[set]]\nname = 'A'", "set 'A': there are two sets of this name"),
        ("[[set]]\nname = 'Product default'", "call it otherwise"),
        ("[[set]]\nname = 'a'\nplatforms = ['iOS']", "there is no platform 'iOS'; did you mean 'ios'?"),
        ("set = 3", "a set begins with the line [[set]]"),
        ("groups = 3", "a group is written as"),
        ("[sets]", "there is no key 'sets'; did you mean 'set'?"),
        ("[[set]", "this is no TOML: "),
        ("x = " + "[" * 100_000, "this is no TOML"),
        ("#" * 1_000_001, "no policies need so many"),
    ],
)  # fmt: skip
def test_bad_files_are_told_with_place_and_help(text: str, told: str) -> None:
    """The thing is named, and what to do; never a traceback."""
    with pytest.raises(PolicyInvalid) as caught:
        read_policies(text)
    assert told in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    """A file is mended in one go."""
    with pytest.raises(PolicyInvalid) as caught:
        read_policies("[[set]]\nname = 'a'\ntarget = 'x'\n[set.values]\nexport = 1\nattachments = 2")
    assert len(caught.value.faults) == 3


def test_what_is_kept_and_not_known_lifts_nothing_else() -> None:
    """Of policies of another edition, whatever can be read holds; a set for nobody knows whom is for nobody."""
    kept = {
        "set": [
            {"name": "a", "target": "everyone", "values": {"attachments": False, "holograms": True}},
            {"name": "b", "target": "planet mars", "values": {"export_contacts": True}},
        ]
    }
    values = effective_policy(load_policies(msgspec.json.encode(kept)), address="ada@larch.example").values
    assert values == PolicyValues(attachments=False)


_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).map(str.strip).filter(bool)
_MADE: dict[Kind, Any] = {
    Kind.SWITCH: lambda one: st.booleans(),
    Kind.CHOICE: lambda one: st.sampled_from(one.choices),
    Kind.NUMBER: lambda one: st.integers(1, 8760),
    Kind.FREQUENCY: lambda one: st.sampled_from(["push", "manual"]) | st.integers(1, 1440),
    Kind.NAMES: lambda one: st.lists(
        st.sampled_from(one.choices) if one.choices else _texts.filter(lambda text: "," not in text), max_size=3
    ),
}


def _value(name: str) -> st.SearchStrategy[Any]:
    written: st.SearchStrategy[Any] = _MADE[SETTINGS[name].kind](SETTINGS[name])
    return written.map(lambda value: parse_value(name, value))


@st.composite
def _sets(draw: st.DrawFn) -> PolicySet:
    names = draw(st.lists(st.sampled_from(list(SETTINGS)), unique=True, max_size=5))
    platforms = tuple(draw(st.lists(st.sampled_from(Platform), unique=True, max_size=2)))
    target = draw(
        st.sampled_from(
            [PolicyTarget(), PolicyTarget(kind=TargetKind.GROUP, name="a"),
             PolicyTarget(kind=TargetKind.ADDRESS, name="*@x.example", platforms=platforms)]
        )
    )  # fmt: skip
    return PolicySet(
        name=draw(_texts.filter(lambda text: text.casefold() != PRODUCT_DEFAULT)),
        target=target,
        note=draw(st.just("") | _texts),
        values={name: draw(_value(name)) for name in names},
    )


@given(
    st.lists(_sets(), max_size=4, unique_by=lambda one: one.name.casefold()),
    st.dictionaries(_texts, st.lists(_texts, max_size=3).map(tuple), max_size=2),
)
@settings(max_examples=40)
def test_policies_come_back_as_they_were_written(sets: list[PolicySet], groups: dict[str, tuple[str, ...]]) -> None:
    """From a file and from what is kept; the same policies are the same bytes."""
    policies = Policies(sets=tuple(sets), groups=groups | {"a": ()})
    assert read_policies(write_policies(policies)) == policies
    assert load_policies(save_policies(policies)) == policies
    assert save_policies(load_policies(save_policies(policies))) == save_policies(policies)


@given(st.sampled_from(list(SETTINGS)), st.data())
def test_whoever_allows_less_wins(name: str, data: st.DataObject) -> None:
    """Order does not matter, twice the same changes nothing, and a default is a value that can be written."""
    one, other, third = (data.draw(_value(name)) for _ in range(3))

    def both(a: Any, b: Any) -> Any:
        found = stricter(name, a, b)
        return set(found) if isinstance(found, tuple) else found

    assert both(one, other) == both(other, one)
    assert both(one, one) == (set(one) if isinstance(one, tuple) else one)
    left, right = stricter(name, stricter(name, one, other), third), stricter(name, one, stricter(name, other, third))
    assert left == right or set(left) == set(right)
    assert parse_value(name, written_value(name, SETTINGS[name].default)) == SETTINGS[name].default


@pytest.mark.parametrize(
    ("name", "policy", "chosen", "holds"),
    [
        ("attachments", True, False, False),
        ("attachment_limit", 0, 500, 500),
        ("attachment_limit", 700, 0, 700),
        ("shortest_check_frequency", 15, 0, 15),
        ("shortest_check_frequency", 15, -1, -1),
        ("largest_mail_window", FilterType.ALL, FilterType.ONE_MONTH, FilterType.ONE_MONTH),
        ("largest_mail_window", FilterType.ONE_WEEK, FilterType.ALL, FilterType.ONE_WEEK),
        ("lock_screen_detail", LockScreenDetail.SENDER, LockScreenDetail.ALL, LockScreenDetail.SENDER),
        ("notify_channels", (Channel.APNS, Channel.FCM), (Channel.FCM, Channel.WEBHOOK), (Channel.FCM,)),
        ("contact_fields", ("all",), ("mail",), ("mail",)),
    ],
)
def test_what_holds_where_policy_and_person_meet(name: str, policy: Any, chosen: Any, holds: Any) -> None:
    """Examples that read like the manual."""
    values = msgspec.structs.replace(PolicyValues(), **{name: policy})
    assert EffectivePolicy(values).strictest(name, chosen) == holds


def test_settings_are_those_of_the_values() -> None:
    """Each has a row in the table, in the same order, and a sentence that says what it does."""
    assert list(SETTINGS) == list(PolicyValues.__struct_fields__)
    for one in SETTINGS.values():
        assert one.meaning.endswith("."), one.name


def test_groups_of_fields_leave_none_out() -> None:
    """Every field of a contact is in exactly one group, so that a new one cannot leave unseen."""
    grouped = [name for names in CONTACT_GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(CONTACT_FIELDS)
    assert fields_allowed(["all"]) == set(CONTACT_FIELDS)
    assert fields_allowed([]) == ALWAYS
    assert fields_allowed(["mail", "birthday", "nonsense"]) == ALWAYS | {
        "email1_address", "email2_address", "email3_address", "birthday",
    }  # fmt: skip


def test_a_contact_is_cut_to_what_may_leave() -> None:
    """Photos over the limit stay, as does what nobody knows the meaning of."""
    contact = Contact(
        first_name="Ada", mobile_phone_number="1", spouse="Bo", picture=b"x" * 3000, body=Body(data="n"), other=b"?"
    )
    assert cut_contact(contact, ["numbers"]) == Contact(first_name="Ada", mobile_phone_number="1")
    assert cut_contact(contact, ["all"]) == msgspec.structs.replace(contact, other=None)
    assert cut_contact(contact, ["photo"], photo_limit=2) == Contact(first_name="Ada")
    assert cut_contact(contact, ["photo"], photo_limit=3) == Contact(first_name="Ada", picture=b"x" * 3000)


def test_an_mdm_gets_the_same_settings() -> None:
    """The property list and the JSON hold every setting, and what they hold is read as it was."""
    policy = effective_policy(read_policies(FILE), address="ada@larch.example", platform=Platform.IOS)
    values = {name: getattr(policy.values, name) for name in SETTINGS}
    assert read_configuration(plistlib.loads(ios_configuration(policy))) == values
    assert read_configuration(msgspec.json.decode(android_configuration(policy))) == values


def test_the_description_for_android_fits_what_is_sent() -> None:
    """Types are those that an MDM knows, and each value is of its key's type and among its choices."""
    types = {"BOOL": bool, "STRING": str, "INTEGER": int, "CHOICE": str, "MULTISELECT": list}
    schema = msgspec.json.decode(android_schema())
    sent = msgspec.json.decode(android_configuration(EffectivePolicy()))
    assert [one["key"] for one in schema] == list(SETTINGS) == list(sent)
    for one in schema:
        assert type(sent[one["key"]]) is types[one["type"]]
        assert one["defaultValue"] == sent[one["key"]]
        if entries := {entry["value"] for entry in one.get("entries", ())}:
            value = sent[one["key"]]
            assert set(value if isinstance(value, list) else [value]) <= entries
