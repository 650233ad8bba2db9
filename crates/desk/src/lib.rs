//! The operators' program: keeps the keys, takes calls from the hub, posts answers, shows cases on loopback pages.
//!
//! `cases` folds the log into what people work with and knows nothing else; `log` reads and composes entries; `keys`, `store`
//! and `files` are what lies on the disk; `posting` decides what leaves when, `hub` talks to the hub, `device` holds all of
//! them behind one lock, and `desk` is what programs and pages call. `ui` serves the pages. Start reading at [`Desk`].

// What people and programs see goes through crates/callsign/src/output.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod cases;
mod desk;
mod device;
mod error;
pub mod escape;
mod files;
mod hub;
pub mod keys;
mod log;
mod posting;
mod settings;
pub mod store;
pub mod ui;

pub use callsign_protocol::device_request::Purpose;
pub use desk::{
    Activity, Ambient, AnswerKey, Answered, Arrivals, AtCase, AuditError, AuditQuery, Audited, AuditedCase,
    AuditedLine, CHECKLISTS_MAX, CaseList, CaseLists, Caution, ChecklistError, ClaimError, Clocks,
    ClosingError, ContentFile, ContentFiles, Custody, DRAFT_TEXT_MAX, Desk, DeviceLine, DraftError,
    DraftSaved, DueIn, DutyKey, ElsewhereDone, FIRST_PERSON, FlagError, FloodError, FlushReport, FollowTurn,
    FollowUpError, Followed, Found, HITS_MAX, Handover, HandoverError, Health, Hit, Holder, HubClock,
    Imported, InviteError, Invited, Joined, Joining, KeptNote, KeptUp, Leaves, Line, LookedOver, NewAnswer,
    NewDraft, NewFollowUp, NewNote, Next, NoteError, OfferAnswer, OfferLine, OfferState, Outside,
    PeopleError, PersonLine, Presence, Preview, QUERY_MAX, ReaderError, Removal, Running, SameWords, Script,
    SearchError, SearchQuery, SettingsChange, SettingsError, Shown, ShutOut, Sift, SiftAs, SiftingLine,
    Speaker, Step, TEMPLATES_MAX, TERMS_MAX, Telling, Telltale, TemplateError, Timer, TransferError, Trouble,
    TroubleChange, TroubleKind, TroubleReport, Turn, TurnError, Unfinished, Unkept, Unopened, Who,
    WithoutEffect, as_sentence, meant_brackets, seen_as, telling,
};
pub use error::DeskError;
pub use files::{DiskError, DiskFault, LittleRoom, PrivateError, Serving};
pub use hub::{
    HubError, LettersFault, NoticeFault, Receipt, Recovered, Refusal, RefusedLetters, RefusedNotice,
};
pub use log::Alarm;
pub use posting::wait::Wait;
pub use settings::{InitOptions, JoinOptions, Settings, model_tracks};
