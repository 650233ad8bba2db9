//! What the pages say, in the language of whoever looks: the files of `crates/desk/texts`, compiled in.
//!
//! A page says a sentence by its key, which stands in both languages: [`say!`] as part of a page, [`text!`] where no markup can be,
//! as in an attribute. Between backticks stands a command, between `**` what is said loudly. What others wrote never goes through
//! the formatter: it is put into the sentence afterwards, escaped.

mod chosen;
mod filled;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

pub(in crate::ui) use chosen::{LANGUAGE_PATH, Languages};
pub(in crate::ui) use filled::{Filled, Part, Plain};

/// A language that the pages speak, and all that they say in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::ui) enum Texts {
    #[default]
    English,
    Ukrainian,
}

/// What is said: a key, and what its places are filled with.
pub(in crate::ui) struct Told {
    pub(in crate::ui) key: &'static str,
    pub(in crate::ui) parts: Vec<(&'static str, Part)>,
}

/// A sentence of a page, as markup.
macro_rules! say {
    ($texts:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        let told = $crate::ui::shell::texts::Told {
            key: $key,
            parts: vec![$((stringify!($name), $crate::ui::shell::texts::Part::from($value))),*],
        };
        $texts.fill(told).markup()
    }};
}

/// A sentence as bare text, for attributes and titles.
macro_rules! text {
    ($texts:expr, $key:literal $(, $name:ident = $value:expr)* $(,)?) => {{
        let told = $crate::ui::shell::texts::Told {
            key: $key,
            parts: vec![$((stringify!($name), $crate::ui::shell::texts::Plain::from($value).into())),*],
        };
        $texts.fill(told).plain()
    }};
}

pub(in crate::ui) use {say, text};

/// One file in each language.
struct File {
    /// Its name, with which each of its keys begins.
    noun: &'static str,
    english: &'static str,
    ukrainian: &'static str,
}

macro_rules! file {
    ($noun:literal) => {
        File {
            noun: $noun,
            english: include_str!(concat!("../../../../texts/en/", $noun, ".ftl")),
            ukrainian: include_str!(concat!("../../../../texts/uk/", $noun, ".ftl")),
        }
    };
}

const FILES: &[File] = &[
    file!("board"),
    file!("case"),
    file!("cautions"),
    file!("checklists"),
    file!("closing"),
    file!("conversation"),
    file!("drafts"),
    file!("entrance"),
    // Its sentences are in the code in English: commands say them as well.
    File { noun: "errors", english: "", ukrainian: include_str!("../../../../texts/uk/errors.ftl") },
    file!("flags"),
    file!("flood"),
    file!("follow_ups"),
    file!("handover"),
    file!("health"),
    file!("help"),
    file!("holder"),
    file!("notes"),
    file!("people"),
    file!("presence"),
    file!("preview"),
    file!("refusal"),
    file!("reply"),
    file!("said"),
    // Said by the script, which carries it itself.
    #[cfg(test)]
    file!("script"),
    file!("search"),
    file!("second_reader"),
    file!("shell"),
    file!("templates"),
    file!("transfer"),
    file!("unsent"),
    file!("wording"),
];

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Texts::English));
static UKRAINIAN: LazyLock<Bundle> = LazyLock::new(|| bundle(Texts::Ukrainian));

type Bundle = FluentBundle<FluentResource>;

impl Texts {
    /// All languages, in the order in which they are offered.
    pub(in crate::ui) const ALL: [Self; 2] = [Self::English, Self::Ukrainian];

    /// Its tag.
    pub(in crate::ui) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Ukrainian => "uk",
        }
    }

    /// Its name for itself.
    pub(in crate::ui) fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Ukrainian => "Українська",
        }
    }

    /// The language of a tag.
    pub(in crate::ui) fn of_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|texts| texts.tag() == tag)
    }

    /// A sentence with what belongs into it. Tests hold that nothing is missing; where something were, it is said in English, and
    /// at the worst by its key, for a page must not fail by a word.
    pub(in crate::ui) fn fill(self, told: Told) -> Filled {
        let text = self.format(&told).or_else(|| Self::English.format(&told));
        Filled::new(text.unwrap_or_else(|| told.key.to_owned()), told.parts)
    }

    /// The same; nothing where it cannot be said in this language.
    pub(in crate::ui) fn try_fill(self, told: Told) -> Option<Filled> {
        Some(Filled::new(self.format(&told)?, told.parts))
    }

    /// A number in groups of three digits.
    pub(in crate::ui) fn grouped(self, number: u64) -> String {
        let digits = number.to_string();
        let mark = match self {
            Self::English => ",",
            Self::Ukrainian => "\u{a0}",
        };
        let groups: Vec<&str> = digits
            .as_bytes()
            .rchunks(3)
            .rev()
            .map(|group| std::str::from_utf8(group).unwrap_or(""))
            .collect();
        groups.join(mark)
    }

    fn format(self, told: &Told) -> Option<String> {
        let bundle = match self {
            Self::English => &*ENGLISH,
            Self::Ukrainian => &*UKRAINIAN,
        };
        let pattern = bundle.get_message(told.key)?.value()?;
        let mut args = FluentArgs::with_capacity(told.parts.len());
        for (at, (name, part)) in told.parts.iter().enumerate() {
            match part {
                Part::Number(number) => args.set(*name, *number),
                _ => args.set(*name, filled::place(at).to_string()),
            }
        }
        let mut wrong = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut wrong).into_owned();
        wrong.is_empty().then_some(text)
    }
}

/// Reads the files. What does not read is left out, and tests see that there is none.
fn bundle(texts: Texts) -> Bundle {
    let mut bundle = FluentBundle::new_concurrent(vec![texts.tag().parse().unwrap_or_default()]);
    // Marks around each place would part texts that are searched for and copied. Both scripts run one way, and what others wrote
    // stands in elements of its own.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match texts {
        Texts::English => |value, _| number(value, Texts::English),
        Texts::Ukrainian => |value, _| number(value, Texts::Ukrainian),
    }));
    for file in FILES {
        let source = match texts {
            Texts::English => file.english,
            Texts::Ukrainian => file.ukrainian,
        };
        let read = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(read, _)| {
            tracing::error!(file = file.noun, language = texts.tag(), "a text does not read");
            read
        });
        bundle.add_resource_overriding(read);
    }
    bundle
}

fn number(value: &FluentValue<'_>, texts: Texts) -> Option<String> {
    match value {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was made of a count")]
        FluentValue::Number(number) => Some(texts.grouped(number.value as u64)),
        _ => None,
    }
}
