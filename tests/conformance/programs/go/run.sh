# Built once into the cache, from Debian's sources of the drivers, without modules and without a network.
set -e
export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$CACHE/go-build GOFLAGS=-p=2
export DSN="host=$PGHOST port=$PGPORT user=$PGUSER password='$PGPASSWORD' dbname=$PGDATABASE sslmode=$PGSSLMODE sslrootcert=$PGSSLROOTCERT"
go build -o "$SCRATCH/$1" "$HERE/go/$1.go"
exec "$SCRATCH/$1"
