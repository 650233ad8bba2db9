"""Makes uk.txt and ru.txt from the candidates beside it, and says how well they meet the criteria of README.md.

Wants Debian's hunspell-uk and hunspell-ru, 1:7.5.0-1. Run it with --check to compare instead of writing.
"""

import hashlib
import sys
import unicodedata
from pathlib import Path

HERE = Path(__file__).resolve().parent
COUNT = 2_048
# Letters that Latin has too, by the table of docs/protocol.md, section 4.
TWINS = set("авсенікмортху")
LETTERS = {"uk": set("абвгдежзийклмнопрстуфхцчшщьюяєії"), "ru": set("абвгдежзийклмнопрстуфхцчшщыьэюя")}
DICTIONARIES = {
    "uk": ("/usr/share/hunspell/uk_UA.dic", "a81e4b955c0f1425f25fb5e5de0b34c5a01b93ec7637b20f6088f24bf9365b7a"),
    "ru": ("/usr/share/hunspell/ru_RU.dic", "f6047416a0204adbecf3a451b874ec8a97ee37e2cbc714466ef04d8dbcc0d6fc"),
}


def base_forms(path, digest):
    """The entries of a dictionary without their flags; only from the very file that the lists were made with."""
    data = Path(path).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        sys.exit(f"{path} is another version than the lists were made with")
    return {line.split("/")[0].strip() for line in data.decode().splitlines()[1:]}


def is_fit(word, language, known):
    """Whether a word may stand in the list whatever its neighbours are."""
    return (
        3 <= len(word) <= 9
        and set(word) <= LETTERS[language]
        and unicodedata.normalize("NFC", word) == word
        and word in known
        and not set(word) <= TWINS
    )


def one_letter_apart(word):
    """Marks that two words share where one letter is changed, put in or left out."""
    cut = [(word[:at], word[at + 1 :]) for at in range(len(word))]
    return {word} | {f"{left}*{right}" for left, right in cut} | {left + right for left, right in cut}


def choose(candidates, language, known):
    """The first candidates that are far enough from all before them."""
    chosen, beginnings, taken, shortened = [], set(), set(), set()
    for word in candidates:
        marks = one_letter_apart(word)
        near = marks & taken or word in shortened
        if not is_fit(word, language, known) or word[:4] in beginnings or near:
            continue
        chosen.append(word)
        beginnings.add(word[:4])
        taken |= {mark for mark in marks if "*" in mark or mark == word}
        shortened |= {mark for mark in marks if "*" not in mark}
    return chosen


def main():
    check = sys.argv[1:] == ["--check"]
    for language, (path, digest) in DICTIONARIES.items():
        candidates = (HERE / f"{language}.candidates.txt").read_text().split()
        chosen = choose(candidates, language, base_forms(path, digest))
        if len(chosen) < COUNT:
            sys.exit(f"{language}: only {len(chosen)} of {len(candidates)} candidates are fit")
        text = "".join(f"{word}\n" for word in sorted(chosen[:COUNT]))
        target = HERE / f"{language}.txt"
        if check and target.read_text() != text:
            sys.exit(f"{target.name} is not what the candidates make")
        if not check:
            target.write_text(text)
        print(f"{language}: {COUNT} words, {len(chosen) - COUNT} candidates to spare")


main()
