"""
Exchange's device policy as a document of typed values ([MS-ASPROV] EASProvisionDoc).

Whether a hub meets a requirement is judged in the room `policy`; here it is only read and written.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from carrierpost.protocol.classes import BodyPreference, BodyType, ContentClass
from carrierpost.protocol.record import At, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Provision

__all__ = ["ProvisioningDocument", "clamp_body", "clamp_filter"]

_REACH = range(8)
"""Values of `FilterType` that say how far back, from the whole to six months; all but 0 grow with their reach."""


class ProvisioningDocument(Record, frozen=True):
    """
    What a server demands of a device. What is absent or empty is not demanded.

    Two elements are missing for 16.1 in the table of code pages, but servers go on to send them, and their neighbours
    are in it; so they are kept for all versions here.

    Attributes:
        device_password_enabled: whether this holds: device password enabled.
        alphanumeric_device_password_required: whether this holds: alphanumeric device password required.
        password_recovery_enabled: whether this holds: password recovery enabled.
        require_storage_card_encryption: whether this holds: require storage card encryption.
        attachments_enabled: whether this holds: attachments enabled.
        min_device_password_length: least characters of the device's password, 1 to 16.
        max_inactivity_time_device_lock: seconds until the device locks; 9999 and more mean never.
        max_device_password_failed_attempts: wrong passwords until the device erases itself, 4 to 16.
        max_attachment_size: bytes of the largest attachment.
        allow_simple_device_password: whether this holds: allow simple device password.
        device_password_expiration: days until the password must change, 0 for never.
        device_password_history: whether this holds: device password history.
        allow_storage_card: whether this holds: allow storage card.
        allow_camera: whether this holds: allow camera.
        require_device_encryption: whether this holds: require device encryption.
        allow_unsigned_applications: whether this holds: allow unsigned applications.
        allow_unsigned_installation_packages: whether this holds: allow unsigned installation packages.
        min_device_password_complex_characters: whether this holds: min device password complex characters.
        allow_wifi: whether this holds: allow wifi.
        allow_text_messaging: whether this holds: allow text messaging.
        allow_pop_imap_email: whether this holds: allow pop imap email.
        allow_bluetooth: 0 off, 1 hands-free only, 2 on.
        allow_irda: whether this holds: allow irda.
        require_manual_sync_when_roaming: whether this holds: require manual sync when roaming.
        allow_desktop_sync: whether this holds: allow desktop sync.
        max_calendar_age_filter: the widest `FilterType` of calendars.
        allow_html_email: whether this holds: allow html email.
        max_email_age_filter: the widest `FilterType` of mail.
        max_email_body_truncation_size: bytes of plain text, -1 for no limit, 0 for headers only.
        max_email_html_body_truncation_size: bytes of HTML, -1 for no limit, 0 for headers only.
        require_signed_smime_messages: whether this holds: require signed smime messages.
        require_encrypted_smime_messages: whether this holds: require encrypted smime messages.
        require_signed_smime_algorithm: whether this holds: require signed smime algorithm.
        require_encryption_smime_algorithm: whether this holds: require encryption smime algorithm.
        allow_smime_encryption_algorithm_negotiation: whether this holds: allow smime encryption algorithm negotiation.
        allow_smime_soft_certs: whether this holds: allow smime soft certs.
        allow_browser: whether this holds: allow browser.
        allow_consumer_email: whether this holds: allow consumer email.
        allow_remote_desktop: whether this holds: allow remote desktop.
        allow_internet_sharing: whether this holds: allow internet sharing.
        unapproved_in_rom_application_list: programs that may not run.
        approved_application_list: hashes of the only programs that may run.
        cleared: names of elements that came empty.
    """

    device_password_enabled: Annotated[bool | None, At(Provision.DevicePasswordEnabled)] = None
    alphanumeric_device_password_required: Annotated[bool | None, At(Provision.AlphanumericDevicePasswordRequired)] = (
        None
    )
    password_recovery_enabled: Annotated[bool | None, At(Provision.PasswordRecoveryEnabled)] = None
    require_storage_card_encryption: Annotated[bool | None, At(Provision.RequireStorageCardEncryption)] = None
    attachments_enabled: Annotated[bool | None, At(Provision.AttachmentsEnabled)] = None
    min_device_password_length: Annotated[int | None, At(Provision.MinDevicePasswordLength)] = None
    max_inactivity_time_device_lock: Annotated[int | None, At(Provision.MaxInactivityTimeDeviceLock)] = None
    max_device_password_failed_attempts: Annotated[
        int | None, At(Provision.MaxDevicePasswordFailedAttempts, until=Version.V16_1)
    ] = None
    max_attachment_size: Annotated[int | None, At(Provision.MaxAttachmentSize)] = None
    allow_simple_device_password: Annotated[bool | None, At(Provision.AllowSimpleDevicePassword)] = None
    device_password_expiration: Annotated[int | None, At(Provision.DevicePasswordExpiration)] = None
    device_password_history: Annotated[int | None, At(Provision.DevicePasswordHistory)] = None
    allow_storage_card: Annotated[bool | None, At(Provision.AllowStorageCard)] = None
    allow_camera: Annotated[bool | None, At(Provision.AllowCamera)] = None
    require_device_encryption: Annotated[bool | None, At(Provision.RequireDeviceEncryption)] = None
    allow_unsigned_applications: Annotated[bool | None, At(Provision.AllowUnsignedApplications)] = None
    allow_unsigned_installation_packages: Annotated[bool | None, At(Provision.AllowUnsignedInstallationPackages)] = None
    min_device_password_complex_characters: Annotated[int | None, At(Provision.MinDevicePasswordComplexCharacters)] = (
        None
    )
    allow_wifi: Annotated[bool | None, At(Provision.AllowWiFi)] = None
    allow_text_messaging: Annotated[bool | None, At(Provision.AllowTextMessaging)] = None
    allow_pop_imap_email: Annotated[bool | None, At(Provision.AllowPOPIMAPEmail)] = None
    allow_bluetooth: Annotated[int | None, At(Provision.AllowBluetooth)] = None
    allow_irda: Annotated[bool | None, At(Provision.AllowIrDA)] = None
    require_manual_sync_when_roaming: Annotated[bool | None, At(Provision.RequireManualSyncWhenRoaming)] = None
    allow_desktop_sync: Annotated[bool | None, At(Provision.AllowDesktopSync)] = None
    max_calendar_age_filter: Annotated[int | None, At(Provision.MaxCalendarAgeFilter, until=Version.V16_1)] = None
    allow_html_email: Annotated[bool | None, At(Provision.AllowHTMLEmail)] = None
    max_email_age_filter: Annotated[int | None, At(Provision.MaxEmailAgeFilter)] = None
    max_email_body_truncation_size: Annotated[int | None, At(Provision.MaxEmailBodyTruncationSize)] = None
    max_email_html_body_truncation_size: Annotated[int | None, At(Provision.MaxEmailHTMLBodyTruncationSize)] = None
    require_signed_smime_messages: Annotated[bool | None, At(Provision.RequireSignedSMIMEMessages)] = None
    require_encrypted_smime_messages: Annotated[bool | None, At(Provision.RequireEncryptedSMIMEMessages)] = None
    require_signed_smime_algorithm: Annotated[int | None, At(Provision.RequireSignedSMIMEAlgorithm)] = None
    require_encryption_smime_algorithm: Annotated[int | None, At(Provision.RequireEncryptionSMIMEAlgorithm)] = None
    allow_smime_encryption_algorithm_negotiation: Annotated[
        int | None, At(Provision.AllowSMIMEEncryptionAlgorithmNegotiation)
    ] = None
    allow_smime_soft_certs: Annotated[bool | None, At(Provision.AllowSMIMESoftCerts)] = None
    allow_browser: Annotated[bool | None, At(Provision.AllowBrowser)] = None
    allow_consumer_email: Annotated[bool | None, At(Provision.AllowConsumerEmail)] = None
    allow_remote_desktop: Annotated[bool | None, At(Provision.AllowRemoteDesktop)] = None
    allow_internet_sharing: Annotated[bool | None, At(Provision.AllowInternetSharing)] = None
    unapproved_in_rom_application_list: Annotated[
        tuple[str, ...] | None, At(Provision.UnapprovedInROMApplicationList, item=Provision.ApplicationName)
    ] = None
    approved_application_list: Annotated[
        tuple[str, ...] | None, At(Provision.ApprovedApplicationList, item=Provision.Hash)
    ] = None
    cleared: frozenset[str] = frozenset()


def clamp_filter(document: ProvisioningDocument, content_class: ContentClass | None, wanted: int) -> int:
    """
    Narrow a `FilterType` to what the policy allows ([MS-ASPROV] MaxEmailAgeFilter, MaxCalendarAgeFilter).

    Args:
        document: the policy.
        content_class: the class of the folder's items; only mail and calendars have a limit.
        wanted: the filter that is wanted, 0 for everything.

    Returns:
        The wanted filter, or the policy's where that reaches less far.
    """
    limits = {
        ContentClass.EMAIL: document.max_email_age_filter,
        ContentClass.CALENDAR: document.max_calendar_age_filter,
    }
    limit = limits.get(content_class) if content_class is not None else None
    if not limit or limit not in _REACH or wanted not in _REACH:
        return wanted
    return limit if wanted == 0 else min(wanted, limit)


def clamp_body(document: ProvisioningDocument, preference: BodyPreference) -> BodyPreference:
    """
    Shorten the wanted body to what the policy allows ([MS-ASPROV] MaxEmailBodyTruncationSize and the HTML one).

    Args:
        document: the policy.
        preference: the wanted form of mail bodies.

    Returns:
        The preference, its `truncation_size` (bytes) no more than the policy's. MIME holds both kinds of text, and is
        cut at the smaller size.
    """
    plain, html = document.max_email_body_truncation_size, document.max_email_html_body_truncation_size
    by_type = {BodyType.PLAIN: (plain,), BodyType.HTML: (html,), BodyType.RTF: (html,), BodyType.MIME: (plain, html)}
    applying = by_type.get(preference.type, (plain, html)) if preference.type is not None else (plain, html)
    limits = [limit for limit in applying if limit is not None and limit >= 0]
    if not limits:
        return preference
    wanted = preference.truncation_size
    return msgspec.structs.replace(preference, truncation_size=min(limits) if wanted is None else min(wanted, *limits))
