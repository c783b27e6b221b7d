#include "proxy/upstream/catalog_reader.h"

#include <unordered_map>

#include "proxy/upstream/catalog_queries.h"
#include "proxy/upstream/catalog_result.h"
#include "proxy/upstream/connect.h"

namespace pgward::proxy {
namespace {

using policy::Catalog;
using policy::Function;
using policy::Oid;
using policy::Relation;
using policy::RelationKind;
using policy::Volatility;

// Relations by oid while they are put together; a row about one that is not there (temporary, or of TOAST)
// is left out.
using Relations = std::unordered_map<Oid, Relation>;

RelationKind relation_kind(char relkind) {
  switch (relkind) {
    case 'p':
      return RelationKind::partitioned_table;
    case 'v':
      return RelationKind::view;
    case 'm':
      return RelationKind::materialized_view;
    case 'f':
      return RelationKind::foreign_table;
    case 'S':
      return RelationKind::sequence;
    case 'i':
    case 'I':
      return RelationKind::index;
    case 'c':
      return RelationKind::composite_type;
    case 't':
      return RelationKind::toast;
    default:
      return RelationKind::table;
  }
}

Volatility volatility(char provolatile) {
  if (provolatile == 'i') return Volatility::immutable;
  return provolatile == 's' ? Volatility::stable : Volatility::volatile_;
}

void read_facts(CatalogConnection& server, Catalog& catalog) {
  server.for_each(kFactsQuery, "reading the facts of the server", [&](CatalogRow row) {
    catalog.database = row.text(0);
    catalog.upstream_user = row.text(1);
    catalog.server_version_num = static_cast<int>(row.number(2));
    catalog.upstream_bypasses_rls = row.flag(3);
  });
  server.for_each(kBypassingRolesQuery, "reading roles",
                  [&](CatalogRow row) { catalog.bypassing_roles.insert(row.text(0)); });
  server.for_each(kUpstreamRolesQuery, "reading the memberships of the user",
                  [&](CatalogRow row) { catalog.upstream_roles.insert(row.text(0)); });
}

void read_relations(CatalogConnection& server, Relations& relations) {
  server.for_each(kRelationsQuery, "reading relations", [&](CatalogRow row) {
    Relation relation;
    relation.oid = row.number(0);
    relation.name = {row.text(1), row.text(2)};
    relation.kind = relation_kind(row.letter(3));
    relation.owner = row.text(4);
    relation.row_security = row.flag(5);
    relation.force_row_security = row.flag(6);
    relation.security_invoker = row.flag(7);
    relation.view_definition = row.text(8);
    relation.has_rules = row.flag(9);
    relations.emplace(relation.oid, std::move(relation));
  });
}

void read_details(CatalogConnection& server, Relations& relations) {
  const auto about = [&](CatalogRow row, auto put) {
    if (const auto found = relations.find(row.number(0)); found != relations.end()) put(found->second);
  };
  server.for_each(kColumnsQuery, "reading columns", [&](CatalogRow row) {
    about(row, [&](Relation& relation) {
      relation.columns.push_back(
          {row.text(1), row.text(2), static_cast<int>(row.number(3)), row.flag(4), row.flag(5), row.text(6),
                                  row.flag(7)});
    });
  });
  server.for_each(kInheritsQuery, "reading partitions and inheritance", [&](CatalogRow row) {
    about(row, [&](Relation& relation) { relation.parents.push_back(row.number(1)); });
  });
  server.for_each(kViewReadsQuery, "reading what views read", [&](CatalogRow row) {
    about(row, [&](Relation& relation) { relation.reads.push_back(row.number(1)); });
  });
  server.for_each(kChangeTriggersQuery, "reading the triggers of changes", [&](CatalogRow row) {
    about(row, [&](Relation& relation) { relation.change_trigger = row.text(1); });
  });
  server.for_each(kRowPoliciesQuery, "reading row-level security policies", [&](CatalogRow row) {
    about(row, [&](Relation& relation) {
      relation.row_policies.push_back({row.text(1), row.flag(2), row.letter(3), row.text(4), row.text(5)});
    });
  });
}

void read_functions(CatalogConnection& server, Catalog& catalog) {
  server.for_each(kChangeFunctionQuery, "reading the function of changes", [&](CatalogRow row) { catalog.change_function = row.text(0); });
  server.for_each(kFunctionsQuery, "reading functions", [&](CatalogRow row) {
    Function function;
    function.oid = row.number(0);
    function.name = {row.text(1), row.text(2)};
    function.volatility = volatility(row.letter(3));
    function.language = row.text(4);
    function.security_definer = row.flag(5);
    function.leakproof = row.flag(6);
    function.returns_set = row.flag(7);
    function.kind = row.letter(8);
    function.extension = row.text(9);
    function.source = row.text(10);
    function.owner = row.text(11);
    function.executable = row.flag(12);
    catalog.functions.emplace(function.name.name, std::move(function));
  });
}

void read_names(CatalogConnection& server, Catalog& catalog) {
  server.for_each(kOperatorsQuery, "reading operators", [&](CatalogRow row) {
    catalog.operators.emplace(row.text(1), policy::Operator{{row.text(0), row.text(1)},
                                                            {row.text(2), row.text(3)},
                                                            row.text(4),
                                                            row.text(5),
                                                            row.flag(6)});
  });
  server.for_each(kTypesQuery, "reading types",
                  [&](CatalogRow row) { catalog.types.emplace(row.text(0), row.text(1)); });
  server.for_each(kConstraintsQuery, "reading constraints",
                  [&](CatalogRow row) { catalog.constraints.insert_or_assign(row.text(0), row.text(1)); });
}

Catalog read_everything(CatalogConnection& server) {
  Catalog catalog;
  server.for_each(kSearchPathQuery, "reading the search path",
                  [&](CatalogRow row) { catalog.default_search_path.push_back(row.text(0)); });
  // In the same snapshot as the rest, and before it: pg_get_viewdef() and its like see what is newer, and then
  // this is older than the catalog and the next comparison fails, never the other way round.
  server.for_each(kFingerprintQuery, "reading the fingerprint of the catalog",
                  [&](CatalogRow row) { catalog.fingerprint = row.text(0); });
  server.run(kPinSettings, "pinning settings");
  Relations relations;
  read_facts(server, catalog);
  read_relations(server, relations);
  read_details(server, relations);
  read_functions(server, catalog);
  read_names(server, catalog);
  for (auto& [oid, relation] : relations) catalog.add(std::move(relation));
  return catalog;
}

}  // namespace

CatalogOrError read_catalog(PGconn* connection) {
  if (PQtransactionStatus(connection) != PQTRANS_IDLE)
    return std::string("reading the catalog: the connection is not idle");
  CatalogConnection server(connection);
  server.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "beginning to read the catalog");
  Catalog catalog = read_everything(server);
  CatalogConnection(connection).run("ROLLBACK", "ending the transaction");
  if (!server.ok()) return server.error();
  if (catalog.upstream_user.empty() || catalog.relations.empty())
    return std::string("the catalog of the database is empty");
  return catalog;
}

std::variant<bool, std::string> catalog_unchanged(PGconn* connection, const policy::Catalog& known) {
  CatalogConnection server(connection);
  bool same = false;
  server.for_each(kFingerprintQuery, "reading the fingerprint of the catalog", [&](CatalogRow row) {
    same = !known.fingerprint.empty() && row.text(0) == known.fingerprint;
  });
  if (!server.ok()) return server.error();
  return same;
}

CatalogOrError read_catalog(const std::string& conninfo) {
  auto connection = connect_by_conninfo(conninfo);
  if (auto* error = std::get_if<std::string>(&connection)) return *error;
  return read_catalog(std::get<Connection>(connection).get());
}

}  // namespace pgward::proxy
