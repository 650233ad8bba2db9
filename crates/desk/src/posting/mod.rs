//! What leaves for the hub, and when: commits, the drops of the cadence, and the published plan.

pub(crate) mod cadence;
pub(crate) mod commit;
pub(crate) mod plan;

pub(crate) use commit::Pace;
