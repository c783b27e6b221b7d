"""How the server's own log calls its fields and statements, in each of its languages."""
import glob
import pathlib
import re

from . import mo

LABELS = {"DETAIL:  ": "detail", "HINT:  ": "hint", "QUERY:  ": "query", "CONTEXT:  ": "context",
          "STATEMENT:  ": "statement", "LOCATION:  %s\n": "location", "BACKTRACE:  ": "location", "LOG": "log"}
# What stands in front of the first argument says what the message is.
TEXTS = {"statement: %s": "statement", "execute %s%s%s: %s": "execute", "prepare: %s": "statement",
         "duration: %s ms": "duration", "duration: %s ms  statement: %s": "duration"}
POSITION = " at character %d"


def head(text):
    return re.split(r"[%$]", text, maxsplit=1)[0].strip("\n")


def lines(version):
    found = {f"label {kind} {head(text).rstrip(': ')}" for text, kind in LABELS.items()}
    found |= {f"text {kind} {head(text)}" for text, kind in TEXTS.items()} | {f"position {POSITION}"}
    for catalogue in sorted(glob.glob(f"/usr/share/locale/*/LC_MESSAGES/postgres-{version}.mo")):
        for english, translated in mo.read(catalogue):
            source, text = english[0], translated[0]
            if source in LABELS and text:
                found.add(f"label {LABELS[source]} {head(text).rstrip(': ')}")
            elif source in TEXTS and len(head(text)) > 1:
                found.add(f"text {TEXTS[source]} {head(text)}")
            elif source == POSITION and text:
                found.add(f"position {text}")
    return sorted(found)
