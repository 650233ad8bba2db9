//! The sessions in which devices send what they have to say.

use callsign_protocol::{
    encoding::{Bytes, Secret},
    identity::{Fingerprint, PrivateKey},
    keyring::device_id,
    session::SessionRequest,
};

#[test]
fn a_challenge_is_signed_for_one_desk_by_one_device() {
    let key = PrivateKey::from_seed(&Secret([5; 32]));
    let (desk, other) = (Fingerprint([1; 32]), Fingerprint([2; 32]));
    let request = SessionRequest::sign(Bytes([7; 56]), &desk, &key);
    assert_eq!((request.device, request.challenge), (device_id(&key.public()), Bytes([7; 56])));
    assert_eq!(SessionRequest::decode(&request.encode()), Ok(request.clone()));
    assert!(request.verify(&desk, &key.public()).is_ok());
    let mut moved = request.clone();
    moved.challenge = Bytes([8; 56]);
    assert!(moved.verify(&desk, &key.public()).is_err());
    assert!(request.verify(&other, &key.public()).is_err());
    assert!(request.verify(&desk, &PrivateKey::from_seed(&Secret([6; 32])).public()).is_err());
}
