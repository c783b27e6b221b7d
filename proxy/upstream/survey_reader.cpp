#include "proxy/upstream/survey_reader.h"

#include <cstdlib>

#include "proxy/upstream/catalog_queries.h"
#include "proxy/upstream/catalog_result.h"
#include "proxy/upstream/survey_queries.h"

namespace pgward::proxy {
namespace {

using policy::Survey;

double real(const CatalogRow& row, int column) {
  const std::string text = row.text(column);
  return text.empty() ? 0 : std::strtod(text.c_str(), nullptr);
}

void read_surroundings(CatalogConnection& server, Survey& survey) {
  server.for_each(kSurveyFactsQuery, "reading the facts of the server", [&](CatalogRow row) {
    survey.database = row.text(0);
    survey.user = row.text(1);
    survey.attributes = {row.flag(2), row.flag(3), row.flag(4)};
  });
  server.for_each(kSettingsQuery, "reading settings",
                  [&](CatalogRow row) { survey.settings.emplace(row.text(0), row.text(1)); });
  server.for_each(kFunctionSettingsQuery, "reading settings of functions", [&](CatalogRow row) {
    survey.function_settings.emplace_back(policy::RelationName{row.text(0), row.text(1)}, row.text(2));
  });
  server.for_each(kExtensionsQuery, "reading extensions and languages",
                  [&](CatalogRow row) { survey.extensions.insert(row.text(0)); });
  server.for_each(kCreatableSchemasQuery, "reading privileges on schemas",
                  [&](CatalogRow row) { survey.creatable_schemas.insert(row.text(0)); });
}

void read_keys(CatalogConnection& server, Survey& survey) {
  std::uint32_t last = 0;
  server.for_each(kIndexesQuery, "reading indexes", [&](CatalogRow row) {
    if (row.number(0) != last)
      survey.indexes.push_back(
          {{row.text(1), row.text(2)}, row.text(3), {}, row.flag(4), row.flag(5), row.flag(6)});
    last = row.number(0);
    survey.indexes.back().columns.push_back(row.text(7));
  });
  last = 0;
  server.for_each(kForeignKeysQuery, "reading foreign keys", [&](CatalogRow row) {
    if (row.number(0) != last)
      survey.foreign_keys.push_back(
          {{row.text(1), row.text(2)}, row.text(3), {}, {row.text(4), row.text(5)}, {}});
    last = row.number(0);
    survey.foreign_keys.back().columns.push_back(row.text(6));
    survey.foreign_keys.back().referenced_columns.push_back(row.text(7));
  });
}

void read_tables(CatalogConnection& server, SurveyDepth depth, Survey& survey) {
  server.for_each(kTableFactsQuery, "reading privileges on tables", [&](CatalogRow row) {
    policy::TableFacts& table = survey.tables[{row.text(0), row.text(1)}];
    table.rows = real(row, 2);
    constexpr const char* kPrivileges[] = {"TRUNCATE", "REFERENCES", "TRIGGER"};
    for (int i = 0; i < 3; ++i)
      if (row.flag(3 + i)) table.privileges.of_upstream.insert(kPrivileges[i]);
  });
  server.for_each(kPublicPrivilegesQuery, "reading privileges of PUBLIC", [&](CatalogRow row) {
    survey.tables[{row.text(0), row.text(1)}].privileges.of_public.insert(row.text(2));
  });
  if (depth == SurveyDepth::walls) return;
  // A parent has two rows of statistics, with its children first.
  server.for_each(kColumnFactsQuery, "reading columns", [&](CatalogRow row) {
    survey.tables[{row.text(0), row.text(1)}].columns.emplace(row.text(2),
                                                              policy::ColumnFacts{real(row, 3), row.text(4)});
  });
}

}  // namespace

std::variant<Survey, std::string> read_survey(PGconn* connection, SurveyDepth depth) {
  if (PQtransactionStatus(connection) != PQTRANS_IDLE)
    return std::string("surveying the database: the connection is not idle");
  CatalogConnection server(connection);
  server.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "beginning to survey the database");
  server.run(kPinSettings, "pinning settings");
  Survey survey;
  read_surroundings(server, survey);
  read_keys(server, survey);
  read_tables(server, depth, survey);
  CatalogConnection(connection).run("ROLLBACK", "ending the transaction");
  if (!server.ok()) return server.error();
  return survey;
}

}  // namespace pgward::proxy
