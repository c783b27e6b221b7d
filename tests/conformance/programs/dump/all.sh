pg_dumpall --no-role-passwords 2>&1
pg_dumpall --globals-only 2>&1 | sed -E "s/PASSWORD '[^']*'/PASSWORD/"
