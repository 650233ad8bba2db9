//! What the forms of a word begin with, for Ukrainian, Russian and English alike: no dictionary, and no stemmer.

/// Letters of the shortest word that is searched for.
pub const START_MIN: usize = 3;
const VOWELS: &str = "аеєиіїоуюяыэ";
/// What follows the stem of a verb in one of its forms, behind a vowel and behind a consonant. Three letters are the beginning
/// of too much else, so such a stem is searched for with each of these.
const AFTER_VOWEL: &str = "юєевлтймшсд";
const AFTER_CONSONANT: &str = "аеєиіїуюяь";
/// What follows у or ю in forms of verbs in -увати, -овать and -евать, longer ones first.
const PRESENT: [&str; 15] =
    ["ють", "ємо", "єте", "ешь", "ете", "йте", "ймо", "ючи", "ют", "єш", "ет", "ем", "ю", "є", "й"];

/// What the forms of a folded word begin with, none of it with another; nothing where the word is too short to be searched
/// for. What holds a digit has no forms.
pub fn starts_of_forms(word: &str) -> Vec<String> {
    if word.contains(|c: char| c.is_numeric()) {
        return vec![word.to_owned()];
    }
    let Some(start) = cut(word) else { return Vec::new() };
    let mut starts = vec![start.to_owned()];
    verbs(word, &mut starts);
    starts.sort_unstable();
    // Sorted, what begins with another stands behind it.
    starts.dedup_by(|later, kept| later.starts_with(kept.as_str()));
    starts
}

/// The beginning of a word that most of its forms share.
fn cut(word: &str) -> Option<&str> {
    let letters = word.chars().count();
    let kept = match letters {
        0..START_MIN => return None,
        3 | 4 => START_MIN,
        5 => 4,
        6 | 7 => letters - 2,
        _ => letters - 3,
    };
    Some(word.char_indices().nth(kept).map_or(word, |(end, _)| &word[..end]))
}

/// What the forms begin with if the word is a verb: its endings are longer than a noun's, and some stems change.
fn verbs(word: &str, starts: &mut Vec<String>) {
    let reflexive = word.strip_suffix("ся").or_else(|| word.strip_suffix("сь"));
    let verb = reflexive.filter(|verb| verb.chars().count() > START_MIN).unwrap_or(word);
    let infinitive = verb.strip_suffix("ти").or_else(|| verb.strip_suffix("ть"));
    // None ends in -ють: those are others' forms of the present.
    if let Some(stem) = infinitive.filter(|stem| stem.ends_with(is_vowel) && !stem.ends_with('ю')) {
        infinitives(stem, starts);
        return;
    }
    if verb.len() < word.len() {
        starts.extend(cut(verb).map(str::to_owned));
    }
    let present = PRESENT.iter().find_map(|end| verb.strip_suffix(end));
    if let Some(stem) = present.filter(|stem| stem.ends_with(['у', 'ю'])) {
        add(stem, starts);
        let before = stem.trim_end_matches(['у', 'ю']);
        if before.chars().count() > 1 {
            starts.extend(["ова", "ева"].map(|ova| format!("{before}{ova}")));
        }
    }
}

/// Of an infinitive without its ending.
fn infinitives(stem: &str, starts: &mut Vec<String>) {
    add(stem, starts);
    let Some(before) = stem.strip_suffix("ва").filter(|before| before.ends_with(is_vowel)) else {
        let mut letters = stem.chars();
        let last = letters.next_back();
        let is_long = letters.clone().count() > START_MIN;
        if last.is_some_and(|last| "иіїеєу".contains(last) || (is_long && "ая".contains(last))) {
            add(letters.as_str(), starts);
        }
        return;
    };
    if before.ends_with(['у', 'ю']) || ["дава", "става", "знава"].iter().any(|verb| stem.ends_with(verb))
    {
        // підписувати, підписую; сдаваться, сдаюсь
        add(before, starts);
    } else if let Some(before) = before.strip_suffix(['о', 'е']) {
        // голосовать, голосую; воевать, воюю
        for vowel in ["у", "ю"] {
            add(&format!("{before}{vowel}"), starts);
        }
    }
}

/// Adds the stem of a verb.
fn add(stem: &str, starts: &mut Vec<String>) {
    match stem.chars().count() {
        0..START_MIN => {}
        START_MIN => {
            let next = if stem.ends_with(is_vowel) { AFTER_VOWEL } else { AFTER_CONSONANT };
            starts.extend(next.chars().map(|next| format!("{stem}{next}")));
        }
        _ => starts.push(stem.to_owned()),
    }
}

fn is_vowel(c: char) -> bool {
    VOWELS.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(query: &str, word: &str) -> bool {
        starts_of_forms(query).iter().any(|start| word.starts_with(start.as_str()))
    }

    #[test]
    fn nouns_share_a_beginning() {
        for (word, start) in [
            ("на", ""),
            ("сын", "сын"),
            ("сына", "сын"),
            ("армия", "арми"),
            ("повестка", "повес"),
            ("soldiers", "soldi"),
            ("звідси", "звід"),
            ("42", "42"),
            ("450та", "450та"),
        ] {
            assert_eq!(starts_of_forms(word).join(" "), start, "{word}");
        }
    }

    #[test]
    fn verbs_are_found_by_any_of_their_common_endings() {
        for forms in [
            "підписувати підписую підписує підписуйте підписував підписували підписуватиму",
            "здаватися здаюся здаємося здаються здавайтеся здавався",
            "здатися здамся здався здалися здасться здайтеся",
            "воювати воюю воює воюють воював",
            "служити служу служать служив служила",
            "бачити бачу бачив бачать бачили",
            "знати знаю знає знають знав знали",
            "повернутися повернуся повернувся повернулися повернеться",
            "сдаваться сдаюсь сдаемся сдаются сдавайтесь сдавался",
            "сдаться сдамся сдался сдались сдайтесь сдадимся",
            "воевать воюю воюет воюют воевал воевали",
            "голосовать голосую голосуют голосовал",
            "подписывать подписываю подписывал подписывайте",
            "служить служу служат служил",
            "держать держу держит держал",
        ] {
            let mut forms = forms.split(' ');
            let infinitive = forms.next().unwrap();
            for form in forms {
                assert!(meets(infinitive, form), "{infinitive}, {form}: {:?}", starts_of_forms(infinitive));
            }
        }
        for (form, other) in [
            ("підписуйте", "підписувати"),
            ("здаюся", "здаються"),
            ("воюють", "воювати"),
            ("воюют", "воевал"),
            ("воюют", "воюем"),
            ("сдавайтесь", "сдаваться"),
            ("голосует", "голосовать"),
        ] {
            assert!(meets(form, other), "{form}, {other}: {:?}", starts_of_forms(form));
        }
    }

    #[test]
    fn words_that_begin_alike_are_others() {
        for (query, others) in [
            ("сдаться", "сдача сдоба"),
            ("здатися", "здоровий здоров"),
            ("знати", "знак значить"),
            ("стати", "стаканом старий станція"),
            ("воевать", "вода воин воля военный"),
            ("бачити", "бачок бачка"),
            ("повестка", "повести повесть"),
        ] {
            for other in others.split(' ') {
                let is_met = meets(query, other);
                // What a noun's cut meets beside it is known and borne.
                assert_eq!(is_met, query == "повестка", "{query}, {other}: {:?}", starts_of_forms(query));
            }
        }
    }
}
