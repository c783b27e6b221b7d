"""Starts throw-away contestants and measures them in one interleaved run; stops and removes everything at the end.

  compare                                  CPU, system calls, latency, COPY, connects, idle memory (sidebyside)
  compare --rounds 5 --clients 1,8,64      every option that is not listed below goes to the tool: sidebyside --help
  compare --instructions                   user instructions per query and per log-in, exact (instructions)
  compare --plain                          no TLS between client and proxy

Contestants, the first one is what ratios are against:
  pgbouncer      Debian's, session mode          pgward-empty   pgward that protects nothing
  pgward-full    predicates, audit, scrubbing    floor          a relay that does nothing (floor_relay.cpp)
  direct         the server itself

The proxies reach the server without TLS, and use one thread. The tools are looked for in ../shared/bench beside this
repository, or where PGWARD_BENCH_TOOLS says; without floor_relay.cpp there is no floor.
"""
import argparse, contextlib, os, shutil, subprocess, sys

from throwaway import Stage
from throwaway.process import Failed, as_user

import contestants, database, tools

# What the tool is told unless the caller says otherwise (the last of two counts). The tool's own defaults take an hour.
SIDEBYSIDE = ["--cases", "idle,query,syscalls,rows,churn,copy", "--protocols", "simple,prepared", "--clients", "1,8,64",
              "--rounds", "3", "--seconds", "1", "--idle", "250", "--scale", str(database.SCALE)]


def arguments():
    parser = argparse.ArgumentParser(prog="compare", usage="%(prog)s [options] [options of the tool]", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--instructions", action="store_true", help="count instructions under callgrind instead")
    parser.add_argument("--plain", action="store_true", help="clients without TLS")
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,...",
                        help="these contestants, in this order")
    parser.add_argument("--kinds", type=lambda text: text.split(","), default=["simple", "fixed", "prepared", "login"],
                        metavar="KIND,...", help="with --instructions: of simple, fixed (the same simple text again and "
                        "again), extended, prepared, login; default: all but extended")
    options, options.passed_on = parser.parse_known_args()
    return options


def entered(options):
    """The classes of those who take part, in order."""
    # The server is many processes, and no proxy: its instructions would say nothing.
    known = [n for n in contestants.ALL if not (options.instructions and n == "direct")]
    names = options.only or known
    if unknown := set(names) - set(known):
        raise Failed(f"unknown contestants: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    return [contestants.ALL[n] for n in names]


def run_tool(stage, argv, passwords, user=None):
    """To its end, its output as it comes; Ctrl-C reaches it too."""
    argv = [str(a) for a in argv]
    status = subprocess.run(argv, env=tools.environment(passwords, stage.home), **as_user(user)).returncode
    if status:
        print(f"compare: {os.path.basename(argv[0])} ended with {status}", file=sys.stderr)
    return status


def side_by_side(stage, cluster, options, classes):
    running = [c(stage, cluster, options.plain) for c in classes]
    with contextlib.ExitStack() as exits:
        for contestant in running:
            exits.callback(contestant.stop)
            contestant.start()
        return measure_running(stage, cluster, options, running)


def measure_running(stage, cluster, options, running):
    passwords = {c.password_variable: c.password for c in running}
    base = [tools.find("sidebyside"), *SIDEBYSIDE, "--db", database.NAME, "--backend-pid", cluster.process.pid]
    targets = [c.target() for c in running]
    status = run_tool(stage, [*base, *options.passed_on, *targets], passwords)
    given = options.passed_on
    simple = asked(given, "--cases", "query") and asked(given, "--protocols", "simple") and "--script" not in given
    if status or not simple:
        return status
    # pgbench -S in the simple protocol sends a new text for each key, which no cache of texts can know.
    print("\n## The same text again and again (simple protocol): what a cache of statements can do\n", flush=True)
    only_this = ["--cases", "query", "--protocols", "simple", "--script", database.fixed_key_script(stage)]
    return run_tool(stage, [*base, *without_json(given), *only_this, *targets], passwords)


def asked(arguments, option, word):
    """Whether the caller wants it; everything is wanted by default."""
    return option not in arguments or word in arguments[arguments.index(option) + 1].split(",")


def without_json(arguments):
    """The file of the first run is not to be written over."""
    out = list(arguments)
    if "--json" in out:
        out[out.index("--json") + 1] += ".fixed-key"
    return out


def instructions(stage, cluster, options, classes):
    ways = {"simple": ["--protocols", "simple"], "extended": ["--protocols", "extended"],
            "prepared": ["--protocols", "prepared"], "login": ["--login"],
            "fixed": ["--protocols", "simple", "--script", database.fixed_key_script(stage)]}
    if unknown := set(options.kinds) - set(ways):
        raise Failed(f"unknown kinds: {', '.join(sorted(unknown))}; known: {', '.join(ways)}")
    # Copied to where everybody may read it: callgrind writes its result as the user that the proxy runs as.
    tool = shutil.copy(tools.find("instructions"), stage.home)
    status = 0
    for kind in options.kinds:
        for contestant in (c(stage, cluster, options.plain) for c in classes):
            name = contestant.name + (" (fixed key)" if kind == "fixed" else "")
            argv = [tool, "--name", name, "--port", contestant.port, "--user", database.USER,
                    "--db", database.NAME, "--password", f"${contestant.password_variable}",
                    "--sslmode", contestant.sslmode, *ways[kind], *options.passed_on, "--", *contestant.command()]
            status |= run_tool(stage, argv, {contestant.password_variable: contestant.password}, contestant.runs_as)
    return status


def main():
    options = arguments()
    classes = entered(options)
    tools.find("instructions" if options.instructions else "sidebyside")  # before a minute of setting up
    with Stage() as stage:
        # The proxies, and what is still going away of the round before, of 64 clients or of the idle ones.
        cluster = stage.cluster(settings={"max_connections": "1200", "shared_buffers": "256MB"})
        database.fill(cluster)
        measure = instructions if options.instructions else side_by_side
        return measure(stage, cluster, options, classes)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, OSError) as error:
        sys.exit(f"compare: {error}")
