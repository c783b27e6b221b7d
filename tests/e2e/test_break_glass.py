"""Emergency access: wider by policy, told at once, in every record, and on a list until somebody else has looked at it."""
import json, os, subprocess

import psycopg, yaml

import clinic, world
from throwaway.process import Failed
from throwaway.proxy import binary
from world import ALDER, BIRCH, Case, here

REASON = "-c pgward.reason=transfer"


def policy_with_emergency(home):
    policy = yaml.safe_load(clinic.POLICY.read_text())
    policy["roles"] |= {
        "desk": {"may": ["select"], "columns": {"patients": {"ssn": {"mask": "last4"}, "notes": "refuse"}}},
        "emergency": {"may": ["select", "update"], "break_glass": {
            "max_minutes": 30, "reasons": ["transfer", "code-blue"], "for": ["desk"], "sign_off": ["officer"]}},
        "officer": {"may": ["select"], "columns": {"patients": {"ssn": "refuse"}}}}
    file = home / "emergency.policy.yaml"
    file.write_text(yaml.safe_dump(policy, sort_keys=False))
    return file


class BreakGlass(Case):
    @classmethod
    def setUpClass(cls):
        cls.proxy = here().new_proxy()
        home = cls.proxy.home
        cls.told = home / "told.jsonl"
        pager = home / "pager"
        pager.write_text(f"#!/bin/sh\n[ -e {home}/broken ] && exit 1\ncat >> {cls.told}\nenv > {home}/pager.env\nls /proc/self/fd > {home}/pager.fds\n")
        pager.chmod(0o755)
        cls.proxy.write_config(cls.proxy.config | {"policy": str(policy_with_emergency(home)), "alerts": {"command": [str(pager)]}})
        cls.proxy.start()

    @classmethod
    def tearDownClass(cls):
        cls.proxy.stop()

    def password(self, subject, role="desk", of=ALDER):
        return self.proxy.token(of.claims, role=role, subject=subject)

    def connect(self, user="emergency", subject="nurse@alder.test", role="desk", options=REASON, of=ALDER):
        return psycopg.connect(**self.proxy.conninfo(self.password(subject, role, of), user=user), options=options, autocommit=True)

    def listed(self, *more):
        return {one["id"]: one for one in json.loads(self.proxy.run("break-glass", "list", "--config", self.proxy.config_file, "--json", *more))}

    def sign_off(self, id, subject="officer@alder.test", role="officer", of=ALDER):
        settings = self.proxy.conninfo(None, user=role)
        conninfo = psycopg.conninfo.make_conninfo(**{k: v for k, v in settings.items() if v is not None})
        env = os.environ | {"PGPASSWORD": self.password(subject, role, of)}
        done = subprocess.run([binary(), "break-glass", "sign-off", id, "--connect", conninfo], env=env, capture_output=True, text=True, timeout=30)
        return done.returncode == 0, done.stdout + done.stderr

    def test_what_is_wider_is_what_the_policy_says_and_no_other_clinic(self):
        with self.connect("desk", options="") as c:
            with self.refused("42501"):
                c.execute("SELECT notes FROM patients")
            self.assertTrue(c.execute("SELECT min(ssn) FROM patients").fetchone()[0].startswith("***"))
        with self.connect() as c:
            self.assertFalse(c.execute("SELECT min(ssn) FROM patients").fetchone()[0].startswith("***"))
            c.execute("SELECT notes FROM patients LIMIT 1")
            self.assert_bound(c)
            with self.refused("42501"):
                c.execute("DELETE FROM patients")
            with self.refused("42501"):
                c.execute(f"SET app.tenant_id = '{BIRCH.tenant_id}'")

    def test_errors_are_scrubbed_and_everything_is_recorded_under_its_id(self):
        with self.connect() as c:
            name = c.execute("SELECT first_name FROM patients LIMIT 1").fetchone()[0]
            id = c.execute("SHOW pgward.break_glass").fetchone()[0]
            with self.refused("22P02") as caught:
                c.execute("SELECT first_name::int FROM patients")
            self.assertNotIn(name, world.all_text(caught.error))
            session = c.execute("SHOW pgward.session").fetchone()[0]
            self.assertEqual(json.loads(c.execute("SHOW pgward.identity").fetchone()[0])["break_glass"], id)
        mine = world.eventually(lambda: (r := [r for r in world.records(self.proxy.audit) if r.get("session") == session]) and r[-1]["type"] == "session.close" and r)
        self.assertTrue({"session.open", "break_glass.open", "stmt.read", "session.close"} <= {r["type"] for r in mine})
        self.assertEqual({r.get("break_glass") for r in mine}, {id})

    def test_people_are_told_at_once_and_get_nothing_else(self):
        with self.connect() as c:
            id = c.execute("SHOW pgward.break_glass").fetchone()[0]
            lines = world.eventually(lambda: self.told.exists() and (t := self.told.read_text()) and id in t and t.splitlines())
        alert = [one for one in map(json.loads, lines) if one["break_glass"] == id][0]
        self.assertEqual((alert["type"], alert["reason"], alert["actor"]["sub"]), ("break_glass.open", "transfer", "nurse@alder.test"))
        self.assertTrue(world.eventually(lambda: [r for r in world.records(self.proxy.audit, "alert.sent") if r["about"] == id]))
        self.assertNotIn("PASSWORD", (self.proxy.home / "pager.env").read_text().upper())
        self.assertLessEqual(len((self.proxy.home / "pager.fds").read_text().split()), 4)

    def test_a_pager_that_fails_is_recorded_and_stops_nobody(self):
        (self.proxy.home / "broken").touch()
        self.addCleanup((self.proxy.home / "broken").unlink)
        with self.connect() as c:
            id = c.execute("SHOW pgward.break_glass").fetchone()[0]
        self.assertTrue(world.eventually(lambda: [r for r in world.records(self.proxy.audit, "alert.failed") if r["about"] == id]))

    def test_a_pager_that_hangs_is_killed_with_what_it_started_and_nobody_waits(self):
        proxy = here().new_proxy()
        home = proxy.home
        pager = home / "pager"
        pager.write_text(f"#!/bin/sh\nsleep 1234 & echo $! > {home}/child\necho $$ > {home}/pid\nwait\n")
        pager.chmod(0o755)
        proxy.write_config(proxy.config | {"policy": str(policy_with_emergency(home)), "alerts": {"command": [str(pager)], "timeout": "1s"}})
        proxy.start()
        self.addCleanup(proxy.stop)
        password = proxy.token(ALDER.claims, role="desk", subject="nurse@alder.test")
        with psycopg.connect(**proxy.conninfo(password, user="emergency"), options=REASON, autocommit=True) as c:
            self.assertTrue(world.eventually((home / "pid").exists))
            self.assert_bound(c)
            self.assertTrue(world.eventually(lambda: world.records(proxy.audit, "alert.failed")))
        for name in ("child", "pid"):
            self.assertTrue(world.eventually(lambda: not os.path.exists(f"/proc/{(home / name).read_text().strip()}")), name)

    def test_without_a_reason_of_the_policy_nobody_gets_it(self):
        for options in ("", "-c pgward.reason=curiosity", "-c pgward.reason="):
            with self.subTest(options), self.assertRaisesRegex(psycopg.OperationalError, "needs a reason"):
                self.connect(options=options)
        with self.assertRaisesRegex(psycopg.OperationalError, "several roles|does not|holds"):
            self.connect(role=["officer", "reader"], options="")

    def test_it_stays_listed_through_a_crash_until_somebody_else_signs_it_off(self):
        with self.connect() as c:
            id = c.execute("SHOW pgward.break_glass").fetchone()[0]
            self.assertEqual(self.listed()[id]["state"], "open")
            self.proxy.kill()
            self.proxy.start()
        still = self.listed()[id]
        self.assertEqual((still["subject"], still["reason"], still["role"]), ("nurse@alder.test", "transfer", "emergency"))
        self.assertNotIn("closed", still)
        for who in ({"subject": "nurse@alder.test"}, {"role": "desk"}, {"of": BIRCH}):
            signed, said = self.sign_off(id, **who)
            self.assertFalse(signed, who)
            self.assertIn("cannot sign off", said)
        self.assertIn(id, self.listed())
        self.assertTrue(world.eventually(lambda: self.sign_off(id)[0]))
        self.assertNotIn(id, self.listed())
        one = self.listed("--all")[id]
        self.assertEqual((one["state"], one["signed"]["by"]), ("signed", "officer@alder.test"))
        self.assertIn("intact", self.proxy.run("audit", "verify", self.proxy.audit))

    def test_a_list_is_for_people_too(self):
        with self.connect() as c:
            id = c.execute("SHOW pgward.break_glass").fetchone()[0]
        self.assertTrue(world.eventually(lambda: self.listed()[id]["state"] == "unreviewed"))
        self.assertRegex(self.proxy.run("break-glass", "list", self.proxy.audit), f"{id}  unreviewed  nurse@alder.test as emergency, transfer")
        with self.assertRaises(Failed):
            self.proxy.run("break-glass", "list", self.proxy.home)

    def test_a_command_that_cannot_be_run_is_a_mistake(self):
        for command in (["pager"], ["/nowhere/pager"], []):
            proxy = here().new_proxy(base={"alerts": {"command": command}})
            with self.subTest(command), self.assertRaises(Failed):
                proxy.run("check", "--config", proxy.config_file, "--offline")
