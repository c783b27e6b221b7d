#include "proxy/cli/database.h"

#include <cstdio>

#include "policy/file.h"
#include "proxy/upstream/catalog_reader.h"
#include "proxy/upstream/survey_reader.h"

namespace pgward::proxy {

std::variant<Database, std::string> read_database(PGconn* connection) {
  auto catalog = read_catalog(connection);
  if (auto* error = std::get_if<std::string>(&catalog)) return *error;
  auto survey = read_survey(connection, SurveyDepth::columns);
  if (auto* error = std::get_if<std::string>(&survey)) return *error;
  return Database{std::move(std::get<policy::Catalog>(catalog)), std::move(std::get<policy::Survey>(survey))};
}

std::variant<Database, std::string> read_database(const std::string& conninfo) {
  auto connection = connect_by_conninfo(conninfo);
  if (auto* error = std::get_if<std::string>(&connection)) return *error;
  return read_database(std::get<Connection>(connection).get());
}

std::optional<policy::Policy> policy_from(const std::string& file) {
  const auto text = read_file(file);
  if (!text) {
    std::fprintf(stderr, "%s:1:1: cannot be read\n", file.c_str());
    return std::nullopt;
  }
  policy::Loaded loaded = policy::load_policy(*text, file);
  for (const auto& mistake : loaded.mistakes) std::fprintf(stderr, "%s\n", mistake.line().c_str());
  return std::move(loaded.policy);
}

int cannot(const char* what, const std::string& text) {
  std::fprintf(stderr, "pgward %s: %s\n", what, text.c_str());
  return 2;
}

}  // namespace pgward::proxy
