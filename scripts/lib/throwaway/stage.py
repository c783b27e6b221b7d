"""The temporary directory that everything lives in, and the promise that it goes away."""
import contextlib, os, shutil, signal, tempfile
from pathlib import Path

from throwaway import certificates
from throwaway.cluster import Cluster
from throwaway.proxy import Proxy


class Stage:
    def __init__(self, keep=False):
        self.keep = keep
        self._exits = contextlib.ExitStack()
        self._proxies = 0

    def __enter__(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        # Short, because the server's socket lies in it (107 bytes at most); passable for the server's user.
        self.home = Path(tempfile.mkdtemp(prefix="pgward-", dir="/tmp"))
        self._exits.callback(shutil.rmtree, self.home, ignore_errors=True)
        self.home.chmod(0o711)
        certificates.make_authority(self.home)
        return self

    def __exit__(self, *error):
        # Kept only when all went well: nobody is told how to stop a stage that failed half-way.
        if self.keep and error[0] is None:
            self._exits.pop_all()
            return
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second one must not leave things half removed
        self._exits.close()

    def cluster(self, **options):
        cluster = Cluster(self.home, lives_on=self.keep, **options)
        self._on_exit(cluster.stop)
        return cluster.start()

    def new_proxy(self, cluster, **options):
        """Not started yet. Each has a directory of its own below ours."""
        self._proxies += 1
        home = self.home / f"p{self._proxies}"
        home.mkdir(mode=0o700)
        for name in ("ca.crt", "ca.key"):
            shutil.copy(self.home / name, home)
        proxy = Proxy(home, cluster, lives_on=self.keep, **options)
        self._on_exit(proxy.stop)
        return proxy

    def proxy(self, cluster, **options):
        return self.new_proxy(cluster, **options).start()

    def _on_exit(self, action):
        self._exits.callback(action)


def _leave(number, _frame):
    raise SystemExit(128 + number)
