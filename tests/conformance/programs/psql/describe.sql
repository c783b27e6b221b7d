-- Every describing command of psql: long queries over the catalogs.
\set VERBOSITY verbose
\d
\d+
\d items
\d+ items
\d+ kinds
\d orders
\d+ measured
\d measured_2024
\d+ cheap
\d counter
\d no_such_thing
\dS pg_catalog.pg_class
\da *.*min
\dA+
\dAc btree int*
\dAf btree
\dAo hash int4_ops
\dAp btree integer_ops
\db+
\dc+ utf8_to_*
\dC+
\dconfig *mem*
\dd
\dD+
\ddp
\dE+
\des+
\deu+
\det+
\dew+
\df+
\df pg_catalog.array_*
\dF+
\dFd+
\dFp+
\dFt+
\dg+
\di+
\dl+
\dL+
\dm+
\dn+
\do+ =
\dO+
\dp
\dP+
\drds
\dRp+
\dRs+
\ds+
\dt+
\dtS pg_catalog.pg_a*
\dT+
\du+
\dv+
\dx+
\dX
\dy+
\l
\l+ conformance
\z items
\sf add
\sf+ tell
\sv cheap
\sv+ cheap
\encoding
\conninfo
