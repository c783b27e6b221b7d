# The server reads the certificate itself, as another user.
cp "$PGSSLROOTCERT" "$SCRATCH/ca.crt" && chmod a+rx "$SCRATCH" && chmod a+r "$SCRATCH/ca.crt"
CA="$SCRATCH/ca.crt" psql -X -a -q -f "$HERE/pools/fdw.sql" 2>&1
