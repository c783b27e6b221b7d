"""Idle and busy clients at once, over TLS, for a while. Ends well when nobody saw an error and nothing grew.

  soak                                 5,000 idle clients and 500 busy ones for ten minutes
  soak --minutes 0.2 --idle 200 --busy 20        to see that it works

Everything is on: predicates, durable audit, scrubbing (--policy empty: nothing is). Idle clients log in and are then
silent; busy ones (pgbench) read and now and then write at --rate statements a second in all; two more connect
anew for each statement. The idle ones' server sessions are stood in for: see router.py.
"""
import argparse, resource, socket, sys, time

import clinic
from soak.clients import Busy, Idle
from soak.watch import Sample, growth
from throwaway import Stage
from throwaway.cluster import free_port
from throwaway.process import Failed, start, stop
from throwaway.proxy import new_password

GROWTH_MAX = 0.05


def arguments():
    parser = argparse.ArgumentParser(prog="soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--busy", type=int, default=500)
    parser.add_argument("--rate", type=int, default=400, help="statements a second of all busy clients (default 400)")
    parser.add_argument("--policy", default=clinic.POLICY, help="policy file, or the word empty (default: the sample clinics)")
    parser.add_argument("--threads", type=int, default=1, help="reactors of pgward (default 1, as the peers have)")
    return parser.parse_args()


def more_descriptors():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def new_proxy(stage, cluster, options):
    password = new_password()
    clinic.load(cluster, password)
    proxy = stage.new_proxy(cluster, databases=[clinic.DATABASE], policy=options.policy,
                            upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
    port = free_port()
    router = start([sys.executable, "-m", "soak.router", str(port), str(cluster.port)], stage.home / "router.log")
    stage._on_exit(lambda: stop(router))
    wait_for(port)
    upstream = {k: v for k, v in proxy.config["upstream"].items() if k != "ca"} | {"port": port, "tls": "off"}
    proxy.write_config(proxy.config | {"upstream": upstream, "threads": options.threads})
    return proxy.start()


def wait_for(port, seconds=10):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise Failed("the router did not start") from None
            time.sleep(0.05)


def work(stage, proxy, token, options):
    """(samples while they worked, statements, failures)"""
    seconds = max(2, round(options.minutes * 60))
    busy = [Busy(stage.home, proxy, token, seconds, options.busy, options.rate),
            Busy(stage.home, proxy, token, seconds, 2, 5, churn=True)] if options.busy else []
    for one in busy:
        stage._on_exit(one.stop)
    samples, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(1, seconds / 10))
        samples.append(Sample(proxy.process.pid))
    ended = [one.end() for one in busy]
    return samples, sum(done for done, _ in ended), sum(failed for _, failed in ended)


def soak(stage, options):
    cluster = stage.cluster(settings={"max_connections": str(options.busy + 50), "shared_buffers": "128MB"})
    proxy = new_proxy(stage, cluster, options)
    token = proxy.token(clinic.ALDER.claims, ttl=f"{round(options.minutes) + 60}m")
    idle = Idle(proxy, token, clinic.DATABASE)
    idle.add(10)  # what the first clients allocate for all
    first = Sample(proxy.process.pid)
    idle.add(options.idle)
    time.sleep(1.5)  # a tick of the reactor's clock
    full = Sample(proxy.process.pid)
    print(f"idle: {options.idle} TLS clients, {(full.bytes - first.bytes) / max(1, options.idle):,.0f} bytes each (RSS), "
          f"{(full.processor_s - first.processor_s) / max(1, options.idle) * 1e6:,.0f} us of processor time per log-in", flush=True)
    samples, done, failures = work(stage, proxy, token, options)
    grew, lost = growth(samples), idle.dropped()
    idle.close()
    left = Sample(proxy.process.pid)
    deadline = time.monotonic() + 20
    while left.descriptors > first.descriptors and time.monotonic() < deadline:
        time.sleep(0.2)
        left = Sample(proxy.process.pid)
    print(f"busy: {options.busy} clients, {done:,} statements in {options.minutes:g} minutes, {failures} failures, "
          f"{(samples[-1].processor_s - samples[0].processor_s) / max(1, done) * 1e6:,.0f} us of processor time each\n"
          f"memory: {full.bytes / 1e6:.1f} MB with the idle clients, {samples[-1].bytes / 1e6:.1f} MB at the end, "
          f"grew by {grew:.1%}; {left.bytes / 1e6:.1f} MB when all had left\n"
          f"idle clients that heard something: {lost}; descriptors left open: {max(0, left.descriptors - first.descriptors)}")
    status = proxy.stop()
    well = not failures and not lost and grew < GROWTH_MAX and left.descriptors <= first.descriptors and status == 0
    print("soak: " + ("no error, no growth" if well else "FAILED"))
    return 0 if well else 1


def main():
    options = arguments()
    more_descriptors()
    try:
        with Stage() as stage:
            return soak(stage, options)
    except Failed as error:
        print(f"soak: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
