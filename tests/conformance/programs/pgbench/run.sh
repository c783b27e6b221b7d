# One client and a fixed seed: what the tables hold at the end is decided. Several clients: only that none fails.
figures() { grep -vE '^(latency|tps|initial connection|average connection|done in|starting vacuum|  - (latency|rate)|.*tuples? .*done|pgbench \()' | sed -E 's/ *\([^)]*elapsed.*//; s/\(.* tps[^)]*\)//'; }
state() { psql -XAt -c 'SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(tbalance) FROM pgbench_tellers), (SELECT count(*) FROM pgbench_history)'; }
pgbench -i -s 1 --partitions=3 2>&1 | figures
pgbench -i -s 1 -I dtGvp 2>&1 | figures
pgbench -i -s 1 -I dtgvpf 2>&1 | figures
for mode in simple extended prepared; do
  pgbench --random-seed=42 -M $mode -t 60 2>&1 | figures
  state
  pgbench --random-seed=7 -S -M $mode -t 60 -c 5 -j 2 2>&1 | figures | sort
  [ $mode = simple ] || pgbench -n --random-seed=3 -M $mode -t 20 -c 3 -f "$HERE/pgbench/pipeline.pgbench" 2>&1 | figures | sort
  pgbench -n -C -t 3 -c 2 -M $mode -f "$HERE/pgbench/pieces.pgbench" 2>&1 | figures | sort
  [ $mode = simple ] || pgbench -n -C --random-seed=5 -M $mode -t 4 -c 2 -f "$HERE/pgbench/pipeline.pgbench" 2>&1 | figures | sort
done
pgbench -n -t 2 -M simple -f "$HERE/pgbench/pipeline.pgbench" 2>&1 | figures
echo 'SELECT 1/0;' | pgbench -n -t 2 -f /dev/stdin 2>&1 | figures
state
psql -Xq -c 'DROP TABLE pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history'
