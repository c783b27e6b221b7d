"""A short run of scripts/differential, another one each time; the seed is in the output of a failure."""
import os, secrets

from differential.compare import Comparison
from world import Case, here

STATEMENTS = 900


class Differential(Case):
    def test_random_statements_against_row_level_security(self):
        seed = os.environ.get("PGWARD_SEED") or f"{secrets.randbelow(10**9)}/0"
        with Comparison(here().stage, here().cluster, seed) as comparison:
            comparison.run(STATEMENTS)
        print(f"differential: seed {seed}: {dict(comparison.counts)}", flush=True)
        self.assertEqual(comparison.differences, [])
        ran = sum(n for verdict, n in comparison.counts.items() if verdict.startswith("same rows"))
        self.assertGreater(ran, STATEMENTS * 0.6, f"seed {seed}: {comparison.counts}")
