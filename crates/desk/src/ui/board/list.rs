//! One list of the board, a page at a time: each page begins behind the case that ended the one before.

use callsign_protocol::{
    caller_keys::CallerId,
    notice::Track,
    time::{Day, UnixSeconds},
};
use maud::{Markup, html};

use crate::{
    cases::{Answer, Case, Cases, ClosedWhy, Flag, Item, LeftWaiting, Level, PersonId, Unread, Waiting},
    escape::escape_text,
    ui::shell::{
        Ui,
        addresses::Place,
        lock,
        overview::{Names, case_path},
        texts::{Texts, say, text},
    },
};

/// Rows of one page of a list at most: more are slow to read for eyes and for screen readers.
pub(super) const ROWS_MAX: usize = 200;

/// What lists are made from, at one moment.
pub(super) struct Look<'a> {
    pub(super) ui: &'a Ui,
    pub(super) texts: Texts,
    pub(super) tracks: &'a [Track],
    pub(super) cases: &'a Cases,
    pub(super) today: Day,
    /// Who looks.
    pub(super) me: Option<PersonId>,
}

/// One page of a list of cases.
pub(super) struct ListPage {
    pub(super) rows: Vec<Row>,
    /// How many cases the list has.
    pub(super) total: usize,
    /// How many of them stand before this page.
    start: usize,
    /// The place before which this page begins is not known any more.
    is_lost: bool,
    previous: Option<Start>,
    next: Option<Start>,
}

/// Which list of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Those who were answered.
    Answered,
    /// Those who wait.
    Waiting,
}

/// Where a page begins: at the top, or behind a named place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Start {
    Top,
    Behind(String),
}

/// One case at a glance.
pub(super) struct Row {
    path: String,
    names: Names,
    track: String,
    language: String,
    messages: usize,
    incomplete: bool,
    doubted: bool,
    unopened: usize,
    waiting_since: Option<UnixSeconds>,
    last_heard: Option<UnixSeconds>,
    unposted: Option<Unposted>,
    level: Level,
    holder: Option<String>,
    /// To whom it is offered.
    offered_to: Option<String>,
    /// Who hands it over to whoever looks.
    offered_by: Option<String>,
    closed: Option<ClosedWhy>,
    flags: Vec<Flag>,
    set_aside: SetAside,
    /// That nobody has it, and it has waited for long.
    left_waiting: Option<LeftWaiting>,
    /// Whether an answer waits for a second reader.
    is_to_read: bool,
}

/// What came of a case since it was set aside as junk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SetAside {
    /// It is not, or nothing came.
    NoNews,
    /// Its caller wrote.
    WroteSince,
}

/// What becomes of the answers of a case that have not left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unposted {
    /// Their caller's mailbox has lapsed.
    Lost,
    /// They have their turn.
    Wait,
}

impl ListPage {
    /// The page that begins behind a named place of a list that is in order.
    pub(super) fn of(look: &Look<'_>, list: &[Place], behind: Option<&str>) -> Result<Self, Unread> {
        let (ui, cases) = (look.ui, look.cases);
        let total = list.len();
        let known = behind.map(|name| ui.places().named(name));
        let first = known.flatten().map_or(0, |place| list.partition_point(|of| *of <= place));
        // Where all behind it have gone, the last page is what is left.
        let start = if first < total { first } else { total.saturating_sub(1) / ROWS_MAX * ROWS_MAX };
        let end = total.min(start + ROWS_MAX);
        let name = |at: usize| ui.places().name(&list[at], &mut **lock(&ui.rng)).to_owned();
        let before = |at: usize| match at {
            0 => Start::Top,
            at => Start::Behind(name(at - 1)),
        };
        let row = |place: &Place| -> Result<Option<Row>, Unread> {
            let case = cases.get(&place.caller)?;
            Ok(case.map(|case| Row::of(look, &case)))
        };
        Ok(Self {
            rows: list[start..end]
                .iter()
                .filter_map(|place| row(place).transpose())
                .collect::<Result<_, _>>()?,
            total,
            start,
            is_lost: known == Some(None),
            previous: (start > 0).then(|| before(start.saturating_sub(ROWS_MAX))),
            next: (end < total).then(|| before(end)),
        })
    }

    /// The list's rows.
    pub(super) fn render_rows(&self, now: UnixSeconds, texts: Texts) -> Markup {
        html! { @for row in &self.rows { (row.render(now, texts)) } }
    }

    /// The way to the other pages; nothing where there is one page. `address` makes the address of a page of this list.
    pub(super) fn render_pages(
        &self,
        list: List,
        texts: Texts,
        address: impl Fn(Option<&str>) -> String,
    ) -> Markup {
        let label = match list {
            List::Answered => text!(texts, "board-pages-answered"),
            List::Waiting => text!(texts, "board-pages-waiting"),
        };
        let to = |start: &Start| match start {
            Start::Top => address(None),
            Start::Behind(name) => address(Some(name)),
        };
        html! {
            @if self.is_lost {
                p class="quiet" { (say!(texts, "board-list-anew")) }
            }
            @if self.total > ROWS_MAX {
                nav class="pages" aria-label=(label) {
                    span class="quiet" {
                        (say!(texts, "board-page", from = self.start + 1, to = self.start + self.rows.len(), all = self.total))
                    }
                    @if self.start > ROWS_MAX { a href=(address(None)) { (say!(texts, "board-to-top")) } }
                    @if let Some(previous) = &self.previous { a href=(to(previous)) rel="prev" { (say!(texts, "board-previous-page")) } }
                    @if let Some(next) = &self.next { a href=(to(next)) rel="next" { (say!(texts, "board-next-page")) } }
                }
            }
        }
    }
}

impl Place {
    /// The place of a case among those that wait: the most urgent first, of one level the longest-waiting.
    pub(super) fn waiting(waiting: Waiting) -> Self {
        let Waiting { level, since, heard, is_set_aside, has_news, caller } = waiting;
        let aside = u64::from(is_set_aside) << 63 | u64::from(is_set_aside && !has_news) << 62;
        let level = u64::from(level.number()) << 56;
        Self { rank: (aside | level | since.0, heard.map_or(0, |heard| heard.0)), caller }
    }

    /// The place of a case among those that were answered: the last to write first.
    pub(super) fn answered((heard, caller): (Option<UnixSeconds>, CallerId)) -> Self {
        Self { rank: (u64::MAX - heard.map_or(0, |heard| heard.0), 0), caller }
    }
}

impl Row {
    fn of(look: &Look<'_>, case: &Case) -> Self {
        let Look { ui, texts, tracks, cases, today, me } = *look;
        let holder =
            case.claim().and_then(|claim| cases.person(&claim.person)).map(|person| person.name.clone());
        let is_for_me = me.is_some_and(|me| cases.offer_for(case, &me).is_some());
        let unposted = case.items.iter().find_map(|item| match item {
            Item::Answer(answer) if case.is_lost(answer, today) => Some(Unposted::Lost),
            Item::Answer(answer) if answer.leaves() && !answer.is_posted() => Some(Unposted::Wait),
            _ => None,
        });
        Self {
            path: case_path(ui, &case.id()),
            names: Names::of(cases, case),
            track: texts.track(tracks, &case.track),
            language: texts.language(&case.language),
            messages: case.calls().count(),
            incomplete: case.calls().any(|call| !call.is_complete()),
            doubted: case.is_doubted(),
            unopened: case.unopened().len(),
            waiting_since: case.waiting_since(today),
            last_heard: case.last_heard(),
            unposted,
            level: case.level(),
            offered_by: holder.clone().filter(|_| is_for_me),
            holder,
            offered_to: cases
                .offered_to(&case.id())
                .and_then(|person| cases.person(&person))
                .map(|person| person.name.clone()),
            closed: case.closed().map(|closed| closed.why),
            flags: case.flags().map(|(flag, _)| flag).collect(),
            set_aside: if case.wrote_since_set_aside() { SetAside::WroteSince } else { SetAside::NoNews },
            left_waiting: LeftWaiting::of(case.left_waiting(), cases.ladder()),
            is_to_read: case.answers().any(Answer::waits_for_a_reader),
        }
    }

    fn render(&self, now: UnixSeconds, texts: Texts) -> Markup {
        let heard = self.last_heard.map_or(0, |at| now.since(at));
        html! {
            li data-key=(self.path) data-call-sign=(self.names.english) class=[(self.unopened > 0).then_some("unopened")] {
                a href=(self.path) { (self.names.as_operators_say()) " " (self.names.as_the_caller_says()) }
                span class="about" {
                    (texts.level(self.level)) " · "
                    bdi class="track" { (self.track) } " · " bdi class="language" { (self.language) } " · "
                    span class="messages" { (say!(texts, "board-messages", number = self.messages)) }
                }
                span class="state" {
                    @if let Some(holder) = &self.holder { span class="person" { (escape_text(holder)) } }
                    @if let Some(person) = &self.offered_by { span class="badge new" { (say!(texts, "board-offered-by", name = html! { bdi { (escape_text(person)) } })) } }
                    @if let Some(person) = &self.offered_to { span class="badge" { (say!(texts, "board-offered-to", name = html! { bdi { (escape_text(person)) } })) } }
                    @match self.unopened {
                        0 => {},
                        1 if self.messages == 1 => span class="badge new" { (say!(texts, "board-not-opened")) },
                        new => span class="badge new" { (say!(texts, "board-some-not-opened", number = new)) },
                    }
                    @for flag in &self.flags { span class="badge new" { (texts.flag(*flag)) } }
                    @if let Some(left) = self.left_waiting { span class="badge new" { (texts.step_of_waiting(left)) } }
                    @if self.set_aside == SetAside::WroteSince { span class="badge new" { (say!(texts, "board-wrote-since")) } }
                    @if self.is_to_read { span class="badge new" { (say!(texts, "board-to-read")) } }
                    @if let Some(why) = self.closed { span class="badge" { (say!(texts, "board-closed", why = texts.closed_why(why))) } }
                    @if self.doubted { span class="badge new" { (say!(texts, "board-may-be-forged")) } }
                    @if self.incomplete { span class="badge" { (say!(texts, "board-incomplete")) } }
                    @match self.unposted {
                        Some(Unposted::Lost) => span class="badge new" { (say!(texts, "board-never-left")) },
                        Some(Unposted::Wait) => span class="badge" { (say!(texts, "board-not-posted")) },
                        None => {},
                    }
                }
                span class="wait" {
                    @match self.waiting_since {
                        Some(since) => (say!(texts, "board-waits", span = texts.span(now.since(since)))),
                        None => (say!(texts, "board-wrote", span = texts.span(heard))),
                    }
                }
            }
        }
    }
}
