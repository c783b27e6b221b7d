"""Refused log-ins of several kinds, in turn, without the wait that hides their times: what would be left to see.

For each kind: median and spread of the time from the password to the answer, and the chance that one of its answers came later than
one of the first kind (50 %: nothing to see). The wait of `limits.failed_login_delay` is whole seconds, ended by the clock's tick."""
import statistics, sys, time

import clinic, forge
from throwaway import Stage
from throwaway.proxy import new_password
from throwaway.wire import Wire


def kinds(proxy):
    body = forge.claims(clinic.ALDER)
    header = forge.header_of(proxy.token(clinic.ALDER.claims))
    sign = lambda change, **h: forge.sign(proxy.key, header | h, body | change)  # noqa: E731
    return {"rubbish": "x" * 600, "an unknown key": sign({}, kid="nobody"), "a broken signature": sign({})[:-6] + "AAAAAA",
            "expired": sign({"exp": int(time.time()) - 60}), "another audience": sign({"aud": "x"}),
            "no role": sign({"roles": []}), "no tenant": sign({"tenant_id": None})}


def once(proxy, password):
    with Wire(proxy.host, proxy.port, proxy.ca) as wire:
        began = time.perf_counter_ns()
        error = wire.log_in("clinician", password, clinic.DATABASE)
        took = time.perf_counter_ns() - began
    if not error or error["C"] != "28P01":
        raise SystemExit(f"login-times: not refused as expected: {error}")
    return took / 1000


def later(of, than):
    return 100 * sum((a > b) + (a == b) / 2 for a in of for b in than) / (len(of) * len(than))


def measure(proxy, count):
    passwords = kinds(proxy)
    times = {name: [] for name in passwords}
    for _ in range(count):
        for name, password in passwords.items():
            times[name].append(once(proxy, password))
    return times


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with Stage() as stage:
        cluster, password = stage.cluster(), new_password()
        clinic.load(cluster, password, 5)
        proxy = stage.proxy(cluster, databases=[clinic.DATABASE], policy=clinic.POLICY, upstream_user=clinic.UPSTREAM_USER, upstream_password=password)
        times = measure(proxy, count)
    first = next(iter(times.values()))
    print(f"{'what is wrong':20} {'median us':>10} {'quartiles':>16} {'later than the first':>22}")
    for name, column in times.items():
        low, middle, high = statistics.quantiles(column, n=4)
        print(f"{name:20} {middle:10.0f} {f'{low:.0f}..{high:.0f}':>16} {later(column, first):20.0f} %")


if __name__ == "__main__":
    main()
