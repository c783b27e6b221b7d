// A table of another PostgreSQL. Exactly once there: a row's key is the record's log, number and hash, and what is there
// already is passed over. One INSERT a load, committed (synchronous_commit on) before it counts as delivered.
#pragma once

#include <libpq-fe.h>

#include <memory>

#include "proxy/config/sinks.h"
#include "proxy/sinks/sink.h"

namespace pgward::proxy {

// What an administrator of that database runs once.
std::string sink_ddl(const std::string& table, const std::string& user);

class PostgresqlSink final : public Sink {
 public:
  PostgresqlSink(const SinkPlace& place, const Stop& stop) : place_(place), stop_(stop) {}
  std::optional<std::string> deliver(std::span<const Parcel> parcels) override;

 private:
  struct Close {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  std::optional<std::string> connect();
  std::optional<std::string> run(const std::string& sql, const std::string* parameter);
  Result result();  // null: no answer in time

  const SinkPlace& place_;
  const Stop& stop_;
  std::unique_ptr<PGconn, Close> connection_;
};

}  // namespace pgward::proxy
