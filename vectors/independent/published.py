"""Checks the primitives here against `vectors/published/`: a checker that computes wrongly would find nothing wrong."""

import hashlib
import json
from pathlib import Path

import primitives as use

ROOT = Path(__file__).resolve().parent.parent / "published"


def published():
    """One check a vector, with its name."""
    files = {
        "xwing": xwing, "hpke": hpke, "hpke_xwing": hpke_xwing, "hkdf": hkdf, "hmac": mac, "pbkdf2": pbkdf2,
        "x25519": x25519, "xchacha20poly1305": xchacha, "ed25519": ed25519,
    }  # fmt: skip
    for name, check in files.items():
        for n, vector in enumerate(json.loads((ROOT / f"{name}.json").read_text())["vectors"]):
            yield f"{name}: {vector.get('name', n + 1)}", lambda check=check, vector=vector: check(from_hex(vector))


def from_hex(vector):
    is_text = ("name", "order")
    return {k: bytes.fromhex(v) if isinstance(v, str) and k not in is_text else v for k, v in vector.items()}


def same(found, expected):
    if found != expected:
        raise AssertionError(f"{found}, not {expected}")


def xwing(v):
    key = use.XWing(v["seed"])
    same(key.public, v["pk"])
    same(key.decapsulate(v["ct"]), v["ss"])


def hpke(v):
    first = from_hex(v["encryptions"][0])
    # The protocol uses base mode with X-Wing alone.
    if v["mode"] == 3:
        sealed = v["enc"] + first["ct"]
        text = use.open_auth_psk(v["skRm"], v["pkSm"], v["psk"], v["psk_id"], v["info"], sealed, first["aad"])
        same(text, first["pt"])


def hpke_xwing(v):
    first = from_hex(v["encryptions"][0])
    same(use.open_xwing(v["skRm"], v["info"], first["aad"], v["enc"] + first["ct"]), first["pt"])


def hkdf(v):
    same(use.hmac256(v["salt"], v["ikm"]), v["prk"])
    same(use.expand(v["prk"], v["info"], len(v["okm"])), v["okm"])


def mac(v):
    same(use.hmac256(v["key"], v["message"]), v["mac"])


def pbkdf2(v):
    same(hashlib.pbkdf2_hmac("sha512", v["password"], v["salt"], v["iterations"], len(v["key"])), v["key"])


def x25519(v):
    same(use.x25519(v["private"], v["public"]), v["shared"])


def xchacha(v):
    try:
        found = use.open_xchacha(v["key"], v["nonce"], v["ct"], v["aad"])
    except use.DoesNotOpen:
        found = None
    same(found, v["message"] if v["opens"] else None)


def ed25519(v):
    # Points that are not of prime order are not looked for here.
    if "order" not in v:
        same(use.ed25519_verifies(v["key"], v["message"], v["signature"]), v["verifies"])
