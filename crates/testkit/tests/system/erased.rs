//! An erased case: once its generation has ended nothing of it opens, with any key that a device still has, in anything that
//! hub and device ever held, and none of it lies in any file.

use std::path::Path;

use callsign_desk::{Desk, NewAnswer, NewDraft, NewFollowUp};
use callsign_testkit::{Caller, Hoard, Loot, Planted, Remains, System, find_planted, shown};

/// What a person said or wrote down about one case; no two are alike.
struct Texts {
    message: &'static str,
    times: &'static str,
    answer: &'static str,
    follow_up: &'static str,
}

const ERASED: Texts = Texts {
    message: "стара криниця біля зозулинця",
    times: "після заходу сонця, коли спить вартовий",
    answer: "переховайтеся в підвалі школи",
    follow_up: "спитати про дядька з Берегового",
};
const KEPT: Texts = Texts {
    message: "трактор стоїть у третьому дворі",
    times: "лише в неділю вранці",
    answer: "зачекайте на листоношу",
    follow_up: "нагадати про печиво",
};

impl Texts {
    fn all(&self) -> [&'static str; 4] {
        [self.message, self.times, self.answer, self.follow_up]
    }

    /// A caller says it, and the desk does the rest; nothing of it waits for the log at the end.
    fn say(&self, system: &System, desk: &Desk) -> Caller {
        let mut caller = system.caller(desk);
        caller.write_with_times(self.message, self.times).unwrap();
        desk.sync().unwrap();
        let id = caller.id();
        desk.open_call(&id).unwrap();
        desk.answer(&NewAnswer::new(&id, self.answer)).unwrap();
        let due = system.clock.now().day().plus(30);
        desk.set_follow_up(&NewFollowUp {
            caller: &id,
            due,
            hour: None,
            text: self.follow_up,
            outside_why: None,
            moves: None,
        })
        .unwrap();
        caller
    }
}

/// The middle of each longer word as the search's index has it: there words lie without the beginning that they share with others.
fn middles(texts: &Texts) -> Vec<String> {
    let of = |text: &'static str| text.split(|c: char| !c.is_alphabetic());
    // What is to be done for a case is not searched.
    let searched = [texts.message, texts.times, texts.answer];
    let words = searched.into_iter().flat_map(of).filter(|word| word.chars().count() > 5);
    words.map(|word| word.chars().skip(1).take(4).collect::<String>().to_lowercase()).collect()
}

fn indexes(loot: &Loot, text: &str) -> bool {
    loot.indexed.iter().any(|index| index.contains(text))
}

/// So many beats of a desk that keeps its state, before a hub and a disk that keep all that they ever held.
fn beats(system: &System, desk: &Desk, dir: &Path, hoard: &mut Hoard) {
    for _ in 0..6 {
        system.beats(desk, 1);
        desk.prepare_search().unwrap();
        hoard.take(&system.hub_dir());
        hoard.take_device(dir);
    }
}

fn end_generation(system: &System, desk: &Desk, dir: &Path, hoard: &mut Hoard) {
    let generation = desk.generation();
    system.clock.advance_days(8);
    desk.sync().unwrap();
    beats(system, desk, dir, hoard);
    assert_eq!(desk.generation(), generation + 1);
    assert!(desk.devices().unwrap()[0].is_ready, "the keys of the one before are destroyed");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn nothing_of_an_erased_case_opens_with_what_a_device_has_left() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let dir = system.desk_dir("desk");
    let mut hoard = Hoard::default();
    let erased = ERASED.say(&system, &desk);
    let kept = KEPT.say(&system, &desk);
    let waiting = Hoard::default().open_with(&dir);
    desk.flush().unwrap();
    hoard.take(&system.hub_dir());
    hoard.take_device(&dir);
    let in_log = Hoard::default().open_with(&dir);
    let entries = Remains::of(&dir, &[]);
    assert!(!entries.left_in(&dir).is_empty(), "they are all there");
    end_generation(&system, &desk, &dir, &mut hoard);
    let in_state = Hoard::default().open_with(&dir);
    let state = Remains::of(&dir, &[]);
    assert!(!state.left_in(&dir).is_empty(), "it is there");
    // While the keys live, the same search finds all of it, wherever it lies: before the log has it, in the log, in the state.
    for text in ERASED.all().into_iter().chain(KEPT.all()) {
        for (place, loot) in [("what waits", &waiting), ("the log", &in_log), ("the state", &in_state)] {
            assert!(loot.holds(text), "{text} is not in {place}");
        }
    }
    for middle in middles(&ERASED).iter().chain(&middles(&KEPT)) {
        assert!(indexes(&in_state, middle), "{middle} is not in the image of the search's index");
    }

    desk.erase(&erased.id()).unwrap();
    beats(&system, &desk, &dir, &mut hoard);
    assert!(hoard.open_with(&dir).holds(ERASED.message), "its generation has not ended");
    end_generation(&system, &desk, &dir, &mut hoard);

    let late = hoard.open_with(&dir);
    for text in ERASED.all() {
        assert!(!late.holds(text), "{text}");
    }
    for middle in middles(&ERASED) {
        assert!(!indexes(&late, &middle), "{middle}");
    }
    for middle in middles(&KEPT) {
        assert!(indexes(&late, &middle), "{middle} is still worked on");
    }
    for text in KEPT.all() {
        assert!(late.holds(text), "{text} is still worked on");
    }
    // Not one piece of what was sealed before lies in a page or journal.
    for remains in [&entries, &state] {
        assert_eq!(remains.left_in(&dir), Vec::<String>::new());
    }
    let planted: Vec<Planted> = ERASED.all().map(|text| Planted::new(text, text)).into();
    for files in [&dir, &system.hub_dir()] {
        let (found, read) = find_planted(files, &planted);
        assert_eq!(found, Vec::<String>::new());
        assert!(read > 4_096);
    }

    // Whoever starts a program with a copy of the files sees nothing of it either, with the hub and without.
    copy(&dir, &system.desk_dir("seized"));
    let seized = system.open_desk("seized");
    for has_synced in [false, true] {
        if has_synced {
            seized.sync().unwrap();
        }
        let cases = shown(&seized).join("\n");
        assert!(cases.contains(KEPT.answer), "{cases}");
        for text in ERASED.all() {
            assert!(!cases.contains(text), "{cases}");
        }
        assert!(seized.find(&erased.call_sign().to_string()).is_err());
        assert!(seized.find(&kept.call_sign().to_string()).is_ok());
        assert_eq!(seized.search("криниця").unwrap().hits.len(), 0);
        assert_eq!(seized.search("трактор").unwrap().hits.len(), 1);
    }
}

#[test]
fn a_draft_goes_with_its_answer_or_its_case_and_opens_with_nothing_once_its_generation_has_ended() {
    let system = System::start();
    let desk = system.init_desk("desk");
    let dir = system.desk_dir("desk");
    let mut hoard = Hoard::default();
    let drafts = ["може, спитати про криницю", "ні, краще не про млин", "почекаймо ще до неділі"];
    let save = |caller: &Caller, text: &str| {
        let base = desk.draft(&caller.id()).unwrap().map(|draft| draft.version);
        desk.save_draft(&NewDraft { caller: &caller.id(), text, place: 0, second_reader: false, base })
            .unwrap();
        desk.draft(&caller.id()).unwrap().unwrap().version
    };
    let begin = |text: &str| {
        let mut caller = system.caller(&desk);
        caller.write("слово").unwrap();
        desk.sync().unwrap();
        desk.open_call(&caller.id()).unwrap();
        let version = save(&caller, text);
        (caller, version)
    };
    let [(erased, _), (answered, version), (kept, _)] = drafts.map(begin);
    hoard.take_device(&dir);
    let in_rows = |text: &str| Hoard::default().open_with(&dir).holds(text);
    assert!(drafts.iter().all(|text| in_rows(text)), "while they are kept the search finds them");
    let planted: Vec<Planted> = drafts.map(|text| Planted::new(text, text)).into();
    assert_eq!(find_planted(&dir, &planted).0, Vec::<String>::new());

    desk.erase(&erased.id()).unwrap();
    let to = answered.id();
    let as_draft = NewAnswer { draft: Some(version), ..NewAnswer::new(&to, "інші слова") };
    desk.answer(&as_draft).unwrap();
    assert_eq!(drafts.map(in_rows), [false, false, true]);
    assert!(desk.draft(&answered.id()).unwrap().is_none());
    assert!(hoard.open_with(&dir).holds(drafts[0]), "a disk that erases nothing has it, and its key lives");

    // Somebody goes on with the one that is left, so that it is not over before the generation is.
    let generation = desk.generation();
    let longer = format!("{}, і тоді разом", drafts[2]);
    for _ in 0..2 {
        system.clock.advance_days(4);
        save(&kept, &longer);
        desk.sync().unwrap();
        beats(&system, &desk, &dir, &mut hoard);
    }
    assert_eq!(desk.generation(), generation + 1);
    let late = hoard.open_with(&dir);
    assert!(!late.holds(drafts[0]) && !late.holds(drafts[1]));
    assert!(late.holds(&longer), "it was sealed anew");
    assert_eq!(desk.draft(&kept.id()).unwrap().unwrap().text, longer);
    system.clock.advance_days(8);
    desk.sync().unwrap();
    assert!(!in_rows(&longer), "nobody has gone on with it");
}
