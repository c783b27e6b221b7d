// Rows of a catalog query, by column number, and one way to run a query that remembers what went wrong.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

#include "policy/catalog.h"

namespace pgward::proxy {

class CatalogRow {
 public:
  CatalogRow(const PGresult* result, int row) : result_(result), row_(row) {}
  // NULL reads as an empty text, false or 0.
  std::string text(int column) const;
  bool flag(int column) const;
  char letter(int column) const;
  std::uint32_t number(int column) const;

 private:
  const PGresult* result_;
  int row_;
};

class CatalogConnection {
 public:
  explicit CatalogConnection(PGconn* connection) : connection_(connection) {}

  // After the first failure nothing is run any more, so that a list of these needs one check at its end.
  void run(const char* sql, const char* what);
  template <typename Each>
  void for_each(const char* sql, const char* what, Each each) {
    const Result result = query(sql, what);
    const int rows = result ? PQntuples(result.get()) : 0;
    for (int row = 0; row < rows; ++row) each(CatalogRow(result.get(), row));
  }

  bool ok() const { return error_.empty(); }
  // "<what> failed: <SQLSTATE> <message>": these queries hold names of the catalog and nothing else.
  const std::string& error() const { return error_; }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  Result query(const char* sql, const char* what);

  PGconn* connection_;
  std::string error_;
};

}  // namespace pgward::proxy
