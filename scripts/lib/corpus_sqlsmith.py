"""Random queries of sqlsmith, and what their replay says.

sqlsmith calls any function and reads any relation that it finds. The policy opens neither all functions nor the statistics
views of extensions, so some of its queries are refused; the replay calls each of these OVER-BLOCKED. They are counted by what
was refused, so that a person can judge whether a policy would want it. Names and numbers of a session differ between two
servers' sessions by right. An error about a value that comes only through pgward is asked for where the tenant is alone
(corpus_alone.py). Anything else that is not right fails the run.
"""
import collections, re, shutil, subprocess, sys

from throwaway.process import Failed

REFUSED = re.compile(r"^OVER-BLOCKED .*?\('(?:42501|0A000)', 'ERROR', [\"'](.*?)[\"']\)\]")
# Of values (class 22), and of what a session has or has not done yet: SQLSTATE and the query's first characters.
VALUE = re.compile(r"^OVER-BLOCKED .*?\('(22...|55000)', 'ERROR', .*?\)\] (.*)$")

OF_A_SESSION = re.compile(r"pg_backend_pid|current_user|session_user|getpgusername|inet_(client|server)_(addr|port)|"
                          r"pg_my_temp_schema|pg_current_xact_id|txid_current|current_database|lastval|current_query")


def queries(oracle, count, seed, directory, env):
    """The file of the queries. sqlsmith runs each on the oracle, where it learns what fails, and rolls it back."""
    if not shutil.which("sqlsmith"):
        raise Failed("no sqlsmith: Debian has it in the package of that name")
    made = directory / f"sqlsmith-{seed}.sql"
    with open(made, "wb") as file, open(directory / "sqlsmith.log", "ab") as log:
        subprocess.run(["sqlsmith", f"--target={oracle}", "--exclude-catalog", "--dump-all-queries", f"--max-queries={count}",
                        f"--seed={seed}"], stdout=file, stderr=log, env=env)
    print(f"corpus: sqlsmith --seed={seed}: {made.stat().st_size:,} bytes of queries", file=sys.stderr)
    return made


def whole(file, beginning):
    """The query of which the replay shows the first characters."""
    for query in re.split(r";\s*\n", file.read_text(errors="replace")):
        if re.sub(r"\s+", " ", query.strip())[:400] == beginning:
            return query
    return beginning


def run(argv, env, file, alone):
    """1 when something leaked, came out wrong, hung, or was refused other than by policy."""
    refused, of_a_session, of_own_rows, wrong = collections.defaultdict(collections.Counter), 0, 0, 0
    with subprocess.Popen([str(a) for a in argv], env=env, stdout=subprocess.PIPE, text=True, errors="replace") as child:
        for line in child.stdout:
            found = REFUSED.match(line)
            if found:
                what, _, which = found[1].partition(": ")
                refused[what].update([which])
                continue
            if line.startswith("WRONG RESULT") and OF_A_SESSION.search(line):
                of_a_session += 1
                continue
            value = VALUE.match(line)
            if value and alone.explains(value[1], whole(file, value[2])):
                of_own_rows += 1
                continue
            wrong += bool(re.match(r"LEAK|CRASH/HANG|OVER-BLOCKED|WRONG RESULT", line))
            print(line, end="", flush=True)
    print(f"  {of_a_session:6} ask for something of their session")
    print(f"  {of_own_rows:6} fail on values of the tenant's own rows, as they do where it is alone")
    for what, which in sorted(refused.items(), key=lambda item: -item[1].total()):
        most = ", ".join(f"{name} {count}" for name, count in which.most_common(5) if name)
        print(f"  {which.total():6} refused: {what}{f' ({len(which)}: {most}, ..)' if most else ''}")
    # Its own status counts what the policy refused.
    return 1 if wrong or child.returncode not in (0, 1) else 0
