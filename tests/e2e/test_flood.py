"""A flood of handshakes: those who are in go on being served, because no more of it gets in than the limit says.

Counted, not timed: how many handshakes pgward did at all, and that every statement of those who are in was answered."""
import contextlib, socket, ssl, threading, time

from throwaway.wire import SSL_REQUEST
from world import Case, connect, here

PER_SECOND, SECONDS, FLOODERS = 20, 4, 6


class Flood:
    """Threads that connect, ask for TLS and shake hands, again and again."""

    def __init__(self, proxy):
        self.address, self.stopped = (proxy.host, proxy.port), threading.Event()
        self.tried = self.shaken = self.turned_away = 0
        self.lock = threading.Lock()
        self.context = ssl.create_default_context(cafile=str(proxy.ca))

    def __enter__(self):
        self.began = time.monotonic()
        self.threads = [threading.Thread(target=self.work) for _ in range(FLOODERS)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.stopped.set()
        for thread in self.threads:
            thread.join()
        self.took = time.monotonic() - self.began

    def work(self):
        while not self.stopped.is_set():
            outcome = self.one()
            with self.lock:
                self.tried += 1
                self.shaken += outcome == b"S"
                self.turned_away += outcome != b"S"

    def one(self):
        with contextlib.suppress(OSError), socket.create_connection(self.address, timeout=20) as s:
            s.sendall(SSL_REQUEST)
            answer = s.recv(1)
            if answer == b"S":
                with contextlib.suppress(OSError, ssl.SSLError):
                    self.context.wrap_socket(s, server_hostname=self.address[0]).close()
            return answer
        return b""


class Floods(Case):
    def test_those_who_are_in_go_on(self):
        proxy = here().new_proxy(base={"threads": 1, "limits": {"new_connections_per_second": PER_SECOND}}).start()
        self.addCleanup(proxy.stop)
        with connect(proxy=proxy) as c:
            answered = 0
            with Flood(proxy) as flood:
                while time.monotonic() - flood.began < SECONDS:
                    self.assertEqual(c.execute("SELECT count(*) FROM patients").fetchone(), (60,))
                    answered += 1
            self.assert_bound(c)
        # A bucket that is full at the beginning, and what runs into it while the flood lasts.
        self.assertLessEqual(flood.shaken, PER_SECOND * (flood.took + 1) + 1, vars(flood))
        self.assertGreater(flood.turned_away, flood.shaken, "it was no flood")
        # One thread serves both: had each of the flood its handshake, a statement would wait for a dozen of them.
        self.assertGreater(answered, 20)

    def test_afterwards_everybody_gets_in_again(self):
        proxy = here().new_proxy(base={"limits": {"new_connections_per_second": 5}}).start()
        self.addCleanup(proxy.stop)
        with Flood(proxy) as flood:
            time.sleep(0.5)
        self.assertGreater(flood.turned_away, 0)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(Exception), connect(proxy=proxy) as c:
                self.assert_bound(c)
                return
        self.fail("nobody got in any more")
