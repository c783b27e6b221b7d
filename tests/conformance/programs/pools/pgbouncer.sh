# A pooler between the program and the server: its own log-in, its resets, its checks, many clients on few connections.
mkdir "$SCRATCH/b"
printf '"%s" "%s"\n' "$PGUSER" "$PGPASSWORD" >"$SCRATCH/b/users"
[ "$(id -u)" != 0 ] || { chmod a+rx "$SCRATCH"; cp "$PGSSLROOTCERT" "$SCRATCH/b/ca"; chown -R postgres "$SCRATCH/b"; as='setpriv --reuid postgres --regid postgres --clear-groups'; }
for mode in session transaction statement; do
  cat >"$SCRATCH/b/ini" <<INI
[databases]
* = host=$PGHOST port=$PGPORT
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $SCRATCH/b
auth_type = trust
auth_file = $SCRATCH/b/users
pool_mode = $mode
default_pool_size = 2
server_tls_sslmode = verify-ca
server_tls_ca_file = $SCRATCH/b/ca
server_reset_query_always = 1
server_check_delay = 0
ignore_startup_parameters = extra_float_digits,options
INI
  $as pgbouncer -q "$SCRATCH/b/ini" >"$SCRATCH/log" 2>&1 &
  pooler=$!
  through() { env -u PGSSLROOTCERT PGHOST="$SCRATCH/b" PGPORT=6432 PGSSLMODE=disable "$@" 2>&1; }
  for _ in $(seq 100); do through psql -X -At -c 'SELECT 1' >/dev/null && break; sleep 0.1; done
  echo "-- $mode"
  through psql -X -At -v VERBOSITY=verbose -c 'SET TimeZone = UTC' -c 'SELECT 1/0' -c 'SELECT count(*) FROM items' -c '\copy (SELECT id, name FROM items WHERE id < 4) TO STDOUT'
  through psql -X -At -c 'SHOW TimeZone'
  [ $mode = statement ] || through psql -X -At -c 'BEGIN' -c 'SET LOCAL application_name = x' -c 'SHOW application_name' -c 'COMMIT' -c 'SHOW application_name'
  echo 'SELECT count(*) FROM items WHERE id < 9;' >"$SCRATCH/one.sql"
  for how in simple extended; do through pgbench -n -M $how -c 10 -j 2 -t 30 -f "$SCRATCH/one.sql" | grep -E 'processed|failed|aborted'; done
  through pgbench -n -C -c 4 -t 5 -f "$SCRATCH/one.sql" | grep -E 'processed|failed|aborted'
  timeout --foreground -s INT 3 env -u PGSSLROOTCERT PGHOST="$SCRATCH/b" PGPORT=6432 PGSSLMODE=disable psql -X -v VERBOSITY=verbose -c 'SELECT pg_sleep(20)' 2>&1
  kill -INT $pooler; wait $pooler
  grep -E 'ERROR|FATAL|WARNING' "$SCRATCH/log" | sed 's/.*\(ERROR\|FATAL\|WARNING\)/\1/' | sort -u
done
