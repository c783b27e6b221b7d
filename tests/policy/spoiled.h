// A small policy that fits its database; each case spoils one thing in one of them.
#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "policy/against_catalog.h"
#include "policy/file.h"

namespace pgward::policy::spoiled {

inline constexpr auto kPolicy = R"(version: 1
tenant:
  - {claim: tenant_id, setting: app.tenant_id, type: uuid}
  - {claim: tenant_no, setting: app.tenant_no, type: int}
tables:
  patients: {tenant: clinic_id, record: id, phi: {ssn: ssn}}
  billing.claims: {tenant: {column: tenant_no, attribute: tenant_no}, phi: all}
  v_patients: {tenant: clinic_id}
  codes: {shared: read}
functions: {allow: [f_age]}
roles: {clinician: {may: all}}
)";

inline RowPolicy reading(const std::string& setting, std::string name = "isolation") {
  const std::string text = "(clinic_id = (NULLIF(current_setting('" + setting + "'::text, true), ''::text))::uuid)";
  return {std::move(name), true, '*', text, ""};
}

inline Relation relation(Oid oid, RelationName name, std::vector<Column> columns,
                  RelationKind kind = RelationKind::table) {
  Relation made;
  made.oid = oid;
  made.name = std::move(name);
  made.kind = kind;
  made.owner = "ehr_owner";
  made.columns = std::move(columns);
  return made;
}

inline Relation walled(Relation made, const std::string& setting) {
  made.row_security = made.force_row_security = true;
  made.row_policies = {reading(setting)};
  return made;
}

inline Column column(std::string name, std::string type, bool not_null = true) {
  Column made;
  made.name = std::move(name);
  made.type = std::move(type);
  made.not_null = not_null;
  return made;
}

inline Catalog clinic() {
  Catalog catalog;
  catalog.upstream_user = "pgward_app";
  catalog.bypassing_roles = {"postgres"};
  const std::vector<Column> patient{column("id", "uuid"), column("clinic_id", "uuid"),
                                    column("ssn", "text", false)};
  catalog.add(walled(relation(1, {"public", "patients"}, patient), "app.tenant_id"));
  catalog.add(walled(relation(2, {"billing", "claims"}, {column("tenant_no", "integer")}), "app.tenant_no"));
  catalog.add(
      relation(3, {"public", "v_patients"}, {column("clinic_id", "uuid", false)}, RelationKind::view));
  catalog.add(relation(4, {"public", "codes"}, {column("code", "text")}));
  catalog.functions.emplace("f_age", Function())->second.name = {"public", "f_age"};
  return catalog;
}

struct SpoiledCase {
  const char* name;
  void (*spoil)(Policy&, Catalog&);
  const char* findings;
  friend void PrintTo(const SpoiledCase& one, std::ostream* out) { *out << one.name; }
};
class SpoiledTest : public testing::TestWithParam<SpoiledCase> {
 protected:
  static void check() {
    Policy policy = *load_policy(kPolicy, "f").policy;
    Catalog catalog = clinic();
    GetParam().spoil(policy, catalog);
    std::string said;
    for (const Mistake& finding : check_against(policy, catalog)) said += finding.line() + "\n";
    EXPECT_EQ(said, GetParam().findings);
  }
};

inline Relation& patients(Catalog& catalog) {
  return catalog.relations.at({"public", "patients"});
}

inline const auto kName = [](const auto& one) { return one.param.name; };

}  // namespace pgward::policy::spoiled
