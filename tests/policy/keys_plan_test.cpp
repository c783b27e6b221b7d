// Key columns of an answer: what the plan tells of them, and when none are added.
#include <gtest/gtest.h>

#include <functional>

#include "fixture.h"

namespace pgward::policy {
namespace {

std::string keys_of(const StatementFacts& facts) {
  std::string out = facts.rows_swallowed ? "swallowed:" : "";
  for (const AddedKey& key : facts.added_keys) out += (out.empty() || out.back() == ':' ? "" : " ") + key.relation.name + "." + key.column;
  return out;
}

struct KeysCase {
  const char* sql;
  const char* keys;
};

TEST(KeysPlanTest, WhatIsAdded) {
  for (const KeysCase& each : {
           KeysCase{"SELECT given_name FROM patients", "patients.patient_id"},
           KeysCase{"SELECT patient_id FROM patients", ""},
           KeysCase{"SELECT a.mrn, b.mrn FROM patients a, patients b", "patients.patient_id patients.patient_id"},
           KeysCase{"SELECT kind FROM patient_links", "patient_links.patient_id patient_links.linked_patient_id"},
           KeysCase{"SELECT kind, patient_id FROM patient_links", "patient_links.linked_patient_id"},
           KeysCase{"UPDATE wards SET beds = 1", "swallowed:wards.ward_id"},
           KeysCase{"UPDATE wards SET beds = 1 RETURNING *", ""},
           KeysCase{"DELETE FROM wards RETURNING name", "wards.ward_id"},
           KeysCase{"INSERT INTO wards (name) VALUES ('x')", "swallowed:wards.ward_id"},
           KeysCase{"DECLARE c CURSOR FOR SELECT name FROM wards", ""},
           KeysCase{"PREPARE c AS SELECT name FROM wards", ""},
       }) {
    const Plan plan = fixture::keys_plan_for(each.sql);
    ASSERT_FALSE(plan.refusal) << each.sql;
    EXPECT_EQ(keys_of(plan.statements.front()), each.keys) << each.sql;
  }
}

TEST(KeysPlanTest, ExplainShowsAPlanAndNoRows) {
  const Plan plan = fixture::keys_plan_for("EXPLAIN SELECT name FROM wards", "open");
  ASSERT_FALSE(plan.refusal);
  EXPECT_EQ(keys_of(plan.statements.front()), "");
}

TEST(KeysPlanTest, EachStatementOfATextHasItsOwn) {
  const Plan plan = fixture::keys_plan_for("SELECT name FROM wards; SELECT 1; DELETE FROM wards");
  ASSERT_FALSE(plan.refusal);
  EXPECT_EQ(keys_of(plan.statements[0]), "wards.ward_id");
  EXPECT_EQ(keys_of(plan.statements[1]), "");
  EXPECT_EQ(keys_of(plan.statements[2]), "swallowed:wards.ward_id");
}

// Of a database and a policy that were changed a little.
struct Changed {
  Catalog catalog = fixture::ehr_catalog();
  Policy policy = fixture::keys_policy();
  Relation& wards() { return catalog.relations.at({"public", "wards"}); }
  std::string keys(std::string_view sql, const char* role = "clinician") const {
    const Plan made = plan({sql, QueryProtocol::simple, policy.roles.at(role), &fixture::default_path()}, policy, catalog);
    return made.refusal ? fixture::name_of(*made.refusal) : keys_of(made.statements.front());
  }
};

TEST(KeysPlanTest, NotWhatTheServerWouldRefuse) {
  constexpr const char* kRead = "SELECT name FROM wards";
  constexpr const char* kInsert = "INSERT INTO wards (name) VALUES ('x')";
  constexpr const char* kUpdate = "UPDATE wards SET beds = 1";
  constexpr const char* kPositioned = "UPDATE wards SET beds = 1 WHERE CURRENT OF c";
  Changed unreadable;
  unreadable.wards().columns.front().readable = false;
  for (const char* sql : {kRead, kInsert, kUpdate, kPositioned}) EXPECT_EQ(unreadable.keys(sql), "") << sql;
  Changed ruled;
  ruled.wards().has_rules = true;
  EXPECT_EQ(ruled.keys(kRead), "wards.ward_id");
  for (const char* sql : {kInsert, kUpdate, kPositioned}) EXPECT_EQ(ruled.keys(sql), "") << sql;
  Changed secured;
  secured.wards().row_security = true;
  secured.wards().row_policies = {{"a", true, '*', "x", ""}, {"b", true, '*', "y", "y"}};
  for (const char* sql : {kInsert, kUpdate, kPositioned}) EXPECT_EQ(secured.keys(sql), "swallowed:wards.ward_id") << sql;
  for (const RowPolicy& other : {RowPolicy{"c", false, 'r', "z", ""}, RowPolicy{"c", true, '*', "x", "z"}}) {
    Changed narrow = secured;
    narrow.wards().row_policies.push_back(other);
    EXPECT_EQ(narrow.keys(kInsert), "");
    EXPECT_EQ(narrow.keys(kPositioned), "");
    EXPECT_EQ(narrow.keys(kUpdate), "swallowed:wards.ward_id");
  }
  // Nobody's in particular: no predicate names a column, and so only RETURNING would bring in the policies for SELECT.
  const auto share = [](Changed changed) {
    changed.policy.tables.at({"public", "wards"}).kind = TableKind::shared_write;
    changed.policy.tables.at({"public", "wards"}).tenant.clear();
    return changed;
  };
  Changed narrow = secured;
  narrow.wards().row_policies.push_back({"c", false, 'r', "z", ""});
  for (const char* sql : {kUpdate, "DELETE FROM wards"}) {
    EXPECT_EQ(share(secured).keys(sql), "swallowed:wards.ward_id") << sql;
    EXPECT_EQ(share(narrow).keys(sql), "") << sql;
  }
}

TEST(KeysPlanTest, NotWhatHasNoTextFormOfItsOwn) {
  Changed dates;
  dates.wards().columns.front().type = "date";
  EXPECT_EQ(dates.keys("SELECT name FROM wards"), "");
  Changed gone;
  gone.policy.tables.at({"public", "wards"}).record = {"nothing"};
  EXPECT_EQ(gone.keys("SELECT name FROM wards"), "");
}

TEST(KeysPlanTest, OnlyOfTablesThatAsk) {
  Changed one;
  one.policy.tables.at({"public", "wards"}).keys = KeyColumns::as_written;
  EXPECT_EQ(one.keys("SELECT w.name, p.mrn FROM wards w, patients p"), "patients.patient_id");
}

// The role may not see its patients' keys; the trail may.
TEST(KeysPlanTest, AColumnThatTheRoleMustNotSee) {
  for (const Mask mask : {Mask::none, Mask::null}) {
    Changed hidden;
    ColumnRule rule;
    rule.mask = mask;
    hidden.policy.roles.at("clinician").columns[{"public", "patients"}]["patient_id"] = rule;
    EXPECT_EQ(hidden.keys("SELECT sex FROM patients"), "patients.patient_id");
    EXPECT_EQ(hidden.keys("SELECT sex FROM patients ORDER BY \"pgward:key\""), "");
    EXPECT_EQ(hidden.keys("SELECT patient_id FROM patients"), mask == Mask::none ? "column_not_allowed" : "patients.patient_id");
    EXPECT_EQ(hidden.keys("UPDATE patients SET sex = 'x'"), "swallowed:patients.patient_id");
  }
}

TEST(KeysPlanTest, NotMoreColumnsThanAnAnswerMayHave) {
  std::string list = "mrn";
  for (int i = 1; i < 1600; ++i) list += ", mrn";
  const Plan plan = fixture::keys_plan_for("SELECT " + list + " FROM patients");
  ASSERT_FALSE(plan.refusal);
  EXPECT_EQ(keys_of(plan.statements.front()), "");
}

}  // namespace
}  // namespace pgward::policy
