#include "proxy/sinks/postgresql.h"

#include <poll.h>

#include <array>
#include <nlohmann/json.hpp>

#include "proxy/config/config.h"
#include "proxy/config/secrets.h"
#include "proxy/net/tls_context.h"

namespace pgward::proxy {
namespace {

constexpr std::int64_t kConnectMs = 10'000, kAnswerMs = 30'000;

// What libpq says while connecting names host, port, user and database, and what the server says of a log-in.
std::string one_line(const char* text) {
  std::string line(text != nullptr ? text : "");
  while (line.ends_with('\n')) line.pop_back();
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return line;
}

// Of a record that did not go in: what stands in the error's text may come from the record, so its code it is, and names.
std::string refusal(const PGresult* result) {
  std::string text = "the database refused records: SQLSTATE ";
  const auto field = [&](int code) { return std::string_view(PQresultErrorField(result, code) != nullptr ? PQresultErrorField(result, code) : ""); };
  text += field(PG_DIAG_SQLSTATE);
  for (const auto& [code, name] : {std::pair{PG_DIAG_TABLE_NAME, ", table "}, {PG_DIAG_COLUMN_NAME, ", column "}, {PG_DIAG_CONSTRAINT_NAME, ", constraint "}})
    if (!field(code).empty()) (text += name) += field(code);
  if (field(PG_DIAG_SQLSTATE) == "42P01") text += " (the table is missing: pgward audit sink-ddl prints it)";
  return text;
}

// "a"."b": the configuration let through letters, digits, underscores and one dot.
std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) text += c == '.' ? "\".\"" : std::string(1, c);
  return text += '"';
}

// PostgreSQL has no character 0 in texts; JSON has an escape for it.
void without_nul(nlohmann::ordered_json& value, int depth = 0) {
  if (value.is_string()) {
    auto& text = value.get_ref<std::string&>();
    for (std::size_t at = 0; (at = text.find('\0', at)) != text.npos;) text.replace(at, 1, "\xEF\xBF\xBD");
  } else if (value.is_structured() && depth < 128) {
    for (auto& one : value) without_nul(one, depth + 1);
  }
}

std::string rows_of(std::span<const Parcel> parcels) {
  std::string rows = "[";
  for (const Parcel& parcel : parcels)
    for (std::size_t part = 0; part < parcel.texts.size(); ++part) {
      nlohmann::ordered_json row{{"log", parcel.log}, {"seq", parcel.seq}, {"part", parcel.first_part + part}, {"hash", parcel.hash}, {"ts", parcel.ts}, {"type", parcel.type}};
      if (!parcel.session.empty()) row["session"] = parcel.session;
      row["event"] = nlohmann::ordered_json::parse(parcel.texts[part], nullptr, false);
      without_nul(row);
      if (rows.size() > 1) rows += ',';
      rows += row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    }
  return rows += ']';
}

std::string insert_into(const std::string& table) {
  std::string sql = "INSERT INTO ";
  sql += quoted(table);
  return sql += " (log, seq, part, hash, ts, type, session, event) SELECT r.log, r.seq, r.part, r.hash, r.ts, r.type, r.session, r.event"
                " FROM pg_catalog.json_to_recordset($1::pg_catalog.json) AS r(log text, seq bigint, part integer, hash text, ts timestamptz, type text, session text, event jsonb)"
                " ON CONFLICT (log, seq, part, hash) DO NOTHING";
}

}  // namespace

std::string sink_ddl(const std::string& table, const std::string& user) {
  const std::string name = quoted(table), bare = table.substr(table.find('.') == table.npos ? 0 : table.find('.') + 1);
  std::string sql = "CREATE TABLE " + name;
  sql += " (\n"
         "  log text NOT NULL,          -- INSTANCE/START\n"
         "  seq bigint NOT NULL,        -- number of the record in its log\n"
         "  part integer NOT NULL,      -- 0, and more where a record is several events (fhir)\n"
         "  hash text NOT NULL,         -- of the record's line: another instance of the same name is told apart, and\n"
         "                              -- pgward audit prove leads from it to a signed checkpoint\n"
         "  ts timestamptz NOT NULL,\n"
         "  type text NOT NULL,\n"
         "  session text,\n"
         "  event jsonb NOT NULL,\n"
         "  PRIMARY KEY (log, seq, part, hash)\n"
         ");\n";
  sql += "CREATE INDEX ON " + name + " (ts);\n";
  sql += "CREATE INDEX ON " + name + " (session) WHERE session IS NOT NULL;\n";
  if (user.empty()) return sql;
  // ON CONFLICT with a target reads the columns of the key. Nothing else: what is there cannot be changed from here.
  std::string role = "\"";
  for (const char c : user) (role += c) += c == '"' ? "\"" : "";
  role += '"';
  sql += "GRANT INSERT ON " + name + " TO " + role + ";\n";
  return sql += "GRANT SELECT (log, seq, part, hash) ON " + name + " TO " + role + ";\n";
}

PostgresqlSink::Result PostgresqlSink::result() {
  while (true) {
    const int flushed = PQflush(connection_.get());
    if (flushed < 0) return nullptr;
    if (flushed == 0 && PQisBusy(connection_.get()) == 0) return Result(PQgetResult(connection_.get()));
    // What the server says may be what keeps us from sending more.
    if (!stop_.ready(PQsocket(connection_.get()), static_cast<short>(flushed > 0 ? POLLIN | POLLOUT : POLLIN), kAnswerMs)) return nullptr;
    if (PQconsumeInput(connection_.get()) == 0) return nullptr;
  }
}

std::optional<std::string> PostgresqlSink::run(const std::string& sql, const std::string* parameter) {
  const char* value = parameter != nullptr ? parameter->c_str() : nullptr;
  const int sent = parameter != nullptr ? PQsendQueryParams(connection_.get(), sql.c_str(), 1, nullptr, &value, nullptr, nullptr, 0) : PQsendQuery(connection_.get(), sql.c_str());
  std::optional<std::string> wrong;
  bool any = false;
  if (sent == 1)
    while (const Result one = result()) {
      any = true;
      const auto status = PQresultStatus(one.get());
      if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && !wrong) wrong = refusal(one.get());
    }
  if (!any && !wrong) wrong = "the database does not answer";
  if (PQstatus(connection_.get()) != CONNECTION_OK || PQtransactionStatus(connection_.get()) == PQTRANS_ACTIVE) {
    connection_.reset();
    if (!wrong) wrong = "the connection was lost";
  }
  return wrong;
}

std::optional<std::string> PostgresqlSink::connect() {
  std::string secret;
  if (!place_.password_file.empty() || !place_.password_env.empty()) {
    const auto password = place_.password_env.empty() ? read_secret(place_.password_file) : take_environment(place_.password_env);
    if (!password) return "the password cannot be read";
    secret = password->reveal();
  }
  const std::string port = std::to_string(place_.port), ca = place_.ca.empty() ? system_authorities() : place_.ca.string();
  // gssencmode: libpq would rather have GSSAPI's encryption, with whoever answers, than the TLS that we verify.
  const std::array keywords{"host", "port", "user", "password", "dbname", "sslmode", "gssencmode", "sslrootcert", "sslcert", "sslkey", "application_name", "client_encoding", "options", static_cast<const char*>(nullptr)};
  const std::array values{place_.host.c_str(), port.c_str(), place_.user.c_str(), secret.c_str(), place_.database.c_str(), place_.tls ? "verify-full" : "disable", "disable",
                          place_.tls ? ca.c_str() : "", place_.certificate.c_str(), place_.key.c_str(), "pgward audit", "UTF8",
                          "-csynchronous_commit=on -cstatement_timeout=30s -clock_timeout=10s", static_cast<const char*>(nullptr)};
  connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 0));
  OPENSSL_cleanse(secret.data(), secret.size());
  if (!connection_) return "out of memory";
  auto state = PQstatus(connection_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
    if (!stop_.ready(PQsocket(connection_.get()), state == PGRES_POLLING_READING ? POLLIN : POLLOUT, kConnectMs)) {
      connection_.reset();
      return "no answer within 10 seconds";
    }
    state = PQconnectPoll(connection_.get());
  }
  std::string wrong;
  if (state == PGRES_POLLING_OK && PQsetnonblocking(connection_.get(), 1) == 0) {
    // Records hold any character. One that another encoding lacks would be refused, and all records behind it wait.
    const char* encoding = PQparameterStatus(connection_.get(), "server_encoding");
    if (encoding != nullptr && std::string_view(encoding) == "UTF8") return std::nullopt;
    wrong = "the database must have the encoding UTF8";
  } else {
    wrong = one_line(PQerrorMessage(connection_.get()));
  }
  connection_.reset();
  return wrong.empty() ? "cannot connect" : wrong;
}

std::optional<std::string> PostgresqlSink::deliver(std::span<const Parcel> parcels) {
  if (!connection_)
    if (auto wrong = connect()) return wrong;
  const std::string rows = rows_of(parcels);
  return run(insert_into(place_.table), &rows);
}

}  // namespace pgward::proxy
