"""Sections 9 to 11 of docs/protocol.md: log entries, commits, and what device and hub say to each other."""

import zlib

from primitives import DoesNotOpen, derive, hmac256, open_xchacha, sha256, verifies
from protocol import Reader, Refused, b64_member, exactly, from_b64, member, read_json, read_minute, unpad, words

def read_entry(entry, version="version"):
    exactly(entry, 8345)
    if entry[0] != 1:
        raise Refused(version)
    return {
        "generation": int.from_bytes(entry[1:5], "big"), "device": entry[5:21].hex(),
        "prev": entry[21:53].hex(), "day": int.from_bytes(entry[53:57], "big"),
        "rest_hash": entry[57:89].hex(), "hash": sha256(entry).hex(),
    }  # fmt: skip


def open_entry(entry, fingerprint, signing_key, log_key):
    header = read_entry(entry)
    if not verifies(signing_key, "entry", fingerprint + entry[:8281], entry[8281:]):
        raise Refused("signature")
    aad = b"callsign/v1 bundle" + fingerprint + entry[:57]
    try:
        plaintext = open_xchacha(log_key, entry[89:113], entry[113:8281], aad)
    except DoesNotOpen:
        raise Refused("sealed") from None
    bundle = read_json(unpad(plaintext), dict)
    at, fold = member(bundle, "at", int), member(bundle, "fold", int, 2**32 - 1)
    identity = member(bundle, "identity", bool) if "identity" in bundle else False
    if at % 60:
        raise Refused("json")
    return {**header, "at": at, "fold": fold, "identity": identity, "events": member(bundle, "events", list)}


# How the id of an event is made from its members; a type that is not here has a random one.
ID_OF = {
    "answer_queued": lambda e: [b"answer part", b64_member(e, "answer", 16), bytes([member(e, "part", int)])],
    "note_written": lambda e: [b"note part", b64_member(e, "note", 16), bytes([member(e, "part", int)])],
    "escalated": lambda e: [b"escalated", b64_member(e, "caller", 16), b64_member(e, "message", 16), bytes([member(e, "step", int)])],
    "generation_begun": lambda e: [b"generation", member(e, "generation", int).to_bytes(4, "big")],
    "message_received": lambda e: [
        b"message", sha256(b64_member(e["call"], "caller", 32))[:16], b64_member(e["call"], "id", 16), bytes([e["call"]["part"]])
    ],
    "notice_published": lambda e: [b"notice", b64_member(e, "hash", 32)],
    "opened": lambda e: [b"opened", b64_member(e, "caller", 16), *(from_b64(m) for m in member(e, "messages", list))],
    "whole": lambda e: [b"whole", b64_member(e, "attempt", 16)],
    "wrapping_key": lambda e: [b"wrapping key", b64_member(e, "device", 16), member(e, "generation", int).to_bytes(4, "big")],
}  # fmt: skip


def event_id(event):
    """The id that the members of an event make, and the parts that it is made of."""
    made = ID_OF.get(member(event, "type", str))
    if made is None:
        return b64_member(event, "id", 16), None
    parts = made(event)
    return sha256(b"".join(parts))[:16], [part.hex() for part in parts]


def read_commit(data):
    reader = Reader(data)
    entry = reader.take(8345)
    header = read_entry(entry)
    rest = reader.data
    done, log_done, count = reader.u(8), reader.u(8), reader.u(2)
    if count > 64:
        raise Refused("too many drops")
    shards = []
    for _ in range(count):
        shards.append(reader.u(4))
        reader.take(1024)
    count = reader.u(2)
    if count > 64:
        raise Refused("too many signatures")
    signed = []
    for _ in range(count):
        signed.append([reader.u(4), reader.u(4), read_minute(reader)])
        reader.take(64)
    count = reader.u(2)
    if count > 64:
        raise Refused("too many heads")
    heads = []
    for _ in range(count):
        heads.append([reader.u(4), read_minute(reader)])
        reader.take(64)
    count, whole = reader.u(1), None
    if count > 1:
        raise Refused("snapshot")
    if count:
        whole = [reader.take(16).hex(), reader.u(4), reader.take(32).hex()]
        if not 1 <= whole[1] <= 4096:
            raise Refused("snapshot")
    reader.end()
    if sha256(rest).hex() != header["rest_hash"]:
        raise Refused("rest hash")
    return {"id": header["hash"], "inbox_done": done, "log_done": log_done, "day": header["day"], "shards": shards, "signed": signed, "heads": heads, "whole": whole}


def read_snapshot(chunks, says, fingerprint, generation, log_key):
    """The lengths of the records of section 9.4; `says` are attempt, count, and both hashes, as the log has them."""
    attempt, count, hash_, state = says
    if count < 128 or count > 4096 or count & (count - 1):
        raise Refused("size")
    key = derive(log_key, "snapshot", attempt, 32)
    bound = b"callsign/v1 snapshot" + fingerprint + generation.to_bytes(4, "big") + attempt
    stream, records, filled = b"", [], None
    for index, chunk in enumerate(chunks):
        exactly(chunk, 65536)
        if filled is not None:
            continue
        try:
            stream += open_xchacha(key, chunk[:24], chunk[24:], bound + index.to_bytes(4, "big"))
        except DoesNotOpen:
            raise Refused("sealed") from None
        stream, ended = take_records(stream, records)
        filled = index + 1 if ended else None
    if filled is None or len(chunks) != count:
        raise Refused("truncated")
    if max(128, 1 << (filled - 1).bit_length()) != count:
        raise Refused("size")
    if sha256(b"".join(sha256(chunk) for chunk in chunks)) != hash_:
        raise Refused("chunks")
    if sha256(b"".join(len(record).to_bytes(4, "big") + record for record in records)) != state:
        raise Refused("state")
    return [len(record) for record in records]


def take_records(stream, records):
    """What is left behind the whole records, and whether the end mark was there."""
    while len(stream) >= 4:
        size, length = int.from_bytes(stream[:4], "big"), int.from_bytes(stream[4:8], "big")
        if size == 0:
            if any(stream):
                raise Refused("not zero")
            return b"", True
        if len(stream) < 8:
            break
        if size > 1_052_672 or not 1 <= length <= 1_048_576:
            raise Refused("deflated")
        if len(stream) < 8 + size:
            break
        inflater = zlib.decompressobj(-15)
        try:
            record = inflater.decompress(stream[8 : 8 + size], length + 1)
        except zlib.error:
            raise Refused("deflated") from None
        if not inflater.eof or inflater.unused_data or len(record) != length:
            raise Refused("deflated")
        records.append(record)
        stream = stream[8 + size :]
    return stream, False


def read_follow(data):
    reader = Reader(data)
    if reader.u(1) != 1:
        raise Refused("version")
    done, last, head, keyring = reader.u(8), reader.u(8), reader.u(8), reader.u(8)
    cells, entries = reader.u(2), reader.u(2)
    if cells > 256 or entries > 128:
        raise Refused("too many")
    found = {"inbox_done": done, "inbox_last": last, "head": head, "keyring": keyring, "cells": [], "entries": []}
    for _ in range(cells):
        found["cells"].append(reader.u(8))
        reader.take(4096)
    for _ in range(entries):
        found["entries"].append(reader.u(8))
        read_entry(reader.take(8345), "entry version")
    reader.end()
    return found


def read_session(data, fingerprint, signing_key):
    exactly(data, 136)
    if not verifies(signing_key, "session", fingerprint + data[16:72], data[72:]):
        raise Refused("signature")
    return {"device": data[:16].hex(), "challenge": data[16:72].hex()}


def read_enrol(data, code):
    exactly(data, 65)
    if data[0] != 1:
        raise Refused("version")
    folded = "".join(c for c in code if c.isascii() and c.isalnum()).upper().encode()
    if hmac256(folded, b"callsign/v1 enrol\0" + data[1:33]) != data[33:]:
        raise Refused("mac")
    return data[1:33]


CODE_SYMBOLS = "2346789AFHJKLMQRWXYZ"
LOOK_ALIKE = dict(zip("\u0410\u041a\u041c\u041d\u0425\u0423\u0408", "AKMHXYJ"))


def read_code(typed):
    symbols = [LOOK_ALIKE.get(c.upper()[:1], c.upper()[:1]) for c in typed if c.isalnum()]
    if any(symbol not in CODE_SYMBOLS for symbol in symbols):
        raise Refused("symbol")
    if len(symbols) != 8:
        raise Refused("length")
    return "".join(symbols)


def invitation_slot(fingerprint, code):
    return sha256(b"callsign/v1 invitation\0" + fingerprint + read_code(code).encode())


def read_opening(data, fingerprint, slot, nonce):
    """A request of a device and its random bytes, with what both sides make of them."""
    exactly(data, 1346)
    if data[0] != 1:
        raise Refused("version")
    if data[1] > 1:
        raise Refused("range")
    if not verifies(data[2:34], "device", fingerprint + data[1:2] + data[2:1250], data[1250:1314]):
        raise Refused("signature")
    return {
        "practice": data[1] == 1,
        "signing_key": data[2:34].hex(),
        "request_words": " ".join(words(sha256(data[:1314]), 6)),
        "commitment": sha256(b"callsign/v1 commitment\0" + fingerprint + slot + data).hex(),
        "check_words": " ".join(words(sha256(b"callsign/v1 check words\0" + fingerprint + slot + nonce + data), 6)),
    }


def read_invitation(data):
    reader = Reader(data)
    if reader.u(1) != 1:
        raise Refused("version")
    stage = reader.u(1)
    if stage > 3:
        raise Refused("range")
    for size in (32, 32, 1346)[:stage]:
        reader.take(size)
    reader.end()
    return stage
