pg_dump 2>&1
pg_dump --schema-only --create 2>&1
pg_dump --data-only --inserts --rows-per-insert=10 -t items -t orders 2>&1
pg_dump --section=pre-data --no-owner 2>&1
pg_dump --serializable-deferrable --column-inserts --on-conflict-do-nothing -t kinds 2>&1
pg_dump -t no_such_table 2>&1 || true
