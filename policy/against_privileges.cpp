// Ways around: what the upstream user could do to the database if a statement ever got past pgward, and what
// others may do beside it.
#include <algorithm>
#include <array>

#include "policy/against_parts.h"

namespace pgward::policy {
namespace {

// Memberships that read or write what no policy of rows binds.
constexpr std::array<std::string_view, 3> kServerRoles{"pg_execute_server_program", "pg_read_server_files",
                                                       "pg_write_server_files"};

struct RiskyExtension {
  std::string_view name;
  std::string_view why;
};
constexpr std::array kRiskyExtensions{
    RiskyExtension{"dblink", "opens connections of its own, on which no setting binds a tenant"},
    RiskyExtension{"postgres_fdw", "reads other databases with a log-in of its own"},
    RiskyExtension{"file_fdw", "reads files and programs of the server"},
    RiskyExtension{"adminpack", "writes files of the server"},
    RiskyExtension{"pageinspect", "shows pages of any table, whoever the rows belong to"},
    RiskyExtension{"pg_surgery", "changes rows below every check"},
    RiskyExtension{"plpython3u", "is an untrusted language: its functions reach files and network"},
    RiskyExtension{"plperlu", "is an untrusted language: its functions reach files and network"},
    RiskyExtension{"pltclu", "is an untrusted language: its functions reach files and network"}};

std::string user_of(const Catalog& catalog) {
  return quote_identifier(catalog.upstream_user);
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void check_memberships(const Policy& policy, const Catalog& catalog, const Place& place, Findings& findings) {
  for (const std::string& role : catalog.upstream_roles) {
    const std::string revoke = "REVOKE " + quote_identifier(role) + " FROM " + user_of(catalog);
    if (std::find(kServerRoles.begin(), kServerRoles.end(), role) != kServerRoles.end())
      findings.error(place, {.code = "upstream-server-access",
                             .object = catalog.upstream_user,
                             .text = "the upstream user " + user_of(catalog) + " is a member of " + role +
                                     ": files and programs of the server are around every wall",
                             .sql = revoke});
    else if (catalog.bypassing_roles.contains(role) && policy.mode == Mode::rls_and_predicate)
      findings.error(place, {.code = "upstream-may-bypass",
                             .object = catalog.upstream_user,
                             .text = "the upstream user " + user_of(catalog) + " is a member of " +
                                     quote_identifier(role) + ", which bypasses row-level security",
                             .sql = revoke});
  }
}

void check_attributes(const Catalog& catalog, const UpstreamUser& user, const Place& place,
                      Findings& findings) {
  const std::string who = "the upstream user " + user_of(catalog);
  if (user.replication)
    findings.error(place, {.code = "upstream-replication",
                           .object = catalog.upstream_user,
                           .text = who + " has REPLICATION: it can stream every table",
                           .sql = "ALTER ROLE " + user_of(catalog) + " NOREPLICATION"});
  if (user.create_role)
    findings.error(place, {.code = "upstream-create-role",
                           .object = catalog.upstream_user,
                           .text = who + " has CREATEROLE: it can give itself other roles",
                           .sql = "ALTER ROLE " + user_of(catalog) + " NOCREATEROLE"});
}

bool has_tenant_tables(const Policy& policy) {
  return std::any_of(policy.tables.begin(), policy.tables.end(),
                     [](const auto& one) { return one.second.kind == TableKind::tenant; });
}

// One finding a table: the privileges that row-level security does not bind, and those of everybody.
void check_table(const Catalog& catalog, const Survey& survey, const Relation& relation,
                 const TableRule& rule, Findings& findings) {
  const std::string name = relation.name.sql();
  if (relation.owner == catalog.upstream_user)
    findings.warning(rule.place,
                     {.code = "upstream-owns",
                      .object = relation.name.text(),
                      .text = "the upstream user owns " + name + ": it may switch its row-level security off",
                      .advice = "ALTER TABLE " + name + " OWNER TO a role that nobody logs in with"});
  const TableFacts* facts = survey.table(relation.name);
  if (facts == nullptr || survey.attributes.superuser) return;
  const auto& privileges = facts->privileges;
  if (!privileges.of_upstream.empty() && relation.owner != catalog.upstream_user)
    findings.warning(
        rule.place,
        {.code = "grant-unbound",
         .object = relation.name.text(),
         .text = "the upstream user has " + joined(privileges.of_upstream) + " on " + name +
                 ", which row-level security does not bind (look for the role or PUBLIC that has it if "
                 "this remains)",
         .sql = "REVOKE " + joined(privileges.of_upstream) + " ON " + name + " FROM " + user_of(catalog)});
  if (!privileges.of_public.empty())
    findings.warning(rule.place,
                     {.code = "grant-public",
                      .object = relation.name.text(),
                      .text = "everybody (PUBLIC) has " + joined(privileges.of_public) + " on " + name,
                      .sql = "REVOKE ALL ON " + name + " FROM PUBLIC"});
}

void check_functions(const Policy& policy, const Catalog& catalog, Findings& findings) {
  for (const auto& [bare, function] : catalog.functions) {
    const bool counts = function.security_definer && function.executable && function.extension.empty() &&
                        !belongs_to_server(function.name.schema) && !policy.functions.contains(function.name);
    if (!counts) continue;
    const bool bypasses = catalog.bypassing_roles.contains(function.owner);
    findings.warning(
        database_place(catalog),
        {.code = "function-definer",
         .object = function.name.text(),
         .text = "the upstream user may execute " + function.name.sql() +
                 ", which runs with the rights of its owner " + quote_identifier(function.owner) +
                 (bypasses ? ", who bypasses row-level security" : "") +
                 " (SECURITY DEFINER); only pgward refuses it",
         .advice = "REVOKE EXECUTE ON ROUTINE " + function.name.sql() + " FROM PUBLIC and from " +
                   user_of(catalog)});
  }
}

}  // namespace

void check_upstream_user(const Policy& policy, const Catalog& catalog, const Survey* survey,
                         Findings& findings) {
  const Place place = policy.tenant.empty() ? database_place(catalog) : policy.tenant.front().place;
  const bool protects = has_tenant_tables(policy);
  if (catalog.upstream_bypasses_rls && protects && policy.mode == Mode::rls_and_predicate) {
    findings.error(place, {.code = "upstream-bypasses-rls",
                           .object = catalog.upstream_user,
                           .text = "the upstream user " + user_of(catalog) + " bypasses row-level security",
                           .advice = "use one that is no superuser and has NOBYPASSRLS, or mode: predicate"});
  } else if (survey != nullptr && survey->attributes.superuser) {
    findings.warning(
        place, {.code = "upstream-superuser",
                .object = catalog.upstream_user,
                .text = "the upstream user " + user_of(catalog) +
                        " is a superuser: nothing but pgward stands before files, programs and all rows",
                .advice = "use one with no more than the privileges of the application"});
  }
  check_memberships(policy, catalog, place, findings);
  if (survey != nullptr && !survey->attributes.superuser)
    check_attributes(catalog, survey->attributes, place, findings);
}

void check_privileges(const Policy& policy, const Catalog& catalog, const Survey& survey,
                      Findings& findings) {
  for (const auto& [name, relation] : catalog.relations) {
    if (!survey.tables.contains(name)) continue;
    const TableRule* rule = rule_for(policy, catalog, relation);
    if (rule != nullptr && rule->kind == TableKind::tenant)
      check_table(catalog, survey, relation, *rule, findings);
  }
  check_functions(policy, catalog, findings);
  const Place place = database_place(catalog);
  for (const RiskyExtension& risky : kRiskyExtensions)
    if (survey.extensions.contains(risky.name))
      findings.warning(place, {.code = "extension",
                               .object = std::string(risky.name),
                               .text = "extension " + std::string(risky.name) + " is installed: it " +
                                       std::string(risky.why) + "; only pgward refuses it",
                               .sql = "DROP EXTENSION " + quote_identifier(risky.name)});
  if (survey.attributes.superuser) return;
  for (const std::string& schema : survey.creatable_schemas)
    if (std::find(catalog.default_search_path.begin(), catalog.default_search_path.end(), schema) !=
        catalog.default_search_path.end())
      findings.warning(place, {.code = "schema-create",
                               .object = schema,
                               .text = "the upstream user may create objects in schema " +
                                       quote_identifier(schema) + ", where bare names are looked up",
                               .sql = "REVOKE CREATE ON SCHEMA " + quote_identifier(schema) +
                                      " FROM PUBLIC, " + user_of(catalog)});
}

}  // namespace pgward::policy
