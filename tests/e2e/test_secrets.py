"""Where secrets must not be found: core dumps, the command line, the environment of a process."""
import os, pathlib, resource, signal, subprocess

from throwaway.process import tail
from world import Case, connect, here, token


class Secrets(Case):
    def setUp(self):
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        try:
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (ValueError, OSError):
            self.skipTest("core dumps cannot be turned on here")
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, limits)

    def dumps(self, place, process, number):
        """Whether a process that dies so leaves a dump, in a place where it may."""
        before = set(place.iterdir())
        process.send_signal(number)
        process.wait(20)
        return {p for p in set(place.iterdir()) - before if "core" in p.name}

    def test_a_crash_leaves_no_core(self):
        proxy = here().new_proxy()
        place = proxy.home / "cores"
        place.mkdir()
        other = subprocess.Popen(["sleep", "100"], cwd=place)
        # What this machine does with dumps of others: without any, the test below would show nothing.
        pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip()
        if not self.dumps(place, other, signal.SIGABRT) and not pattern.startswith("|"):
            self.skipTest(f"nothing leaves a core here (core_pattern {pattern})")
        proxy.start(cwd=place)
        with connect(proxy=proxy) as c:
            c.execute("SELECT count(*) FROM patients")
            status = pathlib.Path(f"/proc/{proxy.process.pid}/limits").read_text()
            self.assertRegex(status, r"Max core file size +0 +0 ")
            self.assertEqual(self.dumps(place, proxy.process, signal.SIGABRT), set(), tail(proxy.log))
        self.assertEqual(proxy.process.returncode, -signal.SIGABRT)

    def test_command_line_and_environment_have_none(self):
        proxy = here().new_proxy()
        upstream = {k: v for k, v in proxy.config["upstream"].items() if k != "password_file"} | {"password_env": "PGWARD_TEST_PASSWORD"}
        proxy.write_config(proxy.config | {"upstream": upstream})
        proxy.start(env=os.environ | {"PGWARD_TEST_PASSWORD": here().upstream_password})
        self.addCleanup(proxy.stop)
        secret = token(proxy=proxy)
        connect(proxy=proxy, password=secret).close()
        for name in ("environ", "cmdline"):
            text = pathlib.Path(f"/proc/{proxy.process.pid}/{name}").read_bytes()
            for one in (here().upstream_password, secret):
                self.assertNotIn(one.encode(), text, name)
