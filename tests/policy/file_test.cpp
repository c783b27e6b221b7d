// A policy file without mistakes, and what becomes of each part of it.
#include "policy/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgward::policy {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr auto kClinic = R"(# a small clinic
version: 1
mode: rls+predicate
tenant:
  - {name: tenant_id, claim: clinic, setting: app.tenant_id, type: uuid}
  - {claim: tenant_no, setting: app.tenant_no, type: int}
default: refuse
missing_tenant: refuse
tables:
  patients:
    tenant: clinic_id
    record: id
    subject: [id, mrn]
    missing_tenant: fill
    changes: encrypted
    phi: {first_name: name, 'a "b" c': free_text, '"Birth Date"': date}
  lab_results: {tenant: {column: tenant_no, attribute: tenant_no}, phi: [value_text, value_num]}
  billing.claims: {tenant: [clinic_id, {column: no, attribute: tenant_no}], phi: all}
  '"Front Desk"."Check-In"': {tenant: Clinic Id}
  icd10_codes: {shared: read}
  public.job_queue: {shared: write}
functions: {allow: [public.f_age_years, f_full_name]}
roles:
  clinician: {may: [select, insert, update, delete]}
  open: {may: all}
  desk:
    may: select
    columns:
      patients: {ssn: {mask: last4}, dob: {mask: null}, photo: refuse, note: {mask: constant, value: hidden, write: allow}}
      billing.claims: {memo: {mask: hash, function: f_mask}}
)";

Policy clinic() {
  Loaded loaded = load_policy(kClinic, "clinic.yaml");
  for (const Mistake& mistake : loaded.mistakes) ADD_FAILURE() << mistake.line();
  return loaded.policy.value_or(Policy{});
}

TEST(PolicyFileTest, ReadsTenantAttributes) {
  const Policy policy = clinic();
  ASSERT_EQ(policy.tenant.size(), 2u);
  EXPECT_EQ(policy.attribute("tenant_id")->claim, "clinic");
  EXPECT_EQ(policy.attribute("tenant_id")->setting, "app.tenant_id");
  EXPECT_EQ(policy.attribute("tenant_id")->type, TenantType::uuid);
  EXPECT_EQ(policy.attribute("tenant_id")->place.text(), "clinic.yaml:5:5");
  EXPECT_EQ(policy.attribute("tenant_no")->claim, "tenant_no");
  EXPECT_EQ(policy.attribute("tenant_no")->type, TenantType::int4);
  EXPECT_EQ(policy.attribute("clinic"), nullptr);
}

TEST(PolicyFileTest, ReadsATenantTable) {
  const Policy policy = clinic();
  const TableRule& patients = policy.tables.at({"public", "patients"});
  EXPECT_EQ(patients.kind, TableKind::tenant);
  EXPECT_EQ(patients.place.text(), "clinic.yaml:10:3");
  ASSERT_EQ(patients.tenant.size(), 1u);
  EXPECT_EQ(patients.tenant[0].column, "clinic_id");
  EXPECT_EQ(patients.tenant[0].attribute, "tenant_id");
  EXPECT_EQ(patients.tenant[0].place.text(), "clinic.yaml:11:13");
  EXPECT_EQ(patients.missing_tenant, MissingTenant::fill);
  EXPECT_EQ(patients.changes, ChangeValues::encrypted);
  EXPECT_THAT(patients.record, ElementsAre("id"));
  EXPECT_THAT(patients.subject, ElementsAre("id", "mrn"));
  EXPECT_THAT(patients.phi, ElementsAre(Pair("Birth Date", "date"), Pair("a \"b\" c", "free_text"),
                                        Pair("first_name", "name")));
}

TEST(PolicyFileTest, ReadsOtherShapesOfTables) {
  const Policy policy = clinic();
  const TableRule& labs = policy.tables.at({"public", "lab_results"});
  EXPECT_EQ(labs.tenant[0].column, "tenant_no");
  EXPECT_EQ(labs.tenant[0].attribute, "tenant_no");
  EXPECT_EQ(labs.missing_tenant, MissingTenant::refuse);
  EXPECT_EQ(labs.changes, ChangeValues::off);
  EXPECT_THAT(labs.phi, ElementsAre(Pair("value_num", "phi"), Pair("value_text", "phi")));
  const TableRule& claims = policy.tables.at({"billing", "claims"});
  ASSERT_EQ(claims.tenant.size(), 2u);
  EXPECT_EQ(claims.tenant[0].attribute, "tenant_id");
  EXPECT_EQ(claims.tenant[1].attribute, "tenant_no");
  ASSERT_NE(claims.phi_kind("any column"), nullptr);
  EXPECT_EQ(*claims.phi_kind("any column"), "phi");
  EXPECT_EQ(labs.phi_kind("loinc"), nullptr);
  EXPECT_EQ(policy.tables.at({"Front Desk", "Check-In"}).tenant[0].column, "Clinic Id");
  EXPECT_EQ(policy.tables.at({"public", "icd10_codes"}).kind, TableKind::shared_read);
  EXPECT_EQ(policy.tables.at({"public", "job_queue"}).kind, TableKind::shared_write);
  EXPECT_EQ(policy.tables.size(), 6u);
}

TEST(PolicyFileTest, ReadsTheRest) {
  const Policy policy = clinic();
  EXPECT_EQ(policy.mode, Mode::rls_and_predicate);
  EXPECT_FALSE(policy.passes_everything());
  EXPECT_TRUE(policy.functions.contains({"public", "f_age_years"}));
  EXPECT_EQ(policy.functions.at({"public", "f_full_name"}).text(), "clinic.yaml:22:41");
  EXPECT_THAT(policy.roles.at("clinician").may, ElementsAre(StatementClass::select, StatementClass::insert,
                                                            StatementClass::update, StatementClass::delete_));
  EXPECT_THAT(policy.roles.at("open").may, ElementsAre(StatementClass::all));
  EXPECT_EQ(policy.source_sha256.size(), 64u);
}

TEST(PolicyFileTest, ReadsColumnRules) {
  const Policy policy = clinic();
  const auto& columns = policy.roles.at("desk").columns;
  const auto& patients = columns.at({"public", "patients"});
  EXPECT_EQ(patients.at("ssn").mask, Mask::last4);
  EXPECT_FALSE(patients.at("ssn").may_write);
  EXPECT_EQ(patients.at("ssn").place.text(), "clinic.yaml:29:18");
  EXPECT_EQ(patients.at("dob").mask, Mask::null);
  EXPECT_EQ(patients.at("photo").mask, Mask::none);
  EXPECT_EQ(patients.at("note").constant, "hidden");
  EXPECT_TRUE(patients.at("note").may_write);
  const ColumnRule& memo = columns.at({"billing", "claims"}).at("memo");
  EXPECT_EQ(memo.mask, Mask::hash);
  EXPECT_EQ(memo.function, (RelationName{"public", "f_mask"}));
}

TEST(PolicyFileTest, SmallestPolicyProtectsNothing) {
  const Loaded loaded = load_policy("version: 1\ndefault: allow\n", "open.yaml");
  ASSERT_TRUE(loaded.policy);
  EXPECT_TRUE(loaded.policy->passes_everything());
  // echo -ne 'version: 1\ndefault: allow\n' | sha256sum
  EXPECT_EQ(loaded.policy->source_sha256, "2887b03bc6dc9776c3d4c2abf0379db18bd24e737d91f250fba19dc7f8f451b9");
}

TEST(PolicyFileTest, OneAttributeMayBeWrittenWithoutAList) {
  const Loaded loaded = load_policy(
      "{version: 1, mode: predicate, tenant: {claim: t, setting: a.t}, tables: {p: {tenant: c}}, roles: {r: "
      "{may: select}}}",
      "f");
  ASSERT_TRUE(loaded.policy);
  EXPECT_EQ(loaded.policy->mode, Mode::predicate);
  EXPECT_EQ(loaded.policy->tenant[0].type, TenantType::text);
  EXPECT_EQ(loaded.policy->tables.at({"public", "p"}).tenant[0].attribute, "t");
}

}  // namespace
}  // namespace pgward::policy
