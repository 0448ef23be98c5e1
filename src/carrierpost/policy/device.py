"""
Exchange's device policy, judged requirement by requirement ([MS-ASPROV] 2.2.2.28 and the elements below it).

The policy was written for a phone, and this is a hub. So each requirement is met, cannot be met, or does not apply to a
hub, with the reason in words, and the server is told no more than that is true: what the administrator reads in the
server's list of devices is what the person reads in `doctor`.

A permission that is given (`AllowCamera` 1) demands nothing. Numbers that only say more about the password count when a
password is demanded at all.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping

import msgspec

from carrierpost.protocol.commands.provision import Compliance
from carrierpost.protocol.policy import ProvisioningDocument

__all__ = ["Capabilities", "Judgement", "Verdict", "compliance", "judge", "judge_stored"]


class Verdict(enum.StrEnum):
    """
    How a requirement stands.
    """

    MET = "met"
    NOT_MET = "not met"
    NOT_APPLICABLE = "not applicable"


@dataclasses.dataclass(frozen=True, slots=True)
class Capabilities:
    """
    What this hub does by itself.

    Attributes:
        encrypted: whether everything held is encrypted on the disk.
        signs: whether every message that is sent is signed (S/MIME).
        encrypts: whether every message that is sent is encrypted (S/MIME).
    """

    encrypted: bool = True
    signs: bool = False
    encrypts: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Judgement:
    """
    One requirement.

    Attributes:
        name: the requirement, as the specification calls it.
        demand: what is demanded, in a few words.
        verdict: how it stands.
        reason: why, in one sentence.
    """

    name: str
    demand: str
    verdict: Verdict
    reason: str


_Judge = Callable[[Capabilities], tuple[Verdict, str]]


def _met(reason: str) -> _Judge:
    return lambda hub: (Verdict.MET, reason)


def _no(reason: str) -> _Judge:
    return lambda hub: (Verdict.NOT_MET, reason)


def _apart(reason: str) -> _Judge:
    return lambda hub: (Verdict.NOT_APPLICABLE, reason)


def _encrypted(hub: Capabilities) -> tuple[Verdict, str]:
    if hub.encrypted:
        return Verdict.MET, "everything of the account is kept in an encrypted file"
    return Verdict.NOT_MET, "the store was opened without encryption"


def _signed(hub: Capabilities) -> tuple[Verdict, str]:
    if hub.signs:
        return Verdict.MET, "every message that is sent from here is signed"
    return Verdict.NOT_MET, "messages are sent as they are written, signed or not"


def _sealed(hub: Capabilities) -> tuple[Verdict, str]:
    if hub.encrypts:
        return Verdict.MET, "every message that is sent from here is encrypted"
    return Verdict.NOT_MET, "messages are sent as they are written, encrypted or not"


_LOCK = _no("a hub has no screen to lock, and cannot see whether the phone in front of it has a lock")
_NO_PART = _apart("a hub has no such part")
_PROGRAMS = _apart("no other programs are installed on or by a hub")
_WINDOW = _met("no wider window is ever asked for")
_SIZE = _met("no longer texts are ever asked for")
_SMIME_CHOICE = _met("the algorithm is chosen by the person who signs or encrypts, among those that the policy names")


@dataclasses.dataclass(frozen=True, slots=True)
class _Rule:
    """
    How one element of the policy is read.

    Attributes:
        name: the element.
        demands: says whether a value demands anything.
        judge: gives the verdict on the demand.
        with_password: it counts only where a password is demanded.
    """

    name: str
    demands: Callable[[object], bool]
    judge: _Judge
    with_password: bool = False


def _is_true(value: object) -> bool:
    return value is True


def _is_false(value: object) -> bool:
    return value is False


def _is_positive(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_limit(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _locks(value: object) -> bool:
    return isinstance(value, int) and 0 < value < 9999  # [MS-ASPROV] 9999 and more: no lock


def _is_partial(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in (0, 1)  # bluetooth: off, hands-free


def _is_listed(value: object) -> bool:
    return bool(value)


_RULES: dict[str, _Rule] = {
    "device_password_enabled": _Rule("DevicePasswordEnabled", _is_true, _LOCK),
    "alphanumeric_device_password_required": _Rule(
        "AlphanumericDevicePasswordRequired", _is_true, _LOCK, with_password=True
    ),
    "min_device_password_length": _Rule("MinDevicePasswordLength", _is_positive, _LOCK, with_password=True),
    "min_device_password_complex_characters": _Rule(
        "MinDevicePasswordComplexCharacters", _is_positive, _LOCK, with_password=True
    ),
    "max_inactivity_time_device_lock": _Rule("MaxInactivityTimeDeviceLock", _locks, _LOCK, with_password=True),
    "max_device_password_failed_attempts": _Rule(
        "MaxDevicePasswordFailedAttempts", _is_positive, _LOCK, with_password=True
    ),
    "device_password_expiration": _Rule("DevicePasswordExpiration", _is_positive, _LOCK, with_password=True),
    "device_password_history": _Rule("DevicePasswordHistory", _is_positive, _LOCK, with_password=True),
    "allow_simple_device_password": _Rule("AllowSimpleDevicePassword", _is_false, _LOCK, with_password=True),
    "password_recovery_enabled": _Rule(
        "PasswordRecoveryEnabled",
        _is_true,
        _apart("a hub has no device password that could be recovered"),
        with_password=True,
    ),
    "require_device_encryption": _Rule("RequireDeviceEncryption", _is_true, _encrypted),
    "require_storage_card_encryption": _Rule("RequireStorageCardEncryption", _is_true, _NO_PART),
    "attachments_enabled": _Rule("AttachmentsEnabled", _is_false, _met("attachments are not fetched")),
    "max_attachment_size": _Rule("MaxAttachmentSize", _is_positive, _met("larger attachments are not fetched")),
    "max_calendar_age_filter": _Rule("MaxCalendarAgeFilter", _is_positive, _WINDOW),
    "max_email_age_filter": _Rule("MaxEmailAgeFilter", _is_positive, _WINDOW),
    "max_email_body_truncation_size": _Rule("MaxEmailBodyTruncationSize", _is_limit, _SIZE),
    "max_email_html_body_truncation_size": _Rule("MaxEmailHTMLBodyTruncationSize", _is_limit, _SIZE),
    "allow_html_email": _Rule("AllowHTMLEmail", _is_false, _met("mail is asked for as plain text only")),
    "require_signed_smime_messages": _Rule("RequireSignedSMIMEMessages", _is_true, _signed),
    "require_encrypted_smime_messages": _Rule("RequireEncryptedSMIMEMessages", _is_true, _sealed),
    "require_signed_smime_algorithm": _Rule("RequireSignedSMIMEAlgorithm", _is_positive, _SMIME_CHOICE),
    "require_encryption_smime_algorithm": _Rule("RequireEncryptionSMIMEAlgorithm", _is_positive, _SMIME_CHOICE),
    "allow_smime_encryption_algorithm_negotiation": _Rule(
        "AllowSMIMEEncryptionAlgorithmNegotiation", lambda value: value in (0, 1), _met("no algorithm is negotiated")
    ),
    "allow_smime_soft_certs": _Rule(
        "AllowSMIMESoftCerts", _is_false, _no("keys that a person gives to the hub are kept in files")
    ),
    "allow_storage_card": _Rule("AllowStorageCard", _is_false, _NO_PART),
    "allow_camera": _Rule("AllowCamera", _is_false, _NO_PART),
    "allow_wifi": _Rule("AllowWiFi", _is_false, _NO_PART),
    "allow_text_messaging": _Rule("AllowTextMessaging", _is_false, _NO_PART),
    "allow_bluetooth": _Rule("AllowBluetooth", _is_partial, _NO_PART),
    "allow_irda": _Rule("AllowIrDA", _is_false, _NO_PART),
    "allow_internet_sharing": _Rule("AllowInternetSharing", _is_false, _NO_PART),
    "allow_remote_desktop": _Rule("AllowRemoteDesktop", _is_false, _NO_PART),
    "allow_desktop_sync": _Rule("AllowDesktopSync", _is_false, _apart("a hub is not synchronized with a desktop")),
    "allow_browser": _Rule("AllowBrowser", _is_false, _NO_PART),
    "allow_pop_imap_email": _Rule(
        "AllowPOPIMAPEmail", _is_false, _met("mail is had over ActiveSync only; POP and IMAP are not spoken")
    ),
    "allow_consumer_email": _Rule(
        "AllowConsumerEmail", _is_false, _apart("accounts of other people and servers here are apart from this one")
    ),
    "require_manual_sync_when_roaming": _Rule(
        "RequireManualSyncWhenRoaming", _is_true, _apart("a hub does not leave its network")
    ),
    "allow_unsigned_applications": _Rule("AllowUnsignedApplications", _is_false, _PROGRAMS),
    "allow_unsigned_installation_packages": _Rule("AllowUnsignedInstallationPackages", _is_false, _PROGRAMS),
    "unapproved_in_rom_application_list": _Rule("UnapprovedInROMApplicationList", _is_listed, _PROGRAMS),
    "approved_application_list": _Rule("ApprovedApplicationList", _is_listed, _PROGRAMS),
}
"""A rule for each element; `tests/policy` holds it against the document's fields."""


def judge(document: ProvisioningDocument, hub: Capabilities) -> tuple[Judgement, ...]:
    """
    Judge everything that a policy demands.

    Args:
        document: the server's policy.
        hub: what this hub does by itself.

    Returns:
        A judgement for each demand, those that are not met first; none for what is allowed or left open.
    """
    locked = document.device_password_enabled is True
    found = []
    for field, rule in _RULES.items():
        value = getattr(document, field)
        if value is None or not rule.demands(value) or (rule.with_password and not locked):
            continue
        verdict, reason = rule.judge(hub)
        found.append(Judgement(rule.name, _said(value), verdict, reason))
    order = (Verdict.NOT_MET, Verdict.MET, Verdict.NOT_APPLICABLE)
    return tuple(sorted(found, key=lambda one: order.index(one.verdict)))


def judge_stored(policy: Mapping[str, object], hub: Capabilities) -> tuple[Judgement, ...]:
    """
    Judge a policy as an account keeps it (`Account.policy`); what cannot be read of it demands nothing.
    """
    document = policy.get("document")
    if not isinstance(document, Mapping):
        return ()
    try:
        return judge(msgspec.convert(dict(document), ProvisioningDocument, strict=False), hub)
    except msgspec.ValidationError:
        return ()


def compliance(judgements: tuple[Judgement, ...]) -> Compliance:
    """
    Say how far a policy is followed, as the server is told ([MS-ASPROV] 2.2.2.54.1, Status of the acknowledgement).

    What does not apply stands in nobody's way. A policy of which nothing is met at all is not applied.
    """
    verdicts = {one.verdict for one in judgements}
    if Verdict.NOT_MET not in verdicts:
        return Compliance.APPLIED
    return Compliance.PARTLY_APPLIED if Verdict.MET in verdicts else Compliance.NOT_APPLIED


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
