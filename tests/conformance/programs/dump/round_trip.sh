# Dumps in every format, each restored into another database, whose own dump is then compared.
set -e
dump_of() { pg_dump "$1" | sed -E 's/^\\(un)?restrict .*//' | md5sum; }
back() { psql -Xq restored -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' 2>/dev/null; }
dump_of conformance
back; pg_dump | psql -Xq -v ON_ERROR_STOP=1 restored >/dev/null; dump_of restored
back; pg_dump -Fc -f d.custom; pg_restore --no-owner -d restored d.custom 2>&1 | grep -v '^$' || true; dump_of restored
back; pg_dump -Fd -j2 -f d.dir; pg_restore -j2 --no-owner -d restored d.dir 2>&1 | grep -v '^$' || true; dump_of restored
back; pg_dump -Ft -f d.tar; pg_restore --no-owner --single-transaction -d restored d.tar 2>&1 | grep -v '^$' || true; dump_of restored
pg_restore -l d.custom | grep -v '^;' | md5sum
for tool in vacuumdb\ --analyze reindexdb clusterdb; do $tool --echo 2>&1; echo "status $?"; done
