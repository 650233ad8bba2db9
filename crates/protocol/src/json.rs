//! JSON as section 2 allows it: what two readers might understand differently is refused before anything is taken from it.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};

/// Lists and objects inside each other at most.
pub const DEPTH_MAX: u32 = 16;
/// The largest number: the last up to which every language counts exactly, 2^53 - 1.
pub const NUMBER_MAX: u64 = (1 << 53) - 1;

/// Why a text is not JSON of this protocol, or lacks a member; for people, not for programs.
pub type JsonError = serde_json::Error;

/// Reads a document in which nothing may be null.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    checked(bytes, Strict { depth: 0, nulls: Nulls::Refused })
}

/// Reads a document of which a member may say "none" by null; each type says of which of its members.
pub(crate) fn read_with_nulls<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    checked(bytes, Strict { depth: 0, nulls: Nulls::Allowed })
}

/// A member that may be null and must be there.
pub(crate) fn nullable<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(from)
}

fn checked<T: DeserializeOwned>(bytes: &[u8], strict: Strict) -> Result<T, JsonError> {
    let mut form = serde_json::Deserializer::from_slice(bytes);
    strict.deserialize(&mut form)?;
    form.end()?;
    serde_json::from_slice(bytes)
}

/// Whether null is a value.
#[derive(Clone, Copy)]
enum Nulls {
    Allowed,
    Refused,
}

/// Looks at any value, members that nobody knows included, and keeps nothing of it.
#[derive(Clone, Copy)]
struct Strict {
    depth: u32,
    nulls: Nulls,
}

impl Strict {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            return Err(E::custom("lists and objects are too deep inside each other"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a list, an object, true, false, or a whole number below 2^53 without sign, fraction and exponent")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        if number > NUMBER_MAX { Err(E::custom("a number over 2^53 - 1")) } else { Ok(()) }
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        match self.nulls {
            Nulls::Allowed => Ok(()),
            Nulls::Refused => Err(E::custom("null")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while list.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut names = HashSet::new();
        while let Some(name) = object.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a member given twice"));
            }
            object.next_value_seed(inside)?;
        }
        Ok(())
    }
}
