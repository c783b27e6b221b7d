// Rust's tokio-postgres: always binary and prepared; it pipelines whatever is polled together.
mod tls;

use std::{env, time::Duration};

use futures_util::{future::join_all, stream, SinkExt, StreamExt, TryStreamExt};
use tokio::sync::mpsc::{unbounded_channel, UnboundedReceiver};
use tokio_postgres::{binary_copy::{BinaryCopyInWriter, BinaryCopyOutStream}, error::ErrorPosition, types::{ToSql, Type},
                     AsyncMessage, Client, Config, Error, IsolationLevel, Row, SimpleQueryMessage};
use tls::Tls;

type Done = Result<(), Error>;

fn failed(e: &Error) {
    match e.as_db_error() {
        Some(d) => {
            let at = match d.position() { Some(ErrorPosition::Original(n)) => *n, _ => 0 };
            println!("error {} {} {} {}", d.code().code(), d.severity(), at, d.routine().unwrap_or(""));
            println!("error-text: {}", d.message().replace('\n', " "));
        }
        None => println!("error other, closed: {}\nerror-text: {}", e.is_closed(), e),
    }
}

fn tell<T>(result: Result<T, Error>) -> Option<T> {
    result.map_err(|e| failed(&e)).ok()
}

fn base() -> Config {
    let get = |name: &str| env::var(name).unwrap();
    let mut config = Config::new();
    config.host(&get("PGHOST")).port(get("PGPORT").parse().unwrap()).user(&get("PGUSER")).password(get("PGPASSWORD"))
        .dbname(&get("PGDATABASE")).ssl_mode(tokio_postgres::config::SslMode::Require).application_name("rust");
    config
}

/// The client, and what the server says unasked.
async fn connect(config: &Config) -> Result<(Client, UnboundedReceiver<AsyncMessage>), Error> {
    let (client, mut connection) = config.connect(Tls::new()).await?;
    let (said, heard) = unbounded_channel();
    tokio::spawn(async move {
        let mut messages = stream::poll_fn(move |cx| connection.poll_message(cx));
        while let Some(Ok(message)) = messages.next().await {
            let _ = said.send(message);
        }
    });
    Ok((client, heard))
}

fn show(rows: &[Row]) {
    for row in rows {
        let cells: Vec<String> = row.columns().iter().enumerate().map(|(n, c)| format!("{}:{}={}", c.name(), c.type_(), cell(row, n))).collect();
        println!("  {}", cells.join(" | "));
    }
}

fn cell(row: &Row, n: usize) -> String {
    match *row.columns()[n].type_() {
        Type::BOOL => format!("{:?}", row.get::<_, Option<bool>>(n)),
        Type::INT2 => format!("{:?}", row.get::<_, Option<i16>>(n)),
        Type::INT4 => format!("{:?}", row.get::<_, Option<i32>>(n)),
        Type::INT8 => format!("{:?}", row.get::<_, Option<i64>>(n)),
        Type::OID => format!("{:?}", row.get::<_, Option<u32>>(n)),
        Type::FLOAT4 => format!("{:?}", row.get::<_, Option<f32>>(n)),
        Type::FLOAT8 => format!("{:?}", row.get::<_, Option<f64>>(n)),
        Type::BYTEA => format!("{:?}", row.get::<_, Option<Vec<u8>>>(n)),
        Type::INET => format!("{:?}", row.get::<_, Option<std::net::IpAddr>>(n)),
        Type::INT4_ARRAY => format!("{:?}", row.get::<_, Option<Vec<Option<i32>>>>(n)),
        Type::TEXT_ARRAY => format!("{:?}", row.get::<_, Option<Vec<Option<String>>>>(n)),
        _ => format!("{:?}", row.try_get::<_, Option<String>>(n).map_err(|_| "not read")),
    }
}

async fn rows(c: &Client, sql: &str, values: &[&(dyn ToSql + Sync)]) {
    println!("{sql}");
    if let Some(found) = tell(c.query(sql, values).await) {
        show(&found);
    }
}

const FAILING: [&str; 6] = ["SELECT 1/0", "SELECT nothing_there FROM items", "SELECT * FROM no_such_table", "SELEC",
                            "INSERT INTO items (id, name) VALUES (1, 'double')", "SELECT 'x'::int"];

async fn statements(c: &Client) -> Done {
    rows(c, "SELECT i2, i4, i8, f4, f8, b, t, vc, c, by, ip, a, m, po, o, nm FROM kinds ORDER BY i2", &[]).await;
    rows(c, "SELECT id, name, tags FROM items WHERE id < $1 ORDER BY id", &[&4]).await;
    rows(c, "SELECT id, body FROM guarded WHERE id = $1", &[&3]).await;
    rows(c, "SELECT $1::int8, $2::text, $3::bytea, $4::int[]", &[&(1i64 << 40), &"ä'", &vec![0u8, 255], &vec![1, 2]]).await;
    rows(c, "INSERT INTO scratch VALUES ($1, $2) RETURNING *", &[&1, &None::<String>]).await;
    rows(c, "SELECT m FROM kinds WHERE m = $1", &[&"ok"]).await;  // the driver asks the catalog what an enum is
    let s = c.prepare_typed("SELECT $1, name FROM items WHERE id = $1", &[Type::INT4]).await?;
    println!("{:?} {:?}", s.params(), s.columns().iter().map(|c| c.name()).collect::<Vec<_>>());
    for n in 0..3 {
        show(&c.query(&s, &[&n]).await?);
    }
    drop(s);  // sends Close
    println!("{}", c.execute("UPDATE items SET name = name WHERE id < $1", &[&8]).await?);
    for message in c.simple_query("SELECT 1 AS a, NULL AS b; UPDATE items SET id = id WHERE false; SELECT name FROM items WHERE id = 2").await? {
        match message {
            SimpleQueryMessage::Row(row) => println!("row {:?} {:?}", row.len(), row.get(0)),
            SimpleQueryMessage::CommandComplete(n) => println!("complete {n}"),
            _ => println!("other"),
        }
    }
    for sql in FAILING {
        tell(c.query(sql, &[]).await);
        tell(c.batch_execute(sql).await);
    }
    tell(c.query("SELECT $1::int", &[&"wrong type"]).await);
    tell(c.query_one("SELECT 1 WHERE false", &[]).await);
    println!("{:?}", c.query_opt("SELECT 1 WHERE false", &[]).await?.is_some());
    Ok(())
}

async fn pipelines(c: &Client) -> Done {
    let s = c.prepare("SELECT $1::int * 2").await?;
    let doubled = join_all((0..50).map(|n| { let s = s.clone(); async move { c.query_one(&s, &[&n]).await.map(|r| r.get::<_, i32>(0)) } })).await;
    println!("{:?}", doubled.into_iter().collect::<Result<Vec<_>, _>>()?);
    let division = c.prepare("SELECT 12 / $1::int").await?;
    for answer in join_all([1, 0, 3, 0, 6].map(|n| { let s = division.clone(); async move { c.query_one(&s, &[&n]).await } })).await {
        if let Some(row) = tell(answer) {
            println!("{}", row.get::<_, i32>(0));
        }
    }
    Ok(())
}

async fn copies(c: &Client) -> Done {
    let data: Vec<_> = (0..2000).map(|n| Ok::<_, Error>(std::io::Cursor::new(format!("{n}\tcopied {n}\n").into_bytes()))).collect();
    let mut sink = Box::pin(c.copy_in("COPY scratch FROM STDIN").await?);
    sink.send_all(&mut stream::iter(data)).await?;
    println!("{}", sink.as_mut().finish().await?);
    let mut writer = Box::pin(BinaryCopyInWriter::new(c.copy_in("COPY scratch FROM STDIN BINARY").await?, &[Type::INT4, Type::TEXT]));
    for n in 0..100 {
        writer.as_mut().write(&[&n, &None::<String>]).await?;
    }
    println!("{}", writer.as_mut().finish().await?);
    let wrong = b"1\tgood\nx\tbad\n3\tgood\n";
    let mut sink = Box::pin(c.copy_in("COPY scratch FROM STDIN").await?);
    let _ = sink.send(std::io::Cursor::new(&wrong[..])).await;
    tell(sink.as_mut().finish().await);
    drop(c.copy_in::<_, &[u8]>("COPY scratch FROM STDIN").await?);  // given up: CopyFail
    rows(c, "SELECT count(*), count(b), md5(string_agg(b, ',' ORDER BY a, b)) FROM scratch", &[]).await;
    let out: Vec<_> = c.copy_out("COPY (SELECT * FROM scratch ORDER BY a, b) TO STDOUT").await?.try_collect().await?;
    println!("{} rows, {} bytes", out.len(), out.iter().map(|b| b.len()).sum::<usize>());
    let binary = BinaryCopyOutStream::new(c.copy_out("COPY items (id, name) TO STDOUT BINARY").await?, &[Type::INT4, Type::TEXT]);
    println!("{:?}", binary.map_ok(|r| (r.get::<i32>(0), r.get::<String>(1))).try_collect::<Vec<_>>().await?);
    if let Some(broken) = tell(c.copy_out("COPY (SELECT 1/(30 - id) FROM items ORDER BY id) TO STDOUT").await) {
        tell(broken.try_collect::<Vec<_>>().await);
    }
    c.batch_execute("TRUNCATE scratch").await
}

async fn transactions(c: &mut Client) -> Done {
    let mut t = c.build_transaction().isolation_level(IsolationLevel::Serializable).deferrable(true).start().await?;
    println!("{}", t.query_one("SHOW transaction_isolation", &[]).await?.get::<_, String>(0));
    let portal = t.bind("SELECT id FROM items ORDER BY id", &[]).await?;
    for size in [3, 4, 0, 1] {
        println!("{:?}", t.query_portal(&portal, size).await?.iter().map(|r| r.get::<_, i32>(0)).collect::<Vec<_>>());
    }
    let inner = t.savepoint("nested").await?;
    tell(inner.execute("SELECT 1/0", &[]).await);
    tell(inner.execute("SELECT 1", &[]).await);
    inner.rollback().await?;
    t.execute("INSERT INTO scratch VALUES (1, 'gone')", &[]).await?;
    drop(t);  // rolls back
    let t = c.build_transaction().read_only(true).start().await?;
    tell(t.execute("DELETE FROM scratch", &[]).await);
    tell(t.commit().await);
    rows(c, "SELECT count(*) FROM scratch", &[]).await;
    Ok(())
}

async fn unasked(c: &Client, heard: &mut UnboundedReceiver<AsyncMessage>) -> Done {
    c.batch_execute("LISTEN here; NOTIFY here, 'from rust'; SELECT tell('x')").await?;
    let own = c.query_one("SELECT pg_backend_pid()", &[]).await?.get::<_, i32>(0);
    for _ in 0..2 {
        match heard.recv().await {
            Some(AsyncMessage::Notification(n)) => println!("notified {} {} {}", n.channel(), n.payload(), n.process_id() == own),
            Some(AsyncMessage::Notice(n)) => println!("notice {} {}", n.code().code(), n.severity()),
            _ => println!("other"),
        }
    }
    let token = c.cancel_token();
    let (slept, cancelled) = tokio::join!(c.batch_execute("SELECT pg_sleep(20)"), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        token.cancel_query(Tls::new()).await
    });
    tell(slept);
    tell(cancelled);
    // Dropped before it is answered: the answer must not be taken for the next one's.
    let _ = tokio::time::timeout(Duration::from_millis(50), c.query("SELECT pg_sleep(0.2), 'late'", &[])).await;
    rows(c, "SELECT 'next'", &[]).await;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done {
    let (mut c, mut heard) = connect(&base()).await?;
    statements(&c).await?;
    pipelines(&c).await?;
    copies(&c).await?;
    transactions(&mut c).await?;
    while heard.try_recv().is_ok() {}
    unasked(&c, &mut heard).await?;
    for wrong in ["password=wrong", "options='-c no_such_setting=1'", "options='-c statement_timeout=4s'", "target_session_attrs=read-write"] {
        let host = format!("host={} port={} user={} dbname={} sslmode=require ", env::var("PGHOST").unwrap(), env::var("PGPORT").unwrap(),
                           env::var("PGUSER").unwrap(), env::var("PGDATABASE").unwrap());
        let mut config: Config = (host + wrong).parse().unwrap();
        if config.get_password().is_none() {
            config.password(env::var("PGPASSWORD").unwrap());
        }
        if let Some((c, _)) = tell(connect(&config).await) {
            rows(&c, "SHOW statement_timeout", &[]).await;
        }
    }
    // Two hosts, of which the first refuses; then the end of a session.
    let mut two = Config::new();
    two.host("127.0.0.1").port(1).host(&env::var("PGHOST").unwrap()).port(env::var("PGPORT").unwrap().parse().unwrap())
        .user(env::var("PGUSER").unwrap().as_str()).password(env::var("PGPASSWORD").unwrap()).dbname(&env::var("PGDATABASE").unwrap());
    let (c, _) = connect(&two).await?;
    rows(&c, "SELECT pg_terminate_backend(pg_backend_pid())", &[]).await;
    tell(c.simple_query("SELECT 1").await);
    println!("{}", c.is_closed());
    Ok(())
}
