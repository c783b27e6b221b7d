"""scripts/shapes [--orm N] [--seed S] [--regress [FILE ..]] [-v]

Plans statements shaped like what ORMs print, and those of PostgreSQL's own regression suite, in both modes, and lists the
refused ones by reason. Each is planned twice, found again in the cache by its text and by its shape, parsed again once it is
rewritten, and looked through by another reader for relations without a predicate (tests/policy/every_way.h).
Exit status 1 when one of these does not hold or the program ended.
"""
import argparse, secrets, sys, time

from shapes import run
from throwaway.process import Failed


def main():
    parser = argparse.ArgumentParser(prog="scripts/shapes", description=__doc__.split("\n\n", 1)[1], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orm", type=int, default=60_000, help="how many like ORMs' (default: %(default)s)")
    parser.add_argument("--seed", default=str(secrets.randbelow(10**9)))
    parser.add_argument("--regress", nargs="*", metavar="FILE", help="the regression suite, or these files of it; needs its sources (scripts/conformance --install)")
    parser.add_argument("-v", type=int, default=0, metavar="N", help="show N statements for each reason")
    options = parser.parse_args()
    failed = 0
    for name, wanted in (("like ORMs", options.orm), ("PostgreSQL's regression suite", options.regress is not None)):
        if not wanted:
            continue
        started, report = time.monotonic(), run.Report(run.program())
        print(f"{name}" + (f", seed {options.seed}" if name == "like ORMs" else ""), flush=True)
        if name == "like ORMs":
            run.orm(report, options.orm, options.seed)
        else:
            run.suite(report, [f"regress/{f}" for f in options.regress])
        report.show(options.v)
        print(f"{time.monotonic() - started:.0f} s", flush=True)
        failed += len(report.wrong) + (report.total == 0)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(f"shapes: {error}")
