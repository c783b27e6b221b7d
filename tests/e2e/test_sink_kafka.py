"""The trail delivered to a topic: librdkafka's mock cluster."""
import json, os, pathlib, subprocess, unittest

from test_sinks import CANARIES, Sunk
from world import eventually

MOCK = pathlib.Path(os.environ.get("PGWARD_BIN", "")).parent.parent / "tests" / "sinks" / "kafka_mock"


class KafkaMock:
    def __init__(self):
        self.process = subprocess.Popen([MOCK, "audit"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.brokers = self.process.stdout.readline().strip()

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        if line != "dump":
            return self.process.stdout.readline()
        return [json.loads(one) for one in iter(self.process.stdout.readline, "\n")]

    def numbers(self):
        return [(m["headers"]["log"], int(m["headers"]["seq"])) for m in self.say("dump")]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


@unittest.skipUnless(MOCK.exists(), "kafka_mock was not built")
class Kafka(Sunk):
    def setUp(self):
        super().setUp()
        self.cluster = KafkaMock()
        self.addCleanup(self.cluster.stop)
        self.deliver_to({"name": "stream", "kind": "kafka", "brokers": [self.cluster.brokers], "topic": "audit", "tls": False})

    def test_all_of_it_over_kills(self):
        self.killed_in_the_middle(self.cluster.numbers)
        messages = self.cluster.say("dump")
        for message in messages:
            event = json.loads(message["value"])
            self.assertEqual(message["key"], event.get("session", event["log"]))
            self.assertEqual(message["headers"]["type"], event["type"])
        for canary in CANARIES:
            self.assertNotIn(canary, json.dumps(messages))

    def test_a_broker_that_goes_and_comes_back(self):
        self.proxy.start()
        self.statements()
        self.assert_arrived(self.cluster.numbers)
        self.cluster.say("down")
        self.statements()
        self.assertTrue(eventually(lambda: self.metric("up", "stream") == 0, 30))
        self.assertGreater(self.metric("lag_records", "stream"), 20)
        self.cluster.say("up")
        self.assert_arrived(self.cluster.numbers, 60)
        self.cluster.say("fail 3")
        self.statements()
        self.assert_arrived(self.cluster.numbers, 60)
