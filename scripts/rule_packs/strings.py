"""Message texts of a server that brings no catalogues: the strings of its program that look like one.

A string too many does no harm: a rule that no message fits is never used.
"""
import pathlib
import re

PRINTABLE = re.compile(rb"[\t\n\x20-\x7e]{12,}")
LOOKS_LIKE_TEXT = re.compile(r'^[A-Za-z"%][^;{}=<>|]*[a-z"%).s]$')
# Usage texts, paths, queries, names of source files and functions, internal errors.
NOISE = re.compile(r"^(Usage|Waiting |Sets? |Shows |Enables |Logs |Forces |PostgreSQL \d|When logging|SELECT|INSERT|UPDATE|DELETE|CREATE |ALTER |WITH |FROM |could not find .*(cache|tuple)"
                   r"|cache lookup|unrecognized node|unexpected node|\w+: )|/|\\|\.c\b|\b(OID|elog|palloc)\b|[a-z]_[a-z]+_[a-z]|->|\(\)|\n")
WORDS = re.compile(r"(?:^| )[a-z]{2,}(?= |[.,;:]|$)")


def of_file(path):
    return {raw.decode() for raw in PRINTABLE.findall(pathlib.Path(path).read_bytes())} if pathlib.Path(path).exists() else set()


def of_server(root):
    root = pathlib.Path(root)
    libraries = list(root.glob("lib/plpgsql.so")) + list(root.glob("lib/postgresql/plpgsql.so"))
    return set().union(*(of_file(path) for path in [root / "bin" / "postgres", *libraries]))


def messages(root, known):
    """What looks like a message of the server below root and is not known yet."""
    return {text for text in of_server(root) - known
            if LOOKS_LIKE_TEXT.search(text) and not NOISE.search(text) and len(WORDS.findall(text)) >= 3}
