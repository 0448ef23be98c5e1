"""
Provision: agree on a device policy, or be told to wipe ([MS-ASCMD] 2.2.1.14 Provision, [MS-ASPROV]).

Two phases: the server offers a policy with a temporary key, the client says how far it complies, and gets the key that
every later command carries. A wipe order takes the policy's place.
"""

from __future__ import annotations

import enum
from typing import Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, number_in, status_in
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Provision, Settings

__all__ = ["POLICY_TYPE", "Compliance", "Policy", "ProvisionRequest", "ProvisionResponse", "WipeKind"]

POLICY_TYPE = "MS-EAS-Provisioning-WBXML"


class Compliance(enum.IntEnum):
    """
    How far a client follows the policy it was offered.
    """

    APPLIED = 1
    PARTLY_APPLIED = 2
    NOT_APPLIED = 3
    EXTERNALLY_MANAGED = 4


class WipeKind(enum.StrEnum):
    """
    What a server orders to be erased.
    """

    DEVICE = "device"
    ACCOUNT = "account"


_WIPES = {WipeKind.DEVICE: Provision.RemoteWipe, WipeKind.ACCOUNT: Provision.AccountOnlyRemoteWipe}


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """
    One policy in a request or an answer.

    Attributes:
        type: `MS-EAS-Provisioning-WBXML` from 12.0 on.
        status: in an answer 1 ok, 2 no policy for this client, 3 unknown type, 4 damaged, 5 wrong key; in a request
            the client's `Compliance`; `None` in the first request.
        key: the policy key, temporary in the first answer; empty when absent.
        document: what the server demands, in the first answer.
    """

    type: str = POLICY_TYPE
    status: int | None = None
    key: str = ""
    document: ProvisioningDocument | None = None

    def encode(self, version: Version) -> list[Any]:
        """
        Write the policy's children.
        """
        children: list[Any] = [Provision.PolicyType, self.type]
        if self.key and self.document is None and self.status is not None:
            children += (Provision.PolicyKey, self.key, Provision.Status, str(self.status))
            return children
        if self.status is not None:
            children += (Provision.Status, str(self.status))
        if self.key:
            children += (Provision.PolicyKey, self.key)
        if self.document is not None:
            children += (Provision.Data, [Provision.EASProvisionDoc, record.encode(self.document, version)])
        return children


def _policy_of(value: wbxml.Value, notes: Notes) -> Policy | None:
    inner = wbxml.find(wbxml.find(value, Provision.Policies, None), Provision.Policy)
    if inner is wbxml.ABSENT:
        return None
    document = wbxml.find(wbxml.find(inner, Provision.Data, None), Provision.EASProvisionDoc)
    return Policy(
        type=wbxml.text(inner, Provision.PolicyType),
        status=number_in(inner, Provision.Status, notes),
        key=wbxml.text(inner, Provision.PolicyKey),
        document=None if document is wbxml.ABSENT else record.decode(ProvisioningDocument, document, notes),
    )


def _wipe_of(value: wbxml.Value, notes: Notes) -> tuple[WipeKind, int | None] | None:
    for kind, tag in _WIPES.items():
        inner = wbxml.find(value, tag)
        if inner is not wbxml.ABSENT:
            return kind, number_in(inner, Provision.Status, notes)
    return None


class ProvisionResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: 1 for success; see `carrierpost.protocol.status`.
        device_information_status: how the device information was taken, `None` when none was sent.
        policy: the policy, or the acknowledgement of ours; `None` with a wipe order.
        wipe: what is to be erased, or `None`.
    """

    status: int = 1
    device_information_status: int | None = None
    policy: Policy | None = None
    wipe: WipeKind | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[Any] = []
        if self.device_information_status is not None:
            children += (Settings.DeviceInformation, [Settings.Status, str(self.device_information_status)])
        children += (Provision.Status, str(self.status))
        if self.policy is not None:
            children += (Provision.Policies, [Provision.Policy, self.policy.encode(version)])
        if self.wipe is not None:
            children += (_WIPES[self.wipe], None)
        return body_of(Provision.Provision, children)


class ProvisionRequest(Request[ProvisionResponse], frozen=True, kw_only=True):
    """
    Ask for the policy, say how it is followed, or acknowledge a wipe; with nothing set it asks for a wipe order.

    Attributes:
        device: what the device is; goes with the first phase from 14.1 on, and is left out before.
        policy: the policy that is asked for or answered.
        wipe: the wipe that is acknowledged.
        wiped: whether that wipe succeeded.
    """

    name: ClassVar[str] = "Provision"

    device: DeviceInformation | None = None
    policy: Policy | None = None
    wipe: WipeKind | None = None
    wiped: bool = True

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        children: list[Any] = []
        if self.device is not None and version >= Version.V14_1:
            children += (Settings.DeviceInformation, [Settings.Set, record.encode(self.device, version)])
        if self.policy is not None:
            children += (Provision.Policies, [Provision.Policy, self.policy.encode(version)])
        if self.wipe is not None:
            children += (_WIPES[self.wipe], [Provision.Status, "1" if self.wiped else "2"])
        return body_of(Provision.Provision, children)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> ProvisionRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no Provision.
        """
        value = decode_body(cls.name, payload, Provision.Provision, notes) if payload.body else None
        device = wbxml.find(wbxml.find(value, Settings.DeviceInformation, None), Settings.Set)
        wipe = _wipe_of(value, notes)
        return cls(
            device=None if device is wbxml.ABSENT else record.decode(DeviceInformation, device, notes),
            policy=_policy_of(value, notes),
            wipe=wipe[0] if wipe else None,
            wiped=wipe is None or wipe[1] == 1,
        )

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> ProvisionResponse:
        """
        Decode the answer. A missing status counts as success, as some servers leave it out.

        Raises:
            UnreadableAnswer: no Provision.
        """
        if not payload.body:
            return ProvisionResponse()
        value = decode_body(self.name, payload, Provision.Provision, notes)
        device = wbxml.find(value, Settings.DeviceInformation)
        wipe = _wipe_of(value, notes)
        return ProvisionResponse(
            status=status_in(value, Provision.Status, notes),
            device_information_status=None if device is wbxml.ABSENT else status_in(device, Settings.Status, notes),
            policy=_policy_of(value, notes),
            wipe=wipe[0] if wipe else None,
        )
