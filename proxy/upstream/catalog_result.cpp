#include "proxy/upstream/catalog_result.h"

#include <charconv>

namespace pgward::proxy {
namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? "" : text;
}

}  // namespace

std::string CatalogRow::text(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

bool CatalogRow::flag(int column) const {
  return letter(column) == 't';
}

char CatalogRow::letter(int column) const {
  return *PQgetvalue(result_, row_, column);
}

std::uint32_t CatalogRow::number(int column) const {
  std::uint32_t value = 0;
  const std::string_view digits = PQgetvalue(result_, row_, column);
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

void CatalogConnection::run(const char* sql, const char* what) {
  query(sql, what);
}

CatalogConnection::Result CatalogConnection::query(const char* sql, const char* what) {
  if (!ok()) return nullptr;
  Result result(PQexec(connection_, sql));
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return result;
  error_ = std::string(what) + " failed";
  if (result)
    error_ +=
        ": " + field(result.get(), PG_DIAG_SQLSTATE) + " " + field(result.get(), PG_DIAG_MESSAGE_PRIMARY);
  if (PQstatus(connection_) != CONNECTION_OK) error_ += " (connection lost)";
  return nullptr;
}

}  // namespace pgward::proxy
