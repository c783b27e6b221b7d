# With Debian's library, or with one in the directory that is named: what was made for the old one runs with the new one.
set -e
gcc -w -O1 -I/usr/include/postgresql -o "$SCRATCH/lq" "$HERE/other/libpq.c" -lpq
[ -z "${1:-}" ] || export LD_LIBRARY_PATH=$1
"$SCRATCH/lq"
[ -n "${1:-}" ] || exit 0
# psql, too: what only the newer library knows.
for more in max_protocol_version=3.2 max_protocol_version=latest min_protocol_version=3.0 'load_balance_hosts=random' require_auth=password require_auth=scram-sha-256 'sslnegotiation=postgres' sslcertmode=disable; do
  echo "-- $more"
  psql -X -At -v VERBOSITY=verbose "host=$PGHOST,$PGHOST port=$PGPORT,$PGPORT $more" -c 'SELECT 1' 2>&1 || echo "status $?"
done
[ "$(psql -X -At -c 'SHOW server_version_num')" -lt 170000 ] || psql -X -At "sslnegotiation=direct sslmode=require" -c 'SELECT 1' 2>&1
timeout --foreground -s INT 3 psql -X -At -v VERBOSITY=verbose max_protocol_version=3.2 -c 'SELECT pg_sleep(20)' 2>&1 || true
