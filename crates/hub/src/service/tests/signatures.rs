//! Finished lists are served with the desk's signature, where it holds.

use callsign_protocol::{
    digest::{Chain, ListDigest, SignedList, drop_hash},
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
            Rest { inbox_done: 0, log_done: 0, drops: vec![], signed, whole: None },
        );
        match self.service.commit(&self.desk, &commit.encode()).await.unwrap() {
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
    let hashes: Vec<_> = drops.iter().map(drop_hash).collect();
    let digest = ListDigest { day, shard, chain: Chain::of(&hashes) };
    SignedList { day, shard, signature: digest.sign(&desk.fingerprint, &desk.keys.duty) }
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
