//! Every sentence of an error that a person can meet, printed by `cargo test -p callsign sentences -- --nocapture`.

use std::{io, path::PathBuf};

use callsign_caller::{
    arrival::NoLetters,
    hub_client::{FetchError, FindError, HubError as CallersHub},
    visit::{SlotError, VisitError},
};
use callsign_desk::{
    Alarm, AuditError, ChecklistError, ClaimError, ClosingError, DeskError, DiskError, DiskFault, DraftError,
    FlagError, FloodError, FollowUpError, HandoverError, HubError as DesksHub, InviteError, NoteError,
    PeopleError, PrivateError, Purpose, ReaderError, SearchError, SettingsError, TemplateError,
    TransferError, TurnError,
    cases::{SnapshotError, Unread},
    keys::{KitError, VaultError, passphrase::Weak},
    store::CacheError,
};
use callsign_http::{AddressError, Cause, LinkError, ProxyFault, RouteError};
use callsign_hub::{
    DeskError as StoredDesk, HubError as Hub, PageError, StartError, StoreError, TlsError, files::FilesError,
};
use callsign_protocol::{
    armour::ArmourError, call::MessageError, call_sign::NotACallSign, content::ContentError,
    drop::AnswerError, drop::DropError, entry::EntryError, error_code::ErrorCode, identity::Fingerprint,
    identity::NotAFingerprint, keyring::KeyringError, letter::LetterError, letters::LettersError,
    notice::NoticeError, phrase::EmptyPhrase, plan::PlanError, signed::SignedError,
    snapshot::SnapshotError as AlteredSnapshot, time::Day,
};

use crate::{input::InputError, letter::LetterCliError, writing::WritingError};

/// Words of libraries and of the operating system, which mean nothing to a person.
const BARE: [&str; 18] = [
    "os error",
    "No such file",
    "invalid digit",
    "invalid type",
    "missing field",
    "unknown field",
    "expected value",
    "EOF while",
    "at line 1 column",
    "database is locked",
    "database disk image",
    "disk I/O error",
    "unable to open",
    "rusqlite",
    "serde",
    "rustls",
    "Some(",
    "Custom {",
];

/// What stands between a cause and the way out.
const WAYS_OUT: [&str; 6] = ["; ", ". ", ", so ", "such as", "once they", "until "];

/// The sentences of one type. A variant that is added to the type and not here does not compile.
macro_rules! every {
    ($type:ty, $list:ident: $($pattern:pat => $($sample:expr),+;)+) => {{
        fn is_listed(error: &$type) {
            match error { $($pattern => {})+ }
        }
        $($({
            let error: $type = $sample;
            is_listed(&error);
            $list.push((stringify!($type), error.to_string()));
        })+)+
    }};
}

type List = Vec<(&'static str, String)>;

fn file() -> PathBuf {
    PathBuf::from("/data/file")
}

fn full() -> io::Error {
    io::ErrorKind::StorageFull.into()
}

fn place() -> String {
    "the file /data/file".to_owned()
}

fn json() -> serde_json::Error {
    serde_json::from_str::<u8>("x").unwrap_err()
}

fn of_typing(list: &mut List) {
    every!(InputError, list:
        InputError::Empty { .. } => InputError::Empty { place: place() };
        InputError::Ended { .. } => InputError::Ended { place: "the terminal".to_owned() };
        InputError::TooLong { .. } => InputError::TooLong { place: place(), max: 65_536 };
        InputError::NotUtf8 { .. } => InputError::NotUtf8 { place: place() };
        InputError::Unreadable { .. } => InputError::Unreadable { place: place(), source: io::ErrorKind::NotFound.into() };
    );
    every!(WritingError, list:
        WritingError::Input(_) => WritingError::Input(InputError::Empty { place: place() });
        WritingError::Message(_) => MessageError::Empty.into(), MessageError::LabelTooLong.into(),
            MessageError::TooLong { parts: 99 }.into();
        WritingError::PhraseEmpty { .. } => WritingError::PhraseEmpty { path: file() };
        WritingError::PhraseFile(_) => WritingError::PhraseFile(InputError::NotUtf8 { place: place() });
        WritingError::PhraseLines { .. } => WritingError::PhraseLines { path: file() };
        WritingError::TextNotUtf8 => WritingError::TextNotUtf8;
        WritingError::UnknownTrack { .. } => WritingError::UnknownTrack { known: vec![] },
            WritingError::UnknownTrack { known: vec!["witness".to_owned()] };
    );
    every!(LetterCliError, list:
        LetterCliError::NoDirectory { .. } => LetterCliError::NoDirectory { path: file() };
        LetterCliError::File { .. } => LetterCliError::File { path: file(), source: full() };
        LetterCliError::Notice(_) => LetterCliError::Notice(InputError::Empty { place: place() });
        LetterCliError::NoticeFingerprint => LetterCliError::NoticeFingerprint;
        LetterCliError::NoticeRefused { .. } => LetterCliError::NoticeRefused { path: file(), source: NoticeError::Rule };
        LetterCliError::NoKey => LetterCliError::NoKey;
        LetterCliError::LettersRefused { .. } => LetterCliError::LettersRefused { path: file(), source: NoLetters::NotNamed };
        LetterCliError::NoLetters(
            NoLetters::Hub(_) | NoLetters::NotGenuine(_) | NoLetters::NotNamed | NoLetters::Nowhere | NoLetters::Outdated
        ) => LetterCliError::NoLetters(CallersHub::NoDesk.into()),
            LetterCliError::NoLetters(NoLetters::NotGenuine(LettersError::Size)),
            LetterCliError::NoLetters(NoLetters::NotNamed), LetterCliError::NoLetters(NoLetters::Nowhere),
            LetterCliError::NoLetters(NoLetters::Outdated);
        LetterCliError::Seal(_) => LetterCliError::Seal(LetterError::Sealed);
    );
    every!(LinkError, list:
        LinkError::Address(_) => LinkError::Address(AddressError::Host);
        LinkError::Blank => LinkError::Blank;
        LinkError::Fingerprint => LinkError::Fingerprint;
        LinkError::Path => LinkError::Path;
    );
    every!(AddressError, list:
        AddressError::Credentials => AddressError::Credentials;
        AddressError::Host => AddressError::Host;
        AddressError::Letters => AddressError::Letters;
        AddressError::Number => AddressError::Number;
        AddressError::Port => AddressError::Port;
        AddressError::Scheme => AddressError::Scheme;
        AddressError::Unspecified => AddressError::Unspecified;
    );
    every!(Weak, list:
        Weak::Empty => Weak::Empty;
        Weak::NoLetter => Weak::NoLetter;
        Weak::Row => Weak::Row;
        Weak::TooLong => Weak::TooLong;
        Weak::Guessable { .. } => Weak::Guessable { reason: "it is a common word", digits: 3 };
    );
    list.push(("NotAFingerprint", NotAFingerprint.to_string()));
    list.push(("NotACallSign", NotACallSign.to_string()));
    list.push(("EmptyPhrase", EmptyPhrase.to_string()));
}

fn of_the_way(list: &mut List) {
    let proxy = |fault| RouteError::Proxy { name: "ALL_PROXY".to_owned(), fault };
    every!(RouteError, list:
        RouteError::Conflict(..) => RouteError::Conflict("ALL_PROXY".to_owned(), "all_proxy".to_owned());
        RouteError::Excepted(_) => RouteError::Excepted("NO_PROXY".to_owned());
        RouteError::Misspelt(_) => RouteError::Misspelt("ALLPROXY".to_owned());
        RouteError::NameNeedsProxy => RouteError::NameNeedsProxy;
        RouteError::OnionNeedsProxy(_) => RouteError::OnionNeedsProxy(None),
            RouteError::OnionNeedsProxy(Some("NO_PROXY".to_owned()));
        RouteError::Proxy {
            fault: ProxyFault::Blank | ProxyFault::Credentials | ProxyFault::Host | ProxyFault::NotText
                | ProxyFault::Path | ProxyFault::Port | ProxyFault::Quotes | ProxyFault::Scheme | ProxyFault::LooksUp,
            ..
        } => proxy(ProxyFault::Blank), proxy(ProxyFault::Credentials), proxy(ProxyFault::Host),
            proxy(ProxyFault::NotText), proxy(ProxyFault::Path), proxy(ProxyFault::Port), proxy(ProxyFault::Quotes),
            proxy(ProxyFault::Scheme), proxy(ProxyFault::LooksUp);
    );
    let at = "127.0.0.1:9050".parse().unwrap();
    every!(CallersHub, list:
        CallersHub::Away(
            Cause::Broken | Cause::Garbled | Cause::NoName | Cause::ProxyAway(_) | Cause::ProxyRefuses(_)
            | Cause::Refused | Cause::Silent | Cause::Status(_) | Cause::Tls | Cause::Unreachable
        ) => CallersHub::Away(Cause::Broken), CallersHub::Away(Cause::Garbled), CallersHub::Away(Cause::NoName),
            CallersHub::Away(Cause::ProxyAway(at)), CallersHub::Away(Cause::ProxyRefuses(at)),
            CallersHub::Away(Cause::Refused), CallersHub::Away(Cause::Silent), CallersHub::Away(Cause::Status(502)),
            CallersHub::Away(Cause::Tls), CallersHub::Away(Cause::Unreachable);
        CallersHub::CallsNotTaken => CallersHub::CallsNotTaken;
        CallersHub::Garbled => CallersHub::Garbled;
        CallersHub::Lost(_) => CallersHub::Lost(Cause::Broken);
        CallersHub::NoDesk => CallersHub::NoDesk;
        CallersHub::Outdated => CallersHub::Outdated;
    );
    every!(FindError, list:
        FindError::Conflict => FindError::Conflict;
        FindError::Hub(_) => FindError::Hub(CallersHub::NoDesk);
        FindError::NoDesk => FindError::NoDesk;
        FindError::Route(_) => FindError::Route(RouteError::OnionNeedsProxy(None));
        FindError::WrongDesk => FindError::WrongDesk;
    );
    every!(FetchError, list:
        FetchError::Expired => FetchError::Expired;
        FetchError::Hub(_) => FetchError::Hub(CallersHub::Garbled);
        FetchError::NotGenuine(_) => FetchError::NotGenuine(NoticeError::Rule);
        FetchError::Outdated => FetchError::Outdated;
        FetchError::WrongFingerprint => FetchError::WrongFingerprint;
    );
    every!(SlotError, list:
        SlotError::Clocks { .. } => SlotError::Clocks { days: 3 };
        SlotError::Hub(_) => SlotError::Hub(CallersHub::Garbled);
        SlotError::NoticeExpired => SlotError::NoticeExpired;
        SlotError::NoSlotLeft => SlotError::NoSlotLeft;
        SlotError::Unavailable => SlotError::Unavailable;
        SlotError::UnknownList => SlotError::UnknownList;
        SlotError::UnusableKey => SlotError::UnusableKey;
    );
    let lost = SlotError::Hub(CallersHub::Lost(Cause::Silent));
    every!(VisitError, list:
        VisitError::EndlessLists => VisitError::EndlessLists;
        VisitError::NotStored { .. } => VisitError::NotStored { cause: SlotError::Unavailable, parts: 2, stored: 1 };
        VisitError::NotKnown { .. } => VisitError::NotKnown { cause: lost, parts: 2, stored: 1 };
        VisitError::NotRead(_) => VisitError::NotRead(SlotError::UnknownList);
        VisitError::Ended(_) => VisitError::Ended(SlotError::NoSlotLeft);
    );
}

fn of_the_hub(list: &mut List) {
    let id = || Fingerprint([7; 32]).desk_id();
    every!(Hub, list:
        Hub::DataDir(..) => Hub::DataDir(file(), full());
        Hub::Page(_) => PageError::ContentType("a.js".to_owned()).into(), PageError::Path("a.js".to_owned()).into();
        Hub::Start(
            StartError::Desk(StoredDesk::Keyring(..) | StoredDesk::Letters(..) | StoredDesk::Notice(..) | StoredDesk::Store(_))
            | StartError::EnrolmentCode(..) | StartError::Store(_)
        ) => StartError::Desk(StoredDesk::Keyring(id(), KeyringError::Rule)).into(),
            StartError::Desk(StoredDesk::Letters(id(), LettersError::Size)).into(),
            StartError::Desk(StoredDesk::Notice(id(), NoticeError::Rule)).into(),
            StartError::EnrolmentCode(file(), full()).into();
        Hub::Store(_) => StoreError::InUse.into();
    );
    every!(StoreError, list:
        StoreError::Backend { .. } => StoreError::Backend { operation: "open", cause: "the disk is full; make room on it and try again".to_owned() };
        StoreError::Backup { .. } => StoreError::Backup { file: file(), cause: "the disk is full; make room on it and try again" };
        StoreError::Damaged { .. } => StoreError::Damaged { operation: "open", what: "pages of it are broken".to_owned() };
        StoreError::File(..) => StoreError::File(file(), full());
        StoreError::Foreign => StoreError::Foreign;
        StoreError::InUse => StoreError::InUse;
        StoreError::GivenUp { .. } => StoreError::GivenUp { operation: "commit" };
        StoreError::NoDatabase => StoreError::NoDatabase;
        StoreError::OldSchema { .. } => StoreError::OldSchema { found: 1, known: 4 };
        StoreError::RestoreUnfinished => StoreError::RestoreUnfinished;
        StoreError::UnknownSchema { .. } => StoreError::UnknownSchema { found: 9, known: 4 };
    );
    every!(FilesError, list:
        FilesError::Desk(_) => FilesError::Desk(StoredDesk::Store(StoreError::InUse));
        FilesError::Exists => FilesError::Exists;
        FilesError::FileExists(_) => FilesError::FileExists(file());
        FilesError::BackupDamaged(_) => FilesError::BackupDamaged(file());
        FilesError::BackupNewer(_) => FilesError::BackupNewer(file());
        FilesError::Io(..) => FilesError::Io(file(), full());
        FilesError::NoBackup(_) => FilesError::NoBackup(file());
        FilesError::Directory(_) => FilesError::Directory(file());
        FilesError::NotNoted(..) => FilesError::NotNoted(file(), StoreError::File(file(), full()));
        FilesError::Old(_) => FilesError::Old(9);
        FilesError::Store(_) => FilesError::Store(StoreError::NoDatabase);
    );
    every!(TlsError, list:
        TlsError::Kind(..) => TlsError::Kind(file(), file());
        TlsError::Damaged(_) => TlsError::Damaged(file());
        TlsError::File(..) => TlsError::File(file(), io::ErrorKind::NotFound.into());
        TlsError::NoCertificate(_) => TlsError::NoCertificate(file());
        TlsError::NoKey(_) => TlsError::NoKey(file());
        TlsError::OtherKey { .. } => TlsError::OtherKey { certificate: file(), key: file() };
    );
}

fn of_the_desks_files(list: &mut List) {
    let disk = |fault| DiskError { path: file(), fault };
    every!(CacheError, list:
        CacheError::Damaged { .. } => CacheError::Damaged { path: file(), place: "row 3 of calls".to_owned() };
        CacheError::Disk(DiskError {
            fault: DiskFault::Busy | DiskFault::Denied | DiskFault::Failing | DiskFault::Full | DiskFault::IsDirectory
                | DiskFault::Loop | DiskFault::Missing | DiskFault::NotDirectory | DiskFault::Quota | DiskFault::ReadOnly,
            ..
        }) => disk(DiskFault::Busy).into(), disk(DiskFault::Denied).into(), disk(DiskFault::Failing).into(),
            disk(DiskFault::Full).into(), disk(DiskFault::IsDirectory).into(), disk(DiskFault::Missing).into(),
            disk(DiskFault::Loop).into(), disk(DiskFault::NotDirectory).into(), disk(DiskFault::Quota).into(), disk(DiskFault::ReadOnly).into();
        CacheError::Private(_) => PrivateError::Shared(file()).into();
        CacheError::Emptied => CacheError::Emptied;
        CacheError::Unsealed => CacheError::Unsealed;
        CacheError::Version { .. } => CacheError::Version { path: file(), found: 9 };
    );
    every!(PrivateError, list:
        PrivateError::Disk(_) => disk(DiskFault::Full).into();
        PrivateError::Shared(_) => PrivateError::Shared(file());
        PrivateError::NotOwn { .. } => PrivateError::NotOwn { path: file(), owner: 7 };
        PrivateError::ParentOpen(_) => PrivateError::ParentOpen(file());
        PrivateError::HardLink(_) => PrivateError::HardLink(file());
        PrivateError::Link(_) => PrivateError::Link(file());
        PrivateError::DanglingLink(_) => PrivateError::DanglingLink(file());
    );
    every!(VaultError, list:
        VaultError::Exists(_) => VaultError::Exists(file());
        VaultError::Private(_) => VaultError::Private(PrivateError::Link(file()));
        VaultError::Malformed(_) => VaultError::Malformed(file());
        VaultError::Missing(_) => VaultError::Missing(file());
        VaultError::Passphrase(_) => VaultError::Passphrase(file());
        VaultError::UnfinishedPassphrase(_) => VaultError::UnfinishedPassphrase(file());
        VaultError::UnfinishedOther { .. } => VaultError::UnfinishedOther { dir: file(), what: "another hub".to_owned() };
        VaultError::RecoveryExists(_) => VaultError::RecoveryExists(file());
        VaultError::RecoveryMalformed(_) => VaultError::RecoveryMalformed(file());
        VaultError::RecoveryPassphrase(_) => VaultError::RecoveryPassphrase(file());
    );
}

fn of_the_desks_hub(list: &mut List) {
    every!(DesksHub, list:
        DesksHub::Address(_) => DesksHub::Address(LinkError::Path);
        DesksHub::Away(..) => DesksHub::Away("http://127.0.0.1:8700".to_owned(), Cause::Refused);
        DesksHub::Conflict => DesksHub::Conflict;
        DesksHub::Lost(..) => DesksHub::Lost("http://127.0.0.1:8700".to_owned(), Cause::Silent);
        DesksHub::NotADevice => DesksHub::NotADevice;
        DesksHub::Route(_) => DesksHub::Route(RouteError::OnionNeedsProxy(None));
        DesksHub::Refused { .. } => refused("other");
    );
    for code in ErrorCode::ALL {
        list.push(("DesksHub", refused(&code.to_string()).to_string()));
    }
}

fn of_invitations_and_kits(list: &mut List) {
    every!(InviteError, list:
        InviteError::Ended => InviteError::Ended;
        InviteError::NoSuchCode => InviteError::NoSuchCode;
        InviteError::CodeUsed => InviteError::CodeUsed;
        InviteError::NotLetIn => InviteError::NotLetIn;
        InviteError::NothingAsked => InviteError::NothingAsked;
        InviteError::OtherWords => InviteError::OtherWords;
        InviteError::Swapped => InviteError::Swapped;
    );
    every!(KitError, list:
        KitError::Check(_) => KitError::Check(3);
        KitError::Fingerprint => KitError::Fingerprint;
        KitError::Line(_) => KitError::Line("Desk:");
        KitError::OtherDesk => KitError::OtherDesk;
        KitError::Passphrase => KitError::Passphrase;
        KitError::Purpose => KitError::Purpose;
        KitError::Row(_) => KitError::Row(3);
        KitError::Sealed => KitError::Sealed;
        KitError::Word { .. } => KitError::Word { row: 3, word: "abandno".to_owned() };
        KitError::Words { .. } => KitError::Words { row: 3, found: 6 };
    );
}

fn of_what_people_do(list: &mut List) {
    every!(FollowUpError, list:
        FollowUpError::Empty => FollowUpError::Empty;
        FollowUpError::Gone => FollowUpError::Gone;
        FollowUpError::Hour => FollowUpError::Hour;
        FollowUpError::Lines => FollowUpError::Lines;
        FollowUpError::NoDay => FollowUpError::NoDay;
        FollowUpError::Outside { .. } => FollowUpError::Outside { hour: 3, window: callsign_desk::cases::SafeWindow::new(1_200, 1_350, 180).unwrap() };
        FollowUpError::Past => FollowUpError::Past;
        FollowUpError::TooFar => FollowUpError::TooFar;
        FollowUpError::TooLong => FollowUpError::TooLong;
        FollowUpError::TooMany => FollowUpError::TooMany;
    );
    every!(NoteError, list:
        NoteError::Empty => NoteError::Empty;
        NoteError::Gone => NoteError::Gone;
        NoteError::NextLine => NoteError::NextLine;
        NoteError::NoDraft => NoteError::NoDraft;
        NoteError::Telling(_) => NoteError::Telling(Vec::new());
        NoteError::NotYours => NoteError::NotYours;
        NoteError::OnceUsed => NoteError::OnceUsed;
        NoteError::TooLong { .. } => NoteError::TooLong { parts: 6 };
        NoteError::TooMany => NoteError::TooMany;
    );
    every!(ClosingError, list:
        ClosingError::Closed => ClosingError::Closed;
        ClosingError::News => ClosingError::News;
        ClosingError::Open => ClosingError::Open;
        ClosingError::Why => ClosingError::Why;
    );
    every!(HandoverError, list:
        HandoverError::Note => HandoverError::Note;
        HandoverError::Nothing => HandoverError::Nothing;
        HandoverError::NotYours => HandoverError::NotYours;
        HandoverError::TooMany => HandoverError::TooMany;
        HandoverError::Urgent => HandoverError::Urgent;
    );
    every!(TransferError, list:
        TransferError::CannotTake(_) => TransferError::CannotTake("Osyka".to_owned());
        TransferError::Free => TransferError::Free;
        TransferError::Line => TransferError::Line;
        TransferError::NotOffered => TransferError::NotOffered;
        TransferError::NothingOffered => TransferError::NothingOffered;
        TransferError::Own => TransferError::Own;
        TransferError::Whom => TransferError::Whom;
        TransferError::Yourself => TransferError::Yourself;
    );
    every!(TurnError, list:
        TurnError::NotOffered => TurnError::NotOffered;
        TurnError::Passes => TurnError::Passes;
    );
    every!(FloodError, list:
        FloodError::Changed(_) => FloodError::Changed(2);
        FloodError::Nothing => FloodError::Nothing;
        FloodError::TooMany => FloodError::TooMany;
        FloodError::Undone => FloodError::Undone;
        FloodError::Window => FloodError::Window;
    );
    every!(FlagError, list:
        FlagError::Days => FlagError::Days;
        FlagError::Hours => FlagError::Hours;
        FlagError::None => FlagError::None;
        FlagError::Stands => FlagError::Stands;
    );
    every!(ReaderError, list:
        ReaderError::Changed => ReaderError::Changed;
        ReaderError::Nothing => ReaderError::Nothing;
        ReaderError::Own => ReaderError::Own;
        ReaderError::Text => ReaderError::Text;
    );
    every!(ClaimError, list:
        ClaimError::AnothersAnswer => ClaimError::AnothersAnswer;
        ClaimError::Free => ClaimError::Free;
        ClaimError::NothingHeld => ClaimError::NothingHeld;
        ClaimError::NothingToTakeBack => ClaimError::NothingToTakeBack;
        ClaimError::Reason => ClaimError::Reason;
        ClaimError::Taken(_) => ClaimError::Taken("Osyka".to_owned());
    );
    every!(PeopleError, list:
        PeopleError::LastCustodian => PeopleError::LastCustodian;
        PeopleError::Left => PeopleError::Left;
        PeopleError::Mentor => PeopleError::Mentor;
        PeopleError::NameOfLeft => PeopleError::NameOfLeft;
        PeopleError::NameTaken => PeopleError::NameTaken;
        PeopleError::Nobody => PeopleError::Nobody;
        PeopleError::NoSuchPerson => PeopleError::NoSuchPerson;
        PeopleError::Pseudonym => PeopleError::Pseudonym;
        PeopleError::Role => PeopleError::Role;
        PeopleError::SetSince => PeopleError::SetSince;
        PeopleError::TooMany => PeopleError::TooMany;
        PeopleError::TooManyEver => PeopleError::TooManyEver;
        PeopleError::TraineeBeside => PeopleError::TraineeBeside;
    );
}

fn of_settings(list: &mut List) {
    every!(SettingsError, list:
        SettingsError::AuditDays(_) => SettingsError::AuditDays(7);
        SettingsError::CertificateDays(_) => SettingsError::CertificateDays(60);
        SettingsError::Channel(_) => SettingsError::Channel("By phone".to_owned());
        SettingsError::Language(_) => SettingsError::Language(String::new());
        SettingsError::Name(_) => SettingsError::Name(String::new());
        SettingsError::Nothing => SettingsError::Nothing;
        SettingsError::Pace => SettingsError::Pace;
        SettingsError::Page(_) => SettingsError::Page("index.html".to_owned());
        SettingsError::Planned(_) => SettingsError::Planned(3);
        SettingsError::TooLong(_) => SettingsError::TooLong(9_000);
        SettingsError::Track(_) => SettingsError::Track("field".to_owned());
        SettingsError::TrackId(_) => SettingsError::TrackId("a b".to_owned());
        SettingsError::Waiting => SettingsError::Waiting;
        SettingsError::TrackTwice(_) => SettingsError::TrackTwice("field".to_owned());
    );
}

#[expect(clippy::too_many_lines, reason = "a line for each error of one list")]
fn of_the_desk(list: &mut List) {
    let alarm = DeskError::Alarm;
    every!(DeskError, list:
        DeskError::Alarm(
            Alarm::Fork | Alarm::Forged | Alarm::KeyringChanged(_) | Alarm::KeyringForged | Alarm::KeyringUnsaid | Alarm::KeyringWentBack | Alarm::LogWentBack | Alarm::Restarted
        ) => alarm(Alarm::Fork), alarm(Alarm::Forged), alarm(Alarm::KeyringChanged(callsign_protocol::encoding::Bytes([7; 16]))), alarm(Alarm::KeyringForged), alarm(Alarm::KeyringUnsaid), alarm(Alarm::KeyringWentBack),
            alarm(Alarm::LogWentBack), alarm(Alarm::Restarted);
        DeskError::Answer(_) => AnswerError::Empty.into(), AnswerError::TooLong { parts: 99 }.into();
        DeskError::Cache(_) => DeskError::Cache(CacheError::Version { path: file(), found: 9 });
        DeskError::CallSign(_) => NotACallSign.into();
        DeskError::NoSuchCall => DeskError::NoSuchCall;
        DeskError::Ambiguous(_) => DeskError::Ambiguous(vec!["river-stone-42/ab".to_owned(), "river-stone-42/cd".to_owned()]);
        DeskError::CatchingUp => DeskError::CatchingUp;
        DeskError::DropsWait => DeskError::DropsWait;
        DeskError::ClockDiffers(_) => DeskError::ClockDiffers(callsign_protocol::encoding::Bytes([1; 16]));
        DeskError::Outdated => DeskError::Outdated;
        DeskError::Draft(_) => DraftError::Gone.into(), DraftError::TooLong.into();
        DeskError::FollowUp(_) => FollowUpError::Empty.into();
        DeskError::CertificateEnded(_) => DeskError::CertificateEnded(Day(20_800));
        DeskError::DeviceKnown => DeskError::DeviceKnown;
        DeskError::NotADeviceRequest => DeskError::NotADeviceRequest;
        DeskError::OtherPurpose(Purpose::Earnest | Purpose::Practice) => DeskError::OtherPurpose(Purpose::Earnest), DeskError::OtherPurpose(Purpose::Practice);
        DeskError::Invite(_) => InviteError::Ended.into();
        DeskError::Kit(_) => KitError::Sealed.into();
        DeskError::NoIdentity => DeskError::NoIdentity;
        DeskError::OtherIdentity => DeskError::OtherIdentity;
        DeskError::NumbersEnd(_) => DeskError::NumbersEnd("keyrings");
        DeskError::NoNotice => DeskError::NoNotice;
        DeskError::NotAdmitted => DeskError::NotAdmitted;
        DeskError::OldRequest => DeskError::OldRequest;
        DeskError::UsedRequest => DeskError::UsedRequest;
        DeskError::AdmissionUnsaid => DeskError::AdmissionUnsaid;
        DeskError::WrongFirstKeys { .. } => DeskError::WrongFirstKeys { put: callsign_protocol::encoding::Bytes([7; 16]), said: callsign_protocol::encoding::Bytes([8; 16]) };
        DeskError::AdmittedOtherwise(_) => DeskError::AdmittedOtherwise(callsign_protocol::encoding::Bytes([7; 16]));
        DeskError::NoPostingSlot => DeskError::NoPostingSlot;
        DeskError::ShutOut => DeskError::ShutOut;
        DeskError::NoSuchDevice => DeskError::NoSuchDevice;
        DeskError::Snapshot(
            SnapshotError::Altered(_)
            | SnapshotError::Incomplete
            | SnapshotError::Json(_)
            | SnapshotError::Missing
            | SnapshotError::TooLarge
            | SnapshotError::Version
        ) => SnapshotError::Altered(AlteredSnapshot::Sealed).into(), SnapshotError::Incomplete.into(),
            SnapshotError::Json(json()).into(), SnapshotError::Missing.into(), SnapshotError::TooLarge.into(),
            SnapshotError::Version.into();
        DeskError::Hub(_) => DesksHub::NotADevice.into();
        DeskError::LogKeyGone => DeskError::LogKeyGone;
        DeskError::OthersFirst => DeskError::OthersFirst;
        DeskError::AnswerKeyUsed => DeskError::AnswerKeyUsed;
        DeskError::SameWords => DeskError::SameWords;
        DeskError::Served { .. } => DeskError::Served { dir: file(), by: " (process 7)".to_owned() };
        DeskError::Hole(_) => DeskError::Hole("[on which day…]".to_owned());
        DeskError::Brackets(_) => DeskError::Brackets("[day]".to_owned());
        DeskError::NotShown => DeskError::NotShown;
        DeskError::NotYet(_) => DeskError::NotYet(Day(20_800));
        DeskError::Unproven => DeskError::Unproven;
        DeskError::Lapsed => DeskError::Lapsed;
        DeskError::Drop(_) => DropError::Sealed.into();
        DeskError::Log(_) => EntryError::Sealed.into();
        DeskError::Keyring(
            KeyringError::Absent | KeyringError::Changed | KeyringError::Json(_) | KeyringError::Order | KeyringError::Outsider | KeyringError::Put | KeyringError::Retired
            | KeyringError::Rule | KeyringError::Signed(_) | KeyringError::Wrapped
        ) => KeyringError::Absent.into(), KeyringError::Changed.into(), KeyringError::Json(json()).into(), KeyringError::Order.into(), KeyringError::Outsider.into(), KeyringError::Put.into(),
            KeyringError::Retired.into(), KeyringError::Rule.into(), KeyringError::Wrapped.into();
        DeskError::Letters(
            LettersError::Json(_) | LettersError::Signed(_) | LettersError::Signer
            | LettersError::Size | LettersError::Unnamed
        ) => LettersError::Json(json()).into(), LettersError::Signed(SignedError::Kind).into(),
            LettersError::Signer.into(), LettersError::Size.into(), LettersError::Unnamed.into();
        DeskError::Notice(
            NoticeError::ClientTooOld | NoticeError::Expired | NoticeError::Json(_) | NoticeError::Plan(_)
            | NoticeError::Rule | NoticeError::Signed(_) | NoticeError::Successor
        ) => NoticeError::ClientTooOld.into(), NoticeError::Expired.into(), NoticeError::Json(json()).into(),
            NoticeError::Plan(PlanError::Length).into(), NoticeError::Rule.into(),
            NoticeError::Signed(SignedError::BodySignature).into(), NoticeError::Successor.into();
        DeskError::Busy => DeskError::Busy;
        DeskError::Content(
            ContentError::Hash | ContentError::Json(_) | ContentError::TooLarge | ContentError::Date
            | ContentError::Version
        ) => ContentError::Hash.into(), ContentError::Json(json()).into(), ContentError::TooLarge.into(),
            ContentError::Date.into(), ContentError::Version.into();
        DeskError::NothingDone(_) => DeskError::NothingDone(Box::new(DesksHub::Away("http://127.0.0.1:8700".to_owned(), Cause::Refused).into()));
        DeskError::KeptHere(_) => DeskError::KeptHere(Box::new(DesksHub::Away("http://127.0.0.1:8700".to_owned(), Cause::Refused).into()));
        DeskError::CutOff { .. } => DeskError::CutOff {
            dir: file(), cause: Box::new(DesksHub::Away("http://127.0.0.1:8700".to_owned(), Cause::Refused).into()),
        };
        DeskError::Unfinished(_) => DeskError::Unfinished(file());
        DeskError::LeftOut(_) => DeskError::LeftOut(file());
        DeskError::SamePassphrase => DeskError::SamePassphrase;
        DeskError::Settings(_) => SettingsError::Nothing.into();
        DeskError::Claim(_) => ClaimError::Free.into();
        DeskError::Flag(_) => FlagError::None.into();
        DeskError::Flood(_) => FloodError::Undone.into();
        DeskError::Reader(_) => ReaderError::Nothing.into();
        DeskError::Closing(_) => ClosingError::Open.into();
        DeskError::Handover(_) => HandoverError::Nothing.into();
        DeskError::Transfer(_) => TransferError::NotOffered.into();
        DeskError::Turn(_) => TurnError::NotOffered.into();
        DeskError::Template(_) => TemplateError::File { file: "a.md".to_owned(), what: "its text is empty, or longer than an answer" }.into(),
            TemplateError::Twice("a.md".to_owned(), "b.md".to_owned()).into(), TemplateError::TooMany.into();
        DeskError::Audit(_) => AuditError::Others.into();
        DeskError::Checklist(_) => ChecklistError::NoList.into();
        DeskError::Note(_) => NoteError::Empty.into();
        DeskError::People(_) => PeopleError::Role.into();
        DeskError::Refused(_) => DeskError::Refused(callsign_desk::cases::Refusal::TooLate);
        DeskError::WithoutEffect(_) => DeskError::WithoutEffect(callsign_desk::cases::Refusal::Date);
        DeskError::Unread(Unread::Altered | Unread::Cache(_)) => Unread::Altered.into(),
            Unread::Cache(CacheError::Unsealed).into();
        DeskError::Vault(_) => VaultError::Missing(file()).into();
    );
}

fn of_audit(list: &mut List) {
    every!(AuditError, list:
        AuditError::NoTag => AuditError::NoTag;
        AuditError::Others => AuditError::Others;
    );
}

fn of_checklists(list: &mut List) {
    every!(ChecklistError, list:
        ChecklistError::Changed => ChecklistError::Changed;
        ChecklistError::File { .. } => ChecklistError::File { file: "a.md".to_owned(), what: "it has no step, or more than 32" };
        ChecklistError::NoList => ChecklistError::NoList;
        ChecklistError::NoStep(_) => ChecklistError::NoStep(3);
        ChecklistError::TooMany => ChecklistError::TooMany;
        ChecklistError::Twice(..) => ChecklistError::Twice("a.md".to_owned(), "b.md".to_owned());
        ChecklistError::WhichList(_) => ChecklistError::WhichList("first, second".to_owned());
    );
}

fn of_searching(list: &mut List) {
    every!(SearchError, list:
        SearchError::Empty => SearchError::Empty;
        SearchError::Files(_) => DeskError::from(CacheError::Unsealed).into();
        SearchError::Memory => SearchError::Memory;
        SearchError::NoDataFor(_) => SearchError::NoDataFor("level:".to_owned());
        SearchError::NoSuch { .. } => SearchError::NoSuch { what: "lang:ua".to_owned(), there: vec!["ru".to_owned(), "uk".to_owned()] };
        SearchError::NoValue(_) => SearchError::NoValue("lang".to_owned());
        SearchError::NotASpan => SearchError::NotASpan;
        SearchError::TooLong => SearchError::TooLong;
        SearchError::TooShort => SearchError::TooShort;
        SearchError::UnknownFilter(_) => SearchError::UnknownFilter("text".to_owned());
    );
    list.push(("ArmourError", ArmourError::Unended.to_string()));
}

fn refused(code: &str) -> DesksHub {
    let Ok(code) = code.parse();
    DesksHub::Refused { code }
}

#[test]
#[expect(clippy::print_stdout, reason = "the list is there to be read")]
fn sentences_name_the_cause_and_the_way_out_in_plain_words() {
    let mut list = List::new();
    let parts = [
        of_typing,
        of_the_way,
        of_the_hub,
        of_the_desks_files,
        of_the_desks_hub,
        of_the_desk,
        of_what_people_do,
        of_settings,
        of_audit,
        of_checklists,
        of_invitations_and_kits,
        of_searching,
    ];
    for part in parts {
        part(&mut list);
    }
    let mut poor = Vec::new();
    for (name, sentence) in &list {
        println!("{name}: {sentence}");
        let is_bare = BARE.iter().any(|bare| sentence.contains(bare));
        if is_bare || !WAYS_OUT.iter().any(|way| sentence.contains(way)) {
            poor.push(format!("{name}: {sentence}"));
        }
    }
    assert!(poor.is_empty(), "{} of {} are poor:\n{}", poor.len(), list.len(), poor.join("\n"));
}
