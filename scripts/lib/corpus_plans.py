"""The plans of the corpus' ordinary statements: through pgward with row-level security below, and with row-level security
alone. The predicate stands beside the policy's condition, so a plan may look different; it must not cost more.

  same       the same nodes, tables and indexes in the same places
  different  others, at no higher cost
  WORSE      its estimated cost is higher by more than one part in twenty
"""
import json, re, sys

import psycopg2
import yaml

TOLERANCE = 1.05


def cases(directory):
    for file in sorted((directory / "legit").glob("*.yaml")):
        document = yaml.safe_load(file.read_text())
        for case in document["cases"]:
            sql = case.get("sql", "")
            if re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE|MERGE|TABLE|VALUES)\b", sql, re.I) and ";" not in sql and "$1" not in sql:
                yield case["id"], case.get("tenant", document.get("defaults", {}).get("tenant", "a")), sql


def shape(plan, depth=0):
    """Depth, node, table, index."""
    rows = [(depth, plan["Node Type"], plan.get("Relation Name"), plan.get("Index Name"))]
    for child in plan.get("Plans", []):
        rows += shape(child, depth + 1)
    return rows


def explain(connection, sql):
    """None: it does not plan (a case about an error)."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (FORMAT JSON) " + sql)
            return cursor.fetchone()[0][0]["Plan"]
    except psycopg2.Error:
        return None
    finally:
        connection.rollback()


def compare(directory, oracle, through, oracle_logins, target_logins):
    """Exit status."""
    connections = {}

    def connect(side, tenant):
        if (side, tenant) not in connections:
            where, logins = (oracle, oracle_logins) if side == "oracle" else (through, target_logins)
            connections[side, tenant] = psycopg2.connect(f"{where} user={logins[tenant]['user']}", password=logins[tenant]["password"])
        return connections[side, tenant]

    count = {"same": 0, "different": 0, "WORSE": 0}
    ratios, not_planned = [], []
    for name, tenant, sql in cases(directory):
        ours, theirs = explain(connect("target", tenant), sql), explain(connect("oracle", tenant), sql)
        if ours is None or theirs is None:
            not_planned.append((name, "through pgward" if theirs else "either way" if ours is None else "by the oracle"))
            continue
        ratio = ours["Total Cost"] / max(theirs["Total Cost"], 0.01)
        ratios.append(ratio)
        verdict = "WORSE" if ratio > TOLERANCE else "same" if shape(ours) == shape(theirs) else "different"
        count[verdict] += 1
        if verdict == "WORSE":
            print(f"WORSE {name}: cost {theirs['Total Cost']} -> {ours['Total Cost']}: {' '.join(sql.split())[:150]}")
    for connection in connections.values():
        connection.close()
    ratios.sort()
    print(f"{len(ratios)} plans: " + ", ".join(f"{number} {what}" for what, number in count.items()) +
          f"; cost ratio median {ratios[len(ratios) // 2]:.3f}, highest {ratios[-1]:.3f}")
    for name, where in not_planned:
        print(f"not planned {where}: {name}", file=sys.stderr)
    return 1 if count["WORSE"] else 0
