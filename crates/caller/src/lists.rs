//! Whether the lists that were read are those that the desk signed, and how new they are (section 8.2). Nothing that is sent
//! depends on it.

use std::collections::BTreeMap;

use callsign_protocol::{
    digest::{Chain, DropHash, ListDigest, ListSignature, Stage, drop_hash},
    drop::Drop,
    exchange::{AnswerHeader, BLOCK, last_block},
    notice::VerifiedNotice,
    time::{Day, Minute, UnixSeconds},
};

/// What became of a list that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confirmation {
    /// The list is the one that the desk signed.
    Confirmed,
    /// There is no signature, or one that another notice may explain.
    NotYet,
    /// The desk signed another list, or the hub shows two.
    Contradicted,
}

/// What the lists of a visit say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// The finished days of which a list was read whole, each with the worst that was found; and any day that is contradicted.
    pub days: BTreeMap<Day, Confirmation>,
    /// The last minute in which the desk has posted to any of these lists, as it has signed.
    pub desk_seen: Option<(Day, Minute)>,
    /// Whether the newest of what the desk has posted is here, as far as its signatures tell.
    pub is_current: bool,
    /// Whether there are lists of which the hub does not show that they are current.
    pub is_in_doubt: bool,
}

/// All lists of a visit as hashes, 32 bytes a drop.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    lists: BTreeMap<(Day, u32), List>,
    /// The hub has shown less of a list than before, or an older signature.
    has_gone_back: bool,
}

#[derive(Clone, Debug, Default)]
struct List {
    total: u32,
    signed: Option<Signed>,
    /// The minute in the newest signature that held; a list whose end is read anew meanwhile keeps it.
    seen: Option<Minute>,
    /// By the position of their first drop.
    blocks: BTreeMap<u32, Block>,
}

/// A signature as an answer brought it.
#[derive(Clone, Copy, Debug)]
struct Signed {
    signature: ListSignature,
    minute: Minute,
    /// Drops of the list that it came with.
    total: u32,
    /// Of the notice that the hub served beside it.
    notice_serial: u64,
}

#[derive(Clone, Debug)]
struct Block {
    /// The list's chain before its first drop, as the hub says.
    before: DropHash,
    drops: Vec<DropHash>,
}

impl Lists {
    /// Takes note of an answer that was believed.
    pub fn take(&mut self, header: &AnswerHeader, drops: &[Drop]) {
        let list = self.lists.entry((header.day, header.shard)).or_default();
        let signed = header.signature.map(|signature| Signed {
            signature,
            minute: header.minute,
            total: header.total,
            notice_serial: header.notice_serial,
        });
        let is_older = |now: &Signed| list.signed.is_some_and(|before| now.minute < before.minute);
        self.has_gone_back |= header.total < list.total || signed.as_ref().is_some_and(is_older);
        list.total = header.total;
        list.signed = signed.or(list.signed);
        let drops = drops.iter().map(drop_hash).collect();
        list.blocks.insert(header.from, Block { before: header.chain, drops });
    }

    /// What can be said of them with the duty key of a notice.
    pub fn judge(&mut self, desk: &VerifiedNotice) -> Judgement {
        let Some(today) = self.lists.keys().map(|(day, _)| *day).max() else { return Judgement::default() };
        let mut judgement = Judgement::default();
        let mut todays = Vec::new();
        for ((day, shard), list) in &mut self.lists {
            let found = list.judge(*day, *shard, desk);
            if found.stage.is_some() && list.total > 0 {
                list.seen = list.signed.map(|signed| signed.minute);
            }
            let seen = list.seen.map(|minute| (*day, minute));
            judgement.desk_seen = judgement.desk_seen.max(seen);
            if *day == today {
                todays.push((*shard, list.total, seen));
            }
            let confirmation = match found.stage {
                _ if found.is_contradicted => Confirmation::Contradicted,
                _ if *day == today || !list.is_whole() => continue,
                Some(Stage::Day) => Confirmation::Confirmed,
                Some(Stage::Head) | None => Confirmation::NotYet,
            };
            let worst = judgement.days.entry(*day).or_insert(confirmation);
            *worst = confirmation.max(*worst);
        }
        let is_new = |(shard, total, seen): &(u32, u32, Option<(Day, Minute)>)| {
            // Of a list without a drop today the desk's other lists must do, as long as its turn may not have come since midnight.
            let seen = if *total == 0 { judgement.desk_seen } else { *seen };
            seen.map(|(day, minute)| day.at(minute)).is_some_and(|seen| {
                let is_passed_over = *total == 0 && is_past_turns(seen, today, *shard, desk);
                is_recent(seen, today, *shard, desk) && !is_passed_over
            })
        };
        judgement.is_current = !self.has_gone_back && todays.iter().all(is_new);
        let are_any = self.lists.values().any(|list| list.total > 0);
        judgement.is_in_doubt = are_any && !judgement.is_current;
        judgement
    }
}

/// What a list's signature says of it.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    /// What the desk has signed of the list as it is here.
    stage: Option<Stage>,
    is_contradicted: bool,
}

impl List {
    fn judge(&self, day: Day, shard: u32, desk: &VerifiedNotice) -> Found {
        let contradicted = Found { is_contradicted: true, stage: None };
        let Ok(end) = self.linked() else { return contradicted };
        let (Some(chain), Some(signed)) = (end, self.signed) else { return Found::default() };
        // One that came beside fewer drops says nothing of these.
        if signed.total != chain.total {
            return Found::default();
        }
        let digest = ListDigest { day, shard, chain, minute: signed.minute };
        let holds = |stage: &Stage| {
            digest.verify(*stage, &desk.fingerprint, &desk.signer.duty_key, &signed.signature).is_ok()
        };
        let stage = [Stage::Day, Stage::Head].into_iter().find(holds);
        match stage {
            // Beside another notice it may have been made with a duty key that the caller does not know.
            None if signed.notice_serial == desk.notice.serial => contradicted,
            stage => Found { stage, is_contradicted: false },
        }
    }

    /// The chain over the whole list, where its last block is here; an error where what was read is not one list.
    fn linked(&self) -> Result<Option<Chain>, Broken> {
        let mut end = None;
        for (from, block) in &self.blocks {
            let count = BLOCK.min(self.total.saturating_sub(*from));
            // One that was read when the list was shorter is read again.
            let Some(drops) = block.drops.get(..count as usize) else { continue };
            let before = Chain { total: *from, hash: block.before };
            if *from == 0 && before != Chain::EMPTY {
                return Err(Broken);
            }
            let after = drops.iter().fold(before, Chain::with);
            if self.blocks.get(&after.total).is_some_and(|next| next.before != after.hash) {
                return Err(Broken);
            }
            if *from == last_block(self.total) {
                end = Some(after);
            }
        }
        Ok(end)
    }

    /// Whether all its drops are here.
    fn is_whole(&self) -> bool {
        (0..self.total).step_by(BLOCK as usize).all(|from| {
            let here = self.blocks.get(&from).map_or(0, |block| block.drops.len());
            here >= BLOCK.min(self.total - from) as usize
        })
    }
}

/// What was read of a list does not hang together.
struct Broken;

/// Whether the desk's last minute is not before the notice that it has made since, but for two of the shard's turns.
fn is_recent(seen: UnixSeconds, today: Day, shard: u32, desk: &VerifiedNotice) -> bool {
    // A minute is named by its first second.
    turn_s(today, shard, desk).is_some_and(|turn_s| seen.plus(59 + 2 * turn_s) >= desk.notice.issued)
}

/// Whether a desk that was at work today in that minute had two of the shard's turns since midnight, and so has posted to its list.
fn is_past_turns(seen: UnixSeconds, today: Day, shard: u32, desk: &VerifiedNotice) -> bool {
    turn_s(today, shard, desk).is_none_or(|turn_s| seen.since(today.start()) > 2 * turn_s)
}

/// Seconds between two drops of a shard; none where the day has no such shard.
fn turn_s(day: Day, shard: u32, desk: &VerifiedNotice) -> Option<u64> {
    let plan = desk.notice.plan.on(day).filter(|plan| shard < plan.shards)?;
    Some(u64::from(plan.drop_period_s) * u64::from(plan.shards))
}
