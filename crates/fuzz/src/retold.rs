//! What must hold for JSON that was accepted: written again and read again, it says the same.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

/// The JSON that the protocol's code writes for `value`, after checking that it is read as the same value.
pub fn json<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("what was read can be written");
    assert_eq!(serde_json::from_slice::<T>(&json).expect("what was written can be read"), *value);
    json
}
