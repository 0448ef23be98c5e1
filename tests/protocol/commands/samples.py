"""
Requests and answers of any content, within what the protocol allows, for properties that hold for all commands.

Texts that are ids are not empty, since an empty id is none.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import strategies as st

from carrierpost.protocol.classes import (
    Body,
    BodyPreference,
    BodyType,
    Contact,
    ContentClass,
    Email,
    Event,
    NoteItem,
    Task,
)
from carrierpost.protocol.classes.documents import Document
from carrierpost.protocol.classes.gal import GALEntry, GALPicture
from carrierpost.protocol.commands import (
    find,
    folder_create,
    folder_delete,
    folder_sync,
    folder_update,
    get_item_estimate,
    item_operations,
    meeting_response,
    move_items,
    oof,
    ping,
    provision,
    resolve_recipients,
    search,
    send_mail,
    settings,
    smart,
    sync,
    user_information,
    validate_cert,
)
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.looking import PictureLimits, SearchStore
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version
from tests.protocol.strategies import compact_times, records, texts, times, versions

__all__ = ["COMMANDS", "Sample", "ids", "maybe", "several", "statuses"]

ids = st.text("abcdefgh:%0123456789", min_size=1, max_size=12)
statuses = st.integers(2, 200)
_all_statuses = st.integers(1, 200)


class Sample(NamedTuple):
    """
    What one command may say.

    Attributes:
        requests: any request.
        answers: any answer.
        versions: the versions that have the command.
    """

    requests: st.SearchStrategy[Any]
    answers: st.SearchStrategy[Any]
    versions: st.SearchStrategy[Version] = versions


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """
    Make a value or `None`.
    """
    return st.none() | strategy


def several(strategy: st.SearchStrategy[Any], most: int = 3, least: int = 0, **more: Any) -> st.SearchStrategy[Any]:
    """
    Make a tuple of values.
    """
    return st.lists(strategy, min_size=least, max_size=most, **more).map(tuple)


# Small ones: the classes have properties of their own, and the commands do not look inside.
items: dict[ContentClass, st.SearchStrategy[Any]] = {
    ContentClass.EMAIL: st.builds(Email, subject=texts, read=maybe(st.booleans())),
    ContentClass.CONTACTS: st.builds(Contact, first_name=texts, weighted_rank=maybe(st.integers(0, 10**6))),
    ContentClass.CALENDAR: st.builds(Event, subject=texts, location=maybe(texts), start_time=maybe(compact_times)),
    ContentClass.TASKS: st.builds(Task, subject=texts, due_date=maybe(times)),
    ContentClass.NOTES: st.builds(NoteItem, subject=texts, categories=maybe(several(texts, 2))),
}

preferences = several(
    st.builds(
        BodyPreference,
        type=st.sampled_from([BodyType.PLAIN, BodyType.HTML, BodyType.RTF]),
        truncation_size=maybe(st.integers(0, 10**6)),
        all_or_none=maybe(st.booleans()),
        preview=maybe(st.integers(0, 255)),
    ),
    unique_by=lambda one: one.type,
)
part_preference = st.builds(
    sync.BodyPartPreference,
    type=st.just(BodyType.HTML),
    truncation_size=maybe(st.integers(0, 10**6)),
    preview=maybe(st.integers(0, 255)),
)
ranges = st.tuples(st.integers(0, 1000), st.integers(0, 1000))


def _commands(kind: ContentClass, *, client: bool) -> st.SearchStrategy[Any]:
    data = items[kind]
    instance = maybe(compact_times) if client else st.none()
    common = {"content_class": st.just(kind), "data": data}
    added = {"client_id": ids, "send": st.booleans()} if client else {"server_id": ids}
    sent = {"send": st.booleans()} if client else {}
    return several(
        st.builds(sync.Add, **common, **added)
        | st.builds(sync.Change, server_id=ids, instance_id=instance, **common, **sent)
        | st.builds(sync.Delete, server_id=ids, instance_id=instance)
        | st.builds(sync.Fetch if client else sync.SoftDelete, server_id=ids),
        2,
    )


def _collection(kind: ContentClass) -> st.SearchStrategy[Any]:
    filters = {
        ContentClass.EMAIL: (0, 1, 2, 3, 4, 5),
        ContentClass.CALENDAR: (0, 4, 5, 6, 7),
        ContentClass.TASKS: (0, 8),
    }.get(kind, (0,))
    options = st.builds(
        sync.SyncOptions,
        filter_type=maybe(st.sampled_from(filters).map(sync.FilterType)),
        body_preferences=preferences,
        body_part_preference=maybe(part_preference),
        conflict=maybe(st.sampled_from(sync.Conflict)),
        mime_truncation=maybe(st.integers(0, 8)),
        mime_support=maybe(st.sampled_from(sync.MIMESupport)),
        rights_management_support=maybe(st.booleans()),
    )
    return st.builds(
        sync.SyncCollection,
        collection_id=ids,
        sync_key=ids.filter(lambda key: key != "0"),
        content_class=st.just(kind),
        deletes_as_moves=maybe(st.booleans()),
        get_changes=st.sampled_from([None, False]),
        window_size=maybe(st.integers(0, 512)),
        conversation_mode=maybe(st.booleans()),
        options=several(options, 1),
        commands=_commands(kind, client=True),
    )


def _responses(kind: ContentClass) -> st.SearchStrategy[Any]:
    return several(
        st.builds(
            sync.ItemResponse,
            kind=st.sampled_from(sync.ResponseKind),
            status=_all_statuses,
            server_id=ids,
            client_id=texts,
            instance_id=maybe(compact_times),
            content_class=st.just(kind),
            data=items[kind],
        ),
        2,
    )


def _answer(kind: ContentClass) -> st.SearchStrategy[Any]:
    return st.builds(
        sync.CollectionResponse,
        collection_id=ids,
        sync_key=ids,
        status=_all_statuses,
        content_class=st.just(kind),
        more_available=st.booleans(),
        responses=_responses(kind),
        commands=_commands(kind, client=False),
    )


_kinds = st.sampled_from(ContentClass)
_sync = Sample(
    st.builds(
        sync.SyncRequest,
        collections=several(_kinds.flatmap(_collection), 2, 1, unique_by=lambda one: one.collection_id),
        wait=maybe(st.integers(1, 59)),
        window_size=maybe(st.integers(0, 512)),
        partial=st.booleans(),
    ),
    st.builds(
        sync.SyncResponse,
        status=_all_statuses,
        limit=maybe(st.integers(0, 10**4)),
        collections=several(_kinds.flatmap(_answer), 1),
    ),
)

_folders = st.builds(
    folder_sync.Folder,
    server_id=ids,
    parent_id=ids,
    display_name=texts,
    type=st.sampled_from(folder_sync.FolderType),
)
_changes = st.builds(
    folder_sync.FolderChanges,
    updates=several(_folders),
    deletes=several(st.builds(folder_sync.FolderDelete, server_id=ids)),
    adds=several(_folders),
)
_policy = st.builds(
    provision.Policy,
    status=maybe(_all_statuses),
    key=st.integers(1, 2**32 - 1).map(str),
    document=maybe(records(ProvisioningDocument)),
)
_wipes = maybe(st.sampled_from(provision.WipeKind))
_documents = st.builds(
    item_operations.FetchedItem,
    link_id=ids,
    document=records(Document).filter(lambda one: one != Document()),
    content=maybe(st.binary(min_size=1)),
    version=maybe(times),
)
_attachments = st.builds(
    item_operations.FetchedItem,
    file_reference=ids,
    content=st.binary(min_size=1),
    content_type=st.just("text/plain"),
    range=maybe(ranges),
    total=maybe(st.integers(0, 10**9)),
)
_fetched = st.builds(item_operations.FetchedItem, collection_id=ids, server_id=ids, data=items[ContentClass.CONTACTS])
_conversations = st.binary(min_size=16, max_size=16)
_fetch_options = {
    "mime_support": maybe(st.sampled_from(sync.MIMESupport)),
    "body_preferences": preferences,
    "body_part_preference": maybe(part_preference),
    "rights_management_support": maybe(st.booleans()),
    "range": maybe(ranges),
}

_accounts = st.builds(
    user_information.UserAccount,
    account_id=maybe(texts),
    send_disabled=maybe(st.booleans()),
    email_addresses=st.builds(
        user_information.EmailAddresses, smtp_addresses=several(ids, least=1), primary_smtp_address=maybe(ids)
    ),
)
_oof = st.builds(
    oof.Oof,
    state=st.sampled_from(oof.OofState),
    start_time=maybe(times),
    end_time=maybe(times),
    messages=several(
        st.builds(
            oof.OofMessage,
            audience=st.sampled_from(oof.Audience),
            enabled=maybe(st.booleans()),
            reply_message=maybe(texts),
            body_type=st.sampled_from(["", "Text", "HTML"]),
        )
    ),
)

_pictures = maybe(
    st.builds(PictureLimits, max_size=maybe(st.integers(0, 10**6)), max_pictures=maybe(st.integers(0, 100)))
)
_people = st.builds(
    GALEntry,
    display_name=texts,
    email_address=maybe(texts),
    picture=maybe(st.builds(GALPicture, status=_all_statuses, data=maybe(st.binary(min_size=1)))),
)
_words = st.text("abc &<", min_size=1, max_size=20).filter(str.strip)
_spans = st.tuples(st.integers(0, 400), st.integers(401, 999))
_search = Sample(
    st.builds(
        search.SearchRequest,
        query=st.builds(
            search.MailboxQuery,
            content_class=maybe(_kinds),
            collection_ids=several(ids),
            free_text=_words,
            received_after=maybe(times),
            received_before=maybe(times),
        )
        | st.builds(search.GALQuery, text=_words)
        | st.builds(search.DocumentQuery, link_id=ids),
        options=st.builds(
            search.SearchOptions,
            range=maybe(_spans),
            user_name=texts,
            deep_traversal=st.booleans(),
            rebuild_results=st.booleans(),
            mime_support=maybe(st.sampled_from(sync.MIMESupport)),
            body_preferences=preferences,
            body_part_preference=maybe(part_preference),
            rights_management_support=maybe(st.booleans()),
            picture=_pictures,
        ),
    ),
    st.builds(
        search.SearchResponse,
        status=_all_statuses,
        store_status=_all_statuses,
        results=several(
            _kinds.flatmap(
                lambda kind: st.builds(
                    search.SearchResult,
                    content_class=st.just(kind),
                    long_id=ids,
                    collection_id=ids,
                    data=items[kind],
                )
            )
            | st.builds(search.SearchResult, long_id=ids, person=_people)
            | st.builds(search.SearchResult, document=st.builds(Document, link_id=ids, is_folder=maybe(st.booleans())))
        ),
        range=maybe(_spans),
        total=maybe(st.integers(0, 10**6)),
    ),
)
_find = Sample(
    st.builds(
        find.FindRequest,
        search_id=ids,
        criterion=st.builds(find.FindMail, free_text=_words, collection_id=ids, deep_traversal=st.booleans())
        | st.builds(find.FindGAL, text=_words, picture=_pictures),
        range=maybe(_spans),
    ),
    st.builds(
        find.FindResponse,
        status=_all_statuses,
        store=st.sampled_from([SearchStore.MAILBOX, SearchStore.GAL]),
        store_status=_all_statuses,
        results=several(
            st.builds(
                find.FindResult,
                content_class=maybe(_kinds),
                server_id=ids,
                collection_id=ids,
                mail=records(find.FoundMail).filter(lambda one: one != find.FoundMail()),
            )
            | st.builds(find.FindResult, server_id=ids, person=_people)
        ),
        range=maybe(_spans),
        total=maybe(st.integers(0, 10**6)),
    ),
    st.just(Version.V16_1),
)
_recipients = st.builds(
    resolve_recipients.Recipient,
    type=st.sampled_from(resolve_recipients.RecipientType),
    display_name=texts,
    email_address=maybe(texts),
    availability=maybe(
        st.builds(
            resolve_recipients.Availability,
            status=_all_statuses,
            merged_free_busy=maybe(st.text("01234", min_size=1)),
        )
    ),
    certificates=maybe(
        st.builds(
            resolve_recipients.Certificates,
            status=_all_statuses,
            certificate_count=maybe(st.integers(0, 9)),
            certificates=maybe(several(st.binary(min_size=1), least=1)),
            mini_certificates=maybe(several(st.binary(min_size=1), least=1)),
        )
    ),
    picture=maybe(
        st.builds(resolve_recipients.RecipientPicture, status=_all_statuses, data=maybe(st.binary(min_size=1)))
    ),
)
_resolve = Sample(
    st.builds(
        resolve_recipients.ResolveRecipientsRequest,
        to=several(ids, least=1),
        options=maybe(
            st.builds(
                resolve_recipients.ResolveOptions,
                certificate_retrieval=maybe(st.sampled_from(resolve_recipients.CertificateRetrieval)),
                max_certificates=maybe(st.integers(0, 9999)),
                max_ambiguous_recipients=maybe(st.integers(0, 9999)),
                availability=maybe(
                    st.builds(resolve_recipients.AvailabilityWindow, start_time=times, end_time=maybe(times))
                ),
                picture=_pictures,
            )
        ),
    ),
    st.builds(
        resolve_recipients.ResolveRecipientsResponse,
        status=_all_statuses,
        responses=several(
            st.builds(
                resolve_recipients.ResolvedRecipient,
                to=ids,
                status=_all_statuses,
                recipient_count=maybe(st.integers(0, 100)),
                recipients=several(_recipients),
            )
        ),
    ),
)

COMMANDS: dict[str, Sample] = {
    "Search": _search,
    "Find": _find,
    "ResolveRecipients": _resolve,
    "Sync": _sync,
    "FolderSync": Sample(
        st.builds(folder_sync.FolderSyncRequest, sync_key=ids),
        st.builds(folder_sync.FolderSyncResponse, status=_all_statuses, sync_key=ids, changes=_changes),
    ),
    "Ping": Sample(
        st.builds(
            ping.PingRequest,
            heartbeat_interval=maybe(st.integers(1, 3540)),
            folders=several(st.builds(ping.PingFolder, id=ids, content_class=_kinds), unique_by=lambda one: one.id),
        ),
        st.builds(
            ping.PingResponse,
            status=_all_statuses,
            folders=several(ids),
            heartbeat_interval=maybe(st.integers(0, 3540)),
            max_folders=maybe(st.integers(0, 300)),
        ),
    ),
    "Provision": Sample(
        st.builds(
            provision.ProvisionRequest,
            device=maybe(records(DeviceInformation)),
            policy=maybe(_policy),
            wipe=_wipes,
            wiped=st.booleans(),
        ),
        st.builds(
            provision.ProvisionResponse,
            status=_all_statuses,
            device_information_status=maybe(_all_statuses),
            policy=maybe(_policy),
            wipe=_wipes,
        ),
    ),
    "Settings": Sample(
        st.builds(
            settings.SettingsRequest,
            device=maybe(records(DeviceInformation)),
            user_information=st.booleans(),
            rights_management_information=st.booleans(),
        ),
        st.builds(
            settings.SettingsResponse,
            status=_all_statuses,
            device_information_status=maybe(_all_statuses),
            user_information=maybe(
                st.builds(
                    user_information.UserInformation,
                    status=_all_statuses,
                    accounts=several(_accounts, 2, least=1),
                )
            ),
            rights_templates=maybe(
                st.builds(
                    user_information.RightsTemplates,
                    status=_all_statuses,
                    templates=several(records(user_information.RightsTemplate), 2),
                )
            ),
            oof_status=_all_statuses,
            oof=maybe(_oof),
            device_password_status=maybe(_all_statuses),
        ),
    ),
    "GetItemEstimate": Sample(
        st.builds(
            get_item_estimate.GetItemEstimateRequest,
            collections=several(
                st.builds(
                    get_item_estimate.EstimateCollection,
                    collection_id=ids,
                    sync_key=ids,
                    content_class=_kinds,
                    filter_type=st.sampled_from(sync.FilterType),
                    conversation_mode=maybe(st.booleans()),
                    max_items=maybe(st.integers(1, 100)),
                )
            ),
        ),
        st.builds(
            get_item_estimate.GetItemEstimateResponse,
            status=_all_statuses,
            estimates=several(
                st.builds(
                    get_item_estimate.Estimate, collection_id=ids, status=_all_statuses, estimate=st.integers(0, 10**6)
                )
            ),
        ),
    ),
    "ItemOperations": Sample(
        st.builds(
            item_operations.ItemOperationsRequest,
            fetches=several(
                st.builds(item_operations.FetchItem, collection_id=ids, server_id=ids, **_fetch_options)
                | st.builds(item_operations.FetchItem, long_id=ids, **_fetch_options)
                | st.builds(item_operations.FetchItem, file_reference=ids, range=maybe(ranges))
                | st.builds(item_operations.FetchItem, link_id=ids, user_name=texts),
                least=1,
            ),
            empties=several(
                st.builds(item_operations.EmptyFolderContents, collection_id=ids, delete_sub_folders=st.booleans())
            ),
            multipart=st.booleans(),
        ),
        st.builds(
            item_operations.ItemOperationsResponse,
            status=_all_statuses,
            fetched=several(_fetched | _attachments | _documents),
            emptied=several(st.builds(item_operations.EmptiedFolder, collection_id=ids, status=_all_statuses)),
            moved=several(
                st.builds(item_operations.MovedConversation, conversation_id=_conversations, status=_all_statuses)
            ),
        ),
    ),
    "SendMail": Sample(
        st.builds(
            send_mail.SendMailRequest,
            mime=st.binary(min_size=1),
            client_id=ids,
            save_in_sent=st.booleans(),
            account_id=texts,
            template_id=texts,
        ),
        st.builds(send_mail.SendMailResponse, status=_all_statuses),
    ),
    "FolderCreate": Sample(
        st.builds(
            folder_create.FolderCreateRequest,
            sync_key=ids,
            parent_id=ids,
            display_name=ids,
            type=st.sampled_from([one for one in folder_sync.FolderType if one == 1 or 12 <= one <= 17]),
        ),
        st.builds(folder_create.FolderCreateResponse, status=_all_statuses, sync_key=ids, server_id=ids),
    ),
    "FolderUpdate": Sample(
        st.builds(folder_update.FolderUpdateRequest, sync_key=ids, server_id=ids, parent_id=ids, display_name=ids),
        st.builds(folder_update.FolderUpdateResponse, status=_all_statuses, sync_key=ids),
    ),
    "FolderDelete": Sample(
        st.builds(folder_delete.FolderDeleteRequest, sync_key=ids, server_id=ids),
        st.builds(folder_delete.FolderDeleteResponse, status=_all_statuses, sync_key=ids),
    ),
    "MoveItems": Sample(
        st.builds(
            move_items.MoveItemsRequest,
            moves=several(st.builds(move_items.Move, src_msg_id=ids, src_fld_id=ids, dst_fld_id=ids), least=1),
        ),
        st.builds(
            move_items.MoveItemsResponse,
            status=_all_statuses,
            moved=several(st.builds(move_items.Moved, src_msg_id=ids, status=_all_statuses, dst_msg_id=maybe(ids))),
        ),
    ),
    "MeetingResponse": Sample(
        st.builds(
            meeting_response.MeetingResponseRequest,
            answers=several(
                st.builds(
                    meeting_response.MeetingAnswer,
                    user_response=st.sampled_from(meeting_response.UserResponse),
                    collection_id=ids,
                    request_id=ids,
                    instance_id=maybe(times),
                    send_response=maybe(
                        st.builds(
                            meeting_response.SendResponse,
                            body=maybe(st.builds(Body, type=st.just(BodyType.PLAIN), data=texts)),
                            proposed_start_time=maybe(compact_times),
                            proposed_end_time=maybe(compact_times),
                        )
                    ),
                ),
                least=1,
            ),
        ),
        st.builds(
            meeting_response.MeetingResponseResponse,
            status=_all_statuses,
            results=several(
                st.builds(
                    meeting_response.MeetingResult,
                    request_id=maybe(ids),
                    status=_all_statuses,
                    calendar_id=maybe(ids),
                )
            ),
        ),
    ),
    **{
        kind.name: Sample(
            st.builds(
                kind,
                mime=st.binary(min_size=1),
                source=st.builds(smart.Source, folder_id=ids, item_id=ids, instance_id=maybe(times))
                | st.builds(smart.Source, long_id=ids),
                client_id=ids,
                save_in_sent=st.booleans(),
                account_id=texts,
                template_id=texts,
            ),
            st.builds(smart.SmartResponse, command=st.just(kind.name), status=_all_statuses),
        )
        for kind in (smart.SmartReplyRequest, smart.SmartForwardRequest)
    },
    "ValidateCert": Sample(
        st.builds(
            validate_cert.ValidateCertRequest,
            certificates=several(st.binary(min_size=1), least=1),
            certificate_chain=several(st.binary(min_size=1)),
            check_crl=maybe(st.booleans()),
        ),
        st.builds(validate_cert.ValidateCertResponse, status=_all_statuses, statuses=several(_all_statuses)),
    ),
}
"""All commands by name."""
