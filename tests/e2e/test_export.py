"""pgward audit export: every form of a real trail against what its specification demands."""
import csv, io, json, os, pathlib, re, shutil, subprocess

from throwaway.proxy import binary
from test_sinks import CANARIES, Sunk
from world import eventually, records

NODE = pathlib.Path(__file__).parent / "node"  # npm ci, as scripts/test does it

# OCSF 1.3.0, field by field: what a class requires beside what all of them do, and one of which it wants.
EVERY_CLASS = {"activity_id": int, "category_uid": int, "class_uid": int, "metadata": dict, "severity_id": int, "time": int, "type_uid": int}
CLASSES = {6005: (6, {"actor": dict, "src_endpoint": dict}, ("database", "databucket", "table"), {0, 1, 2, 3, 4, 5, 6, 7, 8, 99}),
           3002: (3, {"user": dict}, ("service", "dst_endpoint"), {0, 1, 2, 3, 4, 5, 99}),
           6002: (6, {"app": dict}, (), {0, 1, 2, 3, 4, 99})}
ENDPOINT = ("ip", "uid", "name", "hostname", "svc_name")


class Export(Sunk):
    def setUp(self):
        super().setUp()
        self.proxy.start()
        self.statements(5)
        self.proxy.stop()

    def export(self, form, *more):
        done = subprocess.run([binary(), "audit", "export", self.proxy.audit, "--format", form, *more], capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = done.stdout.decode()
        for canary in CANARIES:
            self.assertNotIn(canary, text)
        return text

    def test_json_is_the_trail_completed(self):
        lines = [json.loads(line) for line in self.export("json").splitlines()]
        stored = records(self.proxy.audit)
        self.assertEqual([e["seq"] for e in lines][:len(stored)], [r["seq"] for r in stored][:len(lines)])
        for event, record in zip(lines, stored):
            self.assertEqual({k: event[k] for k in record}, record, "what stands there stays as it is")
            self.assertTrue(event["type"].startswith(("log.", "trail.")) or "actor" in event, event)

    def test_ocsf(self):
        for line in self.export("ocsf").splitlines():
            event = json.loads(line)
            category, wanted, one_of, activities = CLASSES[event["class_uid"]]
            for name, kind in (EVERY_CLASS | wanted).items():
                self.assertIs(type(event[name]), kind, (name, event))
            self.assertEqual(event["category_uid"], category)
            self.assertIn(event["activity_id"], activities)
            self.assertEqual(event["type_uid"], event["class_uid"] * 100 + event["activity_id"])
            self.assertIn(event["severity_id"], range(0, 7))
            self.assertIn(event["status_id"], (0, 1, 2, 99))
            self.assertEqual(event["metadata"]["version"], "1.3.0")
            self.assertTrue(event["metadata"]["product"]["vendor_name"])
            if one_of:
                self.assertTrue(any(name in event for name in one_of))
            for end in ("src_endpoint", "dst_endpoint"):
                self.assertTrue(end not in event or any(name in event[end] for name in ENDPOINT))
            for user in filter(None, (event.get("user"), event.get("actor", {}).get("user"))):
                self.assertTrue(user.get("name") or user.get("uid"))
            if "database" in event:
                self.assertEqual(event["database"]["type_id"], 1)
            if "query_info" in event:
                self.assertRegex(event["query_info"]["query_string"], "^sha256:[0-9a-f]{64}$")

    def assert_coded(self, coding):
        self.assertRegex(coding["system"], r"^http")
        self.assertRegex(coding["code"], r"^\S+$")

    def test_fhir(self):
        events = [json.loads(line) for line in self.export("fhir").splitlines()]
        self.assertEqual(len({e["id"] for e in events}), len(events))
        for event in events:
            self.assertEqual(event["resourceType"], "AuditEvent")
            self.assertRegex(event["id"], r"^[A-Za-z0-9\-.]{1,64}$")
            self.assertRegex(event["recorded"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")
            self.assertIn(event["action"], "CRUDE")
            self.assertIn(event.get("outcome", "0"), ("0", "4", "8", "12"))
            for coding in [event["type"], *event.get("subtype", []), *event["source"]["type"]]:
                self.assert_coded(coding)
            self.assertTrue(event["source"]["observer"])
            for agent in event["agent"]:
                self.assertIs(type(agent["requestor"]), bool)
                self.assertTrue(agent["who"]["identifier"]["value"])
            profile = event.get("meta", {}).get("profile", [""])[0].rpartition(".")[2]
            if profile:
                self.assert_balp(profile, event)
        self.assertTrue(any("Update" in e.get("meta", {}).get("profile", [""])[0] for e in events), "changes claim their profile")
        if (NODE / "node_modules" / "@asymmetrik").exists():
            done = subprocess.run(["node", NODE / "fhir.js"], input="\n".join(map(json.dumps, events)), capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (0, f"{len(events)} checked\n"), done.stderr)

    def assert_balp(self, profile, event):
        """IHE BALP 1.1: agents by type, entities by type and role."""
        agents = {a["type"]["coding"][0]["code"]: a for a in event["agent"]}
        client, server, user = {"Read": ("110152", "110153", "IRCP"), "Query": ("110153", "110152", "IRCP"), "Delete": ("110150", "custodian", "AUT")}.get(
            profile.removeprefix("Patient"), ("110153", "110152", "AUT"))
        for of in (client, server):
            self.assertTrue(agents[of]["network"]["address"])
        self.assertTrue(agents[user]["requestor"])
        self.assertNotIn("network", agents[user])
        self.assertEqual(event["outcome"], "0")
        self.assertEqual(event["type"]["code"], "rest")
        objects = [e for e in event["entity"] if e["type"]["code"] == "2"]
        people = [e for e in event["entity"] if e["type"]["code"] == "1"]
        self.assertEqual(len(objects), 1)
        self.assertEqual(len(people), 1 if profile.startswith("Patient") else 0)
        if profile.endswith("Query"):
            self.assertIn("query", objects[0])
            self.assertNotIn("what", objects[0])
        else:
            self.assertEqual(objects[0]["role"]["code"], "4")
            self.assertTrue(objects[0]["what"]["identifier"]["value"])

    def test_csv(self):
        text = self.export("csv")
        self.assertEqual(text.count("\r\n"), text.count("\n"))
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
        self.assertGreater(len(rows), 10)
        for row in rows:
            self.assertNotIn(None, row)
            for value in row.values():
                self.assertFalse(re.match(r"[=+\-@\t\r]", value), row)
        self.assertTrue(any(row["type"] == "stmt.intent" and "U:public.patients" in row["tables"] for row in rows))

    def test_only_what_is_asked_for(self):
        self.assertEqual({json.loads(line)["type"] for line in self.export("json", "--type", "session").splitlines()}, {"session.open", "session.close"})
        self.assertEqual(self.export("json", "--from", "2200-01-01"), "")
        self.assertTrue(self.export("json", "--from", "2020-01-01", "--to", "2200-01-01"))
        self.assertNotEqual(subprocess.run([binary(), "audit", "export", self.proxy.audit, "--from", "yesterday"], capture_output=True).returncode, 0)

    def test_that_it_was_read_is_told(self):
        self.export("csv", "--type", "auth")
        told = [json.loads(f.read_text()) for f in (self.proxy.audit / "inbox").glob("*.json")]
        self.assertTrue(any(t["type"] == "trail.read" and t["command"] == "export --format csv" and t["types"] == ["auth"] and t["uid"] == os.getuid() for t in told), told)
        copy = shutil.copytree(self.proxy.audit, self.place / "copy")
        shutil.rmtree(copy / "inbox")
        (copy / "inbox").write_text("not a folder")
        refused = subprocess.run([binary(), "audit", "export", copy], capture_output=True, text=True)
        self.assertEqual((refused.returncode, refused.stdout), (2, ""))
        self.assertIn("--unrecorded", refused.stderr)
        done = subprocess.run([binary(), "audit", "export", copy, "--unrecorded"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0)
        self.assertIn("is not recorded", done.stderr)
        self.assertTrue(eventually(lambda: done.stdout))
