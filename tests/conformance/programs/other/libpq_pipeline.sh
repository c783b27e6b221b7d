# PostgreSQL's own test of libpq's pipelines, with its trace of every message.
set -e
src=$(ls -d "$CACHE"/postgresql-15*/src/test/modules/libpq_pipeline)
gcc -w -O1 -I/usr/include/postgresql -I/usr/include/postgresql/15/server -o "$SCRATCH/lp" "$src/libpq_pipeline.c" -L/usr/lib/postgresql/15/lib -lpgcommon -lpgport -lpq -lm
for test in $("$SCRATCH/lp" tests); do
  echo "-- $test"
  # How much these two send before they read is decided by the network (PostgreSQL does not compare their traces either).
  case $test in
    uniqviol|pipelined_insert) "$SCRATCH/lp" -r 700 "$test" >"$SCRATCH/out" 2>&1 && echo passed; continue ;;
  esac
  "$SCRATCH/lp" -t "$SCRATCH/trace" -r 700 "$test" 2>&1
  # Numbers of processes and lines of the server's source stand in it.
  grep -vE 'BackendKeyData|ErrorResponse|NoticeResponse' "$SCRATCH/trace"
done
