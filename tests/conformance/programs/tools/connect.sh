# The ways that libpq knows to connect, and what tools do about a connection.
ask() { echo "-- $1"; psql -X -At -v VERBOSITY=verbose "$1" -c 'SELECT current_user' 2>&1; }
ask "host=127.0.0.1,$PGHOST port=1,$PGPORT"
for attrs in any read-write read-only primary standby prefer-standby; do ask "host=$PGHOST,$PGHOST port=$PGPORT,$PGPORT target_session_attrs=$attrs"; done
for more in channel_binding=disable channel_binding=prefer channel_binding=require gssencmode=disable gssencmode=prefer sslmode=prefer sslmode=allow sslmode=require sslmode=verify-ca sslsni=0 \
  ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2 ssl_max_protocol_version=TLSv1.1 'connect_timeout=3 keepalives=1 keepalives_idle=5 tcp_user_timeout=9000' application_name=x \
  "options='-c default_transaction_read_only=on'" 'client_encoding=auto' 'fallback_application_name=y' dbname=postgres hostaddr=127.0.0.1; do ask "$more"; done
PGOPTIONS='-c default_transaction_read_only=on' ask 'target_session_attrs=read-write'
for more in '' '-d postgres' '-U nobody' '-t 1' '-p 1 -t 1'; do pg_isready $more; echo "status $?"; done
echo '-- interrupted'
timeout --foreground -s INT 3 psql -X -v VERBOSITY=verbose -c 'SELECT pg_sleep(20)' 2>&1
printf 'SELECT 1 AS again \\watch 0.1\nSELECT 2;\n' >"$SCRATCH/watch.sql"
timeout --foreground -s INT 3 psql -X -At -f "$SCRATCH/watch.sql" 2>&1 | sort -u
timeout --foreground -s INT 3 psql -X -v VERBOSITY=verbose -c '\copy (SELECT pg_sleep(20)) TO STDOUT' 2>&1 || true
