"""While the log cannot be written: `closed` stops everything, `closed-writes` lets reads go on, counts them and says so."""
import json

import psycopg

import kill_test, world
from world import Case, connect, eventually, here, records

READ = "SELECT mrn, last_name FROM patients WHERE id > -1"
CHANGE = "UPDATE patients SET notes = 'while the disk failed' WHERE id = 1"


class WhileTheDiskFails(Case):
    def proxy_in(self, mode):
        proxy = here().new_proxy()
        alert = proxy.home / "alert.sh"
        alert.write_text(f"#!/bin/sh\ncat >> {proxy.home}/alerts\n")
        alert.chmod(0o700)
        config = proxy.config
        config["audit"]["mode"] = mode
        config["alerts"] = {"command": [str(alert)]}
        proxy.write_config(config)
        self.disk = kill_test.Disk(proxy.home)
        proxy.start(env=self.disk.environment)
        self.addCleanup(proxy.stop)
        return proxy

    def break_disk(self, letter):
        with open(self.disk.mode, "r+") as f:
            f.write(letter)

    def down(self, proxy):
        """Until the log has noticed: a change is refused."""
        def refused():
            try:
                with connect(proxy=proxy) as c:
                    c.execute(CHANGE)
            except psycopg.Error as error:
                return error.sqlstate == "58030"
            return False
        self.assertTrue(eventually(refused))

    def test_closed_writes(self):
        for letter in "fws":
            with self.subTest(letter):
                proxy = self.proxy_in("closed-writes")
                with connect(proxy=proxy) as c:
                    expected = c.execute(READ).fetchall()
                self.break_disk(letter)
                self.down(proxy)
                with connect(proxy=proxy) as c:
                    for _ in range(7):
                        self.assertEqual(c.execute(READ).fetchall(), expected)
                    for sql in (CHANGE, f"WITH c AS ({CHANGE} RETURNING id) SELECT mrn FROM patients"):
                        with self.refused("58030"):
                            c.execute(sql)
                self.break_disk(".")
                restored = eventually(lambda: [r for r in records(proxy.audit, "log.restored") if "unrecorded_reads" in r])
                self.assertGreaterEqual(sum(r["unrecorded_reads"] for r in restored), 7)
                self.assertEqual(restored[0]["mode"], "closed-writes")
                with connect(proxy=proxy) as c:
                    c.execute(READ).fetchall()
                    c.execute(CHANGE)
                told = world.recorded(READ, proxy.audit)
                self.assertEqual(told[-1]["mode"], "closed-writes")
                self.assertTrue(all("tables" in r for r in told), "one leads to a record that was lost")
                alerts = [json.loads(line) for line in eventually(lambda: len((proxy.home / "alerts").read_text().splitlines()) == 2 and (proxy.home / "alerts").read_text()).splitlines()]
                self.assertEqual([a["type"] for a in alerts], ["log.degraded", "log.restored"])
                proxy.stop()

    def test_closed(self):
        proxy = self.proxy_in("closed")
        self.break_disk("w")
        self.down(proxy)
        with connect(proxy=proxy) as c:
            with self.refused("58030"):
                c.execute(READ)
        self.break_disk(".")
        self.assertTrue(eventually(lambda: records(proxy.audit, "log.degraded")))
        self.assertEqual([r["unrecorded_reads"] for r in records(proxy.audit, "log.restored") if r["unrecorded_reads"]], [])


class Transactions(Case):
    def told(self, *statements):
        c = connect()  # its context manager would commit
        session = c.execute("SHOW pgward.session").fetchone()[0]
        for sql in statements:
            c.execute(sql)
        c.close()
        eventually(lambda: [r for r in records(type="session.close") if r["session"] == session])
        return [(r["type"], r.get("outcome", ""), r["from"], r["through"]) for r in records() if r.get("session") == session and r["type"].startswith("tx.")]

    def test_commit(self):
        change = "UPDATE patients SET notes = notes WHERE mrn = 'none'"
        self.assertEqual(self.told("BEGIN", change, "SAVEPOINT s", change, "ROLLBACK TO s", "COMMIT"),
                         [("tx.undone", "", 5, 5), ("tx.commit", "", 3, 5), ("tx.end", "committed", 3, 4)])
        self.assertEqual(self.told("BEGIN", change, "ROLLBACK"), [("tx.end", "rolled_back", 3, 3)])
        self.assertEqual(self.told("BEGIN", change), [("tx.end", "rolled_back", 3, 3)])
        self.assertEqual(self.told(change), [])
