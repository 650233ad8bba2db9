//! Reading fixed binary layouts: each field in turn, never past the end, nothing left over.

use thiserror::Error;

/// What is wrong with the length or the reserved bytes of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// Fewer bytes than the layout has.
    #[error("the bytes end before the layout does")]
    Truncated,
    /// More bytes than the layout has.
    #[error("bytes are left over after the layout")]
    TrailingBytes,
    /// A byte that the layout says is zero is not.
    #[error("a reserved byte is not zero")]
    NotZero,
    /// A number beyond what it counts.
    #[error("a number is out of its range")]
    OutOfRange,
}

/// A cursor over bytes from outside.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// A cursor over a layout of one size, which is judged before anything in it.
    pub(crate) fn exactly(bytes: &'a [u8], len: usize) -> Result<Self, LayoutError> {
        let mut whole = Self(bytes);
        whole.slice(len)?;
        whole.finish()?;
        Ok(Self(bytes))
    }

    pub(crate) fn slice(&mut self, len: usize) -> Result<&'a [u8], LayoutError> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(LayoutError::Truncated)?;
        self.0 = tail;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], LayoutError> {
        let (head, tail) = self.0.split_first_chunk().ok_or(LayoutError::Truncated)?;
        self.0 = tail;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, LayoutError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, LayoutError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, LayoutError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, LayoutError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn zeros(&mut self, len: usize) -> Result<(), LayoutError> {
        if self.slice(len)?.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(LayoutError::NotZero) }
    }

    pub(crate) fn finish(self) -> Result<(), LayoutError> {
        if self.0.is_empty() { Ok(()) } else { Err(LayoutError::TrailingBytes) }
    }
}

/// `u16 len || payload || zeros` in exactly `N` bytes.
///
/// # Panics
/// Where the payload is longer than `N - 2`; every caller has checked that.
pub(crate) fn pad<const N: usize>(payload: &[u8]) -> zeroize::Zeroizing<[u8; N]> {
    let mut padded = zeroize::Zeroizing::new([0; N]);
    let len = u16::try_from(payload.len()).expect("payloads are shorter than 64 KiB");
    padded[..2].copy_from_slice(&len.to_be_bytes());
    padded[2..2 + payload.len()].copy_from_slice(payload);
    padded
}

/// The payload of what [`pad`] made; any byte after it that is not zero is an error.
pub(crate) fn unpad(padded: &[u8]) -> Result<&[u8], LayoutError> {
    let mut reader = Reader::new(padded);
    let len = usize::from(reader.u16()?);
    let payload = reader.slice(len)?;
    let rest = reader.0.len();
    reader.zeros(rest)?;
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_canonical() {
        let padded = pad::<8>(b"abc");
        assert_eq!(*padded, [0, 3, b'a', b'b', b'c', 0, 0, 0]);
        assert_eq!(unpad(&*padded), Ok(&b"abc"[..]));
        assert_eq!(unpad(&[0, 3, b'a', b'b', b'c', 0, 1, 0]), Err(LayoutError::NotZero));
        assert_eq!(unpad(&[0, 7, b'a', b'b', b'c', 0, 0, 0]), Err(LayoutError::Truncated));
        assert_eq!(unpad(&[0]), Err(LayoutError::Truncated));
    }
}
