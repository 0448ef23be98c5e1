"""
What each status means: a name, a sentence for a person, and what a client does about it ([MS-ASCMD] Status).

Commands have statuses of their own up to 100 or so; from 101 on they are common to all commands. HTTP statuses stand
here too, since servers of 12.1 say with them what later ones say inside.
"""

from __future__ import annotations

import enum

import msgspec

__all__ = ["Action", "Outcome", "http_outcome", "known_statuses", "outcome"]


class Action(enum.StrEnum):
    """
    What a client does about a status.
    """

    NONE = "none"
    """Nothing: it is a success, or as good as one."""
    RETRY = "retry"
    """Try again, with growing pauses."""
    WAIT = "wait"
    """Leave the server alone with the whole account for a while."""
    PROVISION = "provision"
    """Agree on the policy, then repeat."""
    WIPE = "wipe"
    """Ask for the wipe order and obey it."""
    RESET_COLLECTION = "reset collection"
    """Begin this folder again with key 0, matching what is held."""
    RESET_HIERARCHY = "reset hierarchy"
    """Ask for the folder list again with key 0."""
    RESET_ALL = "reset all"
    """Begin folder list and folders again."""
    FOLDER_SYNC = "folder sync"
    """Ask for the folder list's changes, then repeat."""
    FULL_REQUEST = "full request"
    """Send the request again in full."""
    ADOPT_LIMIT = "adopt limit"
    """Take the limit that the answer names, then repeat."""
    NEGOTIATE = "negotiate"
    """Ask again which versions and commands the server offers."""
    SET_ASIDE = "set aside"
    """Leave this item alone and go on with the others."""
    STOP = "stop"
    """Stop until a person has done something."""
    REPORT = "report"
    """It is our fault: do not repeat, report."""


class Outcome(msgspec.Struct, frozen=True):
    """
    A status, explained.

    Attributes:
        name: a short name, as the specification has it where it names it.
        sentence: what it means and what to do next, for a person.
        action: what a client does about it.
    """

    name: str
    sentence: str
    action: Action


def _table(rows: str) -> dict[int, Outcome]:
    """
    Read rows of `code | name | action | sentence`.
    """
    found = {}
    for row in rows.strip().splitlines():
        code, name, action, sentence = (cell.strip() for cell in row.split("|"))
        found[int(code)] = Outcome(name, sentence, Action[action])
    return found


_COMMON = _table("""
101 | InvalidContent | REPORT | The server could not read our request; please report this with a trace.
102 | InvalidWBXML | REPORT | The server found our request's encoding invalid; please report this with a trace.
103 | InvalidXML | REPORT | The server found our request's structure invalid; please report this with a trace.
104 | InvalidDateTime | REPORT | The server did not understand a date that we sent; please report this with a trace.
105 | InvalidCombinationOfIDs | REPORT | We named an item in a way that the server does not allow; please report this.
106 | InvalidIDs | REPORT | The server does not understand an id that we sent; please report this with a trace.
107 | InvalidMIME | REPORT | The server could not read the message; it was not sent.
108 | DeviceIdMissingOrInvalid | REPORT | The server does not accept our device id; please report this.
109 | DeviceTypeMissingOrInvalid | REPORT | The server does not accept our device type; please report this.
110 | ServerError | WAIT | The server has a fault and asks not to be asked again soon; Carrierpost waits and tries again.
111 | ServerErrorRetryLater | WAIT | The server is busy and asks to be left alone for a while; Carrierpost waits.
112 | ActiveDirectoryAccessDenied | STOP | The server may not read this user's directory entry; ask your administrator.
113 | MailboxQuotaExceeded | STOP | The mailbox is full; delete something or ask for more room.
114 | MailboxServerOffline | RETRY | The mailbox is offline at the moment; Carrierpost tries again.
115 | SendQuotaExceeded | STOP | The mailbox is too full to send; delete something or ask for more room.
116 | MessageRecipientUnresolved | STOP | A recipient could not be found; check the addresses.
117 | MessageReplyNotAllowed | STOP | Replies to this message are not allowed.
118 | MessagePreviouslySent | NONE | The message had been sent before.
119 | MessageHasNoRecipient | STOP | The message has no recipient; add one.
120 | MailSubmissionFailed | STOP | The server could not hand the message on; check the addresses and try again.
121 | MessageReplyFailed | STOP | The server could not make the reply; try a new message instead.
122 | AttachmentIsTooLarge | STOP | An attachment is larger than the server allows.
123 | UserHasNoMailbox | STOP | This user has no mailbox on the server; check the login name.
124 | UserCannotBeAnonymous | STOP | The server wants a login; check the login name.
125 | UserPrincipalCouldNotBeFound | STOP | The server does not know this user; check the login name.
126 | UserDisabledForSync | STOP | ActiveSync is switched off for this user; ask your administrator to allow it.
127 | UserOnNewMailboxCannotSync | STOP | The mailbox is on a server that cannot be reached this way; ask your administrator.
128 | UserOnLegacyMailboxCannotSync | STOP | The mailbox is on a server that is too old; ask your administrator.
129 | DeviceIsBlockedForThisUser | STOP | The administrator has blocked this device; ask for it to be allowed.
130 | AccessDenied | STOP | The server denies access to this device or user; ask your administrator.
131 | AccountDisabled | STOP | The account is disabled; ask your administrator.
132 | SyncStateNotFound | RESET_ALL | The server has lost what it knew of this device; everything is matched again.
133 | SyncStateLocked | RETRY | The mailbox is being moved; Carrierpost tries again.
134 | SyncStateCorrupt | RESET_ALL | The server's state for this device is damaged; everything is matched again.
135 | SyncStateAlreadyExists | RESET_ALL | Two first synchronisations met; everything is matched again.
136 | SyncStateVersionInvalid | RESET_ALL | The server was changed and forgot this device; everything is matched again.
137 | CommandNotSupported | NEGOTIATE | The server does not know this command.
138 | VersionNotSupported | NEGOTIATE | The server no longer speaks this protocol version.
139 | DeviceNotFullyProvisionable | STOP | The server admits only devices that follow its whole policy; ask your administrator.
140 | RemoteWipeRequested | WIPE | The server orders this account to be wiped.
141 | LegacyDeviceOnStrictPolicy | PROVISION | The server wants its policy to be agreed on first.
142 | DeviceNotProvisioned | PROVISION | The server wants its policy to be agreed on first.
143 | PolicyRefresh | PROVISION | The server's policy has changed.
144 | InvalidPolicyKey | PROVISION | The server wants its policy to be agreed on again.
145 | ExternallyManagedDevicesNotAllowed | STOP | The server admits no externally managed devices; ask your administrator.
146 | NoRecurrenceInCalendar | REPORT | An occurrence was named of an event that does not repeat.
147 | UnexpectedItemClass | REPORT | The item is of another kind than the server expected.
148 | RemoteServerHasNoSSL | STOP | A server behind yours lacks encryption; tell your administrator.
149 | InvalidStoredRequest | FULL_REQUEST | The server could not repeat the last request; it is sent in full.
150 | ItemNotFound | STOP | The message that this refers to no longer exists.
151 | TooManyFolders | STOP | The mailbox has more folders than the server allows to synchronize; remove some.
152 | NoFoldersFound | STOP | The mailbox has no folders; ask your administrator.
153 | ItemsLostAfterMove | RETRY | Some items could not be found after they were moved; the folders are synchronized again.
154 | FailureInMoveOperation | RETRY | The items could not be moved; Carrierpost tries again.
155 | MoveCommandDisallowed | REPORT | The server wants conversations to be moved for always; please report this.
156 | MoveCommandInvalidDestination | STOP | Conversations cannot be moved to this folder.
160 | AvailabilityTooManyRecipients | STOP | Too many people were asked about at once.
161 | AvailabilityDLLimitReached | STOP | The distribution list is too large to look into.
162 | AvailabilityTransientFailure | RETRY | The server could not look up when people are free; try again later.
163 | AvailabilityFailure | STOP | The server does not say when these people are free.
164 | BodyPartPreferenceTypeNotSupported | REPORT | The server does not give conversation parts in this form.
165 | DeviceInformationRequired | PROVISION | The server wants to know what device this is.
166 | InvalidAccountId | STOP | The server does not know this sending account.
167 | AccountSendDisabled | STOP | Sending is switched off for this account.
168 | IRMFeatureDisabled | STOP | Rights management is switched off at the server.
169 | IRMTransientError | RETRY | The rights server could not be reached; Carrierpost tries again.
170 | IRMPermanentError | STOP | The rights server refuses this message.
171 | IRMInvalidTemplateID | STOP | The rights template does not exist any more.
172 | IRMOperationNotPermitted | STOP | The message's rights do not allow this.
173 | NoPicture | NONE | There is no picture of this person.
174 | PictureTooLarge | NONE | The picture is too large.
175 | PictureLimitReached | NONE | No more pictures are given.
176 | BodyPartConversationTooLarge | NONE | The conversation is too large for a part; the whole body is used.
177 | MaximumDevicesReached | STOP | The account has too many devices; remove old ones at the server's web page, then try again.
178 | InvalidMimeBodyCombination | REPORT | The forward was said in two ways at once; please report this.
179 | InvalidSmartForwardParameters | REPORT | The server could not read the forward; please report this.
183 | InvalidRecipients | STOP | A recipient of the draft cannot be used; check the addresses.
184 | OneOrMoreExceptionsFailed | SET_ASIDE | Some changed occurrences of a series were refused.
""")

_OWN: dict[str, dict[int, Outcome]] = {
    "Sync": _table("""
1 | Success | NONE | Done.
2 | ProtocolVersionMismatch | NEGOTIATE | Client and server disagree on the protocol version.
3 | InvalidSyncKey | RESET_COLLECTION | The server has lost its place in this folder; it is matched again.
4 | ProtocolError | REPORT | The server found our request malformed; please report this with a trace.
5 | ServerError | RETRY | The server failed on this folder; Carrierpost tries again.
6 | ConversionError | SET_ASIDE | The server cannot take this item over.
7 | Conflict | NONE | Both sides changed this item, and the server's change was kept.
8 | ObjectNotFound | FOLDER_SYNC | The item or folder no longer exists at the server.
9 | CannotComplete | STOP | The server cannot do this; the mailbox may be full.
10 | NotUsed | RETRY | The server failed on this folder; Carrierpost tries again.
11 | NotUsed | RETRY | The server failed on this folder; Carrierpost tries again.
12 | HierarchyChanged | FOLDER_SYNC | The folders have changed; their list is fetched first.
13 | IncompleteRequest | FULL_REQUEST | The server has forgotten the last request; it is sent in full.
14 | InvalidWait | ADOPT_LIMIT | The server allows another waiting time, which is used from now on.
15 | TooManyCollections | ADOPT_LIMIT | The server takes fewer folders at once; they are asked about in turns.
16 | Retry | RETRY | The server asks to be asked again.
"""),
    "FolderSync": _table("""
1 | Success | NONE | Done.
6 | ServerError | RETRY | The server could not list the folders; Carrierpost tries again.
9 | InvalidSyncKey | RESET_HIERARCHY | The server has lost its place in the folder list; it is fetched anew.
10 | MalformedRequest | REPORT | The server found our request malformed; please report this with a trace.
11 | UnknownServerError | RETRY | The server could not list the folders; Carrierpost tries again.
12 | CodeUnknown | RETRY | The server had an unusual fault; Carrierpost tries again.
"""),
    "Ping": _table("""
1 | HeartbeatExpired | NONE | Nothing changed.
2 | ChangesAvailable | NONE | Something changed.
3 | MissingParameters | FULL_REQUEST | The server has forgotten the last Ping; it is sent in full.
4 | SyntaxError | REPORT | The server found our Ping malformed; please report this with a trace.
5 | HeartbeatOutOfRange | ADOPT_LIMIT | The server allows another waiting time, which is used from now on.
6 | TooManyFolders | ADOPT_LIMIT | The server watches fewer folders at once; the most important ones are watched.
7 | FolderSyncRequired | FOLDER_SYNC | The folders have changed; their list is fetched first.
8 | ServerError | RETRY | The server could not watch the folders; Carrierpost tries again.
"""),
    "GetItemEstimate": _table("""
1 | Success | NONE | Done.
2 | InvalidCollection | FOLDER_SYNC | The folder no longer exists at the server.
3 | NotPrimed | RETRY | The folder has to be synchronized first.
4 | InvalidSyncKey | RESET_COLLECTION | The server has lost its place in this folder; it is matched again.
"""),
    "ItemOperations": _table("""
1 | Success | NONE | Done.
2 | ProtocolError | REPORT | The server found our request malformed; please report this with a trace.
3 | ServerError | RETRY | The server could not fetch this; try again.
4 | InvalidURI | STOP | The address of the document cannot be used.
5 | AccessDenied | STOP | The server does not give access to this.
6 | NotFound | SET_ASIDE | The server does not have this any more.
7 | ConnectionFailed | RETRY | The server could not reach where this is kept; try again.
8 | InvalidRange | REPORT | A part was asked for that does not exist.
9 | UnknownStore | REPORT | The server does not know where to look; please report this.
10 | EmptyFile | SET_ASIDE | The file is empty, or its reference is out of date.
11 | TooLarge | STOP | The file is larger than the server gives out.
12 | IOFailure | RETRY | The server could not read the file; try again.
14 | ConversionFailed | SET_ASIDE | The server could not convert this item.
15 | InvalidAttachmentId | SET_ASIDE | The attachment's reference is out of date; synchronize the folder first.
16 | AccessDenied | STOP | The server does not give access to this.
17 | PartialSuccess | NONE | Only a part was done.
18 | CredentialsRequired | STOP | The document's server wants a login.
"""),
    "Provision": _table("""
1 | Success | NONE | Done.
2 | ProtocolError | REPORT | The server found our request malformed; please report this with a trace.
3 | ServerError | RETRY | The server could not give its policy; Carrierpost tries again.
"""),
    "Policy": _table("""
1 | Success | NONE | The policy is agreed on.
2 | NoPolicy | NONE | The server has no policy for this device.
3 | UnknownPolicyType | REPORT | The server does not know this kind of policy; please report this.
4 | PolicyDataCorrupt | STOP | The server's policy is damaged; tell your administrator.
5 | PolicyKeyMismatch | PROVISION | The server has a newer policy.
"""),
    "Settings": _table("""
1 | Success | NONE | Done.
2 | ProtocolError | REPORT | The server found our request malformed; please report this with a trace.
3 | AccessDenied | STOP | The server does not allow this setting to be seen or changed.
4 | ServerUnavailable | RETRY | The server is unavailable; try again.
5 | InvalidArguments | REPORT | The server did not accept a value; please report this.
6 | ConflictingArguments | REPORT | The server found two values in conflict; please report this.
7 | DeniedByPolicy | STOP | The server's policy does not allow this.
"""),
    "FolderCreate": _table("""
1 | Success | NONE | Done.
2 | FolderExists | STOP | There is a folder of this name already; choose another name.
3 | SpecialParent | STOP | No folder can be made there; choose another place.
5 | ParentNotFound | FOLDER_SYNC | The folder that it was to go into no longer exists.
6 | ServerError | RETRY | The server could not change the folder; try again.
9 | InvalidSyncKey | RESET_HIERARCHY | The server has lost its place in the folder list; it is fetched anew.
10 | MalformedRequest | REPORT | The server found our request malformed; please report this with a trace.
11 | UnknownServerError | RETRY | The server could not change the folder; try again.
12 | CodeUnknown | RETRY | The server had an unusual fault; try again.
"""),
    "FolderUpdate": _table("""
1 | Success | NONE | Done.
2 | FolderExists | STOP | There is a folder of this name already, or this one cannot be renamed.
3 | RecipientCache | STOP | The folder of recent recipients cannot be changed.
4 | FolderNotFound | FOLDER_SYNC | The folder no longer exists at the server.
5 | ParentNotFound | FOLDER_SYNC | The folder that it was to go into no longer exists.
6 | ServerError | RETRY | The server could not change the folder; try again.
9 | InvalidSyncKey | RESET_HIERARCHY | The server has lost its place in the folder list; it is fetched anew.
10 | MalformedRequest | REPORT | The server found our request malformed; please report this with a trace.
11 | UnknownServerError | RETRY | The server could not change the folder; try again.
"""),
    "FolderDelete": _table("""
1 | Success | NONE | Done.
3 | SpecialFolder | STOP | This folder belongs to the mailbox and cannot be removed.
4 | FolderNotFound | FOLDER_SYNC | The folder no longer exists at the server.
6 | ServerError | RETRY | The server could not change the folder; try again.
9 | InvalidSyncKey | RESET_HIERARCHY | The server has lost its place in the folder list; it is fetched anew.
10 | MalformedRequest | REPORT | The server found our request malformed; please report this with a trace.
11 | UnknownServerError | RETRY | The server could not change the folder; try again.
"""),
    "MoveItems": _table("""
1 | InvalidSource | FOLDER_SYNC | The item or its folder no longer exists at the server.
2 | InvalidDestination | FOLDER_SYNC | The folder that the item was to go to does not exist.
3 | Success | NONE | Done.
4 | SameFolder | NONE | The item is in this folder already.
5 | Locked | RETRY | The server could not move the item, or only partly; synchronize, then try again.
7 | SourceOrDestinationLocked | RETRY | The item is being changed elsewhere; try again.
"""),
    "MeetingResponse": _table("""
1 | Success | NONE | Done.
2 | InvalidMeetingRequest | STOP | This meeting cannot be answered: it is gone, not the one meant, or your own.
3 | MailboxError | RETRY | The server could not reach the mailbox; try again.
4 | ServerError | RETRY | The server could not take the answer; try again.
"""),
    "Search": _table("""
1 | Success | NONE | Done.
2 | ProtocolError | REPORT | The server did not understand the search; try simpler words, or report this with a trace.
3 | ServerError | RETRY | The server could not search; try again.
4 | BadLink | STOP | The address of the document cannot be used.
5 | AccessDenied | STOP | The server does not allow to search there.
6 | NotFound | STOP | What was asked for does not exist.
7 | ConnectionFailed | RETRY | The server could not reach where it had to search; try again.
8 | TooComplex | STOP | The search is too complex for the server; use fewer or simpler words.
10 | TimedOut | RETRY | The search took the server too long; try again, or search fewer folders.
11 | FolderSyncRequired | FOLDER_SYNC | The folders have changed; their list is fetched first.
12 | EndOfRetrievableRange | NONE | The server gives no more results; use more exact words.
13 | AccessBlocked | STOP | The server does not allow access to this place.
14 | CredentialsRequired | STOP | The place that is searched wants a login.
"""),
    "Find": _table("""
1 | Success | NONE | Done.
2 | InvalidRequest | REPORT | The server did not understand the search; try simpler words, or report this with a trace.
3 | FolderSyncRequired | FOLDER_SYNC | The folders have changed; their list is fetched first.
4 | InvalidRange | REPORT | A search has to begin with its first result; please report this with a trace.
"""),
    "ResolveRecipients": _table("""
1 | Success | NONE | Done.
5 | ProtocolError | STOP | The server cannot look up people this way; it may have no address list.
6 | ServerError | RETRY | The server could not look up people; try again.
"""),
    "Recipient": _table("""
1 | Resolved | NONE | Exactly this person is meant.
2 | Ambiguous | STOP | Several people may be meant; choose one.
3 | AmbiguousPartial | STOP | More people may be meant than the server lists; choose one, or say more of the name.
4 | Unresolved | STOP | The server knows nobody of this name or address.
"""),
    "Certificates": _table("""
1 | Success | NONE | The certificates are here.
7 | NoValidCertificate | STOP | There is no valid certificate of this person.
8 | LimitReached | NONE | The server gives no more certificates at once.
"""),
    "SendMail": {1: Outcome("Success", "Done.", Action.NONE)},
    "ValidateCert": _table("""
1 | Success | NONE | The certificate is valid.
2 | ProtocolError | REPORT | The server found our request malformed; please report this with a trace.
3 | InvalidSignature | STOP | The certificate's signature is wrong; do not trust it.
4 | Untrusted | STOP | The certificate comes from somebody whom the server does not trust.
5 | InvalidChain | STOP | The certificate's chain was not put together rightly.
6 | NotForMail | STOP | The certificate is not meant for signing mail.
7 | Expired | STOP | The certificate has expired, or is not valid yet.
8 | InconsistentPeriods | STOP | The certificate is valid for another time than those that vouch for it.
9 | WrongUse | STOP | A certificate of the chain is used for what it is not meant for.
10 | MissingData | STOP | The certificate lacks something, so that it cannot be checked.
11 | WrongRole | STOP | A certificate vouches for others that may not, or one that may is used as a person's.
12 | AddressMismatch | STOP | The certificate is for another mail address.
13 | Revoked | STOP | The certificate was revoked; do not trust it.
14 | RevocationServerUnreachable | RETRY | The server could not ask whether the certificate was revoked; try again later.
15 | ChainRevoked | STOP | A certificate that vouches for this one was revoked; do not trust it.
16 | RevocationUnknown | STOP | It cannot be told whether the certificate was revoked.
17 | ServerError | RETRY | The server could not check the certificate; try again.
"""),
    "GetAttachment": {1: Outcome("Success", "Done.", Action.NONE)},
    "SmartReply": {1: Outcome("Success", "Done.", Action.NONE)},
    "SmartForward": {1: Outcome("Success", "Done.", Action.NONE)},
}

_HTTP = _table("""
400 | BadRequest | REPORT | The server found our request malformed; please report this with a trace.
401 | Unauthorized | STOP | The server does not accept the login name or password; check them.
403 | Forbidden | STOP | The server does not allow this user or device; ask your administrator to allow ActiveSync for it.
404 | NotFound | STOP | There is no ActiveSync at this address; check the server's address.
405 | MethodNotAllowed | STOP | There is no ActiveSync at this address; check the server's address.
413 | TooLarge | SET_ASIDE | The server does not take anything this large.
449 | RetryAfterProvision | PROVISION | The server wants its policy to be agreed on first.
451 | Redirect | NEGOTIATE | The mailbox has moved to another server.
456 | AccountBlocked | STOP | The account is blocked; ask your administrator to unblock it.
457 | PasswordExpired | STOP | The password has expired; change it, then log in again.
500 | ServerError | RETRY | The server has a fault; Carrierpost tries again.
501 | NotImplemented | NEGOTIATE | The server does not know this command.
502 | BadGateway | RETRY | The server's front cannot reach the mailbox; Carrierpost tries again.
503 | Unavailable | WAIT | The server is overloaded and asks to be left alone for a while; Carrierpost waits.
504 | GatewayTimeout | RETRY | The server's front did not get an answer in time; Carrierpost tries again.
505 | VersionNotSupported | NEGOTIATE | The server no longer speaks this protocol version.
507 | InsufficientStorage | STOP | The mailbox is full; delete something or ask for more room.
""")


def outcome(command: str, status: int) -> Outcome:
    """
    Explain a status.

    Args:
        command: the command that was answered, `Policy` for a policy's own status, `Recipient` for one recipient's,
            or `Certificates` for those of a recipient.
        status: the number.

    Returns:
        Its meaning; for a number that nobody knows an honest sentence, and the advice to try again.
    """
    known = _OWN.get(command, {}).get(status) or _COMMON.get(status)
    if known is not None:
        return known
    if status == 1:
        return Outcome("Success", "Done.", Action.NONE)
    return Outcome(f"Status{status}", f"The server refused with the unknown status {status}.", Action.RETRY)


def http_outcome(status: int) -> Outcome:
    """
    Explain an HTTP status other than 200.
    """
    known = _HTTP.get(status)
    if known is not None:
        return known
    if status >= 500:
        return Outcome(
            f"HTTP{status}", f"The server failed with HTTP status {status}; Carrierpost tries again.", Action.RETRY
        )
    return Outcome(
        f"HTTP{status}", f"The server refused with HTTP status {status}; check the server's address.", Action.STOP
    )


def known_statuses() -> dict[str, dict[int, Outcome]]:
    """
    List every status that is explained, for documentation: by command, `common`, and `HTTP`.
    """
    return {**_OWN, "common": _COMMON, "HTTP": _HTTP}
