"""Turns a printf format of the server into a template of a rule pack, and says what each slot may hold.

A slot is data unless the words around it say otherwise: that is the safe mistake. An identifier slot is
not trusted either: the scrubber keeps what stands in it only when the catalog knows that name.
"""
import re

SPEC = re.compile(r"%(?:(\d+)\$)?[-+ #0]*[0-9*]*(?:\.[0-9*]+)?(?:l|ll|z|h)*([diouxXeEfgGcspm])")

# The noun in front of a slot -> what the slot names.
NOUNS = {
    "relation": "relation|table|view|index|sequence|partition|child|parent",
    "column": "column|attribute|columns",
    "constraint": "constraint",
    "type": "type|types|domain|enum|declared",
    "function": "function|procedure|aggregate|routine|call",
    "schema": "schema",
    "role": "role|user|group|member",
    "setting": "parameter|variable|setting",
    "name": "trigger|policy|rule|extension|language|collation|class|family|method|server|wrapper|tablespace"
            "|publication|subscription|conversion|database|template|dictionary|parser|configuration",
}
KIND_OF = {noun: kind for kind, nouns in NOUNS.items() for noun in nouns.split("|")}
# ... except where the same noun stands before a value.
NOT_A_NAME = re.compile(r"jsonpath variable$|(media|message|token) type$|item method$")
# What the text behind a quoted slot at the start says about it: "x" is not a table.
IS_A = [("relation", re.compile(r'^" is (not )?an? (\w+ )?(table|view|index|sequence|partition)\b')),
        ("function", re.compile(r'^"? is (not )?an? ([\w-]+ )?(function|procedure|aggregate)\b')),
        ("type", re.compile(r'^" is (not )?an? (\w+ )?(type|domain|enum)\b'))]

# Counts and limits of the server. Anything else that is a number may be somebody's.
COUNT_BEFORE = re.compile(r"(\bline|precision|scale|column number|argument number|number of columns|attribute"
                          r"|expected|got|statement|supplies|requires|at most|at least|more than|exceeds the maximum allowed"
                          r"|cannot exceed|maximum|less than 10\^|version|limit|up to|between|and) $")
COUNT_AFTER = re.compile(r"^ ?(columns?|arguments?|parameters?|fields?|dimensions?|bytes|attributes?|other objects?"
                         r"|direct|bits|keys?|seconds|ms|characters|entries|partitions?|tables?|elements?|variables?)\b")


def kind(before, after, conversion):
    """What may stand in the slot between these two pieces of fixed text."""
    if conversion not in "s":
        is_count = conversion in "du" and (COUNT_BEFORE.search(before) or COUNT_AFTER.search(after))
        return "number" if is_count else "data"
    quoted = before.endswith('"')
    words = before.rstrip('"')
    noun = re.search(r"(\w+) $", words)
    if re.search(r"\bcast (type|jsonb \w+|jsonb|\w+)?.* to $", words):
        return "type"
    if not noun:
        named = next((kind for kind, text in IS_A if text.search(after)), None)
        return named or ("data" if quoted or words.endswith(": ") else "words")
    if NOT_A_NAME.search(words.rstrip()):
        return "data"
    if noun[1] == "encoding":
        return "words"
    if known := KIND_OF.get(noun[1].lower()):
        return known
    return "data" if quoted else "words"


def pieces(text):
    """-> (fixed pieces, [(argument number, conversion)]); one more piece than slots."""
    fixed, args, at, count = [""], [], 0, 0
    while at < len(text):
        if text.startswith("%%", at):
            fixed[-1] += "%"
            at += 2
        elif slot := SPEC.match(text, at):
            # %m takes no argument of its own: errno's text, always told apart by its conversion
            number = 0 if slot[2] == "m" else int(slot[1] or 0) or (count := count + 1)
            args.append((number, slot[2]))
            fixed.append("")
            at = slot.end()
        else:
            fixed[-1] += text[at]
            at += 1
    return fixed, args


def escape(text):
    return text.replace("\\", "\\\\").replace("{", "\\{").replace("\n", "\\n").replace("\t", "\\t")


def template(fixed, kinds):
    out = escape(fixed[0])
    for piece, slot in zip(fixed[1:], kinds):
        out += "{" + slot + "}" + escape(piece)
    return out


def unescape(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text)


def parse_template(text):
    """A template of a pack -> (fixed pieces, kinds)."""
    parts = re.split(r"(?<!\\)\{(\w+)\}", text)
    return [unescape(p) for p in parts[0::2]], parts[1::2]
