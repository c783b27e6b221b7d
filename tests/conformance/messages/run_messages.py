"""Message by message: every case on every side, whole and cut into single bytes, the answers compared byte by byte."""
import cases_drivers, cases_edges, cases_extended, cases_login, cases_settings, cases_simple
import recorder

GROUPS = cases_simple.GROUPS | cases_extended.GROUPS | cases_settings.GROUPS | cases_edges.GROUPS | cases_drivers.GROUPS
# Data is taken out of the words of errors on purpose: what programs branch on is compared (severity, SQLSTATE,
# position, and the place in the server's source), and the words only for the count.
WORDS = "MDHWqstcdn"


def comparable(heard):
    return [(kind, tuple((c, v) for c, v in body.items() if c not in WORDS)) if isinstance(body, dict) else (kind, body)
            for kind, body in heard]


def first_difference(a, b):
    return next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))


def verdict(direct, through):
    """(same | scrubbed | refused | differs, direct's message, the other's message). Scrubbed: same but for words.

    Refused: an error in pgward's own words stands where the server said something else.
    """
    if direct == through:
        return "same", "", ""
    a, b = comparable(direct), comparable(through)
    if a == b:
        return "scrubbed", "", ""
    at = first_difference(a, b)
    here, there = (heard[at] if at < len(heard) else ("nothing", b"") for heard in (direct, through))
    own = there[0] == "E" and "R" not in there[1]
    return "refused" if own else "differs", shown(here), shown(there)


def shown(message):
    kind, body = message
    if isinstance(body, dict):
        return f"{kind} {body.get('S')} {body.get('C')} {body.get('M')}"
    return f"{kind} {body!r}"[:160]


def names(patterns, short):
    """(name, how it is played) of every case asked for."""
    for group, cases in GROUPS.items():
        for case in cases if group != "large" or not short else ():
            yield f"message/{group}/{case.name}", lambda side, case=case: recorder.play(side, case)
            if group != "large" and not short:
                yield (f"message/{group}/{case.name}, byte by byte",
                       lambda side, case=case: recorder.play(side, case, bytewise=True))
    for name, parameters in cases_login.LOGINS.items():
        yield f"message/login/{name}", lambda side, p=parameters: recorder.log_in(side, p)
    for name, arguments in cases_login.OTHER_LOGINS.items():
        yield f"message/login/{name}", lambda side, a=arguments: recorder.log_in(side, **({"parameters": {}} | a))


def play_all(side, patterns=(), short=False):
    """{name: what was heard}."""
    wanted = ((n, play) for n, play in names(patterns, short) if not patterns or any(p in n for p in patterns))
    return {name: play(side) for name, play in wanted}
