"""differential [--statements N] [--seed S] [--schemas N]

Prints the seed first; --seed repeats a run. Exit status 1 when a statement came out differently.
"""
import argparse, secrets, sys, time

from differential.compare import Comparison
from throwaway import Stage
from throwaway.process import Failed


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/differential", description=__doc__.split("\n\n")[1])
    parser.add_argument("--statements", type=int, default=50_000, help="in all (default: %(default)s)")
    parser.add_argument("--schemas", type=int, help="random schemas (default: one for 5,000 statements)")
    parser.add_argument("--seed", default=str(secrets.randbelow(10**9)))
    parser.add_argument("-v", action="store_true", help="show refused statements too, one of each kind")
    return parser.parse_args()


def main():
    options = arguments()
    schemas = options.schemas or max(1, options.statements // 5_000)
    print(f"seed {options.seed}, {options.statements} statements over {schemas} schemas", flush=True)
    started, total, failed = time.monotonic(), {}, 0
    with Stage() as stage:
        cluster = stage.cluster()
        for n in range(schemas):
            with Comparison(stage, cluster, f"{options.seed}/{n}", number=n) as comparison:
                comparison.run(options.statements // schemas)
                failed += len(comparison.differences)
                for text in comparison.differences:
                    print(text, flush=True)
                print(f"  schema {n}: {sum(comparison.counts.values())} statements, {len(comparison.differences)} differences", flush=True)
                if options.v:
                    comparison.show_refused()
                for key, count in comparison.counts.items():
                    total[key] = total.get(key, 0) + count
    print(f"{time.monotonic() - started:.0f} s: " + ", ".join(f"{k} {v}" for k, v in sorted(total.items(), key=lambda i: -i[1])))
    print(f"{sum(total.values()) - failed} passed, {failed} failed")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(f"differential: {error}")
