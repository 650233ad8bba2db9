"""Section 2.1 of docs/protocol.md: text armour as carriers leave it."""

import base64
import re

LINE_ENDS = re.compile(r"\r\n|\n")
DASHES = {*"-_\u00ad\u2043\u207b\u208b\u2212\u2500\u2501\u2796\u2e3a\u2e3b\u30fc\ufe31\ufe32\ufe58\ufe63\uff0d\ufffd"}
DASHES |= {chr(c) for c in range(0x2010, 0x2016)}
SYMBOLS = {*"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"}
ENTITIES = {"plus": "+", "sol": "/", "gt": ">", "lt": "<"} | dict.fromkeys(("ndash", "mdash", "minus", "hyphen", "dash"), "-")
QUOTES = "[>|\u2502\u2503\u258e\u258f\u00bb\u203a]"


def read_armour(carried, kind, size, invisible):
    """Each block of the text: its bytes, or the name of its fault."""
    readings = [_read_text(text, kind, size, invisible) for text in _decodings(carried)]
    # Of equals the first is taken.
    return max(readings, key=lambda blocks: (sum(isinstance(block, bytes) for block in blocks), len(blocks)))


def _decodings(carried):
    plain = carried.replace(b"\0", b"").decode("utf-8", "replace")
    texts = [plain]
    if b"\0" in carried:
        order = "utf-16-be" if carried[::2].count(0) > carried[1::2].count(0) else "utf-16-le"
        texts.append(carried.decode(order, "replace").replace("\0", ""))
    parts = _base64_parts(plain)
    return texts + [plain + "\n" + parts] if parts else texts


def _base64_parts(text):
    parts, part = [], ""
    for line in [*map(str.strip, LINE_ENDS.split(text)), ""]:
        if re.fullmatch("[A-Za-z0-9+/=]+", line) and (part or len(line) > 40):
            part += line
            continue
        whole = part.rstrip("=")
        whole = whole[:-1] if len(whole) % 4 == 1 else whole
        if whole and "=" not in whole:
            parts.append(base64.b64decode(whole + "=" * (-len(whole) % 4)).decode("utf-8", "replace"))
        part = ""
    return "".join(part + "\n" for part in parts)


def _read_text(text, kind, size, invisible):
    unescaped = re.sub(b"[=%](?:([0-9A-Fa-f]{2})|\r?\n|)", lambda found: bytes.fromhex((found[1] or b"").decode()), text.encode())
    text = unescaped.decode("utf-8", "replace")
    text = re.sub("&(?:amp;)*(?:(#?[A-Za-z0-9]{0,9});)?", lambda found: _entity(found[1]), text)
    text = re.sub("<(?:[A-Za-z/!][^<>\n]*>)?", "", text)
    lines = [_without_prefix(line) for line in LINE_ENDS.split(text)]
    whole = [line for line in lines if "CALLSIGN" in line.upper() or _is_whole(line, invisible)]
    readings = [_read_symbols(_symbols(one), kind, size) for one in (text, "\n".join(lines), "\n".join(whole))]
    best = readings[0]
    for again in readings[1:]:
        if len(again) == len(best):
            best = [new if isinstance(new, bytes) and isinstance(old, str) else old for old, new in zip(best, again)]
    return best


def _entity(name):
    if not name:
        return ""
    if not name.startswith("#"):
        return ENTITIES.get(name, "")
    is_hex = name[1:2] in ("x", "X")
    try:
        return chr(int(name[2:], 16) if is_hex else int(name[1:]))
    except (ValueError, OverflowError):
        return ""


def _without_prefix(line):
    while found := re.match(f"(?s:.{{0,15}}?){QUOTES}", line):
        line = line[found.end() :]
    return line


def _is_whole(line, invisible):
    pieces = [piece for piece in line.split() if _symbols(piece)]
    return len(pieces) < 2 and all(c in SYMBOLS | DASHES | invisible for piece in pieces for c in piece)


def _symbols(text):
    return "".join(c if c in SYMBOLS else "-" for c in text if c in SYMBOLS or c in DASHES)


def _read_symbols(symbols, kind, size):
    words = kind.replace(" ", "")
    begins, ends = ([*_marks(symbols, f"{which}CALLSIGN{words}")] for which in ("BEGIN", "END"))
    blocks = []
    for i, (_, body) in enumerate(begins):
        following = begins[i + 1][0] if i + 1 < len(begins) else len(symbols)
        end = next((start for start, _ in ends if body <= start < following), None)
        blocks.append("unended" if end is None else _read_body(symbols[body:end].replace("-", ""), size))
    return blocks


def _marks(symbols, words):
    for found in re.finditer(words, symbols, re.IGNORECASE):
        if "-" in (symbols[found.start() - 1 : found.start()], symbols[found.end() : found.end() + 1]):
            yield found.span()


def _read_body(body, size):
    if len(body) != -(-size * 8 // 6):
        return "length"
    padding = "=" * (-len(body) % 4)
    data = base64.b64decode(body + padding)
    return data if base64.b64encode(data).decode() == body + padding else "characters"
