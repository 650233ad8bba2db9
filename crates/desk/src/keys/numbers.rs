//! The numbers of signed documents, which only grow and have an end: one that no reader takes is never signed.

use callsign_protocol::json::NUMBER_MAX;

use crate::DeskError;

/// The serial of a document of a kind behind another.
///
/// # Errors
/// [`DeskError::NumbersEnd`]
pub(crate) fn next_serial(serial: u64, of: &'static str) -> Result<u64, DeskError> {
    let next = serial.checked_add(1).filter(|next| *next <= NUMBER_MAX);
    next.ok_or(DeskError::NumbersEnd(of))
}

/// The generation behind one. The last number is no generation, for it has no next one.
///
/// # Errors
/// [`DeskError::NumbersEnd`]
pub(crate) fn next_generation(generation: u32) -> Result<u32, DeskError> {
    let next = generation.checked_add(1).filter(|next| *next < u32::MAX);
    next.ok_or(DeskError::NumbersEnd("generations"))
}

/// The number of a certificate behind another.
///
/// # Errors
/// [`DeskError::NumbersEnd`]
pub(crate) fn next_certificate(number: u32) -> Result<u32, DeskError> {
    number.checked_add(1).ok_or(DeskError::NumbersEnd("certificates"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_last_number_there_is_none() {
        assert_eq!(next_serial(NUMBER_MAX - 1, "keyrings").unwrap(), NUMBER_MAX);
        assert_eq!(next_generation(u32::MAX - 2).unwrap(), u32::MAX - 1);
        assert_eq!(next_certificate(u32::MAX - 1).unwrap(), u32::MAX);
        let ends = [
            next_serial(NUMBER_MAX, "keyrings").map(drop),
            next_serial(u64::MAX, "notices").map(drop),
            next_generation(u32::MAX - 1).map(drop),
            next_generation(u32::MAX).map(drop),
            next_certificate(u32::MAX).map(drop),
        ];
        assert!(ends.iter().all(|end| matches!(end, Err(DeskError::NumbersEnd(_)))), "{ends:?}");
    }
}
