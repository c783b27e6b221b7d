"""Adds up a test run: count_tests.py RESULTS SUITE...

RESULTS holds ctest.SUITE.xml (one entry a program) and, for programs that count their cases themselves,
PROGRAM.xml. Whatever a program counted, if CTest calls it failed there is at least one failure.
"""
import pathlib, sys
import xml.etree.ElementTree as xml


def cases(path):
    """(passed, failed) of a JUnit-like file."""
    root = xml.parse(path).getroot()
    total, failed, skipped = (sum(int(root.get(a) or 0) for a in names) for names in
                              (("tests",), ("failures", "errors"), ("disabled", "skipped")))
    return total - failed - skipped, failed


def program(entry, results):
    own = results / f"{entry.get('name')}.xml"
    ok = entry.get("status") == "run"
    try:
        passed, failed = cases(own)
    except (OSError, xml.ParseError):
        return (1, 0) if ok else (0, 1)
    return passed, failed if ok else max(failed, 1)


def main():
    results, passed, failed = pathlib.Path(sys.argv[1]), 0, 0
    for suite in sys.argv[2:]:
        try:
            entries = xml.parse(results / f"ctest.{suite}.xml").getroot().findall("testcase")
        except (OSError, xml.ParseError):
            entries = []
        if not entries:
            print(f"{suite}: no test ran")
            failed += 1
        for entry in entries:
            p, f = program(entry, results)
            passed, failed = passed + p, failed + f
            if f:
                print(f"{suite}: {entry.get('name')}: {f} failed")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
