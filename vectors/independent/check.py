"""Checks the vectors against docs/protocol.md without any of the project's code; prints one line a file."""

import json
import math
import re
import sys
import traceback

sys.dont_write_bytecode = True

import desk_log as log  # noqa: E402
import protocol as p  # noqa: E402
from armour import read_armour  # noqa: E402
from primitives import XWing, derive, sha256, x25519_public  # noqa: E402
from published import published  # noqa: E402

LATEST = (0, 0xFFFFFFFF)

NOT_CHECKED = [
    "sealing: only what is sealed is opened, nothing is sealed again",
    "Ed25519: that keys and points are refused which are not of prime order",
    "expected variants of errors where the text leaves the order of checks open follow the vectors",
    "members of events, beyond those that every event has",
]


def load(name):
    return json.loads((p.ROOT / "vectors" / f"{name}.json").read_text())


def cases(file):
    """Each case with its bytes; a changed case begins with those of another."""
    known = {}
    for case in file["cases"]:
        data = bytearray(known[case["of"]] if "of" in case else p.from_b64(case["bytes_b64"]))
        for at, bits in case.get("xor", []):
            for i, bit in enumerate(bytes.fromhex(bits)):
                data[at + i] ^= bit
        data = bytes(data[: case.get("keep", len(data))]) + bytes.fromhex(case.get("append", ""))
        known[case["name"]] = data
        yield case, data


def outcome_of(read, good="ok"):
    """What `read` gives, and the outcome."""
    try:
        return read(), good
    except p.Refused as refused:
        return None, refused.args[0]


def require(condition, what):
    if not condition:
        raise AssertionError(what)


def run(case, read, then=lambda found: None, good="ok"):
    """One check: the outcome, then what was read."""

    def check():
        found, outcome = outcome_of(read, good)
        require(outcome == case["outcome"], f"{outcome}, not {case['outcome']}")
        if outcome == good:
            then(found)

    return case["name"], check


def matches(case):
    """Compares members of what was read with those of the case."""

    def check(found):
        for name, value in found.items():
            require(name not in case or case[name] == value, f"{name}: {value}")

    return check


def same(expected):
    return lambda found: require(found == expected, f"{found}, not {expected}")


def phrase():
    file = load("phrase")
    for case in file["folding"]:
        utf8 = bytes.fromhex(case.get("folded_utf8", ""))
        yield run(case, lambda case=case: p.fold(case["typed"]).encode(), same(utf8))
    for i, case in enumerate(file["generated"]):
        spelled = " ".join(p.words(bytes.fromhex(case["random"]), 10, case["language"]))
        yield f"generated {i}", lambda spelled=spelled, case=case: same(case["phrase"])(spelled)
    for i, caller in enumerate(file["callers"]):
        yield f"caller {i}", lambda caller=caller: check_caller(caller)
    readings = file["call_sign_readings"]
    for reading in readings["readings"]:
        read = read_call_sign(reading["typed"], bytes.fromhex(readings["caller_id"]))
        yield reading["typed"], lambda read=read, reading=reading: same(reading["outcome"])(read)


def check_caller(caller):
    root = p.root_of(caller["folded"], bytes.fromhex(caller["fingerprint"]))
    same(caller["root"])(root.hex())
    secret = derive(root, "caller key", b"", 32)
    same(caller["caller_sk"])(secret.hex())
    same(caller["caller_pk"])(x25519_public(secret).hex())
    caller_id = sha256(x25519_public(secret))[:16]
    same(caller["caller_id"])(caller_id.hex())
    same(caller["shard_bits"])(int.from_bytes(derive(root, "shard", b"", 2), "big"))
    for weekly in caller["drop_secrets"]:
        same(weekly["secret"])(derive(root, "drop secret", p.u(weekly["week"], 4), 32).hex())
    same(caller["call_sign"])({language: p.call_sign(caller_id, language) for language in p.WORDS})
    same(caller["marked"])(f"{p.call_sign(caller_id)}/{caller_id[6:10].hex()}")


def read_call_sign(typed, caller_id):
    sign, slash, mark = re.sub("[\u2044\u2215\uff0f]", "/", typed).partition("/")
    pieces, mark = p.pieces(sign), " ".join(p.pieces(mark))
    if len(pieces) != 3 or not re.fullmatch("[0-9]{2}", pieces[2]) or (slash and not re.fullmatch("[0-9a-f]{8}", mark)):
        return "refused"
    languages = [tag for tag, listed in p.WORDS.items() if {*pieces[:2]} <= {*listed}]
    if not languages:
        return "refused"
    found = any("-".join(pieces) == p.call_sign(caller_id, language) for language in languages)
    return "matches" if found and mark in ("", caller_id[6:10].hex()) else "another"


def fingerprint():
    file = load("fingerprint")
    for i, desk in enumerate(file["desks"]):
        yield f"desk {i}", lambda desk=desk: check_desk(desk)
    for case in file["readings"]:
        yield run(case, lambda case=case: read_fingerprint(case["typed"]), same(file["desks"][0]["fingerprint"]))


def check_desk(desk):
    found = sha256(bytes.fromhex(desk["identity"]))
    same(desk["fingerprint"])(found.hex())
    same(desk["words"])(" ".join(p.words(found, 12)))
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    bits = int.from_bytes(found[:10], "big")
    same(desk["desk_id"])("".join(alphabet[bits >> 5 * (15 - i) & 31] for i in range(16)))


def read_fingerprint(typed):
    digits = "".join(c for c in typed.lower() if c not in " \t\n\r:-")
    if len(digits) != 64 or any(c not in "0123456789abcdef" for c in digits):
        raise p.Refused("refused")
    return digits


def json_form():
    for case, data in cases(load("json")):
        yield run(case, lambda data=data: p.read_json(data))


def notice():
    for case, data in cases(load("notice")):
        pin = bytes.fromhex(case["pin"]) if case["pin"] else None

        def then(found, case=case):
            desk, body, read, keys = found
            matches(case)({"fingerprint": desk.hex(), "notice_hash": sha256(body).hex(), "serial": read["serial"]})
            for expected in case.get("inbox_key_for", []):
                epoch, key_id, _ = min(keys, key=lambda key: abs(key[0] - expected["day"]))
                same((expected["epoch"], expected["key_id"]))((epoch, key_id))
            for day, bits, shard in case.get("shard_for", []):
                same(shard)(p.shard_on(read["plan"], day, bits))
            if "successor_from" in case:
                successor = read["successor"]
                same(case["successor_from"])(successor["from"])
                same(case["successor_fingerprint"])(sha256(p.from_b64(successor["identity"])).hex())

        yield run(case, lambda data=data, pin=pin, case=case: p.read_notice(data, pin, case["now"]), then)


def letters():
    file = load("letters")
    for case, data in cases(file):
        notice_envelope = p.from_b64(case.get("notice_b64", file["notice_b64"]))

        def then(found, case=case):
            keys = [[key["period"], key["key_id"], p.from_b64(key["proof_key"]).hex()] for key in found["keys"]]
            matches(case)({"serial": found["serial"], "keys": keys})

        yield run(case, lambda data=data, one=notice_envelope: p.read_letters(data, one, file["now"]), then)


def keyring():
    file = load("keyring")
    pin = bytes.fromhex(file["fingerprint"])
    seeds = {bytes.fromhex(device["id"]): bytes.fromhex(device["seed"]) for device in file["devices"]}
    for case, data in cases(file):

        def then(found, case=case):
            read, unwrapped = found
            matches(case)({"serial": read["serial"], "generation": read["generation"]})
            require(all(keys == file["keys"] for keys in unwrapped), "the wrapped keys")
            for device in read["devices"]:
                seed = seeds[p.from_b64(device["id"])]
                same(p.from_b64(device["wrapping_key"]))(XWing(seed).public)

        yield run(case, lambda data=data: p.read_keyring(data, pin, file["now"], seeds), then)


def cell():
    file = load("cell")
    desk, answer_key = bytes.fromhex(file["fingerprint"]), bytes.fromhex(file["answer_key"])
    seeds = {(key["epoch"], key["key_id"]): bytes.fromhex(key["seed"]) for key in file["epochs"]}
    for key in file["epochs"]:
        public = XWing(bytes.fromhex(key["seed"])).public
        yield f"epoch {key['epoch']}", lambda key=key, public=public: same(p.from_b64(key["public_key_b64"]))(public)

    def opened(data, case):
        hashes = [bytes.fromhex(found) for found in case.get("notice_hashes", file["notice_hashes"])]
        return p.open_cell(data, desk, seeds, hashes, answer_key)

    for case, data in cases(file):

        def then(found, case=case):
            if found is not None:
                call, payload = found
                same(file["caller"]["caller_pk"])(p.from_b64(call["caller"]).hex())
                matches({k: v for k, v in case.items() if k in ("text", "track", "language", "safe_times")})(call)
                matches(case)({"payload_b64": p.base64.urlsafe_b64encode(payload).rstrip(b"=").decode()})
            same(case["outcome"])("cover" if found is None else "call")

        good = case["outcome"] if case["outcome"] in ("call", "cover") else "ok"
        yield run(case, lambda data=data, case=case: opened(data, case), then, good)
    for case in file["cuts"]:
        yield f"cut, {case['name']}", lambda case=case: check_cut(case, 2_000, 8)
    for message in file["messages"]:
        yield message["name"], lambda message=message: check_message(message, opened)


def check_message(message, opened):
    if message["outcome"] == "too long":
        # No cell holds more text than a payload without anything else.
        require(p.json_size(message["text"]) * message["times"] > 8 * (2951 - 32), "eight cells hold it")
        return
    calls = [opened(p.from_b64(data), {})[0] for data in message["cells_b64"]]
    same(message["text"])("".join(call["text"] for call in calls))
    same([(i + 1, len(calls)) for i in range(len(calls))])([(call["part"], call["parts"]) for call in calls])
    same(1)(len({call["id"] for call in calls}))


def drop():
    file = load("drop")
    desk, sender = bytes.fromhex(file["fingerprint"]), bytes.fromhex(file["answer_public_key"])
    people = {
        who: (p.root_of(file[who]["phrase"], desk), bytes.fromhex(file[who]["caller_sk"]))
        for who in ("caller", "other_caller")
    }
    for i, expected in enumerate(file["places"]):
        secret = derive(people["caller"][0], "drop secret", p.u(p.week(expected["place"]["day"]), 4), 32)
        context = p.place_context(expected["place"])
        found = {
            "week": p.week(expected["place"]["day"]),
            "drop_secret": secret.hex(),
            "address": derive(secret, "addr", context, 16).hex(),
            "psk": derive(secret, "psk", context, 32).hex(),
        }
        yield f"place {i}", lambda expected=expected, found=found: matches(expected)(found)
    for case, data in cases(file):
        root, secret = people[case.get("by", "caller")]
        read = lambda data=data, case=case, root=root, secret=secret: p.open_drop(  # noqa: E731
            data, case["place"], root, secret, desk, sender
        )
        yield run(case, read, lambda found, case=case: matches(found)(case["payload"]))


    for case in file["cuts"]:
        yield f"cut, {case['name']}", lambda case=case: check_cut(case, 630, 16)


def letter():
    file = load("letter")
    desk = bytes.fromhex(file["fingerprint"])
    keys = {}
    for key in file["letters"]:
        seed, proof = bytes.fromhex(key["seed"]), bytes.fromhex(key["proof"])
        keys[key["period"], key["key_id"]] = seed, proof, key["exposed"]
        yield f"key {key['key_id']}", lambda key=key, seed=seed: same(p.from_b64(key["public_key_b64"]))(XWing(seed).public)
        yield f"proof key {key['key_id']}", lambda key=key, proof=proof: same(key["proof_key"])(x25519_public(proof).hex())
    letters = {}
    for case, data in cases(file):
        letters[case["name"]] = data

        def then(found, case=case):
            call, exposed = found
            same(file["caller"]["caller_pk"])(p.from_b64(call["caller"]).hex())
            matches({name: case[name] for name in ("text", "expires") if name in case})(call)
            same(case["outcome"])("doubted" if exposed else "call")

        good = case["outcome"] if case["outcome"] in ("call", "doubted") else "ok"
        yield run(case, lambda data=data: p.open_letter(data, desk, keys, file["today"]), then, good)
    for case in file["armour"]:
        expected = [letters.get(block, block) for block in case["blocks"]]
        carried = p.from_b64(case["bytes_b64"]) if "bytes_b64" in case else case["text"].encode()
        read = lambda carried=carried: read_armour(carried, "LETTER", 4096, p.INVISIBLE)
        yield case["name"], lambda read=read, expected=expected: same(expected)(read())


def exchange():
    file = load("exchange")

    def body(case):
        data = bytes.fromhex(case["header"])
        return (data + bytes([file["fill"]]) * case["length"])[: case["length"]]

    for total, first in file["last_block"]:
        yield f"last block of {total}", lambda total=total, first=first: same(first)(p.last_block(total))
    for case in file["requests"]:
        yield run(case, lambda case=case: p.read_request(body(case)), same((case.get("ask"), case.get("stamp"))))
    for case in file["answers"]:
        yield case["name"], lambda case=case: check_answer(case, body(case))


def check_answer(case, data):
    found, outcome = outcome_of(lambda: p.read_answer(data))
    believed = False
    if found:
        outcome, fields = found
        matches(case)(fields)
        same(case.get("drops"))(max(0, min(32, fields["total"] - fields["from"])))
        believed = p.believes(outcome, fields, case["wanted"], case["today"])
    same(case["outcome"])(outcome)
    same(case["believed"])(believed)


def stamp():
    file = load("stamp")
    for case in file["cases"]:
        desk, wanted = bytes.fromhex(case["fingerprint"]), case["stamp"]
        challenge = p.stamp_challenge(desk, wanted["round"], bytes([case["cell"]]) * 4096)
        digest = sha256(challenge + bytes.fromhex(wanted["nonce"]))
        outcome = "ok" if p.zero_bits(digest) >= wanted["effort"] else "too little"
        found = {"challenge": challenge.hex(), "hash": digest.hex(), "outcome": outcome}
        yield case["name"], lambda case=case, found=found: matches(case)(found)
    desk = bytes.fromhex(file["fingerprint"])
    for case in file["searches"]:
        found = p.search_stamp(desk, bytes([case["cell"]]) * 4096, case["asked"], bytes.fromhex(case["first"]))
        yield f"search, {case['name']}", lambda case=case, found=found: same(case["stamp"])(found)


def entry():
    file = load("entry")
    keys = [bytes.fromhex(file[name]) for name in ("fingerprint", "signing_key", "log_key")]
    for case, data in cases(file):
        yield run(case, lambda data=data: log.open_entry(data, *keys), lambda found, case=case: matches(case)(found))


def event():
    for case in load("event")["cases"]:

        def check(case=case):
            made, parts = log.event_id(case["event"])
            same(p.from_b64(case["event"]["id"]))(made)
            same(case["id_of"])(parts)

        yield case["name"], check


def commit():
    for case, data in cases(load("commit")):

        def then(found, case=case):
            matches(case)(found)
            same(case["answer_when_first"])("0000000000000001" + found["id"])

        yield run(case, lambda data=data: log.read_commit(data), then)


def snapshot():
    file = load("snapshot")
    fingerprint, log_key = bytes.fromhex(file["fingerprint"]), bytes.fromhex(file["log_key"])
    for case, data in cases(file):
        filled = [data[at * 65536 : (at + 1) * 65536] for at in case["order"]]
        chunks = filled + [bytes([i % 256]) * 65536 for i in range(len(filled), case["given"])]
        attempt, hash_, state = (bytes.fromhex(case[name]) for name in ("attempt", "hash", "state"))
        says = (attempt, case["count"], hash_, state)
        keys = (fingerprint, case.get("generation", 7), log_key)
        read = lambda chunks=chunks, says=says, keys=keys: log.read_snapshot(chunks, says, *keys)  # noqa: E731
        yield run(case, read, lambda found, case=case: same(case["lengths"])(found))


def follow():
    for case, data in cases(load("follow")):
        yield run(case, lambda data=data: log.read_follow(data), matches(case))


def session():
    file = load("session")
    desk, key = bytes.fromhex(file["fingerprint"]), bytes.fromhex(file["signing_key"])
    for case, data in cases(file):
        yield run(case, lambda data=data: log.read_session(data, desk, key), matches(case))


def invitation():
    file = load("invitation")
    desk, slot, nonce = (bytes.fromhex(file[name]) for name in ("fingerprint", "slot", "nonce"))
    require(log.invitation_slot(desk, file["code"]) == slot, "slot")
    for case in file["codes"]:
        case = {"name": f"code {case['typed']!r}", **case}
        yield run(case, lambda case=case: log.read_code(case["typed"]), same(file["code"].replace("-", "")))
    for case, data in cases(file):
        yield run(case, lambda data=data: log.read_opening(data, desk, slot, nonce), matches(case))
    for case in file["stages"]:
        case = {"name": f"stage {case['bytes_b64'][:8]}", **case}
        yield run(case, lambda case=case: log.read_invitation(p.from_b64(case["bytes_b64"])), lambda found, case=case: same(case["stage"])(found))


def enrol():
    file = load("enrol")
    for case, data in cases(file):
        yield run(case, lambda data=data, case=case: log.read_enrol(data, case["code"]), same(bytes.fromhex(file["identity"])))


def day():
    file = load("day")
    desk, duty_key = bytes.fromhex(file["fingerprint"]), bytes.fromhex(file["duty_key"])
    for i, case in enumerate(file["chains"]):
        found = [hashed.hex() for hashed in p.chain(bytes([byte]) * 1024 for byte in case["drops"])]
        yield f"chain {i}", lambda case=case, found=found: same(case["chain"])(found)
    for case, data in cases(file):
        yield run(case, lambda data=data, case=case: p.check_list_signature(data, desk, duty_key, case))


class Walk:
    """The walk as sets: what is known to be listed, less what was seen, newest first."""

    def __init__(self, days, bits, plan):
        self.days, self.bits, self.plan = days, bits, plan
        self.today, self.oldest, self.whole = None, None, False
        self.totals, self.seen, self.ended = {}, {}, set()

    def missing(self, bits, days=None):
        for day in days or range(self.today, max(self.oldest, 1) - 1, -1):
            name = day, p.shard_on(self.plan, day, bits)
            if name not in self.totals or name in self.ended:
                yield day, LATEST[1]
                continue
            for block in range(p.last_block(self.totals[name]), -1, -32):
                if self.seen.get((name, block), 0) < min(32, self.totals[name] - block):
                    yield day, block

    def ask(self, slot, today):
        wanted = LATEST if self.today is None or slot % 8 == 0 else next(self.missing(self.bits), LATEST)
        if wanted == (self.today, LATEST[1]):
            wanted = LATEST
        return *wanted, p.shard_on(self.plan, wanted[0] or today, self.bits)

    def took(self, ask, day, first, total):
        if ask[0] == 0:
            self.oldest = day - self.days + 1 if self.oldest is None else self.oldest
            self.ended |= {name for name in self.totals if (self.today or 0) <= name[0] < day}
            self.today = day
        name = day, ask[2]
        self.totals[name] = max(self.totals.get(name, 0), total)
        self.ended.discard(name)
        self.seen[name, first] = max(0, min(32, self.totals[name] - first))
        self.judge()

    def passed_over(self, ask):
        self.totals[ask[0], ask[2]] = 0
        self.judge()

    def judge(self):
        self.whole = self.whole or next(self.missing(self.bits), None) is None


def walk():
    file = load("walk")
    for case in file["walks"]:
        yield case["name"], lambda case=case: check_walk(case, file["plan"])
    for case in file["gaps"]["cases"]:
        yield f"gap of slot {case['slot']}", lambda case=case: check_gap(file["gaps"]["cover"], case)


def check_walk(case, plan):
    walk = Walk(case["days"], case["shard_bits"], plan)
    first = case["steps"][0]["today"]
    for slot, step in enumerate(case["steps"]):
        if "move" in step:
            walk.bits, walk.whole = step["move"], False
        ask = walk.ask(slot, step["today"])
        same(tuple(step["ask"][name] for name in ("day", "from", "shard")))(ask)
        if "answer" in step:
            walk.took(ask, *(step["answer"][name] for name in ("day", "from", "total")))
        else:
            walk.passed_over(ask)
        same(step["whole"])(walk.whole)
    days = [day for day in range(first, walk.oldest - 1, -1) if next(walk.missing(case["shard_bits"], [day]), None) is None]
    same(case["days_read"])(len(days))


def check_cut(case, room, most):
    text = case["text"] * case["times"]
    parts = p.cut(text, room)
    outcome = "empty" if not text else "too long" if len(parts) > most else "characters"
    if outcome != "characters":
        return same(case["outcome"])(outcome)
    return same(case["characters"])([len(part) for part in parts])


def check_gap(cover, case):
    e = -math.log(1 - (int(case["draw"], 16) >> 11) / 2**53)
    grown = cover["gap_ms"] * (1 + cover["gap_growth_percent"] / 100) ** case["slot"]
    backed_off = cover["gap_ms"] * 2 ** case["failures"] if case["failures"] else 0
    mean = min(max(grown, backed_off), cover["gap_max_ms"])
    require(abs(min(e, 3) * mean - case["ms"]) <= 1, "the gap")
    u = int(case["draw"], 16) >> 11
    require(abs((1 + u / 2**53) * cover["move_after_ms"] - case["move_after_ms"]) <= 1, "the time of the first move")
    same(case["shard_bits"])(int(case["draw"], 16) >> 48)


def main():
    passed = failed = 0
    files = (published, phrase, fingerprint, json_form, notice, letters, keyring, cell, drop, letter, exchange, stamp, event, entry, commit, snapshot, follow, session, enrol, invitation, day, walk)
    for file in files:
        wrong = []
        count = 0
        for name, check in file():
            count += 1
            try:
                check()
            except Exception as error:  # A checker that stumbles has found something too.
                wrong.append(f"  {name}: {error!r}")
                if "--trace" in sys.argv:
                    traceback.print_exc()
        print(f"{file.__name__}: {count - len(wrong)} passed, {len(wrong)} failed", *wrong, sep="\n")
        passed, failed = passed + count - len(wrong), failed + len(wrong)
    print("not checked here:", *NOT_CHECKED, sep="\n  ")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
