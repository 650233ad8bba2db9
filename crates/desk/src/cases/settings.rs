//! What the desk says of itself to callers, as the log tells it: its name, what calls may be about, content, plan and pace.
//! Notices are made of it, and it is never learnt from one.

use std::{collections::BTreeMap, ops::RangeInclusive};

use callsign_protocol::{
    content::is_pack_name,
    notice::{CHANNELS_MAX, Channel, PAGES_MAX, Page, Track, is_label, is_name},
    plan::{DAYS_AHEAD, Plan},
    signed::CERTIFICATE_DAYS,
    time::Day,
    visit::Cover,
};
use serde::{Deserialize, Serialize};

use super::{
    AUDIT_DAYS_RANGE, Cases,
    act::{Act, EventKind, Origin, Refusal, Writer},
    escalation::is_ladder,
    people::CUSTODIANS,
};

/// Bytes of the members at most, as JSON: they fit one bundle beside the drops of a beat.
pub const SETTINGS_MAX: usize = 5_600;
/// Days that answers stay listed.
pub const LISTED_DAYS: u32 = 14;

/// Days before a commit's own that a plan covers at least: what is listed, by the clock of a device that makes a notice of it
/// where the hub's is a day behind the commit's, and the device's a day behind the hub's.
pub const PLANNED_DAYS: u32 = LISTED_DAYS + 2;
/// Days for which a custodian may certify the duty key: with fewer nobody would come in time.
pub const CUSTODIANS_DAYS: RangeInclusive<u32> = 7..=CERTIFICATE_DAYS;

/// What the desk says of itself is another from now on. What is left out stays as it was, so that two devices that change
/// two things at once take nothing back; of one thing the later act in the log counts. It is also all of that as the log has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsSet {
    /// The desk's name as people know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a call may be about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracks: Option<Vec<Track>>,
    /// Languages of the content, in the order in which packs are fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<String>>,
    /// SHA-256 of each language's content pack, hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<BTreeMap<String, String>>,
    /// Shards and cadence: what was said before, and one entry more at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Plan>,
    /// How visits are paced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<Cover>,
    /// Other ways to reach the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<Channel>>,
    /// The files of the caller's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<Vec<Page>>,
    /// Days of a certificate that a custodian gives. Callers see it there alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_days: Option<u32>,
    /// Days for which the audit's lines are kept. Callers see nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit_days: Option<u32>,
    /// Minutes of waiting behind which a call that nobody has takes its first, second and third step. No caller sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_minutes: Option<[u16; 3]>,
}

impl EventKind for SettingsSet {
    fn noun(&self) -> &'static str {
        "a change of what the desk says of itself"
    }

    /// The plan goes on by itself; all else is what a person says to callers.
    fn writer(&self, _: &Cases) -> Writer {
        let is_plan = Self { plan: None, ..self.clone() } == Self::default();
        if is_plan { Writer::Device } else { Writer::Person(CUSTODIANS) }
    }

    fn authorize(&self, act: &Act<'_>, state: &Cases) -> Result<(), Refusal> {
        if !self.keeps_ranges() || !self.fits() {
            return Err(Refusal::Numbers);
        }
        match &self.plan {
            Some(plan) => may_follow(plan, act.origin, state),
            None => Ok(()),
        }
    }

    fn apply(&self, _: &Act<'_>, state: &mut Cases) {
        state.settings.take(self);
    }
}

impl SettingsSet {
    /// Whether the members are few enough for one bundle.
    pub fn fits(&self) -> bool {
        serde_json::to_vec(self).is_ok_and(|json| json.len() <= SETTINGS_MAX)
    }

    /// Whether each member that is there is one that a notice, or a certificate, may have.
    pub fn keeps_ranges(&self) -> bool {
        fn all<'a, T>(list: Option<&'a Vec<T>>, keeps: impl FnMut(&'a T) -> bool) -> bool {
            list.is_none_or(|list| list.iter().all(keeps))
        }
        self.name.as_deref().is_none_or(is_name)
            && all(self.tracks.as_ref(), Track::keeps_rules)
            && all(self.languages.as_ref(), |language| is_label(language))
            && self.content.as_ref().is_none_or(|packs| packs.values().all(|name| is_pack_name(name)))
            && self.cover.is_none_or(|cover| cover.keeps_limits())
            && all(self.channels.as_ref(), Channel::keeps_rules)
            && self.channels.as_ref().is_none_or(|channels| channels.len() <= CHANNELS_MAX)
            && all(self.pages.as_ref(), Page::keeps_rules)
            && self.pages.as_ref().is_none_or(|pages| pages.len() <= PAGES_MAX)
            && self.certificate_days.is_none_or(|days| CUSTODIANS_DAYS.contains(&days))
            && self.audit_days.is_none_or(|days| AUDIT_DAYS_RANGE.contains(&days))
            && self.waiting_minutes.as_ref().is_none_or(is_ladder)
    }

    /// Takes over each member that is there.
    fn take(&mut self, later: &Self) {
        fn set<T: Clone>(now: &mut Option<T>, later: Option<&T>) {
            if let Some(later) = later {
                *now = Some(later.clone());
            }
        }
        set(&mut self.name, later.name.as_ref());
        set(&mut self.tracks, later.tracks.as_ref());
        set(&mut self.languages, later.languages.as_ref());
        set(&mut self.content, later.content.as_ref());
        set(&mut self.plan, later.plan.as_ref());
        set(&mut self.cover, later.cover.as_ref());
        set(&mut self.channels, later.channels.as_ref());
        set(&mut self.pages, later.pages.as_ref());
        set(&mut self.certificate_days, later.certificate_days.as_ref());
        set(&mut self.audit_days, later.audit_days.as_ref());
        set(&mut self.waiting_minutes, later.waiting_minutes.as_ref());
    }
}

/// Whether a plan may take the place of the one before. Callers who hold a notice for two days must not ask for lists that do
/// not exist: all stays but entries that no listed day needs, and one more may begin in a week. It begins no later than that, or nobody could
/// change anything before its day.
fn may_follow(plan: &Plan, origin: &Origin, state: &Cases) -> Result<(), Refusal> {
    // What waits for the log is judged where it comes to stand.
    let today = origin.sequence.map(|_| origin.day);
    let first_listed = today.map_or(Day(u32::MAX), |today| today.minus(PLANNED_DAYS));
    plan.check(first_listed).map_err(|_| Refusal::Numbers)?;
    // Before the first notice nobody holds one.
    let was = state.settings.plan.as_ref().filter(|_| state.is_published);
    let Some(Plan(was)) = was else {
        return plan.0.iter().try_for_each(|entry| origin.bounds_day(entry.from.minus(DAYS_AHEAD), state));
    };
    let begins = plan.0.first().and_then(|first| was.iter().position(|entry| entry == first));
    let kept = &was[begins.ok_or(Refusal::Plan)?..];
    let Some(new) = plan.0.strip_prefix(kept) else { return Err(Refusal::Plan) };
    match (new, kept.last()) {
        ([], _) => Ok(()),
        ([new], Some(last)) => {
            if today.is_some_and(|today| new.from < today.plus(DAYS_AHEAD) || last.from > today) {
                return Err(Refusal::Plan);
            }
            origin.bounds_day(new.from.minus(DAYS_AHEAD), state)
        }
        _ => Err(Refusal::Numbers),
    }
}

impl Cases {
    /// What the desk says of itself, as far as the log does.
    pub fn settings(&self) -> &SettingsSet {
        &self.settings
    }
}

#[cfg(test)]
mod tests;
