//! Inviting a device: the code to read out, the words to compare, and the two buttons behind them.

use maud::{Markup, html};

use super::form::Draft;
use crate::{
    Desk, Invited, PersonLine,
    escape::escape_text,
    ui::shell::texts::{Texts, say},
};

/// The form on the page of people; leads to the invitation where one stands.
pub(super) fn ask(texts: Texts, desk: &Desk, present: &[&PersonLine], typed: Option<&Draft>) -> Markup {
    let without = present.iter().find(|person| person.devices.is_empty());
    let chosen = without.or_else(|| present.iter().find(|person| person.is_own)).map(|person| person.id);
    html! {
        h2 id="invite" { (say!(texts, "people-invite")) }
        @if desk.invited().is_some() {
            p { a href="/people/invite" { (say!(texts, "people-invite-stands")) } }
        }
        form method="post" action="/people/invite" class="person-form" {
            p { (say!(texts, "people-invite-what")) }
            label { (say!(texts, "people-give-who")) " "
                select name="person" {
                    @for person in present {
                        @let of = person.id.to_string();
                        @let is_chosen = match typed { Some(typed) => typed.person == of, None => chosen == Some(person.id) };
                        option value=(of) selected[is_chosen] { (escape_text(&person.name)) }
                    }
                } }
            button type="submit" class="main" { (say!(texts, "people-invite-button")) }
        }
    }
}

/// The invitation's own page. The button that stops stands in one place whatever comes, and the one that admits wants a box ticked: a click
/// on what has just changed lets nobody in.
pub(super) fn page(texts: Texts, desk: &Desk, invited: Option<&Invited>, problem: Option<&Markup>) -> Markup {
    html! {
        h1 { (say!(texts, "people-invite-title")) }
        @if let Some(problem) = problem { p class="problem" role="alert" { (problem) } }
        div id="invitation" data-live {
            @match invited {
                None => p class="said" role="status" { (say!(texts, "people-invite-none")) },
                Some(invited) => (standing(texts, desk, invited)),
            }
        }
        p { a href="/people" id="back-to-people" { (say!(texts, "people-steps-back")) } }
    }
}

fn standing(texts: Texts, desk: &Desk, invited: &Invited) -> Markup {
    let name = desk.people().into_iter().find(|person| person.id == invited.person).map(|person| person.name);
    let name = html! { strong { bdi { (escape_text(&name.unwrap_or_default())) } } };
    html! {
        @if let Some(failed) = &invited.failed {
            p class="problem" role="alert" { (say!(texts, "people-refused", error = texts.error(failed))) }
            (stop(texts, &say!(texts, "people-invite-leave")))
        } @else {
            p class="said" role="status" {
                @if invited.check_words.is_some() { (say!(texts, "people-invite-asked", name = name)) }
                @else { (say!(texts, "people-invite-waits", name = name, time = texts.moment(invited.ends))) }
            }
            (stop(texts, &if invited.check_words.is_some() { say!(texts, "people-invite-differ") } else { say!(texts, "people-invite-stop") }))
            @match &invited.check_words {
                None => {
                    p { (say!(texts, "people-invite-read")) }
                    div class="code" { code { (invited.code) } }
                    p { (say!(texts, "people-invite-command")) }
                    p { code class="command" { "callsign desk join --data NEW --hub '" (link(desk)) "' --code -" } }
                    p class="quiet" { (say!(texts, "people-invite-file")) }
                }
                Some(words) => {
                    p { (say!(texts, "people-invite-compare")) }
                    ol class="check-words" lang="en" { @for word in words.split(' ') { li { (word) } } }
                    form method="post" action="/people/invite/admit" class="person-form" {
                        input type="hidden" name="words" value=(words);
                        label { input id="sure" type="checkbox" name="sure" value="on" required; " " (say!(texts, "people-invite-sure")) }
                        button type="submit" class="main" { (say!(texts, "people-invite-admit")) }
                    }
                }
            }
        }
    }
}

fn stop(texts: Texts, label: &Markup) -> Markup {
    html! {
        form method="post" action="/people/invite/stop" class="person-form" {
            button type="submit" class="grave" { (label) }
        }
        span class="unseen" { (say!(texts, "people-invite-stop-what")) }
    }
}

fn link(desk: &Desk) -> String {
    let fingerprint = desk.fingerprint();
    format!("{}/{}/#{fingerprint}", escape_text(&desk.hub()), fingerprint.desk_id())
}
