// libpq as drivers use it that are written in C: rows one by one, flush requests, sockets that do not block, the
// large-object and function interfaces, cancels at any moment. What newer libraries have is used where they have it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <libpq-fe.h>
#include <libpq/libpq-fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static PGconn *c;

static void tell(PGresult *r) {
  const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE), *at = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
  printf("%s %d rows %s", PQresStatus(PQresultStatus(r)), PQntuples(r), PQcmdStatus(r));
  if (state) printf(" error %s at %s", state, at ? at : "-");
  printf(" pipeline %d transaction %d\n", PQpipelineStatus(c), PQtransactionStatus(c));
  PQclear(r);
}

static void wait_for(short events) {
  struct pollfd p = {PQsocket(c), events, 0};
  poll(&p, 1, 5000);
}

static void all_results(int summed) {
  PGresult *r;
  int rows = 0, parts = 0;
  while ((r = PQgetResult(c)) != NULL) {
    const int more = PQresultStatus(r) == PGRES_SINGLE_TUPLE || PQresultStatus(r) == 12 /* PGRES_TUPLES_CHUNK */;
    if (more && summed) { rows += PQntuples(r); ++parts; PQclear(r); continue; }
    tell(r);
  }
  printf("%d rows in %d parts\n", rows, parts);
}

static void rows_one_by_one(void) {
  PQsendQuery(c, "SELECT id, payload FROM big; SELECT 1; SELECT 1 / (3 - g) FROM generate_series(1, 9) g");
  PQsetSingleRowMode(c);
  all_results(1);
  int (*chunked)(PGconn *, int) = dlsym(RTLD_DEFAULT, "PQsetChunkedRowsMode");
  PQsendQueryParams(c, "SELECT id, payload FROM big", 0, NULL, NULL, NULL, NULL, 1);
  if (chunked) chunked(c, 70);
  all_results(1);
}

static void flush_requests(void) {
  PQsetnonblocking(c, 1);
  PQenterPipelineMode(c);
  const char *value[] = {"7"};
  for (int n = 0; n < 3; ++n) {
    PQsendQueryParams(c, n == 1 ? "SELECT 1 / ($1::int - 7)" : "SELECT $1::int", 1, NULL, value, NULL, NULL, n);
    PQsendFlushRequest(c);
    while (PQflush(c) == 1) wait_for(POLLOUT);
    while (PQisBusy(c)) { wait_for(POLLIN); PQconsumeInput(c); }
    tell(PQgetResult(c));
    while (PQgetResult(c)) {}
  }
  PQpipelineSync(c);
  tell(PQgetResult(c));
  for (int n = 0; n < 300; ++n) PQsendPrepare(c, "", "SELECT repeat('x', 5000)", 0, NULL), PQsendQueryPrepared(c, "", 0, NULL, NULL, NULL, 0);
  PQpipelineSync(c);
  int synced = 0, found = 0;
  while (!synced) {
    PGresult *r = PQgetResult(c);
    found += r && PQntuples(r);
    synced = r && PQresultStatus(r) == PGRES_PIPELINE_SYNC;
    PQclear(r);
  }
  printf("%d found\n", found);
  PQexitPipelineMode(c);
}

static void copies(void) {
  char line[200];
  PQclear(PQexec(c, "COPY scratch FROM STDIN"));
  for (int n = 0; n < 20000; ++n) {
    snprintf(line, sizeof line, "%d\t%0100d\n", n, n);
    while (PQputCopyData(c, line, (int)strlen(line)) == 0) wait_for(POLLOUT);
  }
  while (PQputCopyEnd(c, NULL) == 0) wait_for(POLLOUT);
  all_results(0);
  PQclear(PQexec(c, "COPY scratch TO STDOUT"));
  char *data;
  long bytes = 0;
  for (int got; (got = PQgetCopyData(c, &data, 1)) != -1;) {
    if (got == -2) break;
    if (got == 0) { wait_for(POLLIN); PQconsumeInput(c); continue; }
    bytes += got;
    PQfreemem(data);
  }
  printf("%ld bytes\n", bytes);
  all_results(0);
  PQclear(PQexec(c, "COPY scratch FROM STDIN"));
  PQputCopyEnd(c, "given up");
  all_results(0);
  PQclear(PQexec(c, "TRUNCATE scratch"));
}

static void large_objects(void) {
  PQclear(PQexec(c, "BEGIN"));
  const Oid oid = lo_create(c, 80001);
  const int fd = lo_open(c, oid, INV_READ | INV_WRITE);
  char *block = calloc(1, 200000), back[10];
  printf("%d %d\n", lo_write(c, fd, block, 200000), (int)lo_lseek64(c, fd, 5, SEEK_SET));
  printf("%d %d %d\n", lo_truncate64(c, fd, 9), lo_read(c, fd, back, 10), (int)lo_tell64(c, fd));
  printf("%d %d %d\n", lo_close(c, fd), lo_unlink(c, oid), lo_unlink(c, oid));
  free(block);
  tell(PQexec(c, "COMMIT"));
}

// At any moment: nothing may be hit but the statement it was meant for.
static void cancels(void) {
  int hit = 0, done = 0, wrong = 0;
  char error[256];
  for (int n = 0; n < 60; ++n) {
    PQsendQuery(c, "SELECT pg_sleep(0.01)");
    usleep((useconds_t)(n * 300));
    PGcancel *cancel = PQgetCancel(c);
    wrong += !PQcancel(cancel, error, sizeof error);
    PQfreeCancel(cancel);
    PGresult *r;
    while ((r = PQgetResult(c)) != NULL) {
      const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
      hit += state && !strcmp(state, "57014");
      done += PQresultStatus(r) == PGRES_TUPLES_OK;
      PQclear(r);
    }
  }
  printf("%d answered, %d wrong\n", hit + done, wrong);
  // The last cancel may still be on its way; what it hits is the next statement, as without a proxy.
  for (int n = 0; n < 20; ++n) PQclear(PQexec(c, "SELECT pg_sleep(0.01)"));
  tell(PQexec(c, "SELECT 1"));
}

int main(void) {
  c = PQconnectdb("");
  printf("%d %d %d %s\n", PQstatus(c), PQserverVersion(c) / 10000, PQsslInUse(c), PQsslAttribute(c, "protocol"));
  for (const char *const *name = (const char *const[]){"server_version", "server_encoding", "client_encoding", "application_name", "default_transaction_read_only",
       "in_hot_standby", "is_superuser", "session_authorization", "DateStyle", "IntervalStyle", "TimeZone", "integer_datetimes", "standard_conforming_strings", "scram_iterations", "search_path", NULL}; *name; ++name)
    printf("%s=%s\n", *name, PQparameterStatus(c, *name) ? PQparameterStatus(c, *name) : "(none)");
  rows_one_by_one();
  flush_requests();
  PQsetnonblocking(c, 1);
  copies();
  PQsetnonblocking(c, 0);
  large_objects();
  cancels();
  char *hashed = PQencryptPasswordConn(c, "made up", "app", NULL);
  printf("%.14s %d\n", hashed ? hashed : PQerrorMessage(c), PQping(""));
  PQfreemem(hashed);
  PQclear(PQexec(c, "SET application_name = 'before'"));
  PQreset(c);
  tell(PQexec(c, "SHOW application_name"));
  PQclear(PQexec(c, "SELECT pg_terminate_backend(pg_backend_pid())"));
  printf("%d\n", PQstatus(c));
  PQfinish(c);
  return 0;
}
