"""The checker of COPY data against a server: what it lets through, the server reads in the same way."""
import os, pathlib, subprocess, unittest

import world
from world import Case


class Rows(Case):
    def test_checker_and_server_read_the_same(self):
        program = pathlib.Path(os.environ.get("PGWARD_BIN", "")).parents[1] / "tests/policy/copy_server_test"
        if not program.exists():
            raise unittest.SkipTest(f"{program} is not built")
        env = os.environ | {"PGWARD_TEST_UPSTREAM": world.here().cluster.conninfo()}
        env.pop("GTEST_OUTPUT", None)
        done = subprocess.run([program], env=env, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:])
