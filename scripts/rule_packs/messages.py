"""The server's own message texts as templates: every msgid of its catalogues."""
import glob
import re
import subprocess

from . import mo, slots

LOCALES = "/usr/share/locale/*/LC_MESSAGES"
# Not messages to a client: usage texts, descriptions of settings, units, log lines of other programs.
NOISE = re.compile(r"^( |Usage|Try \"|Options|Report|Sets? |Shows |Enables? |Logs |Writes |Prints |\S+ home page)|\n  -")


def msgids(version):
    ids = set()
    for domain in ("postgres", "plpgsql"):
        for path in glob.glob(f"{LOCALES}/{domain}-{version}.mo"):
            for texts, _ in mo.read(path):
                ids.update(texts)
    return ids


def setting_descriptions(version):
    """Long and short descriptions of settings live in the same catalogue and are never an error text."""
    out = subprocess.run([f"/usr/lib/postgresql/{version}/bin/postgres", "--describe-config"],
                         capture_output=True, text=True, check=True, user="postgres").stdout
    return {field for line in out.splitlines() for field in line.split("\t")[3:]}


def is_specific(fixed):
    """A template of few fixed words would match anything, and say nothing."""
    letters = sum(c.isalpha() for piece in fixed for c in piece)
    words = len(re.findall(r"[A-Za-z]{2,}", " ".join(fixed)))
    return letters >= 10 and words >= 2


def templates(texts, skip):
    """-> templates, sorted; without those whose fixed text is in skip (a reviewed rule for any SQLSTATE)."""
    out = set()
    for text in texts:
        fixed, args = slots.pieces(text)
        if not text or NOISE.search(text) or not is_specific(fixed) or tuple(fixed) in skip:
            continue
        kinds = [slots.kind(before, after, conversion)
                 for before, after, (_, conversion) in zip(fixed, fixed[1:], args)]
        out.add(slots.template(fixed, kinds))
    return sorted(out)


def from_catalogues(version):
    return msgids(version) - setting_descriptions(version)
