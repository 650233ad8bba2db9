"""Sections 2 to 8 of docs/protocol.md: names, layouts, checks; a refusal carries the outcome that the vectors name."""

import base64
import hashlib
import json
import re
import unicodedata
from pathlib import Path

from primitives import DoesNotOpen, derive, hmac256, open_auth_psk, open_xchacha, open_xwing, sha256, verifies, x25519

ROOT = Path(__file__).resolve().parents[2]
WORDS = {tag: (ROOT / f"crates/protocol/words/{tag}.txt").read_text().split() for tag in ("en", "uk", "ru")}
DAY = 86_400


class Refused(Exception):
    """What was read breaks the text; the argument is the outcome."""


def week(day):
    return (day + 3) // 7


def u(number, size):
    return number.to_bytes(size, "big")


def words(data, count, language="en"):
    bits = int.from_bytes(data, "big")
    return [WORDS[language][bits >> (8 * len(data) - 11 * (i + 1)) & 2047] for i in range(count)]


def from_b64(text, size=None):
    """Base64url without padding, one spelling only."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise Refused("json")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text or size not in (None, len(data)):
        raise Refused("json")
    return data


class Reader:
    """Takes fields off the front of bytes."""

    def __init__(self, data):
        self.data = data

    def take(self, size):
        if len(self.data) < size:
            raise Refused("truncated")
        head, self.data = self.data[:size], self.data[size:]
        return head

    def u(self, size):
        return int.from_bytes(self.take(size), "big")

    def end(self):
        if self.data:
            raise Refused("trailing")


def exactly(data, size):
    reader = Reader(data)
    reader.take(size)
    reader.end()
    return Reader(data)


def unpad(plaintext):
    length = int.from_bytes(plaintext[:2], "big")
    if length > len(plaintext) - 2:
        raise Refused("length")
    if any(plaintext[2 + length :]):
        raise Refused("padding")
    return plaintext[2 : 2 + length]


def _whole(digits):
    if digits.startswith("-") or len(digits) > 16 or int(digits) >= 2**53:
        raise ValueError("not a whole number below 2^53")
    return int(digits)


def _no_fraction(_):
    raise ValueError("a fraction or an exponent")


def _object(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a member given twice")
    return dict(pairs)


def _check_values(value, depth=1):
    """Depth, null and lone surrogates, everywhere."""
    if value is None:
        raise ValueError("null")
    if isinstance(value, str):
        value.encode()
    if isinstance(value, (dict, list)):
        if depth > 16:
            raise ValueError("too deep")
        for inner in [*value, *(value.values() if isinstance(value, dict) else [])]:
            _check_values(inner, depth + 1)


def read_json(data, kind=dict):
    try:
        read = {"parse_int": _whole, "parse_float": _no_fraction, "parse_constant": _no_fraction}
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_object, **read)
        _check_values(value)
    except (ValueError, RecursionError):
        raise Refused("json") from None
    if not isinstance(value, kind):
        raise Refused("json")
    return value


def member(value, name, kind, most=2**64 - 1):
    """A member that must be there and of its kind; numbers are whole and from 0 to `most`."""
    found = value.get(name)
    if type(found) is not kind or (kind is int and not 0 <= found <= most):
        raise Refused("json")
    return found


def b64_member(value, name, size):
    return from_b64(member(value, name, str), size)


def json_size(text):
    """Bytes of a text inside a JSON string, with the short escapes."""
    short = sum(character in '"\\\b\f\n\r\t' for character in text)
    long = sum(character < " " and character not in "\b\f\n\r\t" for character in text)
    return len(text.encode()) + short + 5 * long


def cut(text, room):
    """As many characters in each part as fit its bytes of JSON."""
    parts, used = [""], 0
    for character in text:
        size = json_size(character)
        if used + size > room:
            parts.append("")
            used = 0
        parts[-1] += character
        used += size
    return parts


# Section 4.

def runs(text):
    """Code points: lengths of runs, of what is none and of what is one in turn, in base 26."""
    found, lengths, length = set(), [], 0
    for c in text:
        length = length * 26 + "abcdefghijklmnopqrstuvwxyz".index(c.lower())
        if c.islower():
            lengths.append(length)
            length = 0
    at = 0
    for skipped, taken in zip(lengths[::2], lengths[1::2]):
        found.update(range(at + skipped, at + skipped + taken))
        at += skipped + taken
    return found


def span(text):
    """Characters written as `first-last` or one alone, in hexadecimal."""
    ends = [[int(end, 16) for end in piece.split("-")] for piece in text.split()]
    return {chr(c) for pair in ends for c in range(pair[0], pair[-1] + 1)}


LETTERS = {chr(c) for c in runs((ROOT / "crates/protocol/src/letters.txt").read_text().strip())}
if unicodedata.unidata_version == "14.0.0":
    UNSEEN = span("ad 34f 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f 3164 fe00-fe0f feff ffa0 e0000-e0fff")
    ALL = [chr(c) for c in range(0x110000)]
    assert LETTERS == {c for c in ALL if unicodedata.category(c)[0] in "LMN"} - UNSEEN
INVISIBLE = span("""ad 34f 600-605 61c 6dd 70f 890-891 8e2 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f
    3164 fe00-fe0f feff ffa0 fff0-fffb 110bd 110cd 13430-13438 1bca0-1bca3 1d173-1d17a e0000-e0fff""")
APOSTROPHES = span("""22 27 2a 60 b4 2b9-2bf 2c8 2ca 2cb 2ee 55a 5f3-5f4 1fef 1ffd 2018-201f 2032-2037 2057 275b-275e
    a78b-a78c ff02 ff07 ff0a ff40""")
MARKS = span("300-36f 483-489 1ab0-1aff 1dc0-1dff 20d0-20ff a66f-a67d fe20-fe2f 1d165-1d172")
LATIN, CYRILLIC = "abcehikmoptxy", "авсенікмортху"


def seen(text):
    return "".join(c if c in LETTERS else " " for c in text if c not in INVISIBLE | APOSTROPHES)


def pieces(typed):
    text = seen(unicodedata.normalize("NFKC", seen(typed)))
    text = unicodedata.normalize("NFKC", text.lower())
    text = "".join(c for c in text if c not in MARKS).translate(str.maketrans("ёґςı", "егσi"))
    return [in_one_script(piece) for piece in without_places(unicodedata.normalize("NFC", text).split(" "))]


def without_places(split):
    """Leaves out the numbers of a list where each word has its own."""
    split = [piece for piece in split if piece]
    numbered = re.fullmatch("(?:([0-9]+) ?([^0-9 ][^ ]*) ){2,}", " ".join([*split, ""]))
    if not numbered:
        return split
    found = re.findall("([0-9]+) ?([^0-9 ][^ ]*) ", " ".join([*split, ""]))
    places = [int(place) for place, _ in found]
    return [word for _, word in found] if places == [*range(1, len(found) + 1)] else split


def fold(typed):
    if not pieces(typed):
        raise Refused("empty")
    return " ".join(pieces(typed))


def in_one_script(piece):
    certainly_latin = any("a" <= c <= "z" and c not in LATIN for c in piece)
    certainly_cyrillic = any("\u0400" <= c <= "\u052f" and c not in CYRILLIC for c in piece)
    if certainly_latin and certainly_cyrillic:
        return piece
    both = (LATIN + "ëï", CYRILLIC + "еї") if certainly_cyrillic else (CYRILLIC, LATIN)
    return piece.translate(str.maketrans(*both))


def root_of(folded, fingerprint):
    return hashlib.pbkdf2_hmac("sha512", folded.encode(), b"callsign/v1 root" + fingerprint, 600_000, 32)


def call_sign(caller_id, language="en"):
    return "-".join([*words(caller_id, 2, language), f"{int.from_bytes(caller_id[4:6], 'big') % 100:02}"])


# Section 5.


def read_envelope(data, kind, pin, now):
    """The fingerprint, the body, and of a keyring what who puts it has signed, once the chain holds that far."""
    reader = Reader(data)
    if reader.u(1) != 1:
        raise Refused("version")
    found = reader.u(1)
    identity, certified = reader.take(32), reader.take(44)
    certificate_signature = reader.take(64)
    length = reader.u(4)
    if length > 262_144:
        raise Refused("too large")
    body, signature = reader.take(length), reader.take(64)
    put = reader.take(64) if found == 2 else b""
    reader.end()
    if found != kind:
        raise Refused("kind")
    fingerprint = sha256(identity)
    if pin is not None and fingerprint != pin:
        raise Refused("fingerprint")
    if not verifies(identity, "certificate", fingerprint + certified, certificate_signature):
        raise Refused("certificate signature")
    first, last = (int.from_bytes(certified[at : at + 4], "big") for at in (36, 40))
    if not (first <= last <= first + 36 and first - 1 <= now // DAY <= last + 1):
        raise Refused("certificate days")
    if not verifies(certified[:32], {1: "notice", 2: "keyring", 3: "letters"}[kind], fingerprint + body, signature):
        raise Refused("body signature")
    return fingerprint, body, (identity, sha256(data[: len(data) - len(put)]), put)


def read_notice(data, pin, now):
    fingerprint, body, _ = read_envelope(data, 1, pin, now)
    notice = read_json(body)
    version, oldest = (member(notice, name, int, 255) for name in ("version", "oldest_client"))
    if version != 1:
        raise Refused("version")
    if oldest > 1:
        raise Refused("client too old")
    numbers = {name: member(notice, name, int) for name in ("serial", "issued", "expires")}
    numbers["days"] = member(notice, "days", int, 2**32 - 1)
    member(notice, "name", str)
    b64_member(notice, "answer_key", 32)
    former = member(notice, "former_answer_keys", list)
    for key in former:
        b64_member(key, "key", 32), member(key, "last_day", int, 2**32 - 1)
    keys = [
        (member(key, "epoch", int, 2**32 - 1), member(key, "key_id", int, 65_535), b64_member(key, "public_key", 1216))
        for key in member(notice, "inbox_keys", list)
    ]
    for name, members in {
        "cover": ("gap_ms", "gap_max_ms", "gap_growth_percent", "visit_exchanges", "move_after_ms"),
    }.items():
        for number in members:
            member(member(notice, name, dict), number, int, 2**32 - 1)
    successor = _read_successor(notice)
    if "letters" in notice:
        b64_member(notice, "letters", 32)
    if "practice" in notice:
        member(notice, "practice", bool)
    lines = _read_lines(notice)
    _check_rules(notice, numbers, keys)
    if not lines:
        raise Refused("rule")
    if len(former) > 24:
        raise Refused("rule")
    _check_plan(member(notice, "plan", list), numbers["issued"] // DAY - numbers["days"])
    if successor and not verifies(data[2:34], "successor", fingerprint + successor[0] + u(successor[1], 4), successor[2]):
        raise Refused("successor signature")
    if now > numbers["expires"] + DAY:
        raise Refused("expired")
    return fingerprint, body, notice, keys


def read_letters(data, notice_envelope, now):
    """The letters document that a notice names."""
    fingerprint, _, notice, _ = read_notice(notice_envelope, None, now)
    if len(data) != 8192:
        raise Refused("size")
    _, body, _ = read_envelope(data, 3, fingerprint, now)
    letters = read_json(body)
    if member(letters, "version", int, 255) != 1:
        raise Refused("version")
    member(letters, "serial", int)
    for key in member(letters, "keys", list):
        member(key, "period", int, 2**32 - 1), member(key, "key_id", int, 65_535)
        b64_member(key, "public_key", 1216), b64_member(key, "proof_key", 32)
    # The duty key; its certificate may be a newer one.
    if data[34:66] != notice_envelope[34:66]:
        raise Refused("signer")
    if "letters" not in notice or from_b64(notice["letters"]) != sha256(body):
        raise Refused("not named")
    return letters


def _check_plan(plan, first_listed):
    entries = [[member(entry, name, int, 2**32 - 1) for name in ("from", "shards", "drop_period_s")] for entry in plan]
    for broken, rule in (
        (not 1 <= len(entries) <= 32, "length"),
        (any(later[0] <= earlier[0] for earlier, later in zip(entries, entries[1:])), "order"),
        (any(shards not in {1 << n for n in range(9)} for _, shards, _ in entries), "shards"),
        (any(not 1 <= period <= DAY for _, _, period in entries), "period"),
        (entries and entries[0][0] > first_listed, "covers"),
    ):
        if broken:
            raise Refused(f"plan {rule}")


def shard_on(plan, day, bits):
    shards = [entry["shards"] for entry in plan if entry["from"] <= day][-1]
    return int(format(bits, "016b")[: shards.bit_length() - 1] or "0", 2)


def _read_successor(notice):
    """The identity to come, its first day and the signature."""
    if "successor" not in notice:
        return None
    found = member(notice, "successor", dict)
    return b64_member(found, "identity", 32), member(found, "from", int, 2**32 - 1), b64_member(found, "signature", 64)


def _read_lines(notice):
    """Whether other ways to the desk, and files of the page, are as many and as long as they may be."""
    channels, pages = (member(notice, name, list) if name in notice else [] for name in ("channels", "pages"))
    if not all(isinstance(one, dict) for one in (*channels, *pages)):
        raise Refused("json")
    ids = [member(channel, "id", str) for channel in channels if "id" in channel]
    texts = [(member(channel, "text", str), member(channel, "address", str)) for channel in channels]
    files = [(member(page, "name", str), member(page, "sha256", str)) for page in pages]
    return (
        max(len(channels), len(pages)) <= 16
        and all(is_label(found) for found in ids)
        and all(is_name(text, 200) and is_name(address, 300) for text, address in texts)
        and all(is_name(name) and re.fullmatch("[0-9a-f]{64}", found) for name, found in files)
    )


def is_label(text):
    """What cells name: all of it is seen."""
    return 1 <= json_size(text) <= 35 and not any(c.isspace() or c in INVISIBLE | span("0-1f 7f-9f") for c in text)


def is_name(text, most=120):
    """What people read: it begins with something to be seen, and steers neither lines nor terminals nor directions."""
    steering = span("0-1f 7f-9f 61c 200e-200f 2028-202e 2066-2069")
    return json_size(text) <= most and text[:1].strip() != "" and text[0] not in INVISIBLE and not steering & {*text}


def _check_rules(notice, numbers, keys):
    cover = notice["cover"]
    labels = [*member(notice, "languages", list), *(member(track, "id", str) for track in member(notice, "tracks", list))]
    names = member(notice, "content", dict).values()
    shown = [notice["name"], *(name for track in notice["tracks"] for name in member(track, "names", dict).values())]
    if not all(isinstance(found, str) for found in (*labels, *names, *shown)):
        raise Refused("json")
    rules = (
        0 <= numbers["expires"] - numbers["issued"] <= 172_800,
        keys,
        1 <= numbers["days"] <= 366,
        max(cover["gap_ms"], cover["gap_max_ms"]) <= 600_000,
        cover["gap_growth_percent"] <= 25,
        1 <= cover["visit_exchanges"] <= 2_000,
        cover["move_after_ms"] <= 86_400_000,
        all(is_label(found) for found in labels),
        all(re.fullmatch("[0-9a-f]{64}", found) for found in names),
        all(is_name(found) for found in shown),
    )
    if not all(rules):
        raise Refused("rule")


def read_keyring(data, pin, now, seeds):
    """The keyring and what each device with a known seed unwraps."""
    fingerprint, body, (identity, before, put) = read_envelope(data, 2, pin, now)
    keyring = read_json(body)
    if member(keyring, "version", int) != 1:
        raise Refused("version")
    serial = member(keyring, "serial", int)
    generation = member(keyring, "generation", int, 2**32 - 1)
    member(keyring, "begun", int, 2**32 - 1)
    fold = member(keyring, "fold", int, 2**32 - 1)
    devices = member(keyring, "devices", list)
    sealed = from_b64(member(keyring, "keys", str))
    former_ids = []
    for former in member(keyring, "former", list):
        former_ids.append((b64_member(former, "id", 16), b64_member(former, "signing_key", 32)))
    if "by" in keyring:
        b64_member(keyring, "by", 16)
    if generation == 0 or fold == 0:
        raise Refused("rule")
    if any(id != sha256(key)[:16] for id, key in former_ids) or len(set(former_ids)) < len(former_ids) or len(former_ids) > 256:
        raise Refused("rule")
    for device in devices:
        b64_member(device, "wrapping_key", 1216)
        if b64_member(device, "id", 16) != sha256(b64_member(device, "signing_key", 32))[:16]:
            raise Refused("rule")
    slots = [member(device, "posting_slot", int) for device in devices]
    ids = [device["id"] for device in devices]
    if len(set(ids)) < len(ids) or len(set(slots)) < len(slots) or any(slot > 7 for slot in slots):
        raise Refused("rule")
    if "by" not in keyring:
        is_put = verifies(identity, "restart", fingerprint + u(serial, 8) + before, put)
    elif keyring["by"] not in ids:
        raise Refused("rule")
    else:
        signing_key = from_b64(devices[ids.index(keyring["by"])]["signing_key"])
        is_put = verifies(signing_key, "put", fingerprint + before, put)
    if not is_put:
        raise Refused("put")
    unwrapped = []
    for device in devices:
        device_id = from_b64(device["id"])
        info = b"callsign/v1 keyring" + fingerprint + u(generation, 4)
        context = fingerprint + u(generation, 4)
        try:
            key = open_xwing(seeds[device_id], info, device_id, from_b64(device["wrapped"]))
            if len(key) != 32 or sealed[:32] != derive(key, "keyring key", context, 32):
                raise Refused("wrapped")
            keys = open_xchacha(derive(key, "keyring keys", context, 32), bytes(24), sealed[32:], b"")
        except DoesNotOpen:
            raise Refused("wrapped") from None
        unwrapped.append(_desk_keys(keys))
    return keyring, unwrapped


def _desk_keys(data):
    try:
        keys = read_json(data)
        for name, size in {"duty_key": 32, "certificate": 108, "answer_key": 32, "log_key": 32}.items():
            b64_member(keys, name, size)
        for name in ("duty_generation", "certified_until", "exposed_until"):
            member(keys, name, int, 2**32 - 1)
        for key in member(keys, "former_answer_keys", list):
            b64_member(key, "public", 32), member(key, "last_day", int, 2**32 - 1)
            if "secret" in key:
                b64_member(key, "secret", 32)
        for key in member(keys, "epochs", list):
            member(key, "epoch", int, 2**32 - 1), member(key, "key_id", int, 65_535), b64_member(key, "seed", 32)
        for key in member(keys, "letters", list):
            member(key, "period", int, 2**32 - 1), member(key, "key_id", int, 65_535)
            b64_member(key, "seed", 32), b64_member(key, "proof", 32)
        return keys
    except Refused:
        raise Refused("wrapped keys") from None


# Section 6.


def open_cell(cell, fingerprint, seeds, hashes, answer_key):
    """None for cover, otherwise the JSON of the part and its bytes with the mac."""
    reader = exactly(cell, 4096)
    if reader.u(1) != 1:
        raise Refused("version")
    epoch, key_id = reader.u(4), reader.u(2)
    if (epoch, key_id) not in seeds:
        raise Refused("no key")
    for notice_hash in hashes:
        info = b"callsign/v1 cell" + fingerprint + u(epoch, 4) + notice_hash
        try:
            plaintext = open_xwing(seeds[epoch, key_id], info, cell[:7], cell[7:])
            break
        except DoesNotOpen:
            continue
    else:
        raise Refused("sealed")
    payload = unpad(plaintext)
    if not payload:
        return None
    if len(payload) < 32:
        raise Refused("length")
    call = _check_call(_read_text(payload[32:]), range(week(epoch - 2), week(epoch) + 27))
    shared = x25519(answer_key, from_b64(call["caller"]))
    if shared is None:
        raise Refused("proof")
    proven = from_b64(call["id"]) + u(call["part"], 1) + sha256(payload[32:]) + u(epoch, 4)
    if hmac256(derive(shared, "caller proof", b"", 32), proven) != payload[:32]:
        raise Refused("proof")
    return call, payload


def _read_text(data):
    call = read_json(data)
    if "kind" in call:
        member(call, "kind", str)
        raise Refused("kind")
    return call


def _check_call(call, weeks_allowed):
    b64_member(call, "caller", 32), b64_member(call, "id", 16)
    member(call, "shard_bits", int, 65_535)
    if not member(call, "text", str):
        raise Refused("json")
    parts = member(call, "parts", int, 8)
    if not 1 <= member(call, "part", int, 8) <= parts:
        raise Refused("json")
    sizes = {"track": 35, "language": 35} | ({"safe_times": 300} if "safe_times" in call else {})
    for name, most in sizes.items():
        if json_size(member(call, name, str)) > most:
            raise Refused("json")
    weeks = []
    for pair in member(call, "drop_secrets", list):
        if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) is not int:
            raise Refused("json")
        from_b64(pair[1], 32)
        if pair[0] not in weeks_allowed:
            raise Refused("json")
        weeks.append(pair[0])
    if not 1 <= len(weeks) <= 27 or weeks != sorted(set(weeks)):
        raise Refused("json")
    return call


# Section 7.


def place_context(place):
    return u(place["day"], 4) + u(place["slot"], 1) + u(place["index"], 1)


def open_drop(drop, place, root, caller_sk, fingerprint, sender):
    exactly(drop, 1024)
    secret = derive(root, "drop secret", u(week(place["day"]), 4), 32)
    everywhere = {
        derive(secret, "addr", place_context({"day": place["day"], "slot": slot, "index": index}), 16)
        for slot in range(8)
        for index in range(32)
    }
    address = derive(secret, "addr", place_context(place), 16)
    psk = derive(secret, "psk", place_context(place), 32)
    info = b"callsign/v1 drop" + fingerprint + u(place["day"], 4) + address
    try:
        plaintext = open_auth_psk(caller_sk, sender, psk, address, info, drop[16:])
    except DoesNotOpen:
        raise Refused("sealed" if drop[:16] in everywhere else "no address") from None
    payload = read_json(unpad(plaintext))
    if not member(payload, "number", int, 2**32 - 1):
        raise Refused("json")
    if "answer" in payload:
        answer = member(payload, "answer", dict)
        b64_member(answer, "id", 16)
        if not member(answer, "text", str):
            raise Refused("json")
        if not 1 <= member(answer, "part", int) <= member(answer, "parts", int, 16):
            raise Refused("json")
    opened = member(payload, "opened", list) if "opened" in payload else []
    if len(opened) > 8:
        raise Refused("json")
    for message in opened:
        from_b64(message, 16)
    return payload


# Section 7.1.


def open_letter(letter, fingerprint, keys, today):
    """The JSON of the part, and whether a removed device knows the key. Keys by period and key id: seed, proof, exposed."""
    reader = exactly(letter, 4096)
    if reader.u(1) != 1:
        raise Refused("version")
    period, key_id = reader.u(4), reader.u(2)
    if (period, key_id) not in keys:
        raise Refused("no key")
    seed, proof, exposed = keys[period, key_id]
    try:
        plaintext = open_xwing(seed, b"callsign/v1 letter" + fingerprint + u(period, 4), letter[:7], letter[7:])
    except DoesNotOpen:
        raise Refused("sealed") from None
    payload = unpad(plaintext)
    if len(payload) < 32:
        raise Refused("length")
    call = _read_text(payload[32:])
    expires = member(call, "expires", int, 2**32 - 1)
    _check_call(call, range(week(expires) - 26, week(expires) + 27))
    shared = x25519(proof, from_b64(call["caller"]))
    proven = from_b64(call["id"]) + u(call["part"], 1) + sha256(payload[32:]) + u(period, 4)
    if shared is None or hmac256(derive(shared, "letter proof", b"", 32), proven) != payload[:32]:
        raise Refused("proof")
    if expires < today:
        raise Refused("expired")
    if expires > today + 120:
        raise Refused("too far ahead")
    return call, exposed


# Section 8.


def read_request(body):
    reader = exactly(body, 4192)
    if reader.u(1) != 1:
        raise Refused("version")
    if any(body[1:4]) or body[17] or any(body[28:96]) or (body[16] == 0 and any(body[18:28])):
        raise Refused("reserved")
    reader.take(3)
    ask = {"day": reader.u(4), "shard": reader.u(4), "from": reader.u(4)}
    effort, _, round_ = reader.u(1), reader.u(1), reader.u(2)
    stamp = {"effort": effort, "round": round_, "nonce": reader.take(8).hex()}
    return ask, stamp if effort else None


def stamp_challenge(fingerprint, round_, cell):
    return sha256(b"callsign/v1 stamp\0" + fingerprint + u(round_, 2) + cell)


def zero_bits(digest):
    return len(digest) * 8 - int.from_bytes(digest, "big").bit_length()


def search_stamp(fingerprint, cell, asked, first):
    if not asked["effort"]:
        return {"effort": 0, "round": 0, "nonce": bytes(8).hex()}
    challenge = stamp_challenge(fingerprint, asked["round"], cell)
    nonce = int.from_bytes(first, "big")
    while zero_bits(sha256(challenge + u(nonce, 8))) < asked["effort"]:
        nonce += 1
    return asked | {"nonce": u(nonce, 8).hex()}


def last_block(total):
    return (total - 1) // 32 * 32 if total else 0


def read_answer(body):
    reader = exactly(body, 32_896)
    if reader.u(1) != 1:
        raise Refused("other version")
    outcome = reader.u(1)
    if outcome > 3:
        raise Refused("unknown outcome")
    minute = read_minute(reader)
    if (minute and not any(body[28:92])) or body[93] or (body[92] == 0 and any(body[94:96])):
        raise Refused("reserved")
    names = ("stored", "unavailable", "version", "unknown list")
    fields = {name: reader.u(4) for name in ("day", "shard", "from", "total")}
    fields |= {"notice_serial": reader.u(8)}
    signature = reader.take(64)
    toll = {"effort": body[92], "round": int.from_bytes(body[94:96], "big")}
    fields |= {"minute": minute, "chain": body[96:128].hex(), "toll": toll}
    return names[outcome], fields | {"signature": signature.hex() if any(signature) else None}


def read_minute(reader):
    minute = reader.u(2)
    if minute > 1439:
        raise Refused("minute")
    return minute


def chain(drops):
    """h after each drop."""
    hashes = [bytes(32)]
    for drop in drops:
        hashes.append(sha256(hashes[-1] + sha256(drop)))
    return hashes


def check_list_signature(signature, fingerprint, duty_key, digest):
    fields = b"".join(u(digest[name], 4) for name in ("day", "shard", "total")) + bytes.fromhex(digest["h"])
    fields += u(digest["minute"], 2)
    if not verifies(duty_key, digest["stage"], fingerprint + fields, signature):
        raise Refused("signature")


def believes(outcome, answer, wanted, today):
    """Whether a caller takes drops from the answer."""
    if wanted["day"]:
        right_day = answer["day"] == wanted["day"]
    else:
        right_day = answer["day"] != 0 and abs(answer["day"] - today) <= 2
    newest = wanted["from"] == 0xFFFFFFFF
    right_block = answer["from"] == (last_block(answer["total"]) if newest else wanted["from"])
    fits = right_day and right_block and answer["shard"] == wanted["shard"]
    return fits and (outcome == "stored" or (outcome == "unavailable" and answer["total"] > 0))
