"""
The elements of ActiveSync: one class per code page, one constant per element ([MS-ASWBXML]).

Written by `tools/make_pages.py` from `codepages.csv`; change that. A tag is `page << 6 | token`, so that it is one
small number and the page can be told from it. Elements marked legacy are of protocol 2.5 and older: they are read,
and never written.
"""

from __future__ import annotations

from typing import Final

__all__ = ["NAMESPACES", "TAGS", "VERSIONS", "name_of", "page_of", "tag_of", "AirSync", "Contacts", "Email", "AirNotify", "Calendar", "Move", "GetItemEstimate", "FolderHierarchy", "MeetingResponse", "Tasks", "ResolveRecipients", "ValidateCert", "Contacts2", "Ping", "Provision", "Search", "GAL", "AirSyncBase", "Settings", "DocumentLibrary", "ItemOperations", "ComposeMail", "Email2", "Notes", "RightsManagement", "Find"]


class AirSync:
    """
    Code page 0.
    """

    Sync: Final = 0x005
    Responses: Final = 0x006
    Add: Final = 0x007
    Change: Final = 0x008
    Delete: Final = 0x009
    Fetch: Final = 0x00A
    SyncKey: Final = 0x00B
    ClientId: Final = 0x00C
    ServerId: Final = 0x00D
    Status: Final = 0x00E
    Collection: Final = 0x00F
    Class: Final = 0x010
    Version: Final = 0x011  # legacy
    CollectionId: Final = 0x012
    GetChanges: Final = 0x013
    MoreAvailable: Final = 0x014
    WindowSize: Final = 0x015
    Commands: Final = 0x016
    Options: Final = 0x017
    FilterType: Final = 0x018
    Truncation: Final = 0x019  # legacy
    RTFTruncation: Final = 0x01A  # legacy
    Conflict: Final = 0x01B
    Collections: Final = 0x01C
    ApplicationData: Final = 0x01D
    DeletesAsMoves: Final = 0x01E
    NotifyGUID: Final = 0x01F  # legacy
    Supported: Final = 0x020
    SoftDelete: Final = 0x021
    MIMESupport: Final = 0x022
    MIMETruncation: Final = 0x023
    Wait: Final = 0x024
    Limit: Final = 0x025
    Partial: Final = 0x026
    ConversationMode: Final = 0x027
    MaxItems: Final = 0x028
    HeartbeatInterval: Final = 0x029


class Contacts:
    """
    Code page 1.
    """

    Anniversary: Final = 0x045
    AssistantName: Final = 0x046
    AssistantPhoneNumber: Final = 0x047
    Birthday: Final = 0x048
    Body: Final = 0x049  # legacy
    BodySize: Final = 0x04A  # legacy
    BodyTruncated: Final = 0x04B  # legacy
    Business2PhoneNumber: Final = 0x04C
    BusinessAddressCity: Final = 0x04D
    BusinessAddressCountry: Final = 0x04E
    BusinessAddressPostalCode: Final = 0x04F
    BusinessAddressState: Final = 0x050
    BusinessAddressStreet: Final = 0x051
    BusinessFaxNumber: Final = 0x052
    BusinessPhoneNumber: Final = 0x053
    CarPhoneNumber: Final = 0x054
    Categories: Final = 0x055
    Category: Final = 0x056
    Children: Final = 0x057
    Child: Final = 0x058
    CompanyName: Final = 0x059
    Department: Final = 0x05A
    Email1Address: Final = 0x05B
    Email2Address: Final = 0x05C
    Email3Address: Final = 0x05D
    FileAs: Final = 0x05E
    FirstName: Final = 0x05F
    Home2PhoneNumber: Final = 0x060
    HomeAddressCity: Final = 0x061
    HomeAddressCountry: Final = 0x062
    HomeAddressPostalCode: Final = 0x063
    HomeAddressState: Final = 0x064
    HomeAddressStreet: Final = 0x065
    HomeFaxNumber: Final = 0x066
    HomePhoneNumber: Final = 0x067
    JobTitle: Final = 0x068
    LastName: Final = 0x069
    MiddleName: Final = 0x06A
    MobilePhoneNumber: Final = 0x06B
    OfficeLocation: Final = 0x06C
    OtherAddressCity: Final = 0x06D
    OtherAddressCountry: Final = 0x06E
    OtherAddressPostalCode: Final = 0x06F
    OtherAddressState: Final = 0x070
    OtherAddressStreet: Final = 0x071
    PagerNumber: Final = 0x072
    RadioPhoneNumber: Final = 0x073
    Spouse: Final = 0x074
    Suffix: Final = 0x075
    Title: Final = 0x076
    WebPage: Final = 0x077
    YomiCompanyName: Final = 0x078
    YomiFirstName: Final = 0x079
    YomiLastName: Final = 0x07A
    CompressedRTF: Final = 0x07B  # legacy
    Picture: Final = 0x07C
    Alias: Final = 0x07D
    WeightedRank: Final = 0x07E


class Email:
    """
    Code page 2.
    """

    Attachment: Final = 0x085  # legacy
    Attachments: Final = 0x086  # legacy
    AttName: Final = 0x087  # legacy
    AttSize: Final = 0x088  # legacy
    AttOId: Final = 0x089  # legacy
    AttMethod: Final = 0x08A  # legacy
    AttRemoved: Final = 0x08B  # legacy
    Body: Final = 0x08C  # legacy
    BodySize: Final = 0x08D  # legacy
    BodyTruncated: Final = 0x08E  # legacy
    DateReceived: Final = 0x08F
    DisplayName: Final = 0x090  # legacy
    DisplayTo: Final = 0x091
    Importance: Final = 0x092
    MessageClass: Final = 0x093
    Subject: Final = 0x094
    Read: Final = 0x095
    To: Final = 0x096
    Cc: Final = 0x097
    From: Final = 0x098
    ReplyTo: Final = 0x099
    AllDayEvent: Final = 0x09A
    Categories: Final = 0x09B
    Category: Final = 0x09C
    DtStamp: Final = 0x09D
    EndTime: Final = 0x09E
    InstanceType: Final = 0x09F
    BusyStatus: Final = 0x0A0
    Location: Final = 0x0A1
    MeetingRequest: Final = 0x0A2
    Organizer: Final = 0x0A3
    RecurrenceId: Final = 0x0A4
    Reminder: Final = 0x0A5
    ResponseRequested: Final = 0x0A6
    Recurrences: Final = 0x0A7
    Recurrence: Final = 0x0A8
    Type: Final = 0x0A9
    Until: Final = 0x0AA
    Occurrences: Final = 0x0AB
    Interval: Final = 0x0AC
    DayOfWeek: Final = 0x0AD
    DayOfMonth: Final = 0x0AE
    WeekOfMonth: Final = 0x0AF
    MonthOfYear: Final = 0x0B0
    StartTime: Final = 0x0B1
    Sensitivity: Final = 0x0B2
    TimeZone: Final = 0x0B3
    GlobalObjId: Final = 0x0B4
    ThreadTopic: Final = 0x0B5
    MIMEData: Final = 0x0B6  # legacy
    MIMETruncated: Final = 0x0B7  # legacy
    MIMESize: Final = 0x0B8  # legacy
    InternetCPID: Final = 0x0B9
    Flag: Final = 0x0BA
    Status: Final = 0x0BB
    ContentClass: Final = 0x0BC
    FlagType: Final = 0x0BD
    CompleteTime: Final = 0x0BE
    DisallowNewTimeProposal: Final = 0x0BF


class AirNotify:
    """
    Code page 3.
    """

    Notify: Final = 0x0C5  # legacy
    Notification: Final = 0x0C6  # legacy
    Version: Final = 0x0C7  # legacy
    LifeTime: Final = 0x0C8  # legacy
    DeviceInfo: Final = 0x0C9  # legacy
    Enable: Final = 0x0CA  # legacy
    Folder: Final = 0x0CB  # legacy
    ServerId: Final = 0x0CC  # legacy
    DeviceAddress: Final = 0x0CD  # legacy
    ValidCarrierProfiles: Final = 0x0CE  # legacy
    CarrierProfile: Final = 0x0CF  # legacy
    Status: Final = 0x0D0  # legacy
    Responses: Final = 0x0D1  # legacy
    Devices: Final = 0x0D2  # legacy
    Device: Final = 0x0D3  # legacy
    Id: Final = 0x0D4  # legacy
    Expiry: Final = 0x0D5  # legacy
    NotifyGUID: Final = 0x0D6  # legacy
    DeviceFriendlyName: Final = 0x0D7  # legacy


class Calendar:
    """
    Code page 4.
    """

    Timezone: Final = 0x105
    AllDayEvent: Final = 0x106
    Attendees: Final = 0x107
    Attendee: Final = 0x108
    Email: Final = 0x109
    Name: Final = 0x10A
    Body: Final = 0x10B  # legacy
    BodyTruncated: Final = 0x10C  # legacy
    BusyStatus: Final = 0x10D
    Categories: Final = 0x10E
    Category: Final = 0x10F
    CompressedRTF: Final = 0x110  # legacy
    DtStamp: Final = 0x111
    EndTime: Final = 0x112
    Exception: Final = 0x113
    Exceptions: Final = 0x114
    Deleted: Final = 0x115
    ExceptionStartTime: Final = 0x116
    Location: Final = 0x117
    MeetingStatus: Final = 0x118
    OrganizerEmail: Final = 0x119
    OrganizerName: Final = 0x11A
    Recurrence: Final = 0x11B
    Type: Final = 0x11C
    Until: Final = 0x11D
    Occurrences: Final = 0x11E
    Interval: Final = 0x11F
    DayOfWeek: Final = 0x120
    DayOfMonth: Final = 0x121
    WeekOfMonth: Final = 0x122
    MonthOfYear: Final = 0x123
    Reminder: Final = 0x124
    Sensitivity: Final = 0x125
    Subject: Final = 0x126
    StartTime: Final = 0x127
    UID: Final = 0x128
    AttendeeStatus: Final = 0x129
    AttendeeType: Final = 0x12A
    Attachment: Final = 0x12B  # legacy
    Attachments: Final = 0x12C  # legacy
    AttName: Final = 0x12D  # legacy
    AttSize: Final = 0x12E  # legacy
    AttOid: Final = 0x12F  # legacy
    AttMethod: Final = 0x130  # legacy
    AttRemoved: Final = 0x131  # legacy
    DisplayName: Final = 0x132  # legacy
    DisallowNewTimeProposal: Final = 0x133
    ResponseRequested: Final = 0x134
    AppointmentReplyTime: Final = 0x135
    ResponseType: Final = 0x136
    CalendarType: Final = 0x137
    IsLeapMonth: Final = 0x138
    FirstDayOfWeek: Final = 0x139
    OnlineMeetingConfLink: Final = 0x13A
    OnlineMeetingExternalLink: Final = 0x13B
    ClientUid: Final = 0x13C


class Move:
    """
    Code page 5.
    """

    MoveItems: Final = 0x145
    Move: Final = 0x146
    SrcMsgId: Final = 0x147
    SrcFldId: Final = 0x148
    DstFldId: Final = 0x149
    Response: Final = 0x14A
    Status: Final = 0x14B
    DstMsgId: Final = 0x14C


class GetItemEstimate:
    """
    Code page 6.
    """

    GetItemEstimate: Final = 0x185
    Version: Final = 0x186  # legacy
    Collections: Final = 0x187
    Collection: Final = 0x188
    Class: Final = 0x189
    CollectionId: Final = 0x18A
    DateTime: Final = 0x18B  # legacy
    Estimate: Final = 0x18C
    Response: Final = 0x18D
    Status: Final = 0x18E


class FolderHierarchy:
    """
    Code page 7.
    """

    Folders: Final = 0x1C5
    Folder: Final = 0x1C6
    DisplayName: Final = 0x1C7
    ServerId: Final = 0x1C8
    ParentId: Final = 0x1C9
    Type: Final = 0x1CA
    Response: Final = 0x1CB  # legacy
    Status: Final = 0x1CC
    ContentClass: Final = 0x1CD  # legacy
    Changes: Final = 0x1CE
    Add: Final = 0x1CF
    Delete: Final = 0x1D0
    Update: Final = 0x1D1
    SyncKey: Final = 0x1D2
    FolderCreate: Final = 0x1D3
    FolderDelete: Final = 0x1D4
    FolderUpdate: Final = 0x1D5
    FolderSync: Final = 0x1D6
    Count: Final = 0x1D7
    Version: Final = 0x1D8  # legacy


class MeetingResponse:
    """
    Code page 8.
    """

    CalendarId: Final = 0x205
    CollectionId: Final = 0x206
    MeetingResponse: Final = 0x207
    RequestId: Final = 0x208
    Request: Final = 0x209
    Result: Final = 0x20A
    Status: Final = 0x20B
    UserResponse: Final = 0x20C
    Version: Final = 0x20D  # legacy
    InstanceId: Final = 0x20E
    ProposedStartTime: Final = 0x210
    ProposedEndTime: Final = 0x211
    SendResponse: Final = 0x212


class Tasks:
    """
    Code page 9.
    """

    Body: Final = 0x245  # legacy
    BodySize: Final = 0x246  # legacy
    BodyTruncated: Final = 0x247  # legacy
    Categories: Final = 0x248
    Category: Final = 0x249
    Complete: Final = 0x24A
    DateCompleted: Final = 0x24B
    DueDate: Final = 0x24C
    UtcDueDate: Final = 0x24D
    Importance: Final = 0x24E
    Recurrence: Final = 0x24F
    Type: Final = 0x250
    Start: Final = 0x251
    Until: Final = 0x252
    Occurrences: Final = 0x253
    Interval: Final = 0x254
    DayOfMonth: Final = 0x255
    DayOfWeek: Final = 0x256
    WeekOfMonth: Final = 0x257
    MonthOfYear: Final = 0x258
    Regenerate: Final = 0x259
    DeadOccur: Final = 0x25A
    ReminderSet: Final = 0x25B
    ReminderTime: Final = 0x25C
    Sensitivity: Final = 0x25D
    StartDate: Final = 0x25E
    UtcStartDate: Final = 0x25F
    Subject: Final = 0x260
    CompressedRTF: Final = 0x261  # legacy
    OrdinalDate: Final = 0x262
    SubOrdinalDate: Final = 0x263
    CalendarType: Final = 0x264
    IsLeapMonth: Final = 0x265
    FirstDayOfWeek: Final = 0x266


class ResolveRecipients:
    """
    Code page 10.
    """

    ResolveRecipients: Final = 0x285
    Response: Final = 0x286
    Status: Final = 0x287
    Type: Final = 0x288
    Recipient: Final = 0x289
    DisplayName: Final = 0x28A
    EmailAddress: Final = 0x28B
    Certificates: Final = 0x28C
    Certificate: Final = 0x28D
    MiniCertificate: Final = 0x28E
    Options: Final = 0x28F
    To: Final = 0x290
    CertificateRetrieval: Final = 0x291
    RecipientCount: Final = 0x292
    MaxCertificates: Final = 0x293
    MaxAmbiguousRecipients: Final = 0x294
    CertificateCount: Final = 0x295
    Availability: Final = 0x296
    StartTime: Final = 0x297
    EndTime: Final = 0x298
    MergedFreeBusy: Final = 0x299
    Picture: Final = 0x29A
    MaxSize: Final = 0x29B
    Data: Final = 0x29C
    MaxPictures: Final = 0x29D


class ValidateCert:
    """
    Code page 11.
    """

    ValidateCert: Final = 0x2C5
    Certificates: Final = 0x2C6
    Certificate: Final = 0x2C7
    CertificateChain: Final = 0x2C8
    CheckCRL: Final = 0x2C9
    Status: Final = 0x2CA


class Contacts2:
    """
    Code page 12.
    """

    CustomerId: Final = 0x305
    GovernmentId: Final = 0x306
    IMAddress: Final = 0x307
    IMAddress2: Final = 0x308
    IMAddress3: Final = 0x309
    ManagerName: Final = 0x30A
    CompanyMainPhone: Final = 0x30B
    AccountName: Final = 0x30C
    NickName: Final = 0x30D
    MMS: Final = 0x30E


class Ping:
    """
    Code page 13.
    """

    Ping: Final = 0x345
    AutdState: Final = 0x346  # legacy
    Status: Final = 0x347
    HeartbeatInterval: Final = 0x348
    Folders: Final = 0x349
    Folder: Final = 0x34A
    Id: Final = 0x34B
    Class: Final = 0x34C
    MaxFolders: Final = 0x34D


class Provision:
    """
    Code page 14.
    """

    Provision: Final = 0x385
    Policies: Final = 0x386
    Policy: Final = 0x387
    PolicyType: Final = 0x388
    PolicyKey: Final = 0x389
    Data: Final = 0x38A
    Status: Final = 0x38B
    RemoteWipe: Final = 0x38C
    EASProvisionDoc: Final = 0x38D
    DevicePasswordEnabled: Final = 0x38E
    AlphanumericDevicePasswordRequired: Final = 0x38F
    RequireStorageCardEncryption: Final = 0x390
    PasswordRecoveryEnabled: Final = 0x391
    DocumentBrowseEnabled: Final = 0x392  # legacy
    AttachmentsEnabled: Final = 0x393
    MinDevicePasswordLength: Final = 0x394
    MaxInactivityTimeDeviceLock: Final = 0x395
    MaxDevicePasswordFailedAttempts: Final = 0x396
    MaxAttachmentSize: Final = 0x397
    AllowSimpleDevicePassword: Final = 0x398
    DevicePasswordExpiration: Final = 0x399
    DevicePasswordHistory: Final = 0x39A
    AllowStorageCard: Final = 0x39B
    AllowCamera: Final = 0x39C
    RequireDeviceEncryption: Final = 0x39D
    AllowUnsignedApplications: Final = 0x39E
    AllowUnsignedInstallationPackages: Final = 0x39F
    MinDevicePasswordComplexCharacters: Final = 0x3A0
    AllowWiFi: Final = 0x3A1
    AllowTextMessaging: Final = 0x3A2
    AllowPOPIMAPEmail: Final = 0x3A3
    AllowBluetooth: Final = 0x3A4
    AllowIrDA: Final = 0x3A5
    RequireManualSyncWhenRoaming: Final = 0x3A6
    AllowDesktopSync: Final = 0x3A7
    MaxCalendarAgeFilter: Final = 0x3A8
    AllowHTMLEmail: Final = 0x3A9
    MaxEmailAgeFilter: Final = 0x3AA
    MaxEmailBodyTruncationSize: Final = 0x3AB
    MaxEmailHTMLBodyTruncationSize: Final = 0x3AC
    RequireSignedSMIMEMessages: Final = 0x3AD
    RequireEncryptedSMIMEMessages: Final = 0x3AE
    RequireSignedSMIMEAlgorithm: Final = 0x3AF
    RequireEncryptionSMIMEAlgorithm: Final = 0x3B0
    AllowSMIMEEncryptionAlgorithmNegotiation: Final = 0x3B1
    AllowSMIMESoftCerts: Final = 0x3B2
    AllowBrowser: Final = 0x3B3
    AllowConsumerEmail: Final = 0x3B4
    AllowRemoteDesktop: Final = 0x3B5
    AllowInternetSharing: Final = 0x3B6
    UnapprovedInROMApplicationList: Final = 0x3B7
    ApplicationName: Final = 0x3B8
    ApprovedApplicationList: Final = 0x3B9
    Hash: Final = 0x3BA
    AccountOnlyRemoteWipe: Final = 0x3BB


class Search:
    """
    Code page 15.
    """

    Search: Final = 0x3C5
    Store: Final = 0x3C7
    Name: Final = 0x3C8
    Query: Final = 0x3C9
    Options: Final = 0x3CA
    Range: Final = 0x3CB
    Status: Final = 0x3CC
    Response: Final = 0x3CD
    Result: Final = 0x3CE
    Properties: Final = 0x3CF
    Total: Final = 0x3D0
    EqualTo: Final = 0x3D1
    Value: Final = 0x3D2
    And: Final = 0x3D3
    Or: Final = 0x3D4
    FreeText: Final = 0x3D5
    DeepTraversal: Final = 0x3D7
    LongId: Final = 0x3D8
    RebuildResults: Final = 0x3D9
    LessThan: Final = 0x3DA
    GreaterThan: Final = 0x3DB
    Schema: Final = 0x3DC  # legacy
    Supported: Final = 0x3DD  # legacy
    UserName: Final = 0x3DE
    Password: Final = 0x3DF
    ConversationId: Final = 0x3E0
    Picture: Final = 0x3E1
    MaxSize: Final = 0x3E2
    MaxPictures: Final = 0x3E3


class GAL:
    """
    Code page 16.
    """

    DisplayName: Final = 0x405
    Phone: Final = 0x406
    Office: Final = 0x407
    Title: Final = 0x408
    Company: Final = 0x409
    Alias: Final = 0x40A
    FirstName: Final = 0x40B
    LastName: Final = 0x40C
    HomePhone: Final = 0x40D
    MobilePhone: Final = 0x40E
    EmailAddress: Final = 0x40F
    Picture: Final = 0x410
    Status: Final = 0x411
    Data: Final = 0x412


class AirSyncBase:
    """
    Code page 17.
    """

    BodyPreference: Final = 0x445
    Type: Final = 0x446
    TruncationSize: Final = 0x447
    AllOrNone: Final = 0x448
    Body: Final = 0x44A
    Data: Final = 0x44B
    EstimatedDataSize: Final = 0x44C
    Truncated: Final = 0x44D
    Attachments: Final = 0x44E
    Attachment: Final = 0x44F
    DisplayName: Final = 0x450
    FileReference: Final = 0x451
    Method: Final = 0x452
    ContentId: Final = 0x453
    ContentLocation: Final = 0x454
    IsInline: Final = 0x455
    NativeBodyType: Final = 0x456
    ContentType: Final = 0x457
    Preview: Final = 0x458
    BodyPartPreference: Final = 0x459
    BodyPart: Final = 0x45A
    Status: Final = 0x45B
    Add: Final = 0x45C
    Delete: Final = 0x45D
    ClientId: Final = 0x45E
    Content: Final = 0x45F
    Location: Final = 0x460
    Annotation: Final = 0x461
    Street: Final = 0x462
    City: Final = 0x463
    State: Final = 0x464
    Country: Final = 0x465
    PostalCode: Final = 0x466
    Latitude: Final = 0x467
    Longitude: Final = 0x468
    Accuracy: Final = 0x469
    Altitude: Final = 0x46A
    AltitudeAccuracy: Final = 0x46B
    LocationUri: Final = 0x46C
    InstanceId: Final = 0x46D


class Settings:
    """
    Code page 18.
    """

    Settings: Final = 0x485
    Status: Final = 0x486
    Get: Final = 0x487
    Set: Final = 0x488
    Oof: Final = 0x489
    OofState: Final = 0x48A
    StartTime: Final = 0x48B
    EndTime: Final = 0x48C
    OofMessage: Final = 0x48D
    AppliesToInternal: Final = 0x48E
    AppliesToExternalKnown: Final = 0x48F
    AppliesToExternalUnknown: Final = 0x490
    Enabled: Final = 0x491
    ReplyMessage: Final = 0x492
    BodyType: Final = 0x493
    DevicePassword: Final = 0x494
    Password: Final = 0x495
    DeviceInformation: Final = 0x496
    Model: Final = 0x497
    IMEI: Final = 0x498
    FriendlyName: Final = 0x499
    OS: Final = 0x49A
    OSLanguage: Final = 0x49B
    PhoneNumber: Final = 0x49C
    UserInformation: Final = 0x49D
    EmailAddresses: Final = 0x49E
    SMTPAddress: Final = 0x49F
    UserAgent: Final = 0x4A0
    EnableOutboundSMS: Final = 0x4A1
    MobileOperator: Final = 0x4A2
    PrimarySmtpAddress: Final = 0x4A3
    Accounts: Final = 0x4A4
    Account: Final = 0x4A5
    AccountId: Final = 0x4A6
    AccountName: Final = 0x4A7
    UserDisplayName: Final = 0x4A8
    SendDisabled: Final = 0x4A9
    RightsManagementInformation: Final = 0x4AB


class DocumentLibrary:
    """
    Code page 19.
    """

    LinkId: Final = 0x4C5
    DisplayName: Final = 0x4C6
    IsFolder: Final = 0x4C7
    CreationDate: Final = 0x4C8
    LastModifiedDate: Final = 0x4C9
    IsHidden: Final = 0x4CA
    ContentLength: Final = 0x4CB
    ContentType: Final = 0x4CC


class ItemOperations:
    """
    Code page 20.
    """

    ItemOperations: Final = 0x505
    Fetch: Final = 0x506
    Store: Final = 0x507
    Options: Final = 0x508
    Range: Final = 0x509
    Total: Final = 0x50A
    Properties: Final = 0x50B
    Data: Final = 0x50C
    Status: Final = 0x50D
    Response: Final = 0x50E
    Version: Final = 0x50F
    Schema: Final = 0x510
    Part: Final = 0x511
    EmptyFolderContents: Final = 0x512
    DeleteSubFolders: Final = 0x513
    UserName: Final = 0x514
    Password: Final = 0x515
    Move: Final = 0x516
    DstFldId: Final = 0x517
    ConversationId: Final = 0x518
    MoveAlways: Final = 0x519


class ComposeMail:
    """
    Code page 21.
    """

    SendMail: Final = 0x545
    SmartForward: Final = 0x546
    SmartReply: Final = 0x547
    SaveInSentItems: Final = 0x548
    ReplaceMime: Final = 0x549
    Source: Final = 0x54B
    FolderId: Final = 0x54C
    ItemId: Final = 0x54D
    LongId: Final = 0x54E
    InstanceId: Final = 0x54F
    Mime: Final = 0x550
    ClientId: Final = 0x551
    Status: Final = 0x552
    AccountId: Final = 0x553
    Forwardees: Final = 0x555
    Forwardee: Final = 0x556
    Name: Final = 0x557
    Email: Final = 0x558


class Email2:
    """
    Code page 22.
    """

    UmCallerID: Final = 0x585
    UmUserNotes: Final = 0x586
    UmAttDuration: Final = 0x587
    UmAttOrder: Final = 0x588
    ConversationId: Final = 0x589
    ConversationIndex: Final = 0x58A
    LastVerbExecuted: Final = 0x58B
    LastVerbExecutionTime: Final = 0x58C
    ReceivedAsBcc: Final = 0x58D
    Sender: Final = 0x58E
    CalendarType: Final = 0x58F
    IsLeapMonth: Final = 0x590
    AccountId: Final = 0x591
    FirstDayOfWeek: Final = 0x592
    MeetingMessageType: Final = 0x593
    IsDraft: Final = 0x595
    Bcc: Final = 0x596
    Send: Final = 0x597


class Notes:
    """
    Code page 23.
    """

    Subject: Final = 0x5C5
    MessageClass: Final = 0x5C6
    LastModifiedDate: Final = 0x5C7
    Categories: Final = 0x5C8
    Category: Final = 0x5C9


class RightsManagement:
    """
    Code page 24.
    """

    RightsManagementSupport: Final = 0x605
    RightsManagementTemplates: Final = 0x606
    RightsManagementTemplate: Final = 0x607
    RightsManagementLicense: Final = 0x608
    EditAllowed: Final = 0x609
    ReplyAllowed: Final = 0x60A
    ReplyAllAllowed: Final = 0x60B
    ForwardAllowed: Final = 0x60C
    ModifyRecipientsAllowed: Final = 0x60D
    ExtractAllowed: Final = 0x60E
    PrintAllowed: Final = 0x60F
    ExportAllowed: Final = 0x610
    ProgrammaticAccessAllowed: Final = 0x611
    Owner: Final = 0x612
    ContentExpiryDate: Final = 0x613
    TemplateID: Final = 0x614
    TemplateName: Final = 0x615
    TemplateDescription: Final = 0x616
    ContentOwner: Final = 0x617
    RemoveRightsManagementProtection: Final = 0x618


class Find:
    """
    Code page 25.
    """

    Find: Final = 0x645
    SearchId: Final = 0x646
    ExecuteSearch: Final = 0x647
    MailBoxSearchCriterion: Final = 0x648
    Query: Final = 0x649
    Status: Final = 0x64A
    FreeText: Final = 0x64B
    Options: Final = 0x64C
    Range: Final = 0x64D
    DeepTraversal: Final = 0x64E
    Response: Final = 0x651
    Result: Final = 0x652
    Properties: Final = 0x653
    Preview: Final = 0x654
    HasAttachments: Final = 0x655
    Total: Final = 0x656
    DisplayCc: Final = 0x657
    DisplayBcc: Final = 0x658
    GalSearchCriterion: Final = 0x659
    MaxPictures: Final = 0x660
    MaxSize: Final = 0x661
    Picture: Final = 0x662


NAMESPACES: Final = {
    0: "AirSync",
    1: "Contacts",
    2: "Email",
    3: "AirNotify",
    4: "Calendar",
    5: "Move",
    6: "GetItemEstimate",
    7: "FolderHierarchy",
    8: "MeetingResponse",
    9: "Tasks",
    10: "ResolveRecipients",
    11: "ValidateCert",
    12: "Contacts2",
    13: "Ping",
    14: "Provision",
    15: "Search",
    16: "GAL",
    17: "AirSyncBase",
    18: "Settings",
    19: "DocumentLibrary",
    20: "ItemOperations",
    21: "ComposeMail",
    22: "Email2",
    23: "Notes",
    24: "RightsManagement",
    25: "Find",
}

TAGS: Final = {
    ("AirSync", "Sync"): AirSync.Sync,
    ("AirSync", "Responses"): AirSync.Responses,
    ("AirSync", "Add"): AirSync.Add,
    ("AirSync", "Change"): AirSync.Change,
    ("AirSync", "Delete"): AirSync.Delete,
    ("AirSync", "Fetch"): AirSync.Fetch,
    ("AirSync", "SyncKey"): AirSync.SyncKey,
    ("AirSync", "ClientId"): AirSync.ClientId,
    ("AirSync", "ServerId"): AirSync.ServerId,
    ("AirSync", "Status"): AirSync.Status,
    ("AirSync", "Collection"): AirSync.Collection,
    ("AirSync", "Class"): AirSync.Class,
    ("AirSync", "Version"): AirSync.Version,
    ("AirSync", "CollectionId"): AirSync.CollectionId,
    ("AirSync", "GetChanges"): AirSync.GetChanges,
    ("AirSync", "MoreAvailable"): AirSync.MoreAvailable,
    ("AirSync", "WindowSize"): AirSync.WindowSize,
    ("AirSync", "Commands"): AirSync.Commands,
    ("AirSync", "Options"): AirSync.Options,
    ("AirSync", "FilterType"): AirSync.FilterType,
    ("AirSync", "Truncation"): AirSync.Truncation,
    ("AirSync", "RTFTruncation"): AirSync.RTFTruncation,
    ("AirSync", "Conflict"): AirSync.Conflict,
    ("AirSync", "Collections"): AirSync.Collections,
    ("AirSync", "ApplicationData"): AirSync.ApplicationData,
    ("AirSync", "DeletesAsMoves"): AirSync.DeletesAsMoves,
    ("AirSync", "NotifyGUID"): AirSync.NotifyGUID,
    ("AirSync", "Supported"): AirSync.Supported,
    ("AirSync", "SoftDelete"): AirSync.SoftDelete,
    ("AirSync", "MIMESupport"): AirSync.MIMESupport,
    ("AirSync", "MIMETruncation"): AirSync.MIMETruncation,
    ("AirSync", "Wait"): AirSync.Wait,
    ("AirSync", "Limit"): AirSync.Limit,
    ("AirSync", "Partial"): AirSync.Partial,
    ("AirSync", "ConversationMode"): AirSync.ConversationMode,
    ("AirSync", "MaxItems"): AirSync.MaxItems,
    ("AirSync", "HeartbeatInterval"): AirSync.HeartbeatInterval,
    ("Contacts", "Anniversary"): Contacts.Anniversary,
    ("Contacts", "AssistantName"): Contacts.AssistantName,
    ("Contacts", "AssistantPhoneNumber"): Contacts.AssistantPhoneNumber,
    ("Contacts", "Birthday"): Contacts.Birthday,
    ("Contacts", "Body"): Contacts.Body,
    ("Contacts", "BodySize"): Contacts.BodySize,
    ("Contacts", "BodyTruncated"): Contacts.BodyTruncated,
    ("Contacts", "Business2PhoneNumber"): Contacts.Business2PhoneNumber,
    ("Contacts", "BusinessAddressCity"): Contacts.BusinessAddressCity,
    ("Contacts", "BusinessAddressCountry"): Contacts.BusinessAddressCountry,
    ("Contacts", "BusinessAddressPostalCode"): Contacts.BusinessAddressPostalCode,
    ("Contacts", "BusinessAddressState"): Contacts.BusinessAddressState,
    ("Contacts", "BusinessAddressStreet"): Contacts.BusinessAddressStreet,
    ("Contacts", "BusinessFaxNumber"): Contacts.BusinessFaxNumber,
    ("Contacts", "BusinessPhoneNumber"): Contacts.BusinessPhoneNumber,
    ("Contacts", "CarPhoneNumber"): Contacts.CarPhoneNumber,
    ("Contacts", "Categories"): Contacts.Categories,
    ("Contacts", "Category"): Contacts.Category,
    ("Contacts", "Children"): Contacts.Children,
    ("Contacts", "Child"): Contacts.Child,
    ("Contacts", "CompanyName"): Contacts.CompanyName,
    ("Contacts", "Department"): Contacts.Department,
    ("Contacts", "Email1Address"): Contacts.Email1Address,
    ("Contacts", "Email2Address"): Contacts.Email2Address,
    ("Contacts", "Email3Address"): Contacts.Email3Address,
    ("Contacts", "FileAs"): Contacts.FileAs,
    ("Contacts", "FirstName"): Contacts.FirstName,
    ("Contacts", "Home2PhoneNumber"): Contacts.Home2PhoneNumber,
    ("Contacts", "HomeAddressCity"): Contacts.HomeAddressCity,
    ("Contacts", "HomeAddressCountry"): Contacts.HomeAddressCountry,
    ("Contacts", "HomeAddressPostalCode"): Contacts.HomeAddressPostalCode,
    ("Contacts", "HomeAddressState"): Contacts.HomeAddressState,
    ("Contacts", "HomeAddressStreet"): Contacts.HomeAddressStreet,
    ("Contacts", "HomeFaxNumber"): Contacts.HomeFaxNumber,
    ("Contacts", "HomePhoneNumber"): Contacts.HomePhoneNumber,
    ("Contacts", "JobTitle"): Contacts.JobTitle,
    ("Contacts", "LastName"): Contacts.LastName,
    ("Contacts", "MiddleName"): Contacts.MiddleName,
    ("Contacts", "MobilePhoneNumber"): Contacts.MobilePhoneNumber,
    ("Contacts", "OfficeLocation"): Contacts.OfficeLocation,
    ("Contacts", "OtherAddressCity"): Contacts.OtherAddressCity,
    ("Contacts", "OtherAddressCountry"): Contacts.OtherAddressCountry,
    ("Contacts", "OtherAddressPostalCode"): Contacts.OtherAddressPostalCode,
    ("Contacts", "OtherAddressState"): Contacts.OtherAddressState,
    ("Contacts", "OtherAddressStreet"): Contacts.OtherAddressStreet,
    ("Contacts", "PagerNumber"): Contacts.PagerNumber,
    ("Contacts", "RadioPhoneNumber"): Contacts.RadioPhoneNumber,
    ("Contacts", "Spouse"): Contacts.Spouse,
    ("Contacts", "Suffix"): Contacts.Suffix,
    ("Contacts", "Title"): Contacts.Title,
    ("Contacts", "WebPage"): Contacts.WebPage,
    ("Contacts", "YomiCompanyName"): Contacts.YomiCompanyName,
    ("Contacts", "YomiFirstName"): Contacts.YomiFirstName,
    ("Contacts", "YomiLastName"): Contacts.YomiLastName,
    ("Contacts", "CompressedRTF"): Contacts.CompressedRTF,
    ("Contacts", "Picture"): Contacts.Picture,
    ("Contacts", "Alias"): Contacts.Alias,
    ("Contacts", "WeightedRank"): Contacts.WeightedRank,
    ("Email", "Attachment"): Email.Attachment,
    ("Email", "Attachments"): Email.Attachments,
    ("Email", "AttName"): Email.AttName,
    ("Email", "AttSize"): Email.AttSize,
    ("Email", "AttOId"): Email.AttOId,
    ("Email", "AttMethod"): Email.AttMethod,
    ("Email", "AttRemoved"): Email.AttRemoved,
    ("Email", "Body"): Email.Body,
    ("Email", "BodySize"): Email.BodySize,
    ("Email", "BodyTruncated"): Email.BodyTruncated,
    ("Email", "DateReceived"): Email.DateReceived,
    ("Email", "DisplayName"): Email.DisplayName,
    ("Email", "DisplayTo"): Email.DisplayTo,
    ("Email", "Importance"): Email.Importance,
    ("Email", "MessageClass"): Email.MessageClass,
    ("Email", "Subject"): Email.Subject,
    ("Email", "Read"): Email.Read,
    ("Email", "To"): Email.To,
    ("Email", "Cc"): Email.Cc,
    ("Email", "From"): Email.From,
    ("Email", "ReplyTo"): Email.ReplyTo,
    ("Email", "AllDayEvent"): Email.AllDayEvent,
    ("Email", "Categories"): Email.Categories,
    ("Email", "Category"): Email.Category,
    ("Email", "DtStamp"): Email.DtStamp,
    ("Email", "EndTime"): Email.EndTime,
    ("Email", "InstanceType"): Email.InstanceType,
    ("Email", "BusyStatus"): Email.BusyStatus,
    ("Email", "Location"): Email.Location,
    ("Email", "MeetingRequest"): Email.MeetingRequest,
    ("Email", "Organizer"): Email.Organizer,
    ("Email", "RecurrenceId"): Email.RecurrenceId,
    ("Email", "Reminder"): Email.Reminder,
    ("Email", "ResponseRequested"): Email.ResponseRequested,
    ("Email", "Recurrences"): Email.Recurrences,
    ("Email", "Recurrence"): Email.Recurrence,
    ("Email", "Type"): Email.Type,
    ("Email", "Until"): Email.Until,
    ("Email", "Occurrences"): Email.Occurrences,
    ("Email", "Interval"): Email.Interval,
    ("Email", "DayOfWeek"): Email.DayOfWeek,
    ("Email", "DayOfMonth"): Email.DayOfMonth,
    ("Email", "WeekOfMonth"): Email.WeekOfMonth,
    ("Email", "MonthOfYear"): Email.MonthOfYear,
    ("Email", "StartTime"): Email.StartTime,
    ("Email", "Sensitivity"): Email.Sensitivity,
    ("Email", "TimeZone"): Email.TimeZone,
    ("Email", "GlobalObjId"): Email.GlobalObjId,
    ("Email", "ThreadTopic"): Email.ThreadTopic,
    ("Email", "MIMEData"): Email.MIMEData,
    ("Email", "MIMETruncated"): Email.MIMETruncated,
    ("Email", "MIMESize"): Email.MIMESize,
    ("Email", "InternetCPID"): Email.InternetCPID,
    ("Email", "Flag"): Email.Flag,
    ("Email", "Status"): Email.Status,
    ("Email", "ContentClass"): Email.ContentClass,
    ("Email", "FlagType"): Email.FlagType,
    ("Email", "CompleteTime"): Email.CompleteTime,
    ("Email", "DisallowNewTimeProposal"): Email.DisallowNewTimeProposal,
    ("AirNotify", "Notify"): AirNotify.Notify,
    ("AirNotify", "Notification"): AirNotify.Notification,
    ("AirNotify", "Version"): AirNotify.Version,
    ("AirNotify", "LifeTime"): AirNotify.LifeTime,
    ("AirNotify", "DeviceInfo"): AirNotify.DeviceInfo,
    ("AirNotify", "Enable"): AirNotify.Enable,
    ("AirNotify", "Folder"): AirNotify.Folder,
    ("AirNotify", "ServerId"): AirNotify.ServerId,
    ("AirNotify", "DeviceAddress"): AirNotify.DeviceAddress,
    ("AirNotify", "ValidCarrierProfiles"): AirNotify.ValidCarrierProfiles,
    ("AirNotify", "CarrierProfile"): AirNotify.CarrierProfile,
    ("AirNotify", "Status"): AirNotify.Status,
    ("AirNotify", "Responses"): AirNotify.Responses,
    ("AirNotify", "Devices"): AirNotify.Devices,
    ("AirNotify", "Device"): AirNotify.Device,
    ("AirNotify", "Id"): AirNotify.Id,
    ("AirNotify", "Expiry"): AirNotify.Expiry,
    ("AirNotify", "NotifyGUID"): AirNotify.NotifyGUID,
    ("AirNotify", "DeviceFriendlyName"): AirNotify.DeviceFriendlyName,
    ("Calendar", "Timezone"): Calendar.Timezone,
    ("Calendar", "AllDayEvent"): Calendar.AllDayEvent,
    ("Calendar", "Attendees"): Calendar.Attendees,
    ("Calendar", "Attendee"): Calendar.Attendee,
    ("Calendar", "Email"): Calendar.Email,
    ("Calendar", "Name"): Calendar.Name,
    ("Calendar", "Body"): Calendar.Body,
    ("Calendar", "BodyTruncated"): Calendar.BodyTruncated,
    ("Calendar", "BusyStatus"): Calendar.BusyStatus,
    ("Calendar", "Categories"): Calendar.Categories,
    ("Calendar", "Category"): Calendar.Category,
    ("Calendar", "CompressedRTF"): Calendar.CompressedRTF,
    ("Calendar", "DtStamp"): Calendar.DtStamp,
    ("Calendar", "EndTime"): Calendar.EndTime,
    ("Calendar", "Exception"): Calendar.Exception,
    ("Calendar", "Exceptions"): Calendar.Exceptions,
    ("Calendar", "Deleted"): Calendar.Deleted,
    ("Calendar", "ExceptionStartTime"): Calendar.ExceptionStartTime,
    ("Calendar", "Location"): Calendar.Location,
    ("Calendar", "MeetingStatus"): Calendar.MeetingStatus,
    ("Calendar", "OrganizerEmail"): Calendar.OrganizerEmail,
    ("Calendar", "OrganizerName"): Calendar.OrganizerName,
    ("Calendar", "Recurrence"): Calendar.Recurrence,
    ("Calendar", "Type"): Calendar.Type,
    ("Calendar", "Until"): Calendar.Until,
    ("Calendar", "Occurrences"): Calendar.Occurrences,
    ("Calendar", "Interval"): Calendar.Interval,
    ("Calendar", "DayOfWeek"): Calendar.DayOfWeek,
    ("Calendar", "DayOfMonth"): Calendar.DayOfMonth,
    ("Calendar", "WeekOfMonth"): Calendar.WeekOfMonth,
    ("Calendar", "MonthOfYear"): Calendar.MonthOfYear,
    ("Calendar", "Reminder"): Calendar.Reminder,
    ("Calendar", "Sensitivity"): Calendar.Sensitivity,
    ("Calendar", "Subject"): Calendar.Subject,
    ("Calendar", "StartTime"): Calendar.StartTime,
    ("Calendar", "UID"): Calendar.UID,
    ("Calendar", "AttendeeStatus"): Calendar.AttendeeStatus,
    ("Calendar", "AttendeeType"): Calendar.AttendeeType,
    ("Calendar", "Attachment"): Calendar.Attachment,
    ("Calendar", "Attachments"): Calendar.Attachments,
    ("Calendar", "AttName"): Calendar.AttName,
    ("Calendar", "AttSize"): Calendar.AttSize,
    ("Calendar", "AttOid"): Calendar.AttOid,
    ("Calendar", "AttMethod"): Calendar.AttMethod,
    ("Calendar", "AttRemoved"): Calendar.AttRemoved,
    ("Calendar", "DisplayName"): Calendar.DisplayName,
    ("Calendar", "DisallowNewTimeProposal"): Calendar.DisallowNewTimeProposal,
    ("Calendar", "ResponseRequested"): Calendar.ResponseRequested,
    ("Calendar", "AppointmentReplyTime"): Calendar.AppointmentReplyTime,
    ("Calendar", "ResponseType"): Calendar.ResponseType,
    ("Calendar", "CalendarType"): Calendar.CalendarType,
    ("Calendar", "IsLeapMonth"): Calendar.IsLeapMonth,
    ("Calendar", "FirstDayOfWeek"): Calendar.FirstDayOfWeek,
    ("Calendar", "OnlineMeetingConfLink"): Calendar.OnlineMeetingConfLink,
    ("Calendar", "OnlineMeetingExternalLink"): Calendar.OnlineMeetingExternalLink,
    ("Calendar", "ClientUid"): Calendar.ClientUid,
    ("Move", "MoveItems"): Move.MoveItems,
    ("Move", "Move"): Move.Move,
    ("Move", "SrcMsgId"): Move.SrcMsgId,
    ("Move", "SrcFldId"): Move.SrcFldId,
    ("Move", "DstFldId"): Move.DstFldId,
    ("Move", "Response"): Move.Response,
    ("Move", "Status"): Move.Status,
    ("Move", "DstMsgId"): Move.DstMsgId,
    ("GetItemEstimate", "GetItemEstimate"): GetItemEstimate.GetItemEstimate,
    ("GetItemEstimate", "Version"): GetItemEstimate.Version,
    ("GetItemEstimate", "Collections"): GetItemEstimate.Collections,
    ("GetItemEstimate", "Collection"): GetItemEstimate.Collection,
    ("GetItemEstimate", "Class"): GetItemEstimate.Class,
    ("GetItemEstimate", "CollectionId"): GetItemEstimate.CollectionId,
    ("GetItemEstimate", "DateTime"): GetItemEstimate.DateTime,
    ("GetItemEstimate", "Estimate"): GetItemEstimate.Estimate,
    ("GetItemEstimate", "Response"): GetItemEstimate.Response,
    ("GetItemEstimate", "Status"): GetItemEstimate.Status,
    ("FolderHierarchy", "Folders"): FolderHierarchy.Folders,
    ("FolderHierarchy", "Folder"): FolderHierarchy.Folder,
    ("FolderHierarchy", "DisplayName"): FolderHierarchy.DisplayName,
    ("FolderHierarchy", "ServerId"): FolderHierarchy.ServerId,
    ("FolderHierarchy", "ParentId"): FolderHierarchy.ParentId,
    ("FolderHierarchy", "Type"): FolderHierarchy.Type,
    ("FolderHierarchy", "Response"): FolderHierarchy.Response,
    ("FolderHierarchy", "Status"): FolderHierarchy.Status,
    ("FolderHierarchy", "ContentClass"): FolderHierarchy.ContentClass,
    ("FolderHierarchy", "Changes"): FolderHierarchy.Changes,
    ("FolderHierarchy", "Add"): FolderHierarchy.Add,
    ("FolderHierarchy", "Delete"): FolderHierarchy.Delete,
    ("FolderHierarchy", "Update"): FolderHierarchy.Update,
    ("FolderHierarchy", "SyncKey"): FolderHierarchy.SyncKey,
    ("FolderHierarchy", "FolderCreate"): FolderHierarchy.FolderCreate,
    ("FolderHierarchy", "FolderDelete"): FolderHierarchy.FolderDelete,
    ("FolderHierarchy", "FolderUpdate"): FolderHierarchy.FolderUpdate,
    ("FolderHierarchy", "FolderSync"): FolderHierarchy.FolderSync,
    ("FolderHierarchy", "Count"): FolderHierarchy.Count,
    ("FolderHierarchy", "Version"): FolderHierarchy.Version,
    ("MeetingResponse", "CalendarId"): MeetingResponse.CalendarId,
    ("MeetingResponse", "CollectionId"): MeetingResponse.CollectionId,
    ("MeetingResponse", "MeetingResponse"): MeetingResponse.MeetingResponse,
    ("MeetingResponse", "RequestId"): MeetingResponse.RequestId,
    ("MeetingResponse", "Request"): MeetingResponse.Request,
    ("MeetingResponse", "Result"): MeetingResponse.Result,
    ("MeetingResponse", "Status"): MeetingResponse.Status,
    ("MeetingResponse", "UserResponse"): MeetingResponse.UserResponse,
    ("MeetingResponse", "Version"): MeetingResponse.Version,
    ("MeetingResponse", "InstanceId"): MeetingResponse.InstanceId,
    ("MeetingResponse", "ProposedStartTime"): MeetingResponse.ProposedStartTime,
    ("MeetingResponse", "ProposedEndTime"): MeetingResponse.ProposedEndTime,
    ("MeetingResponse", "SendResponse"): MeetingResponse.SendResponse,
    ("Tasks", "Body"): Tasks.Body,
    ("Tasks", "BodySize"): Tasks.BodySize,
    ("Tasks", "BodyTruncated"): Tasks.BodyTruncated,
    ("Tasks", "Categories"): Tasks.Categories,
    ("Tasks", "Category"): Tasks.Category,
    ("Tasks", "Complete"): Tasks.Complete,
    ("Tasks", "DateCompleted"): Tasks.DateCompleted,
    ("Tasks", "DueDate"): Tasks.DueDate,
    ("Tasks", "UtcDueDate"): Tasks.UtcDueDate,
    ("Tasks", "Importance"): Tasks.Importance,
    ("Tasks", "Recurrence"): Tasks.Recurrence,
    ("Tasks", "Type"): Tasks.Type,
    ("Tasks", "Start"): Tasks.Start,
    ("Tasks", "Until"): Tasks.Until,
    ("Tasks", "Occurrences"): Tasks.Occurrences,
    ("Tasks", "Interval"): Tasks.Interval,
    ("Tasks", "DayOfMonth"): Tasks.DayOfMonth,
    ("Tasks", "DayOfWeek"): Tasks.DayOfWeek,
    ("Tasks", "WeekOfMonth"): Tasks.WeekOfMonth,
    ("Tasks", "MonthOfYear"): Tasks.MonthOfYear,
    ("Tasks", "Regenerate"): Tasks.Regenerate,
    ("Tasks", "DeadOccur"): Tasks.DeadOccur,
    ("Tasks", "ReminderSet"): Tasks.ReminderSet,
    ("Tasks", "ReminderTime"): Tasks.ReminderTime,
    ("Tasks", "Sensitivity"): Tasks.Sensitivity,
    ("Tasks", "StartDate"): Tasks.StartDate,
    ("Tasks", "UtcStartDate"): Tasks.UtcStartDate,
    ("Tasks", "Subject"): Tasks.Subject,
    ("Tasks", "CompressedRTF"): Tasks.CompressedRTF,
    ("Tasks", "OrdinalDate"): Tasks.OrdinalDate,
    ("Tasks", "SubOrdinalDate"): Tasks.SubOrdinalDate,
    ("Tasks", "CalendarType"): Tasks.CalendarType,
    ("Tasks", "IsLeapMonth"): Tasks.IsLeapMonth,
    ("Tasks", "FirstDayOfWeek"): Tasks.FirstDayOfWeek,
    ("ResolveRecipients", "ResolveRecipients"): ResolveRecipients.ResolveRecipients,
    ("ResolveRecipients", "Response"): ResolveRecipients.Response,
    ("ResolveRecipients", "Status"): ResolveRecipients.Status,
    ("ResolveRecipients", "Type"): ResolveRecipients.Type,
    ("ResolveRecipients", "Recipient"): ResolveRecipients.Recipient,
    ("ResolveRecipients", "DisplayName"): ResolveRecipients.DisplayName,
    ("ResolveRecipients", "EmailAddress"): ResolveRecipients.EmailAddress,
    ("ResolveRecipients", "Certificates"): ResolveRecipients.Certificates,
    ("ResolveRecipients", "Certificate"): ResolveRecipients.Certificate,
    ("ResolveRecipients", "MiniCertificate"): ResolveRecipients.MiniCertificate,
    ("ResolveRecipients", "Options"): ResolveRecipients.Options,
    ("ResolveRecipients", "To"): ResolveRecipients.To,
    ("ResolveRecipients", "CertificateRetrieval"): ResolveRecipients.CertificateRetrieval,
    ("ResolveRecipients", "RecipientCount"): ResolveRecipients.RecipientCount,
    ("ResolveRecipients", "MaxCertificates"): ResolveRecipients.MaxCertificates,
    ("ResolveRecipients", "MaxAmbiguousRecipients"): ResolveRecipients.MaxAmbiguousRecipients,
    ("ResolveRecipients", "CertificateCount"): ResolveRecipients.CertificateCount,
    ("ResolveRecipients", "Availability"): ResolveRecipients.Availability,
    ("ResolveRecipients", "StartTime"): ResolveRecipients.StartTime,
    ("ResolveRecipients", "EndTime"): ResolveRecipients.EndTime,
    ("ResolveRecipients", "MergedFreeBusy"): ResolveRecipients.MergedFreeBusy,
    ("ResolveRecipients", "Picture"): ResolveRecipients.Picture,
    ("ResolveRecipients", "MaxSize"): ResolveRecipients.MaxSize,
    ("ResolveRecipients", "Data"): ResolveRecipients.Data,
    ("ResolveRecipients", "MaxPictures"): ResolveRecipients.MaxPictures,
    ("ValidateCert", "ValidateCert"): ValidateCert.ValidateCert,
    ("ValidateCert", "Certificates"): ValidateCert.Certificates,
    ("ValidateCert", "Certificate"): ValidateCert.Certificate,
    ("ValidateCert", "CertificateChain"): ValidateCert.CertificateChain,
    ("ValidateCert", "CheckCRL"): ValidateCert.CheckCRL,
    ("ValidateCert", "Status"): ValidateCert.Status,
    ("Contacts2", "CustomerId"): Contacts2.CustomerId,
    ("Contacts2", "GovernmentId"): Contacts2.GovernmentId,
    ("Contacts2", "IMAddress"): Contacts2.IMAddress,
    ("Contacts2", "IMAddress2"): Contacts2.IMAddress2,
    ("Contacts2", "IMAddress3"): Contacts2.IMAddress3,
    ("Contacts2", "ManagerName"): Contacts2.ManagerName,
    ("Contacts2", "CompanyMainPhone"): Contacts2.CompanyMainPhone,
    ("Contacts2", "AccountName"): Contacts2.AccountName,
    ("Contacts2", "NickName"): Contacts2.NickName,
    ("Contacts2", "MMS"): Contacts2.MMS,
    ("Ping", "Ping"): Ping.Ping,
    ("Ping", "AutdState"): Ping.AutdState,
    ("Ping", "Status"): Ping.Status,
    ("Ping", "HeartbeatInterval"): Ping.HeartbeatInterval,
    ("Ping", "Folders"): Ping.Folders,
    ("Ping", "Folder"): Ping.Folder,
    ("Ping", "Id"): Ping.Id,
    ("Ping", "Class"): Ping.Class,
    ("Ping", "MaxFolders"): Ping.MaxFolders,
    ("Provision", "Provision"): Provision.Provision,
    ("Provision", "Policies"): Provision.Policies,
    ("Provision", "Policy"): Provision.Policy,
    ("Provision", "PolicyType"): Provision.PolicyType,
    ("Provision", "PolicyKey"): Provision.PolicyKey,
    ("Provision", "Data"): Provision.Data,
    ("Provision", "Status"): Provision.Status,
    ("Provision", "RemoteWipe"): Provision.RemoteWipe,
    ("Provision", "EASProvisionDoc"): Provision.EASProvisionDoc,
    ("Provision", "DevicePasswordEnabled"): Provision.DevicePasswordEnabled,
    ("Provision", "AlphanumericDevicePasswordRequired"): Provision.AlphanumericDevicePasswordRequired,
    ("Provision", "RequireStorageCardEncryption"): Provision.RequireStorageCardEncryption,
    ("Provision", "PasswordRecoveryEnabled"): Provision.PasswordRecoveryEnabled,
    ("Provision", "DocumentBrowseEnabled"): Provision.DocumentBrowseEnabled,
    ("Provision", "AttachmentsEnabled"): Provision.AttachmentsEnabled,
    ("Provision", "MinDevicePasswordLength"): Provision.MinDevicePasswordLength,
    ("Provision", "MaxInactivityTimeDeviceLock"): Provision.MaxInactivityTimeDeviceLock,
    ("Provision", "MaxDevicePasswordFailedAttempts"): Provision.MaxDevicePasswordFailedAttempts,
    ("Provision", "MaxAttachmentSize"): Provision.MaxAttachmentSize,
    ("Provision", "AllowSimpleDevicePassword"): Provision.AllowSimpleDevicePassword,
    ("Provision", "DevicePasswordExpiration"): Provision.DevicePasswordExpiration,
    ("Provision", "DevicePasswordHistory"): Provision.DevicePasswordHistory,
    ("Provision", "AllowStorageCard"): Provision.AllowStorageCard,
    ("Provision", "AllowCamera"): Provision.AllowCamera,
    ("Provision", "RequireDeviceEncryption"): Provision.RequireDeviceEncryption,
    ("Provision", "AllowUnsignedApplications"): Provision.AllowUnsignedApplications,
    ("Provision", "AllowUnsignedInstallationPackages"): Provision.AllowUnsignedInstallationPackages,
    ("Provision", "MinDevicePasswordComplexCharacters"): Provision.MinDevicePasswordComplexCharacters,
    ("Provision", "AllowWiFi"): Provision.AllowWiFi,
    ("Provision", "AllowTextMessaging"): Provision.AllowTextMessaging,
    ("Provision", "AllowPOPIMAPEmail"): Provision.AllowPOPIMAPEmail,
    ("Provision", "AllowBluetooth"): Provision.AllowBluetooth,
    ("Provision", "AllowIrDA"): Provision.AllowIrDA,
    ("Provision", "RequireManualSyncWhenRoaming"): Provision.RequireManualSyncWhenRoaming,
    ("Provision", "AllowDesktopSync"): Provision.AllowDesktopSync,
    ("Provision", "MaxCalendarAgeFilter"): Provision.MaxCalendarAgeFilter,
    ("Provision", "AllowHTMLEmail"): Provision.AllowHTMLEmail,
    ("Provision", "MaxEmailAgeFilter"): Provision.MaxEmailAgeFilter,
    ("Provision", "MaxEmailBodyTruncationSize"): Provision.MaxEmailBodyTruncationSize,
    ("Provision", "MaxEmailHTMLBodyTruncationSize"): Provision.MaxEmailHTMLBodyTruncationSize,
    ("Provision", "RequireSignedSMIMEMessages"): Provision.RequireSignedSMIMEMessages,
    ("Provision", "RequireEncryptedSMIMEMessages"): Provision.RequireEncryptedSMIMEMessages,
    ("Provision", "RequireSignedSMIMEAlgorithm"): Provision.RequireSignedSMIMEAlgorithm,
    ("Provision", "RequireEncryptionSMIMEAlgorithm"): Provision.RequireEncryptionSMIMEAlgorithm,
    ("Provision", "AllowSMIMEEncryptionAlgorithmNegotiation"): Provision.AllowSMIMEEncryptionAlgorithmNegotiation,
    ("Provision", "AllowSMIMESoftCerts"): Provision.AllowSMIMESoftCerts,
    ("Provision", "AllowBrowser"): Provision.AllowBrowser,
    ("Provision", "AllowConsumerEmail"): Provision.AllowConsumerEmail,
    ("Provision", "AllowRemoteDesktop"): Provision.AllowRemoteDesktop,
    ("Provision", "AllowInternetSharing"): Provision.AllowInternetSharing,
    ("Provision", "UnapprovedInROMApplicationList"): Provision.UnapprovedInROMApplicationList,
    ("Provision", "ApplicationName"): Provision.ApplicationName,
    ("Provision", "ApprovedApplicationList"): Provision.ApprovedApplicationList,
    ("Provision", "Hash"): Provision.Hash,
    ("Provision", "AccountOnlyRemoteWipe"): Provision.AccountOnlyRemoteWipe,
    ("Search", "Search"): Search.Search,
    ("Search", "Store"): Search.Store,
    ("Search", "Name"): Search.Name,
    ("Search", "Query"): Search.Query,
    ("Search", "Options"): Search.Options,
    ("Search", "Range"): Search.Range,
    ("Search", "Status"): Search.Status,
    ("Search", "Response"): Search.Response,
    ("Search", "Result"): Search.Result,
    ("Search", "Properties"): Search.Properties,
    ("Search", "Total"): Search.Total,
    ("Search", "EqualTo"): Search.EqualTo,
    ("Search", "Value"): Search.Value,
    ("Search", "And"): Search.And,
    ("Search", "Or"): Search.Or,
    ("Search", "FreeText"): Search.FreeText,
    ("Search", "DeepTraversal"): Search.DeepTraversal,
    ("Search", "LongId"): Search.LongId,
    ("Search", "RebuildResults"): Search.RebuildResults,
    ("Search", "LessThan"): Search.LessThan,
    ("Search", "GreaterThan"): Search.GreaterThan,
    ("Search", "Schema"): Search.Schema,
    ("Search", "Supported"): Search.Supported,
    ("Search", "UserName"): Search.UserName,
    ("Search", "Password"): Search.Password,
    ("Search", "ConversationId"): Search.ConversationId,
    ("Search", "Picture"): Search.Picture,
    ("Search", "MaxSize"): Search.MaxSize,
    ("Search", "MaxPictures"): Search.MaxPictures,
    ("GAL", "DisplayName"): GAL.DisplayName,
    ("GAL", "Phone"): GAL.Phone,
    ("GAL", "Office"): GAL.Office,
    ("GAL", "Title"): GAL.Title,
    ("GAL", "Company"): GAL.Company,
    ("GAL", "Alias"): GAL.Alias,
    ("GAL", "FirstName"): GAL.FirstName,
    ("GAL", "LastName"): GAL.LastName,
    ("GAL", "HomePhone"): GAL.HomePhone,
    ("GAL", "MobilePhone"): GAL.MobilePhone,
    ("GAL", "EmailAddress"): GAL.EmailAddress,
    ("GAL", "Picture"): GAL.Picture,
    ("GAL", "Status"): GAL.Status,
    ("GAL", "Data"): GAL.Data,
    ("AirSyncBase", "BodyPreference"): AirSyncBase.BodyPreference,
    ("AirSyncBase", "Type"): AirSyncBase.Type,
    ("AirSyncBase", "TruncationSize"): AirSyncBase.TruncationSize,
    ("AirSyncBase", "AllOrNone"): AirSyncBase.AllOrNone,
    ("AirSyncBase", "Body"): AirSyncBase.Body,
    ("AirSyncBase", "Data"): AirSyncBase.Data,
    ("AirSyncBase", "EstimatedDataSize"): AirSyncBase.EstimatedDataSize,
    ("AirSyncBase", "Truncated"): AirSyncBase.Truncated,
    ("AirSyncBase", "Attachments"): AirSyncBase.Attachments,
    ("AirSyncBase", "Attachment"): AirSyncBase.Attachment,
    ("AirSyncBase", "DisplayName"): AirSyncBase.DisplayName,
    ("AirSyncBase", "FileReference"): AirSyncBase.FileReference,
    ("AirSyncBase", "Method"): AirSyncBase.Method,
    ("AirSyncBase", "ContentId"): AirSyncBase.ContentId,
    ("AirSyncBase", "ContentLocation"): AirSyncBase.ContentLocation,
    ("AirSyncBase", "IsInline"): AirSyncBase.IsInline,
    ("AirSyncBase", "NativeBodyType"): AirSyncBase.NativeBodyType,
    ("AirSyncBase", "ContentType"): AirSyncBase.ContentType,
    ("AirSyncBase", "Preview"): AirSyncBase.Preview,
    ("AirSyncBase", "BodyPartPreference"): AirSyncBase.BodyPartPreference,
    ("AirSyncBase", "BodyPart"): AirSyncBase.BodyPart,
    ("AirSyncBase", "Status"): AirSyncBase.Status,
    ("AirSyncBase", "Add"): AirSyncBase.Add,
    ("AirSyncBase", "Delete"): AirSyncBase.Delete,
    ("AirSyncBase", "ClientId"): AirSyncBase.ClientId,
    ("AirSyncBase", "Content"): AirSyncBase.Content,
    ("AirSyncBase", "Location"): AirSyncBase.Location,
    ("AirSyncBase", "Annotation"): AirSyncBase.Annotation,
    ("AirSyncBase", "Street"): AirSyncBase.Street,
    ("AirSyncBase", "City"): AirSyncBase.City,
    ("AirSyncBase", "State"): AirSyncBase.State,
    ("AirSyncBase", "Country"): AirSyncBase.Country,
    ("AirSyncBase", "PostalCode"): AirSyncBase.PostalCode,
    ("AirSyncBase", "Latitude"): AirSyncBase.Latitude,
    ("AirSyncBase", "Longitude"): AirSyncBase.Longitude,
    ("AirSyncBase", "Accuracy"): AirSyncBase.Accuracy,
    ("AirSyncBase", "Altitude"): AirSyncBase.Altitude,
    ("AirSyncBase", "AltitudeAccuracy"): AirSyncBase.AltitudeAccuracy,
    ("AirSyncBase", "LocationUri"): AirSyncBase.LocationUri,
    ("AirSyncBase", "InstanceId"): AirSyncBase.InstanceId,
    ("Settings", "Settings"): Settings.Settings,
    ("Settings", "Status"): Settings.Status,
    ("Settings", "Get"): Settings.Get,
    ("Settings", "Set"): Settings.Set,
    ("Settings", "Oof"): Settings.Oof,
    ("Settings", "OofState"): Settings.OofState,
    ("Settings", "StartTime"): Settings.StartTime,
    ("Settings", "EndTime"): Settings.EndTime,
    ("Settings", "OofMessage"): Settings.OofMessage,
    ("Settings", "AppliesToInternal"): Settings.AppliesToInternal,
    ("Settings", "AppliesToExternalKnown"): Settings.AppliesToExternalKnown,
    ("Settings", "AppliesToExternalUnknown"): Settings.AppliesToExternalUnknown,
    ("Settings", "Enabled"): Settings.Enabled,
    ("Settings", "ReplyMessage"): Settings.ReplyMessage,
    ("Settings", "BodyType"): Settings.BodyType,
    ("Settings", "DevicePassword"): Settings.DevicePassword,
    ("Settings", "Password"): Settings.Password,
    ("Settings", "DeviceInformation"): Settings.DeviceInformation,
    ("Settings", "Model"): Settings.Model,
    ("Settings", "IMEI"): Settings.IMEI,
    ("Settings", "FriendlyName"): Settings.FriendlyName,
    ("Settings", "OS"): Settings.OS,
    ("Settings", "OSLanguage"): Settings.OSLanguage,
    ("Settings", "PhoneNumber"): Settings.PhoneNumber,
    ("Settings", "UserInformation"): Settings.UserInformation,
    ("Settings", "EmailAddresses"): Settings.EmailAddresses,
    ("Settings", "SMTPAddress"): Settings.SMTPAddress,
    ("Settings", "UserAgent"): Settings.UserAgent,
    ("Settings", "EnableOutboundSMS"): Settings.EnableOutboundSMS,
    ("Settings", "MobileOperator"): Settings.MobileOperator,
    ("Settings", "PrimarySmtpAddress"): Settings.PrimarySmtpAddress,
    ("Settings", "Accounts"): Settings.Accounts,
    ("Settings", "Account"): Settings.Account,
    ("Settings", "AccountId"): Settings.AccountId,
    ("Settings", "AccountName"): Settings.AccountName,
    ("Settings", "UserDisplayName"): Settings.UserDisplayName,
    ("Settings", "SendDisabled"): Settings.SendDisabled,
    ("Settings", "RightsManagementInformation"): Settings.RightsManagementInformation,
    ("DocumentLibrary", "LinkId"): DocumentLibrary.LinkId,
    ("DocumentLibrary", "DisplayName"): DocumentLibrary.DisplayName,
    ("DocumentLibrary", "IsFolder"): DocumentLibrary.IsFolder,
    ("DocumentLibrary", "CreationDate"): DocumentLibrary.CreationDate,
    ("DocumentLibrary", "LastModifiedDate"): DocumentLibrary.LastModifiedDate,
    ("DocumentLibrary", "IsHidden"): DocumentLibrary.IsHidden,
    ("DocumentLibrary", "ContentLength"): DocumentLibrary.ContentLength,
    ("DocumentLibrary", "ContentType"): DocumentLibrary.ContentType,
    ("ItemOperations", "ItemOperations"): ItemOperations.ItemOperations,
    ("ItemOperations", "Fetch"): ItemOperations.Fetch,
    ("ItemOperations", "Store"): ItemOperations.Store,
    ("ItemOperations", "Options"): ItemOperations.Options,
    ("ItemOperations", "Range"): ItemOperations.Range,
    ("ItemOperations", "Total"): ItemOperations.Total,
    ("ItemOperations", "Properties"): ItemOperations.Properties,
    ("ItemOperations", "Data"): ItemOperations.Data,
    ("ItemOperations", "Status"): ItemOperations.Status,
    ("ItemOperations", "Response"): ItemOperations.Response,
    ("ItemOperations", "Version"): ItemOperations.Version,
    ("ItemOperations", "Schema"): ItemOperations.Schema,
    ("ItemOperations", "Part"): ItemOperations.Part,
    ("ItemOperations", "EmptyFolderContents"): ItemOperations.EmptyFolderContents,
    ("ItemOperations", "DeleteSubFolders"): ItemOperations.DeleteSubFolders,
    ("ItemOperations", "UserName"): ItemOperations.UserName,
    ("ItemOperations", "Password"): ItemOperations.Password,
    ("ItemOperations", "Move"): ItemOperations.Move,
    ("ItemOperations", "DstFldId"): ItemOperations.DstFldId,
    ("ItemOperations", "ConversationId"): ItemOperations.ConversationId,
    ("ItemOperations", "MoveAlways"): ItemOperations.MoveAlways,
    ("ComposeMail", "SendMail"): ComposeMail.SendMail,
    ("ComposeMail", "SmartForward"): ComposeMail.SmartForward,
    ("ComposeMail", "SmartReply"): ComposeMail.SmartReply,
    ("ComposeMail", "SaveInSentItems"): ComposeMail.SaveInSentItems,
    ("ComposeMail", "ReplaceMime"): ComposeMail.ReplaceMime,
    ("ComposeMail", "Source"): ComposeMail.Source,
    ("ComposeMail", "FolderId"): ComposeMail.FolderId,
    ("ComposeMail", "ItemId"): ComposeMail.ItemId,
    ("ComposeMail", "LongId"): ComposeMail.LongId,
    ("ComposeMail", "InstanceId"): ComposeMail.InstanceId,
    ("ComposeMail", "Mime"): ComposeMail.Mime,
    ("ComposeMail", "ClientId"): ComposeMail.ClientId,
    ("ComposeMail", "Status"): ComposeMail.Status,
    ("ComposeMail", "AccountId"): ComposeMail.AccountId,
    ("ComposeMail", "Forwardees"): ComposeMail.Forwardees,
    ("ComposeMail", "Forwardee"): ComposeMail.Forwardee,
    ("ComposeMail", "Name"): ComposeMail.Name,
    ("ComposeMail", "Email"): ComposeMail.Email,
    ("Email2", "UmCallerID"): Email2.UmCallerID,
    ("Email2", "UmUserNotes"): Email2.UmUserNotes,
    ("Email2", "UmAttDuration"): Email2.UmAttDuration,
    ("Email2", "UmAttOrder"): Email2.UmAttOrder,
    ("Email2", "ConversationId"): Email2.ConversationId,
    ("Email2", "ConversationIndex"): Email2.ConversationIndex,
    ("Email2", "LastVerbExecuted"): Email2.LastVerbExecuted,
    ("Email2", "LastVerbExecutionTime"): Email2.LastVerbExecutionTime,
    ("Email2", "ReceivedAsBcc"): Email2.ReceivedAsBcc,
    ("Email2", "Sender"): Email2.Sender,
    ("Email2", "CalendarType"): Email2.CalendarType,
    ("Email2", "IsLeapMonth"): Email2.IsLeapMonth,
    ("Email2", "AccountId"): Email2.AccountId,
    ("Email2", "FirstDayOfWeek"): Email2.FirstDayOfWeek,
    ("Email2", "MeetingMessageType"): Email2.MeetingMessageType,
    ("Email2", "IsDraft"): Email2.IsDraft,
    ("Email2", "Bcc"): Email2.Bcc,
    ("Email2", "Send"): Email2.Send,
    ("Notes", "Subject"): Notes.Subject,
    ("Notes", "MessageClass"): Notes.MessageClass,
    ("Notes", "LastModifiedDate"): Notes.LastModifiedDate,
    ("Notes", "Categories"): Notes.Categories,
    ("Notes", "Category"): Notes.Category,
    ("RightsManagement", "RightsManagementSupport"): RightsManagement.RightsManagementSupport,
    ("RightsManagement", "RightsManagementTemplates"): RightsManagement.RightsManagementTemplates,
    ("RightsManagement", "RightsManagementTemplate"): RightsManagement.RightsManagementTemplate,
    ("RightsManagement", "RightsManagementLicense"): RightsManagement.RightsManagementLicense,
    ("RightsManagement", "EditAllowed"): RightsManagement.EditAllowed,
    ("RightsManagement", "ReplyAllowed"): RightsManagement.ReplyAllowed,
    ("RightsManagement", "ReplyAllAllowed"): RightsManagement.ReplyAllAllowed,
    ("RightsManagement", "ForwardAllowed"): RightsManagement.ForwardAllowed,
    ("RightsManagement", "ModifyRecipientsAllowed"): RightsManagement.ModifyRecipientsAllowed,
    ("RightsManagement", "ExtractAllowed"): RightsManagement.ExtractAllowed,
    ("RightsManagement", "PrintAllowed"): RightsManagement.PrintAllowed,
    ("RightsManagement", "ExportAllowed"): RightsManagement.ExportAllowed,
    ("RightsManagement", "ProgrammaticAccessAllowed"): RightsManagement.ProgrammaticAccessAllowed,
    ("RightsManagement", "Owner"): RightsManagement.Owner,
    ("RightsManagement", "ContentExpiryDate"): RightsManagement.ContentExpiryDate,
    ("RightsManagement", "TemplateID"): RightsManagement.TemplateID,
    ("RightsManagement", "TemplateName"): RightsManagement.TemplateName,
    ("RightsManagement", "TemplateDescription"): RightsManagement.TemplateDescription,
    ("RightsManagement", "ContentOwner"): RightsManagement.ContentOwner,
    ("RightsManagement", "RemoveRightsManagementProtection"): RightsManagement.RemoveRightsManagementProtection,
    ("Find", "Find"): Find.Find,
    ("Find", "SearchId"): Find.SearchId,
    ("Find", "ExecuteSearch"): Find.ExecuteSearch,
    ("Find", "MailBoxSearchCriterion"): Find.MailBoxSearchCriterion,
    ("Find", "Query"): Find.Query,
    ("Find", "Status"): Find.Status,
    ("Find", "FreeText"): Find.FreeText,
    ("Find", "Options"): Find.Options,
    ("Find", "Range"): Find.Range,
    ("Find", "DeepTraversal"): Find.DeepTraversal,
    ("Find", "Response"): Find.Response,
    ("Find", "Result"): Find.Result,
    ("Find", "Properties"): Find.Properties,
    ("Find", "Preview"): Find.Preview,
    ("Find", "HasAttachments"): Find.HasAttachments,
    ("Find", "Total"): Find.Total,
    ("Find", "DisplayCc"): Find.DisplayCc,
    ("Find", "DisplayBcc"): Find.DisplayBcc,
    ("Find", "GalSearchCriterion"): Find.GalSearchCriterion,
    ("Find", "MaxPictures"): Find.MaxPictures,
    ("Find", "MaxSize"): Find.MaxSize,
    ("Find", "Picture"): Find.Picture,
}

VERSIONS: Final = {
    AirSync.ConversationMode: (140, 161),
    AirSync.MaxItems: (140, 161),
    AirSync.HeartbeatInterval: (140, 161),
    Contacts.Alias: (140, 161),
    Contacts.WeightedRank: (140, 161),
    Email.Categories: (140, 161),
    Email.Category: (140, 161),
    Email.Location: (121, 141),
    Email.GlobalObjId: (121, 141),
    Email.DisallowNewTimeProposal: (140, 161),
    Calendar.ExceptionStartTime: (121, 141),
    Calendar.Location: (121, 141),
    Calendar.DisallowNewTimeProposal: (140, 161),
    Calendar.ResponseRequested: (140, 161),
    Calendar.AppointmentReplyTime: (140, 161),
    Calendar.ResponseType: (140, 161),
    Calendar.CalendarType: (140, 161),
    Calendar.IsLeapMonth: (140, 161),
    Calendar.FirstDayOfWeek: (141, 161),
    Calendar.OnlineMeetingConfLink: (141, 161),
    Calendar.OnlineMeetingExternalLink: (141, 161),
    Calendar.ClientUid: (160, 161),
    GetItemEstimate.Class: (121, 121),
    FolderHierarchy.Folders: (121, 121),
    FolderHierarchy.Folder: (121, 121),
    MeetingResponse.InstanceId: (141, 161),
    MeetingResponse.ProposedStartTime: (161, 161),
    MeetingResponse.ProposedEndTime: (161, 161),
    MeetingResponse.SendResponse: (160, 161),
    Tasks.CalendarType: (140, 161),
    Tasks.IsLeapMonth: (140, 161),
    Tasks.FirstDayOfWeek: (141, 161),
    ResolveRecipients.Availability: (140, 161),
    ResolveRecipients.StartTime: (140, 161),
    ResolveRecipients.EndTime: (140, 161),
    ResolveRecipients.MergedFreeBusy: (140, 161),
    ResolveRecipients.Picture: (141, 161),
    ResolveRecipients.MaxSize: (141, 161),
    ResolveRecipients.Data: (141, 161),
    ResolveRecipients.MaxPictures: (141, 161),
    Provision.MaxDevicePasswordFailedAttempts: (121, 160),
    Provision.MaxCalendarAgeFilter: (121, 160),
    Provision.AccountOnlyRemoteWipe: (161, 161),
    Search.ConversationId: (140, 161),
    Search.Picture: (141, 161),
    Search.MaxSize: (141, 161),
    Search.MaxPictures: (141, 161),
    GAL.Picture: (141, 161),
    GAL.Status: (141, 161),
    GAL.Data: (141, 161),
    AirSyncBase.Preview: (140, 161),
    AirSyncBase.BodyPartPreference: (141, 161),
    AirSyncBase.BodyPart: (141, 161),
    AirSyncBase.Status: (141, 161),
    AirSyncBase.Add: (160, 161),
    AirSyncBase.Delete: (160, 161),
    AirSyncBase.ClientId: (160, 161),
    AirSyncBase.Content: (160, 161),
    AirSyncBase.Location: (160, 161),
    AirSyncBase.Annotation: (160, 161),
    AirSyncBase.Street: (160, 161),
    AirSyncBase.City: (160, 161),
    AirSyncBase.State: (160, 161),
    AirSyncBase.Country: (160, 161),
    AirSyncBase.PostalCode: (160, 161),
    AirSyncBase.Latitude: (160, 161),
    AirSyncBase.Longitude: (160, 161),
    AirSyncBase.Accuracy: (160, 161),
    AirSyncBase.Altitude: (160, 161),
    AirSyncBase.AltitudeAccuracy: (160, 161),
    AirSyncBase.LocationUri: (160, 161),
    AirSyncBase.InstanceId: (160, 161),
    Settings.EnableOutboundSMS: (140, 161),
    Settings.MobileOperator: (140, 161),
    Settings.PrimarySmtpAddress: (141, 161),
    Settings.Accounts: (141, 161),
    Settings.Account: (141, 161),
    Settings.AccountId: (141, 161),
    Settings.AccountName: (141, 161),
    Settings.UserDisplayName: (141, 161),
    Settings.SendDisabled: (141, 161),
    Settings.RightsManagementInformation: (141, 161),
    ItemOperations.Move: (140, 161),
    ItemOperations.DstFldId: (140, 161),
    ItemOperations.ConversationId: (140, 161),
    ItemOperations.MoveAlways: (140, 161),
    ComposeMail.SendMail: (140, 161),
    ComposeMail.SmartForward: (140, 161),
    ComposeMail.SmartReply: (140, 161),
    ComposeMail.SaveInSentItems: (140, 161),
    ComposeMail.ReplaceMime: (140, 161),
    ComposeMail.Source: (140, 161),
    ComposeMail.FolderId: (140, 161),
    ComposeMail.ItemId: (140, 161),
    ComposeMail.LongId: (140, 161),
    ComposeMail.InstanceId: (140, 161),
    ComposeMail.Mime: (140, 161),
    ComposeMail.ClientId: (140, 161),
    ComposeMail.Status: (140, 161),
    ComposeMail.AccountId: (141, 161),
    ComposeMail.Forwardees: (160, 161),
    ComposeMail.Forwardee: (160, 161),
    ComposeMail.Name: (160, 161),
    ComposeMail.Email: (160, 161),
    Email2.UmCallerID: (140, 161),
    Email2.UmUserNotes: (140, 161),
    Email2.UmAttDuration: (140, 161),
    Email2.UmAttOrder: (140, 161),
    Email2.ConversationId: (140, 161),
    Email2.ConversationIndex: (140, 161),
    Email2.LastVerbExecuted: (140, 161),
    Email2.LastVerbExecutionTime: (140, 161),
    Email2.ReceivedAsBcc: (140, 161),
    Email2.Sender: (140, 161),
    Email2.CalendarType: (140, 161),
    Email2.IsLeapMonth: (140, 161),
    Email2.AccountId: (141, 161),
    Email2.FirstDayOfWeek: (141, 161),
    Email2.MeetingMessageType: (141, 161),
    Email2.IsDraft: (160, 161),
    Email2.Bcc: (160, 161),
    Email2.Send: (160, 161),
    Notes.Subject: (140, 161),
    Notes.MessageClass: (140, 161),
    Notes.LastModifiedDate: (140, 161),
    Notes.Categories: (140, 161),
    Notes.Category: (140, 161),
    RightsManagement.RightsManagementSupport: (141, 161),
    RightsManagement.RightsManagementTemplates: (141, 161),
    RightsManagement.RightsManagementTemplate: (141, 161),
    RightsManagement.RightsManagementLicense: (141, 161),
    RightsManagement.EditAllowed: (141, 161),
    RightsManagement.ReplyAllowed: (141, 161),
    RightsManagement.ReplyAllAllowed: (141, 161),
    RightsManagement.ForwardAllowed: (141, 161),
    RightsManagement.ModifyRecipientsAllowed: (141, 161),
    RightsManagement.ExtractAllowed: (141, 161),
    RightsManagement.PrintAllowed: (141, 161),
    RightsManagement.ExportAllowed: (141, 161),
    RightsManagement.ProgrammaticAccessAllowed: (141, 161),
    RightsManagement.Owner: (141, 161),
    RightsManagement.ContentExpiryDate: (141, 161),
    RightsManagement.TemplateID: (141, 161),
    RightsManagement.TemplateName: (141, 161),
    RightsManagement.TemplateDescription: (141, 161),
    RightsManagement.ContentOwner: (141, 161),
    RightsManagement.RemoveRightsManagementProtection: (141, 161),
    Find.Find: (161, 161),
    Find.SearchId: (161, 161),
    Find.ExecuteSearch: (161, 161),
    Find.MailBoxSearchCriterion: (161, 161),
    Find.Query: (161, 161),
    Find.Status: (161, 161),
    Find.FreeText: (161, 161),
    Find.Options: (161, 161),
    Find.Range: (161, 161),
    Find.DeepTraversal: (161, 161),
    Find.Response: (161, 161),
    Find.Result: (161, 161),
    Find.Properties: (161, 161),
    Find.Preview: (161, 161),
    Find.HasAttachments: (161, 161),
    Find.Total: (161, 161),
    Find.DisplayCc: (161, 161),
    Find.DisplayBcc: (161, 161),
    Find.GalSearchCriterion: (161, 161),
    Find.MaxPictures: (161, 161),
    Find.MaxSize: (161, 161),
    Find.Picture: (161, 161),
}
"""First and last version (141 for 14.1) of the elements that not every version from 12.1 has."""

_NAMES: Final = {tag: (namespace, element) for (namespace, element), tag in TAGS.items()}
_PAGES: Final = {namespace: page for page, namespace in NAMESPACES.items()}
_UNKNOWN = "Token-0x"


def page_of(tag: int) -> int:
    """
    Give the number of a tag's code page.
    """
    return tag >> 6


def name_of(tag: int) -> tuple[str, str]:
    """
    Give a tag's namespace and element name.

    A token that its page does not define is called by its number: `("AirSync", "Token-0x3F")`.
    """
    known = _NAMES.get(tag)
    if known is not None:
        return known
    return NAMESPACES.get(tag >> 6, f"Page-{tag >> 6}"), f"{_UNKNOWN}{tag & 0x3F:02X}"


def tag_of(namespace: str, element: str) -> int:
    """
    Give the tag of an element; the opposite of `name_of`.

    Raises:
        KeyError: there is no such namespace, or no such element in it.
    """
    tag = TAGS.get((namespace, element))
    if tag is not None:
        return tag
    if element.startswith(_UNKNOWN) and namespace in _PAGES:
        token = int(element[len(_UNKNOWN) :], 16)
        if 0x05 <= token <= 0x3F:
            return _PAGES[namespace] << 6 | token
    raise KeyError(f"{namespace}:{element}")
