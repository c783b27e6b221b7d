// Where a plan says that the keys of records and patients stand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fixture.h"

namespace pgward::policy {
namespace {

// patients (patient_id), encounters (encounter_id, of patient_id), lab_results (of patient_id), claim_lines (claim_id, line_no).
const Policy& keyed_policy() {
  static const Policy policy = [] {
    Policy made = fixture::ehr_policy();
    const auto name_keys = [&](const char* schema, const char* table, std::vector<std::string> record, std::vector<std::string> subject) {
      TableRule& rule = made.tables.at({schema, table});
      rule.record = std::move(record);
      rule.subject = std::move(subject);
    };
    name_keys("public", "encounters", {"encounter_id"}, {"patient_id"});
    name_keys("public", "lab_results", {}, {"patient_id"});
    name_keys("billing", "claim_lines", {"claim_id", "line_no"}, {});
    return made;
  }();
  return policy;
}

std::string text_of(const KeySource& source) {
  std::string out = source.kind == KeySource::Kind::constant ? source.value : source.kind == KeySource::Kind::parameter ? "$" : "#";
  if (source.kind != KeySource::Kind::constant) out += std::to_string(source.index);
  return source.list ? "any " + out : out;
}

std::string text_of(const std::vector<KeySource>& sources) {
  std::string out;
  for (const KeySource& source : sources) out += (out.empty() ? "" : " ") + text_of(source);
  return out;
}

std::string text_of(const KeyPlace& place) {
  std::string out;
  for (const auto& output : place.outputs)
    out += (out.empty() ? "" : " ") + (output.table == 0 ? "added" : fixture::ehr_catalog().find(output.table)->name.name) + "." + std::to_string(output.number);
  if (place.named) out += (out.empty() ? "=" : " =") + text_of(place.values);
  return out.empty() ? "?" : out;
}

// "encounters r[..] s[..]", by reference.
std::string keys_of(std::string_view sql) {
  const Role& role = keyed_policy().roles.at("clinician");
  const Plan made = plan({sql, QueryProtocol::extended, role, &fixture::default_path(), nullptr}, keyed_policy(), fixture::ehr_catalog());
  EXPECT_FALSE(made.refusal.has_value()) << sql;
  std::string out;
  if (made.refusal || !made.statements.at(0).keys) return "none";
  for (const TouchedKeys& keys : *made.statements[0].keys) {
    out += out.empty() ? "" : "; ";
    out += keys.table.name;
    if (keys.unknown) out += " unknown";
    for (const KeyReference& reference : keys.references) {
      for (const KeyPlace& part : reference.record) out += " r[" + text_of(part) + "]";
      for (const KeyPlace& part : reference.subject) out += " s[" + text_of(part) + "]";
    }
    if (!keys.subject_named.empty()) out += " named " + text_of(keys.subject_named);
  }
  return out;
}

struct KeyCase {
  const char* sql;
  const char* keys;
};

class KeyFacts : public testing::TestWithParam<KeyCase> {};
TEST_P(KeyFacts, SaysWhereKeysStand) { EXPECT_EQ(keys_of(GetParam().sql), GetParam().keys) << GetParam().sql; }

INSTANTIATE_TEST_SUITE_P(Rows, KeyFacts, testing::Values(
    KeyCase{"SELECT 1", "none"},
    KeyCase{"SELECT beds FROM wards w WHERE w.beds = 3", "wards r[wards.1]"},
    KeyCase{"SELECT * FROM patients", "patients r[patients.1] s[patients.1]"},
    KeyCase{"SELECT * FROM lab_results", "lab_results s[lab_results.3]"},
    KeyCase{"SELECT x.* FROM (SELECT * FROM lab_results) x", "lab_results s[lab_results.3]"},
    KeyCase{"WITH x AS (SELECT * FROM lab_results) SELECT * FROM x", "lab_results s[lab_results.3]"},
    KeyCase{"WITH x AS (SELECT * FROM lab_results) SELECT a.patient_id FROM x a, x b", "lab_results s[?]"},
    KeyCase{"SELECT a.patient_id FROM lab_results a, lab_results b", "lab_results s[?] s[?]"},
    KeyCase{"SELECT patient_id FROM lab_results UNION SELECT patient_id FROM lab_results", "lab_results s[?] s[?]"},
    KeyCase{"SELECT patient_id, lead(loinc) OVER (ORDER BY loinc) FROM lab_results", "lab_results s[?]"},
    KeyCase{"SELECT patient_id, count(*) FROM lab_results GROUP BY ROLLUP (patient_id)", "lab_results s[?]"},
    KeyCase{"SELECT patient_id, count(*) FROM lab_results GROUP BY patient_id", "lab_results s[lab_results.3]"},
    KeyCase{"SELECT 1 WHERE EXISTS (SELECT 1 FROM lab_results)", "lab_results s[?]"},
    KeyCase{"SELECT patient_id FROM patients p WHERE (SELECT count(*) FROM lab_results d WHERE d.patient_id = p.patient_id) > 1",
            "lab_results s[patients.1]; patients r[patients.1] s[patients.1]"},
    KeyCase{"DELETE FROM lab_results RETURNING *", "lab_results s[lab_results.3]"},
    KeyCase{"WITH d AS (DELETE FROM lab_results RETURNING *) SELECT * FROM d LIMIT 1", "lab_results s[?]"}));

INSTANTIATE_TEST_SUITE_P(Named, KeyFacts, testing::Values(
    KeyCase{"SELECT count(*) FROM lab_results WHERE patient_id = $1", "lab_results s[lab_results.3 =$1]"},
    KeyCase{"SELECT count(*) FROM lab_results WHERE patient_id = ANY($1) AND loinc = 'x'", "lab_results s[lab_results.3 =any $1]"},
    KeyCase{"SELECT count(*) FROM lab_results WHERE patient_id IN ($1, $2)", "lab_results s[lab_results.3 =$1 $2]"},
    KeyCase{"SELECT count(*) FROM lab_results WHERE patient_id = $1 OR loinc = 'x'", "lab_results s[lab_results.3] named $1"},
    KeyCase{"SELECT count(*) FROM lab_results WHERE NOT patient_id = $1", "lab_results s[lab_results.3] named $1"},
    KeyCase{"SELECT d.loinc FROM lab_results d JOIN patients p ON p.patient_id = d.patient_id WHERE p.patient_id = $1",
            "lab_results s[lab_results.3 patients.1 =$1]; patients r[patients.1 lab_results.3 =$1] s[patients.1 lab_results.3 =$1]"},
    KeyCase{"SELECT d.loinc FROM patients p LEFT JOIN lab_results d ON d.patient_id = p.patient_id AND p.patient_id = $1",
            "lab_results s[lab_results.3 patients.1]; patients r[patients.1] s[patients.1] named $1"},
    KeyCase{"SELECT d.loinc FROM patients p LEFT JOIN lab_results d ON d.patient_id = p.patient_id WHERE p.patient_id = $1",
            "lab_results s[lab_results.3 patients.1 =$1]; patients r[patients.1 =$1] s[patients.1 =$1]"},
    KeyCase{"SELECT 1 FROM billing.claim_lines WHERE claim_id = $1 AND line_no = $2", "claim_lines r[claim_lines.1 =$1] r[claim_lines.2 =$2]"},
    KeyCase{"INSERT INTO lab_results (patient_id, loinc) VALUES ($1, 'x'), ($2, 'y')", "lab_results s[=$1 $2]"},
    KeyCase{"INSERT INTO lab_results (patient_id, loinc) SELECT patient_id, 'x' FROM patients RETURNING *", "lab_results s[lab_results.3]; patients r[?] s[?]"},
    KeyCase{"UPDATE encounters SET patient_id = $2 WHERE patient_id = $1 RETURNING *", "encounters r[encounters.1] s[=$1 $2]"},
    KeyCase{"UPDATE encounters SET patient_id = $2 RETURNING *", "encounters r[encounters.1] s[?] named $2"},
    // What the server makes of a key before it stores it, and what stands for another column's value afterwards.
    KeyCase{"INSERT INTO wards (ward_id, name) OVERRIDING USER VALUE VALUES (5, 'x') RETURNING *", "wards r[wards.1]"},
    KeyCase{"UPDATE encounters e SET patient_id = $1 FROM lab_results d WHERE d.patient_id = e.patient_id RETURNING e.patient_id",
            "encounters r[encounters.1] s[?] named $1; lab_results s[?]"}));

// EXECUTE: what a cast makes of an argument is what the server gets, whatever the parameter's type is.
TEST(Arguments, AreWhatTheirCastMakesOfThem) {
  const Role& role = keyed_policy().roles.at("clinician");
  const Plan made = plan({"EXECUTE p ('0100', '0100'::int, '0100'::text, '0E0E0E0E-0000-4000-8000-00000000000A'::uuid, 007, 1e2, '0100'::int::text, 'x'::int)",
                          QueryProtocol::simple, role, &fixture::default_path(), nullptr}, keyed_policy(), fixture::ehr_catalog());
  ASSERT_FALSE(made.refusal.has_value());
  std::vector<std::string> values;
  for (const Argument& argument : made.statements.at(0).names.at(0).arguments)
    values.push_back(argument.kind == Argument::Kind::computed ? "?" : argument.value);
  EXPECT_THAT(values, testing::ElementsAre("0100", "100", "0100", "0e0e0e0e-0000-4000-8000-00000000000a", "7", "?", "100", "?"));
}

// The value that counts is that of the text at hand, not of the one that was planned.
TEST(KeyLiterals, AreReadInEachText) {
  const Role& role = keyed_policy().roles.at("clinician");
  const Plan made = plan({"SELECT 1 FROM wards WHERE ward_id = -5", QueryProtocol::simple, role, &fixture::default_path(), nullptr},
                         keyed_policy(), fixture::ehr_catalog());
  ASSERT_EQ(made.key_literals.size(), 1u);
  EXPECT_TRUE(made.key_literals[0].negative);
  EXPECT_EQ(made.literals.at(made.key_literals[0].literal).size, 1u);
  const KeySource& source = made.statements[0].keys->at(0).references.at(0).record.at(0).values.at(0);
  EXPECT_EQ(source.kind, KeySource::Kind::literal);
  EXPECT_EQ(source.value, "");
}

}  // namespace
}  // namespace pgward::policy
