"""The reviewed templates in the other languages of the server: same slots, in the order of that language."""
import glob
import pathlib
import re

from . import mo, slots


def reviewed(core):
    """core.rules -> {fixed pieces: [(sqlstate, fields, kinds)]}"""
    found = {}
    for line in core.splitlines():
        if line and not line.startswith("#"):
            sqlstate, fields, text = line.split(" ", 2)
            fixed, kinds = slots.parse_template(text)
            found.setdefault(tuple(fixed), []).append((sqlstate, fields, kinds))
    return found


def in_order(english_args, args, kinds):
    """The kinds of the slots as the translation orders them; None when it does not fit."""
    kind_of = {number: kind for (number, _), kind in zip(english_args, kinds)}
    return [kind_of[number] for number, _ in args] if all(number in kind_of for number, _ in args) else None


def of_message(english, text, rules):
    fixed, args = slots.pieces(english)
    for sqlstate, fields, kinds in rules.get(tuple(fixed), []):
        translated, translated_args = slots.pieces(text)
        order = in_order(args, translated_args, kinds)
        if order is not None and len(order) == len(kinds):
            yield f"{sqlstate} {fields} {slots.template(translated, order)}"


def lines(version, core):
    rules = reviewed(core)
    out = []
    for catalogue in sorted(glob.glob(f"/usr/share/locale/*/LC_MESSAGES/postgres-{version}.mo")):
        language = pathlib.Path(catalogue).parts[4]
        found = set()
        for path in (catalogue, catalogue.replace("/postgres-", "/plpgsql-")):
            for english, texts in mo.read(path) if pathlib.Path(path).exists() else []:
                for source, text in zip(english + english[-1:] * len(texts), texts):
                    if text and text != source and re.search(r"\w", text):
                        found.update(of_message(source, text, rules))
        out += [f"# --- {language}"] + sorted(found)
    return out
