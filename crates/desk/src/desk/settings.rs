//! What the desk says of itself to callers: set when it is set up, and changed by people and by its plan. The log alone has it.

use std::collections::{BTreeMap, BTreeSet};

use callsign_protocol::{
    content::{ContentPack, pack_name},
    invisible::is_invisible,
    notice::{CHANNELS_MAX, Channel, PAGES_MAX, Page, Track, is_label, is_name},
    plan::{DAYS_AHEAD, DROP_PERIOD_MAX_S, Plan, PlanEntry},
    time::{Day, UnixSeconds},
    visit::Cover,
};
use thiserror::Error;

use crate::{
    Desk, DeskError, FIRST_PERSON, InitOptions,
    cases::{
        AUDIT_DAYS_RANGE, CUSTODIANS_DAYS, Event, EventBody, LADDER_RANGE, PLANNED_DAYS, SETTINGS_MAX,
        SettingsSet, is_ladder,
    },
    device::DeviceState,
    keys::Vault,
    posting::plan::next_plan,
};

/// Whole days over which callers are counted: most answers are read within them.
const SPOKEN_DAYS: u32 = 2;

/// What is to be another; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// The desk's name as callers see it.
    pub name: Option<String>,
    /// What calls may be about.
    pub tracks: Option<Vec<Track>>,
    /// Content packs, in the order in which callers fetch them: language and the bytes of the pack.
    pub content: Option<Vec<(String, Vec<u8>)>>,
    /// How visits are paced.
    pub cover: Option<Cover>,
    /// Seconds between two drops from a week on, where the plan has one shard; with several the program plans them.
    pub drop_period_s: Option<u32>,
    /// Other ways to reach the desk.
    pub channels: Option<Vec<Channel>>,
    /// The files of the caller's page.
    pub pages: Option<Vec<Page>>,
    /// Days of a certificate that a custodian gives: for so long a removed device can show callers false notices.
    pub certificate_days: Option<u32>,
    /// Days for which the lines of the audit are kept.
    pub audit_days: Option<u32>,
    /// Minutes of waiting behind which a call that nobody has takes its three steps.
    pub waiting_minutes: Option<[u16; 3]>,
}

/// Why the desk does not say so of itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// For how long the audit is kept.
    #[error(
        "the audit cannot be kept for {0} days: it is {first} to {last}, so that nobody switches it off and nothing of it is older than a year; \
         say another number", first = AUDIT_DAYS_RANGE.start(), last = AUDIT_DAYS_RANGE.end()
    )]
    AuditDays(u32),
    /// For how long a custodian certifies.
    #[error(
        "a custodian cannot certify for {0} days: it is 7 to 35, and for as long a removed device can show callers false notices; say another number"
    )]
    CertificateDays(u32),
    /// One of the ways to reach the desk.
    #[error(
        "{0:?} cannot be a way to reach the desk: there are 16 at most, with a text of 1 to 200 bytes and an address of 1 to 300, each on one \
         line that begins with something to be seen; write it otherwise"
    )]
    Channel(String),
    /// A language of the content.
    #[error("{0:?} cannot be a language: it has 1 to 35 bytes; name it otherwise")]
    Language(String),
    /// The desk's name.
    #[error(
        "a desk cannot have the name {0:?}: it begins with something to be seen, has 120 bytes at most, and no line ends; choose another"
    )]
    Name(String),
    /// Nothing is to be changed.
    #[error("nothing was to be changed; say what")]
    Nothing,
    /// How visits are paced.
    #[error("visits cannot be paced so; look at the ranges in docs/protocol.md, section 5.1")]
    Pace,
    /// A file of the page.
    #[error(
        "{0:?} cannot be a file of the caller's page: there are 16 at most, each with a name of 1 to 120 bytes and a SHA-256 of 64 \
         lower-case digits; mend it"
    )]
    Page(String),
    /// The plan changes on a day to come, and only once at a time.
    #[error(
        "the pace of answers changes in {0} days already, and cannot be changed again before; all else was said: give this again then"
    )]
    Planned(u32),
    /// Too much for one entry of the log.
    #[error(
        "what the desk is to say of itself is {0} bytes, and {max} find room at once; shorten it, or change one thing after another",
        max = SETTINGS_MAX
    )]
    TooLong(usize),
    /// What calls may be about.
    #[error(
        "{0:?} cannot be what calls are about: its id has 1 to 35 bytes, and its names 1 to 120 each, on one line; write it otherwise"
    )]
    Track(String),
    /// The id of one.
    #[error(
        "{0:?} cannot be the id of a track: it is a name for programs, without spaces and control characters, such as witness; choose another"
    )]
    TrackId(String),
    /// Minutes of waiting.
    #[error(
        "calls cannot step up by these minutes: there are three, each more than the one before, from {} to {}; say others",
        LADDER_RANGE.start(), LADDER_RANGE.end()
    )]
    Waiting,
    /// Two with one id.
    #[error(
        "two tracks have the id {0:?}, and nobody could tell calls about them apart; give one of them another id"
    )]
    TrackTwice(String),
}

impl SettingsChange {
    /// What a desk begins with.
    pub(crate) fn first(options: &InitOptions) -> Self {
        Self {
            name: Some(options.name.clone()),
            tracks: Some(options.tracks.clone()),
            content: Some(options.content.clone()),
            cover: Some(options.settings.cover),
            drop_period_s: None,
            channels: None,
            pages: None,
            certificate_days: None,
            audit_days: None,
            waiting_minutes: None,
        }
    }

    /// What the log is told of it.
    ///
    /// # Errors
    /// [`SettingsError`]; [`DeskError::Content`] for a pack that is none.
    pub(crate) fn checked(&self) -> Result<SettingsSet, DeskError> {
        let packs = self.content.as_ref();
        for (_, pack) in packs.into_iter().flatten() {
            ContentPack::decode(pack)?;
        }
        let hash = |(language, pack): &(String, Vec<u8>)| (language.clone(), pack_name(pack));
        let set = SettingsSet {
            name: self.name.clone(),
            tracks: self.tracks.clone(),
            languages: packs.map(|packs| packs.iter().map(|(language, _)| language.clone()).collect()),
            content: packs.map(|packs| packs.iter().map(hash).collect::<BTreeMap<_, _>>()),
            plan: None,
            cover: self.cover,
            channels: self.channels.clone(),
            pages: self.pages.clone(),
            certificate_days: self.certificate_days,
            audit_days: self.audit_days,
            waiting_minutes: self.waiting_minutes,
        };
        if set == SettingsSet::default() && self.drop_period_s.is_none() {
            return Err(SettingsError::Nothing.into());
        }
        self.range_fault().map_or(Ok(()), Err)?;
        if !set.fits() {
            return Err(SettingsError::TooLong(serde_json::to_vec(&set).map_or(0, |json| json.len())).into());
        }
        Ok(set)
    }

    /// The first member that is out of its range.
    fn range_fault(&self) -> Option<SettingsError> {
        let name = self.name.iter().find(|name| !is_name(name)).cloned().map(SettingsError::Name);
        let track = self.tracks.iter().flatten().find(|track| !track.keeps_rules());
        let mut ids = BTreeSet::new();
        let ids = self.tracks.iter().flatten().map(|track| &track.id).find_map(|id| {
            if id.contains(is_no_id) {
                return Some(SettingsError::TrackId(id.clone()));
            }
            (!ids.insert(id)).then(|| SettingsError::TrackTwice(id.clone()))
        });
        let languages = self.content.iter().flatten().map(|(language, _)| language);
        let language = languages.into_iter().find(|language| !is_label(language));
        let channels = self.channels.iter().flatten().zip(0..);
        let channel =
            channels.into_iter().find(|(channel, at)| *at >= CHANNELS_MAX || !channel.keeps_rules());
        let pages = self.pages.iter().flatten().zip(0..);
        let page = pages.into_iter().find(|(page, at)| *at >= PAGES_MAX || !page.keeps_rules());
        let certified = self.certificate_days.filter(|days| !CUSTODIANS_DAYS.contains(days));
        let audited = self.audit_days.filter(|days| !AUDIT_DAYS_RANGE.contains(days));
        let ladder = self.waiting_minutes.filter(|minutes| !is_ladder(minutes));
        name.or_else(|| certified.map(SettingsError::CertificateDays))
            .or_else(|| audited.map(SettingsError::AuditDays))
            .or_else(|| ladder.map(|_| SettingsError::Waiting))
            // What is wrong with an id is said of the id.
            .or(ids)
            .or_else(|| track.map(|track| SettingsError::Track(track.id.clone())))
            .or_else(|| language.cloned().map(SettingsError::Language))
            .or_else(|| channel.map(|(channel, _)| SettingsError::Channel(channel.text.clone())))
            .or_else(|| page.map(|(page, _)| SettingsError::Page(page.name.clone())))
            .or_else(|| self.cover.filter(|cover| !cover.keeps_limits()).map(|_| SettingsError::Pace))
            .or_else(|| {
                self.drop_period_s
                    .filter(|period| !(1..=DROP_PERIOD_MAX_S).contains(period))
                    .map(|_| SettingsError::Pace)
            })
    }
}

/// Whether a character does not belong into the id of a track: people type it, and lists of words are made of it.
fn is_no_id(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_invisible(c)
}

impl Desk {
    /// Has the desk say something else of itself from now on: every device's notices do, once they have read it in the log.
    ///
    /// # Errors
    /// [`SettingsError`]; those of a commit.
    pub fn change_settings(&self, change: &SettingsChange) -> Result<(), DeskError> {
        let set = change.checked()?;
        self.sync_first()?;
        for (_, pack) in change.content.iter().flatten() {
            self.client.put_content(&pack_name(pack), pack)?;
        }
        // The plan by itself: where it is another since, the rest is said all the same.
        if set != SettingsSet::default() {
            self.set_with_plan(set)?;
        }
        let plan = change.drop_period_s.map(|period| self.paced_plan(period));
        if let Some(plan) = plan.transpose()?.flatten() {
            self.set_with_plan(SettingsSet { plan: Some(plan), ..SettingsSet::default() })?;
        }
        self.rotate()
    }

    /// The plan with this pace from a week on; none where it has that, or as many shards that no person paces it.
    fn paced_plan(&self, drop_period_s: u32) -> Result<Option<Plan>, SettingsError> {
        let (today, plan) = (self.now().day(), self.state().log.view.settings().plan.clone());
        let Some((mut plan, last)) = plan.and_then(|plan| plan.0.last().copied().map(|last| (plan, last)))
        else {
            return Ok(None);
        };
        if last.shards > 1 || last.drop_period_s == drop_period_s {
            return Ok(None);
        }
        if last.from > today {
            return Err(SettingsError::Planned(last.from.0 - today.0));
        }
        plan.0.push(PlanEntry { from: today.plus(DAYS_AHEAD), drop_period_s, ..last });
        Ok(Some(plan))
    }

    /// Days for which the lines of the audit are kept.
    pub fn audit_days(&self) -> u32 {
        self.state().log.view.audit_days()
    }

    /// What the desk says of itself, as far as the log has it, with what waits for it here.
    pub fn said_to_callers(&self) -> SettingsSet {
        self.state().log.view.settings().clone()
    }

    /// Days for which a custodian certifies the duty key, and for which a removed device can show callers false notices then.
    pub fn custodians_days(&self) -> u32 {
        self.state().custodians_days()
    }

    /// Minutes of waiting behind which a call that nobody has takes its first, second and third step.
    pub fn waiting_minutes(&self) -> [u16; 3] {
        self.state().log.view.ladder()
    }

    /// Has the log say what the desk begins with; a set-up that is gone on with says it anew.
    pub(crate) fn set_first(&self, options: &InitOptions, now: UnixSeconds) -> Result<(), DeskError> {
        let set = SettingsChange::first(options).checked()?;
        let plan = first_plan(now.day(), options.settings.drop_period_s);
        self.set_with_plan(SettingsSet { plan: Some(plan), ..set })
    }

    /// The same of a desk that begins anew from nothing, by what its device was made with.
    pub(crate) fn set_from_vault(&self) -> Result<(), DeskError> {
        self.found(FIRST_PERSON)?;
        let (now, first) = (self.now(), self.state().keys.vault.clone());
        if *self.state().log.fold.cases.settings() == SettingsSet::default() {
            self.set_with_plan(of_vault(&first, now.day()))?;
        }
        Ok(())
    }

    fn set_with_plan(&self, set: SettingsSet) -> Result<(), DeskError> {
        let event = self.state().event(EventBody::SettingsSet(Box::new(set)));
        self.put_in_log(&event)
    }

    /// Has the log say of the plan what today asks for, before a notice says it.
    pub(crate) fn plan_on_from_here(&self) -> Result<(), DeskError> {
        let next = self.state().next_plan_event(self.now().day());
        match next.map(|event| self.put_in_log(&event)) {
            // Another device was faster: its plan is the one.
            Some(Err(DeskError::WithoutEffect(_))) | None => Ok(()),
            Some(put) => put,
        }
    }
}

impl DeviceState {
    /// What the desk says of itself, with what waits for the log here; what nobody has said is as the device was made.
    pub(crate) fn name(&self) -> String {
        self.log.view.settings().name.clone().unwrap_or_else(|| self.keys.vault.name.clone())
    }

    /// What calls may be about.
    pub(crate) fn tracks(&self) -> Vec<Track> {
        self.log.view.settings().tracks.clone().unwrap_or_else(|| self.keys.vault.tracks.clone())
    }

    /// Seconds between two drops of a desk with one shard.
    fn single_period_s(&self, plan: &Plan) -> u32 {
        let single = plan.0.iter().rev().find(|entry| entry.shards == 1);
        single.map_or(self.keys.vault.settings.drop_period_s, |entry| entry.drop_period_s)
    }

    /// The event of the plan that today asks for, where that is another than the log's.
    fn next_plan_event(&mut self, today: Day) -> Option<Event> {
        let settings = self.log.fold.cases.settings();
        let plan = match &settings.plan {
            Some(plan) => {
                let spoken = self.log.fold.cases.spoken_with_since(today.minus(SPOKEN_DAYS).start());
                let next =
                    next_plan(plan, today.minus(PLANNED_DAYS), today, &spoken, self.single_period_s(plan));
                (next != *plan).then_some(next)
            }
            // A hub that came back has lost it, and who had said it is gone.
            None => {
                self.keys.notice.is_some().then(|| first_plan(today, self.keys.vault.settings.drop_period_s))
            }
        };
        let set = SettingsSet { plan: Some(plan?), ..SettingsSet::default() };
        Some(self.event(EventBody::SettingsSet(Box::new(set))))
    }
}

fn first_plan(today: Day, drop_period_s: u32) -> Plan {
    Plan(vec![PlanEntry { from: today.minus(PLANNED_DAYS), shards: 1, drop_period_s }])
}

/// What the device was made with.
pub(crate) fn of_vault(first: &Vault, today: Day) -> SettingsSet {
    SettingsSet {
        name: Some(first.name.clone()),
        tracks: Some(first.tracks.clone()),
        plan: Some(first_plan(today, first.settings.drop_period_s)),
        cover: Some(first.settings.cover),
        ..SettingsSet::default()
    }
}
