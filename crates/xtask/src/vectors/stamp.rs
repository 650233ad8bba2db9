//! `stamp.json`: what a stamp is bound to, which hold, and what a search finds.

use callsign_protocol::{
    cell::{CELL_LEN, Cell},
    derive::sha256,
    identity::Fingerprint,
    stamp::{Challenge, Effort, Round, Search, Stamp, Toll},
};
use serde_json::{Value, json};

use super::{
    case::{Case, hex},
    exchange::stamp_json,
    fixture::Desk,
};

/// The byte of which the cell is made; what is in a cell makes no difference.
const FILL: u8 = 0x5a;

/// The whole file.
pub fn file() -> Value {
    let desk = Desk::new().fingerprint();
    json!({
        "comment": "Section 8.3. A cell is 4,096 bytes of the value `cell`. A case shows `challenge` and the `hash` of challenge and \
                    nonce. A search that counts up from the nonce `first` finds `stamp`; `asked` is what the hub said.",
        "fingerprint": desk.to_string(),
        "effort_max": Effort::MAX.0,
        "cases": cases(&desk),
        "searches": searches(&desk),
    })
}

fn cases(desk: &Fingerprint) -> Vec<Value> {
    let round = Round(0x1234);
    let case = |name, outcome, comment, (desk, fill): (&Fingerprint, u8), stamp: Stamp| {
        let Challenge(challenge) = Challenge::new(desk, stamp.round, &cell(fill));
        Value::from(
            Case::new(name, outcome, comment)
                .with("fingerprint", desk.to_string())
                .with("cell", fill)
                .with("stamp", stamp_json(stamp))
                .with("challenge", hex(&challenge))
                .with("hash", hex(&sha256(&[&challenge, &stamp.nonce.to_be_bytes()]))),
        )
    };
    let exactly = |bits: u8| exactly(desk, round, bits);
    let claiming = |effort, stamp| Stamp { effort: Effort(effort), ..stamp };
    let twelve = exactly(12);
    let here = (desk, FILL);
    let other_round = Stamp { round: Round(0x1235), ..twelve };
    vec![
        case("none", "ok", "no stamp, as in quiet times: nothing is claimed", here, Stamp::NONE),
        case("12 bits", "ok", "as many zero bits as are claimed", here, twelve),
        case("12 bits, 13 claimed", "too little", "one more is claimed", here, claiming(13, twelve)),
        case("12 bits, 3 claimed", "ok", "fewer are claimed", here, claiming(3, twelve)),
        case("8 bits", "ok", "a whole byte", here, exactly(8)),
        case("8 bits, 9 claimed", "too little", "one more than a whole byte", here, claiming(9, exactly(8))),
        case("7 bits, 8 claimed", "too little", "one less than a whole byte", here, claiming(8, exactly(7))),
        case("16 bits", "ok", "two whole bytes", here, exactly(16)),
        case("most", "too little", "no hash begins with so many", here, claiming(255, twelve)),
        case("other round", "too little", "made for another round", here, other_round),
        case("other cell", "too little", "made for another cell", (desk, FILL ^ 1), twelve),
        case("other desk", "too little", "made for another desk", (&Fingerprint([0xa5; 32]), FILL), twelve),
    ]
}

/// The first stamp whose hash begins with just so many zero bits.
fn exactly(desk: &Fingerprint, round: Round, bits: u8) -> Stamp {
    let cell = cell(FILL);
    let mut search = Search::new(desk, &cell, Toll { effort: Effort(bits), round }, 0);
    let mut found = std::iter::repeat_with(|| search.advance(u32::MAX)).flatten();
    let has_more = |stamp: &Stamp| Stamp { effort: Effort(bits + 1), ..*stamp }.holds(desk, &cell);
    found.find(|stamp| !has_more(stamp)).expect("half of them have no more")
}

fn searches(desk: &Fingerprint) -> Vec<Value> {
    let search = |name, effort, round, fill, first: u64| {
        let asked = Toll { effort: Effort(effort), round: Round(round) };
        let stamp = Search::new(desk, &cell(fill), asked, first).advance(u32::MAX).expect("some nonce does");
        json!({
            "name": name,
            "asked": { "effort": effort, "round": round },
            "cell": fill,
            "first": hex(&first.to_be_bytes()),
            "stamp": stamp_json(stamp),
        })
    };
    vec![
        search("nothing asked", 0, 0, FILL, 5),
        search("one bit", 1, 1, FILL, 0),
        search("ten bits", 10, 0, FILL, 0x0102_0304_0506_0708),
        search("sixteen bits", 16, u16::MAX, 0, 1 << 63),
    ]
}

fn cell(fill: u8) -> Cell {
    Cell(Box::new([fill; CELL_LEN]))
}
