"""node-postgres, as an application would use it: the checks are JavaScript, one file a topic."""
import os, pathlib, shutil, subprocess

import world
from world import ALDER, BIRCH, Case, here

FOLDER = pathlib.Path(__file__).parent / "node"


class NodePostgres(Case):
    def run_file(self, name):
        self.assertTrue(shutil.which("node"), "scripts/bootstrap installs Node")
        # From node_modules beside the files (npm ci, as scripts/test does it), else Debian's package node-pg.
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "PGHOST": here().proxy.host, "PGPORT": str(here().proxy.port), "PGUSER": "clinician", "PGDATABASE": "ehr",
            "NODE_PATH": "/usr/share/nodejs", "CA_FILE": str(here().proxy.ca), "TOKEN": world.token(ALDER), "MARK": ALDER.mark,
            "OTHER_TOKEN": world.token(BIRCH), "OTHER_MARK": BIRCH.mark, "OTHER_TENANT": BIRCH.tenant_id,
            "PER_CLINIC": str(world.PER_CLINIC)}
        done = subprocess.run(["node", FOLDER / name], env=env, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_isolation(self):
        self.run_file("isolation.js")

    def test_errors(self):
        self.run_file("errors.js")
