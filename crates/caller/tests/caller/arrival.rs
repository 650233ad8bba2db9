//! What a visit begins with: one order for all, and letter keys only where the notice in hand names them.

use callsign_caller::arrival::{Arrival, NoLetters};
use callsign_protocol::{encoding::Bytes, letters::LETTERS_LEN};

use crate::{
    desk::{TestDesk, noon},
    scripted_hub::ScriptedHub,
};

fn arrive(hub: &ScriptedHub, named: Option<Bytes<32>>, shown: Option<Vec<u8>>) -> Arrival {
    hub.publish(TestDesk::new().envelope(|notice| notice.letters = named), 5);
    hub.shows_letters(shown);
    hub.client().arrive(noon()).unwrap()
}

#[test]
fn the_letters_document_comes_behind_the_packs_once_whatever_the_notice_says() {
    let (letters, named) = TestDesk::new().letters(1);
    for (named, shown) in [(Some(named), Some(letters)), (Some(named), None), (None, None)] {
        let hub = ScriptedHub::start();
        let arrival = arrive(&hub, named, shown.clone());
        assert_eq!(arrival.letters.is_ok(), shown.is_some());
        let paths: Vec<_> = hub.seen().into_iter().map(|seen| (seen.method, seen.path)).collect();
        let expected = ["notice", "letters"]
            .map(|name| ("GET".to_owned(), format!("/{}/v1/{name}", hub.client().desk_id())));
        let own: Vec<_> = paths.into_iter().filter(|(_, path)| path != "/").collect();
        assert_eq!(own, expected);
    }
}

#[test]
fn letter_keys_are_those_that_the_notice_names_or_none_and_it_is_said_why() {
    let (hub, desk) = (ScriptedHub::start(), TestDesk::new());
    let ((first, named), (second, _)) = (desk.letters(1), desk.letters(2));
    let refused = |named, shown: Option<Vec<u8>>| arrive(&hub, named, shown).letters.unwrap_err();
    assert_eq!(arrive(&hub, Some(named), Some(first.clone())).letters.unwrap().letters.keys().len(), 4);
    assert!(matches!(refused(Some(named), Some(second)), NoLetters::NotNamed));
    let (by_other, _) = desk.certified_anew(2).letters(1);
    assert!(matches!(refused(Some(named), Some(by_other)), NoLetters::NotNamed));
    assert!(matches!(refused(None, Some(first.clone())), NoLetters::Nowhere));
    assert!(matches!(refused(Some(named), None), NoLetters::Hub(_)));
    let mut later = first.clone();
    later[0] = 2;
    assert!(matches!(refused(Some(named), Some(later)), NoLetters::Outdated));
    for at in [1, 40, 300, LETTERS_LEN - 1] {
        let mut tampered = first.clone();
        tampered[at] ^= 4;
        assert!(matches!(refused(Some(named), Some(tampered)), NoLetters::NotGenuine(_)), "byte {at}");
    }
    assert!(matches!(refused(Some(named), Some(first[1..].to_vec())), NoLetters::NotGenuine(_)));
    assert!(matches!(refused(Some(named), Some(vec![1; LETTERS_LEN + 1])), NoLetters::Hub(_)));
}
