//! Numbers in arguments: what is expected, in how much of what, where one does not fit.

use std::{fmt::Display, ops::RangeInclusive, str::FromStr};

/// Reads a whole number of something within bounds: "days".
pub fn within<N: Clone + Display + FromStr + PartialOrd>(
    bounds: RangeInclusive<N>,
    what: &'static str,
) -> impl Fn(&str) -> Result<N, String> + Clone {
    move |typed: &str| {
        let number = typed.parse().ok().filter(|number| bounds.contains(number));
        number.ok_or_else(|| {
            let (least, most) = (bounds.start(), bounds.end());
            format!("a whole number is expected here: {least} to {most} {what}; give one of these")
        })
    }
}

/// The same without an upper bound.
pub fn at_least<N: Clone + Display + FromStr + PartialOrd>(
    least: N,
    what: &'static str,
) -> impl Fn(&str) -> Result<N, String> + Clone {
    move |typed: &str| {
        let number = typed.parse().ok().filter(|number| *number >= least);
        number.ok_or_else(|| {
            format!(
                "a whole number is expected here, of {what}: {least} or more, and fewer than a machine can count; give such a number"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_within_their_bounds_are_read_and_others_are_told_the_bounds_and_the_unit() {
        let days = within(1..=90_u32, "days");
        assert_eq!(["1", "30", "90"].map(&days), [Ok(1), Ok(30), Ok(90)]);
        for wrong in ["0", "91", "-1", "1.5", "", "many", "99999999999"] {
            let told = "a whole number is expected here: 1 to 90 days; give one of these";
            assert_eq!(days(wrong), Err(told.to_owned()), "{wrong:?}");
        }
        let exchanges = at_least(1_u32, "exchanges");
        assert_eq!(exchanges("4000000000"), Ok(4_000_000_000));
        for wrong in ["0", "99999999999", "x"] {
            assert!(exchanges(wrong).unwrap_err().contains("of exchanges: 1 or more"), "{wrong:?}");
        }
    }
}
