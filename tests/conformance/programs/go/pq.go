// Go's database/sql with lib/pq: statements, transactions, copies, notifications, errors.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"time"

	"github.com/lib/pq"
)

func tell(err error) {
	if e, ok := err.(*pq.Error); ok {
		fmt.Println("error pq", e.Code, e.Severity, e.Position, e.Routine)
		fmt.Println("error-text:", e.Message)
	} else if err != nil {
		fmt.Println("error other", err)
	}
}

func rows(db interface {
	Query(string, ...interface{}) (*sql.Rows, error)
}, text string, values ...interface{}) {
	r, err := db.Query(text, values...)
	if err != nil {
		tell(err)
		return
	}
	defer r.Close()
	types, _ := r.ColumnTypes()
	for _, t := range types {
		fmt.Print(t.Name(), ":", t.DatabaseTypeName(), " ")
	}
	fmt.Println()
	for r.Next() {
		line := make([]interface{}, len(types))
		for n := range line {
			line[n] = new(interface{})
		}
		if err := r.Scan(line...); err != nil {
			fmt.Println("scan", err)
		}
		for _, v := range line {
			value := *v.(*interface{})
			if b, ok := value.([]byte); ok {
				value = string(b)
			}
			fmt.Print(value, " | ")
		}
		fmt.Println()
	}
	tell(r.Err())
}

func main() {
	dsn := os.Getenv("DSN")
	for _, binary := range []string{"no", "yes"} {
		db, err := sql.Open("postgres", "binary_parameters="+binary)
		if err != nil {
			panic(err)
		}
		db.SetMaxOpenConns(3)
		rows(db, "SELECT * FROM kinds WHERE i2 > 0")
		rows(db, "SELECT id, name, price, made, tags, extra FROM items WHERE id < $1 ORDER BY id", 4)
		rows(db, "SELECT $1::int8, $2::text, $3::bytea, $4::timestamptz, $5::int[]", 7, "ä'", []byte{0, 255}, time.Unix(0, 0).UTC(), pq.Array([]int{1, 2}))
		rows(db, "INSERT INTO scratch VALUES ($1, $2) RETURNING *", 1, nil)
		for _, bad := range []string{"SELECT 1/0", "SELECT nothing_there FROM items", "SELEC", "SELECT * FROM no_such_table", "INSERT INTO items (id, name) VALUES (1, 'double')"} {
			rows(db, bad)
			_, err := db.Exec(bad)
			tell(err)
		}
		stmt, err := db.Prepare("SELECT name FROM items WHERE id = $1")
		tell(err)
		for n := 1; n < 5; n++ {
			var name string
			tell(stmt.QueryRow(n).Scan(&name))
			fmt.Println(name)
		}
		tx, _ := db.Begin()
		in, err := tx.Prepare(pq.CopyIn("scratch", "a", "b"))
		tell(err)
		for n := 0; n < 500; n++ {
			_, err = in.Exec(n, fmt.Sprint("copied\t", n))
			tell(err)
		}
		_, err = in.Exec()
		tell(err)
		tell(in.Close())
		rows(tx, "SELECT count(*), md5(string_agg(b, ',' ORDER BY a)) FROM scratch")
		tell(tx.Rollback())
		tx, _ = db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true})
		rows(tx, "SHOW transaction_isolation")
		rows(tx, "DELETE FROM scratch")
		rows(tx, "SELECT 1")
		tell(tx.Rollback())
		ctx, stop := context.WithTimeout(context.Background(), 300*time.Millisecond)
		_, err = db.ExecContext(ctx, "SELECT pg_sleep(20)")
		tell(err)
		stop()
		_, err = db.Exec("TRUNCATE scratch; SELECT 1")
		tell(err)
		db.Close()
	}
	listener := pq.NewListener(dsn, time.Second, time.Minute, nil)
	tell(listener.Listen("here"))
	db, _ := sql.Open("postgres", "")
	_, err := db.Exec("NOTIFY here, 'from go'")
	tell(err)
	n := <-listener.Notify
	fmt.Println(n.Channel, n.Extra)
	listener.Close()
	for _, wrong := range []string{"password=wrong", "no_such_setting=1", "statement_timeout=4000", "search_path=pg_catalog"} {
		db, _ := sql.Open("postgres", wrong)
		rows(db, "SHOW statement_timeout")
		db.Close()
	}
}
