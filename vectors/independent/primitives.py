"""The primitives of section 2, from the standard library and `cryptography`, put together as their own standards say."""

import hashlib
import hmac

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


class DoesNotOpen(Exception):
    """Something sealed does not open."""


def sha256(data):
    return hashlib.sha256(data).digest()


def hmac256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def expand(secret, info, length):
    """HKDF-Expand of RFC 5869."""
    output, block, count = b"", b"", 1
    while len(output) < length:
        block = hmac256(secret, block + info + bytes([count]))
        output, count = output + block, count + 1
    return output[:length]


def derive(secret, label, context, length):
    return expand(secret, b"callsign/v1 " + label.encode() + b"\0" + context, length)


def verifies(key, label, message, signature):
    return ed25519_verifies(key, b"callsign/v1 " + label.encode() + b"\0" + message, signature)


def ed25519_verifies(key, message, signature):
    """Ed25519; whether public key and R are of prime order is not looked for."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def x25519_public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def x25519(secret, public):
    """None where the result would be zero."""
    try:
        own = X25519PrivateKey.from_private_bytes(secret)
        return own.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        return None


class XWing:
    """X-Wing's receiving side: draft-connolly-cfrg-xwing-kem."""

    def __init__(self, seed):
        expanded = hashlib.shake_256(seed).digest(96)
        self.mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        self.x25519 = expanded[64:]
        self.x25519_public = x25519_public(self.x25519)
        self.public = self.mlkem.public_key().public_bytes_raw() + self.x25519_public

    def decapsulate(self, enc):
        from_mlkem = self.mlkem.decapsulate(enc[:1088])
        from_x25519 = x25519(self.x25519, enc[1088:]) or bytes(32)
        label = b"\\.//^\\"
        return hashlib.sha3_256(from_mlkem + from_x25519 + enc[1088:] + self.x25519_public + label).digest()


def _labeled_extract(suite, salt, label, ikm):
    return hmac256(salt or bytes(32), b"HPKE-v1" + suite + label + ikm)


def _labeled_expand(suite, prk, label, info, length):
    return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def _schedule(kem, mode, shared, info, psk, psk_id):
    """Key and base nonce of RFC 9180, section 5.1, with HKDF-SHA-256 and ChaCha20-Poly1305."""
    suite = b"HPKE" + kem.to_bytes(2, "big") + b"\x00\x01\x00\x03"
    id_hash = _labeled_extract(suite, b"", b"psk_id_hash", psk_id)
    info_hash = _labeled_extract(suite, b"", b"info_hash", info)
    context = bytes([mode]) + id_hash + info_hash
    secret = _labeled_extract(suite, shared, b"secret", psk)
    key = _labeled_expand(suite, secret, b"key", context, 32)
    return key, _labeled_expand(suite, secret, b"base_nonce", context, 12)


def _open(key, nonce, ct, aad):
    try:
        return ChaCha20Poly1305(key).decrypt(nonce, ct, aad)
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None


def open_xwing(seed, info, aad, sealed):
    """HPKE base mode, KEM X-Wing; `sealed` is enc || ct."""
    if len(sealed) < 1120:
        raise DoesNotOpen
    shared = XWing(seed).decapsulate(sealed[:1120])
    key, nonce = _schedule(0x647A, 0, shared, info, b"", b"")
    return _open(key, nonce, sealed[1120:], aad)


def open_auth_psk(secret, sender, psk, psk_id, info, sealed, aad=b""):
    """HPKE auth_psk mode, DHKEM(X25519, HKDF-SHA-256); `sealed` is enc || ct."""
    enc, ct = sealed[:32], sealed[32:]
    first, second = x25519(secret, enc), x25519(secret, sender)
    if first is None or second is None:
        raise DoesNotOpen
    suite = b"KEM\x00\x20"
    eae = _labeled_extract(suite, b"", b"eae_prk", first + second)
    shared = _labeled_expand(suite, eae, b"shared_secret", enc + x25519_public(secret) + sender, 32)
    key, nonce = _schedule(0x0020, 3, shared, info, psk, psk_id)
    return _open(key, nonce, ct, aad)


def _hchacha20(key, nonce):
    """HChaCha20 out of a ChaCha20 block: the block less the words that the cipher adds at its end."""
    block = Cipher(algorithms.ChaCha20(key, nonce), mode=None).encryptor().update(bytes(64))
    added = b"expand 32-byte k" + key + nonce
    words = [
        (int.from_bytes(block[i : i + 4], "little") - int.from_bytes(added[i : i + 4], "little")) % 2**32
        for i in (*range(0, 16, 4), *range(48, 64, 4))
    ]
    return b"".join(word.to_bytes(4, "little") for word in words)


def open_xchacha(key, nonce, ct, aad):
    """XChaCha20-Poly1305 of draft-irtf-cfrg-xchacha."""
    return _open(_hchacha20(key, nonce[:16]), bytes(4) + nonce[16:], ct, aad)
