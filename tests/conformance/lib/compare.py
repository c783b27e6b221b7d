"""What is the same, and what differs: of texts that programs print. Every difference must be a listed one."""
import difflib, re

SEVERITY = re.compile(r"^(.*?\b(?:ERROR|NOTICE|WARNING|FATAL|INFO|LOG|DEBUG):  )([0-9A-Z]{5})?(.*)$")
# With the lines that a DETAIL goes on with: lists of objects.
ERROR_PARTS = re.compile(r"^((DETAIL|HINT|CONTEXT|QUERY|STATEMENT|error-text):|drop cascades to |owner of |privileges for )")
END_OF_ERROR = re.compile(r"^LOCATION:  ")


def ends(lines, n):
    """Whether the error above line n is closed by a LOCATION before the next one begins."""
    for after in lines[n:]:
        if END_OF_ERROR.match(after):
            return True
        if SEVERITY.match(after):
            return False
    return False


def mask_errors(text):
    """The text without the words of errors and notices: severity, SQLSTATE, position and routine stay.

    psql's VERBOSITY verbose closes each with a LOCATION line, so that words of several lines are known to end.
    """
    lines, kept, inside = text.split("\n"), [], False
    for n, line in enumerate(lines):
        if inside:
            inside = not END_OF_ERROR.match(line)
            # The statement's own line and the mark below it; marks that stand alone belong to the words.
            mark = re.match(r"^ +\^$", line) and re.match(r"^LINE \d+: ", lines[n - 1])
            if not inside or mark or re.match(r"^LINE \d+: ", line):
                kept.append(line)
            continue
        if match := SEVERITY.match(line):
            kept.append(match[1] + (match[2] or ""))
            inside = bool(match[2]) and ends(lines, n + 1)
        elif not ERROR_PARTS.match(line):
            kept.append(line)
    return "\n".join(kept)


def hunks(direct, through):
    """[(direct's lines, the other's lines)] where two texts part."""
    a, b = direct.split("\n"), through.split("\n")
    # Exact where it is cheap: quadratic in the lines that repeat.
    matcher = difflib.SequenceMatcher(a=a, b=b, autojunk=len(a) + len(b) > 4000)
    return [("\n".join(a[i:j]), "\n".join(b[k:m])) for what, i, j, k, m in matcher.get_opcodes() if what != "equal"]


def texts(direct, through):
    """(verdict, hunks): same, scrubbed (same but for the words of errors), or differs."""
    if direct == through:
        return "same", []
    a, b = mask_errors(direct), mask_errors(through)
    return ("scrubbed", []) if a == b else ("differs", hunks(a, b))
