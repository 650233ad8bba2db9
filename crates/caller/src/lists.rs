//! Whether the lists that were read are those that the desk signed (section 8.2). Nothing that is sent depends on it.

use std::collections::BTreeMap;

use callsign_protocol::{
    digest::{Chain, DropHash, ListDigest, ListSignature, drop_hash},
    drop::Drop,
    exchange::{AnswerHeader, BLOCK},
    notice::VerifiedNotice,
    time::Day,
};

/// What became of a finished day that was read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confirmation {
    /// The list is the one that the desk signed.
    Confirmed,
    /// There is no signature, or one that another notice may explain.
    NotYet,
    /// The desk signed another list.
    Contradicted,
}

/// All lists of a visit as hashes, 32 bytes a drop.
#[derive(Clone, Debug, Default)]
pub struct Lists(BTreeMap<(Day, u32), List>);

#[derive(Clone, Debug, Default)]
struct List {
    total: u32,
    /// With the serial of the notice that the hub served beside it.
    signature: Option<(ListSignature, u64)>,
    /// By the position of their first drop.
    blocks: BTreeMap<u32, Vec<DropHash>>,
}

impl Lists {
    /// Takes note of an answer that was believed.
    pub fn take(&mut self, header: &AnswerHeader, drops: &[Drop]) {
        let list = self.0.entry((header.day, header.shard)).or_default();
        list.total = header.total;
        list.signature =
            header.signature.map(|signature| (signature, header.notice_serial)).or(list.signature);
        list.blocks.insert(header.from, drops.iter().map(drop_hash).collect());
    }

    /// The finished days of which a list was read whole, each with the worst that was found.
    pub fn judge(&self, desk: &VerifiedNotice) -> BTreeMap<Day, Confirmation> {
        let today = self.0.keys().map(|(day, _)| *day).max();
        let mut days = BTreeMap::new();
        for ((day, shard), list) in self.0.iter().filter(|((day, _), _)| Some(*day) != today) {
            let Some(chain) = list.chain() else { continue };
            let found = list.judge(&ListDigest { day: *day, shard: *shard, chain }, desk);
            let worst = days.entry(*day).or_insert(found);
            *worst = found.max(*worst);
        }
        days
    }
}

impl List {
    /// Over all drops; none where some were not read.
    fn chain(&self) -> Option<Chain> {
        let mut chain = Chain::EMPTY;
        while chain.total < self.total {
            let block = self.blocks.get(&chain.total)?;
            let here = usize::try_from(BLOCK.min(self.total - chain.total)).ok()?;
            chain = block.get(..here)?.iter().fold(chain, Chain::with);
        }
        Some(chain)
    }

    fn judge(&self, digest: &ListDigest, desk: &VerifiedNotice) -> Confirmation {
        let Some((signature, serial)) = self.signature else { return Confirmation::NotYet };
        if digest.verify(&desk.fingerprint, &desk.signer.duty_key, &signature).is_ok() {
            Confirmation::Confirmed
        } else if serial == desk.notice.serial {
            Confirmation::Contradicted
        } else {
            // Made with the duty key of a notice that the caller does not hold.
            Confirmation::NotYet
        }
    }
}
