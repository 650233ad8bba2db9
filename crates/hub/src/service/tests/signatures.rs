//! Finished lists are served with the desk's signature, where it holds.

use callsign_protocol::{
    digest::{Chain, ListDigest, SignedHead, SignedList, Stage, drop_hash},
    encoding::Bytes,
    identity::PrivateKey,
};

use super::*;

impl<S: Store> Fixture<S> {
    /// Sends signatures and answers the new head.
    async fn sign(&mut self, prev: EntryHash, signed: Vec<SignedList>) -> EntryHash {
        let day = self.service.today();
        let commit = self.signer.commit(
            prev,
            day,
            Rest { inbox_done: 0, log_done: 0, drops: vec![], signed, heads: vec![], whole: None },
        );
        match self.service.commit(&self.desk, &commit.entry.header().device, &commit.encode()).await.unwrap()
        {
            CommitAnswer::Applied(head) => head.hash,
            CommitAnswer::Conflict(_) => panic!("the head is another one"),
        }
    }

    async fn signature(&self, day: Day) -> Option<Bytes<64>> {
        self.exchange(day, LAST_BLOCK).await.header.signature
    }
}

/// The duty key's signature over a list of these drops.
fn sign_list(desk: &TestDesk, day: Day, shard: u32, drops: &[Drop]) -> SignedList {
    let digest = digest(day, shard, drops);
    let signature = digest.sign(Stage::Day, &desk.fingerprint, &desk.keys.duty);
    SignedList { day, shard, minute: digest.minute, signature }
}

/// The duty key's signature over the head of a list of these drops.
fn sign_head(desk: &TestDesk, day: Day, shard: u32, drops: &[Drop]) -> SignedHead {
    let digest = digest(day, shard, drops);
    let signature = digest.sign(Stage::Head, &desk.fingerprint, &desk.keys.duty);
    SignedHead { shard, minute: digest.minute, signature }
}

/// Posted to last in the minute that says how many drops there are.
fn digest(day: Day, shard: u32, drops: &[Drop]) -> ListDigest {
    let hashes: Vec<_> = drops.iter().map(drop_hash).collect();
    let minute = u16::try_from(drops.len()).unwrap().try_into().unwrap();
    ListDigest { day, shard, chain: Chain::of(&hashes), minute }
}

#[tokio::test]
async fn a_finished_list_is_served_with_its_signature() {
    let mut fixture = fixture().await;
    let drops = [dropped(1), dropped(2)];
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, [1, 2]).await;
    fixture.set_day(FIRST_DAY.plus(1));
    let signed = sign_list(&fixture.signer, FIRST_DAY, 0, &drops);
    // Not finished: drops may still be posted to it.
    let head = fixture.sign(head, vec![signed]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, None);
    let head = fixture.post(head, FIRST_DAY.plus(1), [3]).await;
    fixture.sign(head, vec![signed, sign_list(&fixture.signer, FIRST_DAY.minus(1), 0, &[])]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, Some(signed.signature));
    assert!(fixture.signature(FIRST_DAY.minus(1)).await.is_some(), "an empty list has one too");
    assert_eq!(fixture.signature(Day(0)).await, None);
}

#[tokio::test]
async fn what_does_not_hold_is_left_out_and_stops_nothing() {
    let mut fixture = fixture().await;
    let drops = [dropped(1), dropped(2)];
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, [1, 2]).await;
    fixture.set_day(FIRST_DAY.plus(1));
    let mut head = fixture.post(head, FIRST_DAY.plus(1), [3]).await;
    let right = sign_list(&fixture.signer, FIRST_DAY, 0, &drops);
    let stranger = sign_list(&TestDesk::new(9), FIRST_DAY, 0, &drops);
    for wrong in [
        sign_list(&fixture.signer, FIRST_DAY, 0, &drops[..1]),
        SignedList { day: FIRST_DAY.minus(1), ..right },
        sign_list(&fixture.signer, FIRST_DAY, 1, &[]),
        sign_list(&fixture.signer, FIRST_DAY.minus(13), 0, &[]),
        stranger,
    ] {
        head = fixture.sign(head, vec![wrong]).await;
        assert_eq!(fixture.signature(FIRST_DAY).await, None);
    }
    fixture.sign(head, vec![stranger, right]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, Some(right.signature));
}

#[tokio::test]
async fn a_signature_goes_with_the_duty_key_of_the_notice() {
    let mut fixture = fixture().await;
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    fixture.set_day(FIRST_DAY.plus(1));
    let head = fixture.post(head, FIRST_DAY.plus(1), [2]).await;
    let signed = sign_list(&fixture.signer, FIRST_DAY, 0, &[dropped(1)]);
    let head = fixture.sign(head, vec![signed]).await;
    fixture.signer.keys.duty = PrivateKey::generate(&mut fixture.signer.rng);
    fixture.signer.keys.certificate_number += 1;
    let renewed = fixture.signer.notice(2, fixture.service.now());
    fixture.service.put_notice(&fixture.desk, &fixture.device(), renewed).await.unwrap();
    assert_eq!(fixture.signature(FIRST_DAY).await, None);
    let again = sign_list(&fixture.signer, FIRST_DAY, 0, &[dropped(1)]);
    fixture.sign(head, vec![signed, again]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, Some(again.signature));
}

impl<S: Store> Fixture<S> {
    /// Posts these drops to shard 0 with these heads and answers the new head of the log.
    async fn post_with(&mut self, prev: EntryHash, drops: &[Drop], heads: Vec<SignedHead>) -> EntryHash {
        let drops = drops.iter().map(|drop| (0, *drop)).collect();
        let rest = Rest { inbox_done: 0, log_done: 0, drops, signed: vec![], heads, whole: None };
        let commit = self.signer.commit(prev, FIRST_DAY, rest);
        match self.service.commit(&self.desk, &commit.entry.header().device, &commit.encode()).await.unwrap()
        {
            CommitAnswer::Applied(head) => head.hash,
            CommitAnswer::Conflict(_) => panic!("the head is another one"),
        }
    }
}

#[tokio::test]
async fn a_list_of_today_is_served_with_its_head_and_the_chain_before_the_block() {
    let mut fixture = fixture().await;
    let all: Vec<Drop> = (1..=70).map(dropped).collect();
    let mut head = Head::EMPTY.hash;
    for (from, to) in [(0, 31), (31, 32), (32, 40), (40, 70)] {
        let signed = sign_head(&fixture.signer, FIRST_DAY, 0, &all[..to]);
        head = fixture.post_with(head, &all[from..to], vec![signed]).await;
        let answer = fixture.exchange(Day(0), LAST_BLOCK).await;
        assert_eq!(answer.header.signature, Some(signed.signature));
        assert_eq!((answer.header.minute, answer.header.total as usize), (signed.minute, to));
        let before: Vec<_> = all[..answer.header.from as usize].iter().map(drop_hash).collect();
        assert_eq!(answer.header.chain, Chain::of(&before).hash);
    }
    // At any position, where nobody's walk asks, too; behind the end it is that of the whole list.
    for (at, before) in [(0, 0), (1, 1), (31, 31), (32, 32), (64, 64), (69, 69), (70, 70), (75, 70), (96, 70)]
    {
        let hashes: Vec<_> = all[..before].iter().map(drop_hash).collect();
        assert_eq!(fixture.exchange(FIRST_DAY, at).await.header.chain, Chain::of(&hashes).hash, "at {at}");
    }
}

#[tokio::test]
async fn a_head_that_does_not_hold_is_left_out_and_the_one_before_goes() {
    let mut fixture = fixture().await;
    let all = [1, 2, 3, 4, 5, 6, 7].map(dropped);
    let first = sign_head(&fixture.signer, FIRST_DAY, 0, &all[..1]);
    let mut head = fixture.post_with(Head::EMPTY.hash, &all[..1], vec![first]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, Some(first.signature));
    let minute = 9.try_into().unwrap();
    let day = sign_list(&fixture.signer, FIRST_DAY, 0, &all[..6]).signature;
    for (to, wrong) in [
        (2, sign_head(&fixture.signer, FIRST_DAY, 0, &all[..1])),
        (3, sign_head(&TestDesk::new(9), FIRST_DAY, 0, &all[..3])),
        (4, sign_head(&fixture.signer, FIRST_DAY.plus(1), 0, &all[..4])),
        (5, SignedHead { minute, ..sign_head(&fixture.signer, FIRST_DAY, 0, &all[..5]) }),
        (6, SignedHead { signature: day, ..sign_head(&fixture.signer, FIRST_DAY, 0, &all[..6]) }),
    ] {
        head = fixture.post_with(head, &all[to - 1..to], vec![wrong]).await;
        assert_eq!(fixture.signature(FIRST_DAY).await, None, "{to}");
    }
    let right = sign_head(&fixture.signer, FIRST_DAY, 0, &all);
    fixture.post_with(head, &all[6..], vec![right]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, Some(right.signature));
}

#[tokio::test]
async fn a_head_comes_without_drops_where_the_duty_key_is_another() {
    let mut fixture = fixture().await;
    let drops = [dropped(1)];
    let first = sign_head(&fixture.signer, FIRST_DAY, 0, &drops);
    let head = fixture.post_with(Head::EMPTY.hash, &drops, vec![first]).await;
    fixture.signer.keys.duty = PrivateKey::generate(&mut fixture.signer.rng);
    fixture.signer.keys.certificate_number += 1;
    let renewed = fixture.signer.notice(2, fixture.service.now());
    fixture.service.put_notice(&fixture.desk, &fixture.device(), renewed).await.unwrap();
    assert_eq!(fixture.signature(FIRST_DAY).await, None);
    let again = sign_head(&fixture.signer, FIRST_DAY, 0, &drops);
    let empty = sign_head(&fixture.signer, FIRST_DAY, 1, &[]);
    fixture.post_with(head, &[], vec![first, empty, again]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, Some(again.signature));
}

#[tokio::test]
async fn a_head_is_served_until_its_day_is_signed() {
    let mut fixture = fixture().await;
    let drops = [dropped(1)];
    let yesterdays = sign_head(&fixture.signer, FIRST_DAY, 0, &drops);
    let head = fixture.post_with(Head::EMPTY.hash, &drops, vec![yesterdays]).await;
    fixture.set_day(FIRST_DAY.plus(1));
    let head = fixture.post(head, FIRST_DAY.plus(1), [2]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, Some(yesterdays.signature));
    let signed = sign_list(&fixture.signer, FIRST_DAY, 0, &drops);
    fixture.sign(head, vec![signed]).await;
    assert_eq!(fixture.signature(FIRST_DAY).await, Some(signed.signature));
}

#[tokio::test]
async fn a_device_that_names_days_to_come_keeps_no_list_of_them_in_memory() {
    let mut fixture = fixture().await;
    let head = fixture.post(Head::EMPTY.hash, FIRST_DAY, [1]).await;
    let held = fixture.service.lists.lists_held();
    let far = |n: u32| FIRST_DAY.plus(10 + n);
    let signed = (0..64).map(|n| sign_list(&fixture.signer, far(n), 0, &[])).collect();
    let head = fixture.sign(head, signed).await;
    for n in 0..8 {
        let heads = vec![sign_head(&fixture.signer, far(n), 0, &[dropped(1)])];
        let drops = vec![(0, dropped(1))];
        let rest = Rest { inbox_done: 0, log_done: 0, drops, signed: vec![], heads, whole: None };
        let commit = fixture.signer.commit(head, far(n), rest);
        let by = commit.entry.header().device;
        let refused = fixture.service.commit(&fixture.desk, &by, &commit.encode()).await;
        assert!(matches!(refused, Err(ServiceError::DayRefused)), "{refused:?}");
    }
    assert_eq!(fixture.service.lists.lists_held(), held);
}
