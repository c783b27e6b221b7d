// pgx: its own interface, with batches, binary formats, copies and large objects.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgx/v4"
)

var ctx = context.Background()

func tell(err error) {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		fmt.Println("error pgx", e.Code, e.Severity, e.Position, e.Routine)
		fmt.Println("error-text:", e.Message)
	} else if err != nil {
		fmt.Println("error other")
		fmt.Println("error-text:", err)
	}
}

func rows(c *pgx.Conn, text string, values ...interface{}) {
	r, err := c.Query(ctx, text, values...)
	if err != nil {
		tell(err)
		return
	}
	defer r.Close()
	for _, f := range r.FieldDescriptions() {
		fmt.Print(string(f.Name), ":", f.DataTypeOID, "/", f.Format, "/", f.TableOID, " ")
	}
	fmt.Println()
	for r.Next() {
		line, err := r.Values()
		fmt.Println(line, err)
	}
	tell(r.Err())
	fmt.Println(r.CommandTag())
}

func main() {
	for _, simple := range []bool{false, true} {
		config, err := pgx.ParseConfig("")
		if err != nil {
			panic(err)
		}
		config.PreferSimpleProtocol = simple
		config.RuntimeParams["application_name"] = "pgx"
		config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { fmt.Println("notice", n.Code, n.Severity) }
		c, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			panic(err)
		}
		rows(c, "SELECT i2, i4, i8, f4, f8, b, t, vc, c, \"by\", d, u, a, m FROM kinds WHERE i2 > 0")
		rows(c, "SELECT id, name, made, tags FROM items WHERE id < $1 ORDER BY id", 4)
		rows(c, "SELECT $1::int8, $2::text, $3::bytea, $4::int[]", 7, "ä'", []byte{0, 255}, []int32{1, 2})
		rows(c, "SELECT body FROM guarded WHERE id = $1", 3)
		for _, bad := range []string{"SELECT 1/0", "SELECT nothing_there FROM items", "SELEC", "SELECT * FROM no_such_table", "INSERT INTO items (id, name) VALUES (1, 'double')"} {
			rows(c, bad)
		}
		batch := &pgx.Batch{}
		for n := 0; n < 10; n++ {
			batch.Queue("SELECT $1::int * 2", n)
		}
		batch.Queue("SELECT 1/0")
		batch.Queue("SELECT 5")
		results := c.SendBatch(ctx, batch)
		for n := 0; n < 12; n++ {
			var v int
			tell(results.QueryRow().Scan(&v))
			fmt.Print(v, " ")
		}
		fmt.Println()
		tell(results.Close())
		tx, _ := c.Begin(ctx)
		count, err := tx.CopyFrom(ctx, pgx.Identifier{"scratch"}, []string{"a", "b"}, pgx.CopyFromSlice(700, func(n int) ([]interface{}, error) { return []interface{}{n, fmt.Sprint(n)}, nil }))
		fmt.Println(count)
		tell(err)
		inner, _ := tx.Begin(ctx)
		_, err = inner.Exec(ctx, "SELECT 1/0")
		tell(err)
		tell(inner.Rollback(ctx))
		large := tx.LargeObjects()
		oid, err := large.Create(ctx, 0)
		tell(err)
		object, err := large.Open(ctx, oid, pgx.LargeObjectModeRead|pgx.LargeObjectModeWrite)
		tell(err)
		object.Write(make([]byte, 100000))
		object.Seek(0, io.SeekStart)
		data, err := io.ReadAll(object)
		fmt.Println(len(data))
		tell(err)
		tell(tx.Rollback(ctx))
		_, err = c.Exec(ctx, "LISTEN here")
		tell(err)
		_, err = c.Exec(ctx, "NOTIFY here, 'pgx'")
		tell(err)
		n, err := c.WaitForNotification(ctx)
		tell(err)
		fmt.Println(n.Channel, n.Payload, n.PID == c.PgConn().PID())
		rows(c, "SELECT tell('x')")
		other, _ := pgx.Connect(ctx, "")
		go func() {
			time.Sleep(300 * time.Millisecond)
			other.Exec(ctx, "SELECT pg_cancel_backend($1)", c.PgConn().PID())
		}()
		rows(c, "SELECT pg_sleep(20)")
		fmt.Println(c.PgConn().ParameterStatus("server_version"), c.PgConn().TxStatus())
		tell(c.Close(ctx))
	}
	for _, wrong := range []string{"password=wrong", "no_such_setting=1", "statement_timeout=4000"} {
		c, err := pgx.Connect(ctx, wrong)
		tell(err)
		if err == nil {
			rows(c, "SHOW statement_timeout")
			c.Close(ctx)
		}
	}
}
