"""LISTEN and NOTIFY reach the sessions of one tenant, under the names that these use."""
import clinic
import world
from throwaway.proxy import policy_with_mode
from world import ALDER, BIRCH, Case


class Channels(Case):
    @classmethod
    def setUpClass(cls):
        policy = policy_with_mode(clinic.POLICY, "rls+predicate", world.here().stage.home)
        policy.write_text(policy.read_text() + "  worker: {may: [select, listen]}\n")
        cls.proxy = world.here().new_proxy(policy=policy).start()
        cls.addClassCleanup(cls.proxy.stop)

    def connect(self, of=ALDER):
        return world.connect(of, role="worker", proxy=self.proxy)

    def test_within_the_tenant_and_no_further(self):
        sql = "NOTIFY jobs, 'of alder'"
        with self.connect() as listener, self.connect() as sender, self.connect(BIRCH) as other:
            heard, heard_by_other = [], []
            listener.add_notify_handler(heard.append)
            other.add_notify_handler(heard_by_other.append)
            listener.execute("LISTEN Jobs")
            other.execute('LISTEN "jobs"')
            other.execute("NOTIFY jobs, 'of birch'")
            with world.direct() as direct:
                direct.execute("NOTIFY jobs, 'of the server'")
            sender.execute("NOTIFY elsewhere, 'x'")
            sender.execute(sql)
            # The server hands them out in order: with the last one here, all are.
            self.assertTrue(world.eventually(lambda: listener.execute("SELECT 1") and heard))
            self.assertTrue(world.eventually(lambda: other.execute("SELECT 1") and heard_by_other))
            self.assertEqual([(n.channel, n.payload, n.pid) for n in heard], [("jobs", "of alder", sender.info.backend_pid)])
            self.assertEqual([(n.channel, n.payload) for n in heard_by_other], [("jobs", "of birch")])
            listener.execute("UNLISTEN *")
        self.assertEqual([r["op"] for r in world.recorded(sql, self.proxy.audit)], ["NOTIFY"])

    def test_for_roles_that_may(self):
        with world.connect() as c:
            for sql in ("LISTEN jobs", "NOTIFY jobs"):
                with self.subTest(sql), self.refused("42501"):
                    c.execute(sql)
            c.execute("UNLISTEN *")
        with self.connect() as c, self.refused("42501"):
            c.execute("SELECT pg_notify('jobs', 'x')")
