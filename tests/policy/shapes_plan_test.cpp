// Plans found by the shape of a text must be what planning that text anew would give.
#include <gtest/gtest.h>

#include "fixture.h"
#include "other_values.h"
#include "policy/plan_cache.h"
#include "statements.h"

namespace pgward::policy {
namespace {

using tests::mutated;
using tests::text_of;
using tests::values_of;

struct Way {
  const char* name;
  const Policy& policy;
  const char* role;
  std::size_t step;  // 1: every value, 5: a few
};

const std::vector<Way>& ways() {
  static const std::vector<Way> all{{"plain", fixture::ehr_policy(), "clinician", 1},
                                    {"fenced", fixture::fenced_policy(), "clinician", 2},
                                    {"masked", fixture::ehr_policy(), "desk", 5},
                                    {"masked and fenced", fixture::fenced_policy(), "desk", 5}};
  return all;
}

Plan planned(const Way& way, std::string_view sql) {
  return plan({sql, QueryProtocol::simple, way.policy.roles.at(way.role), &fixture::default_path()}, way.policy,
              fixture::ehr_catalog());
}

PlanKey key_of(const Way& way, std::string_view sql) {
  return {sql, way.role, QueryProtocol::simple, &fixture::default_path(), 1};
}

void expect_as_anew(const Way& way, const PlanCache::Found& found, const std::string& sql) {
  const Plan anew = planned(way, sql);
  ASSERT_EQ(text_of(*found.plan), text_of(anew));
  const Rendered by_shape = render(*found.plan, sql, way.policy, fixture::clinic_a(), found.literals);
  const Rendered expected = render(anew, sql, way.policy, fixture::clinic_a());
  ASSERT_EQ(by_shape.refusal, expected.refusal);
  ASSERT_EQ(by_shape.object, expected.object);
  ASSERT_EQ(by_shape.changed, expected.changed);
  ASSERT_EQ(by_shape.sql, expected.sql);
  const std::size_t step = 1 + expected.sql.size() / 50;
  for (std::size_t at = 1; at < expected.sql.size(); at += step)
    ASSERT_EQ(original_position(*found.plan, sql, way.policy, fixture::clinic_a(), static_cast<std::uint32_t>(at)),
              original_position(anew, sql, way.policy, fixture::clinic_a(), static_cast<std::uint32_t>(at)));
}

TEST(ShapesPlanTest, APlanOfAShapeIsThePlanMadeAnew) {
  std::size_t compared = 0;
  for (const std::string& sql : tests::statements())
    for (const Way& way : ways()) {
      SCOPED_TRACE(way.name);
      SCOPED_TRACE(sql);
      PlanCache cache(16u << 20, 7);
      const auto kept = cache.put(key_of(way, sql), planned(way, sql));
      if (kept->literals.empty()) continue;
      for (std::size_t n = 0; n < 16; n += way.step) {
        const std::string other = mutated(sql, kept->literals, n, [](const Literal& each) { return each.free; });
        const PlanCache::Found found = cache.find(key_of(way, other));
        ASSERT_EQ(found.plan, kept) << other;
        expect_as_anew(way, found, other);
        if (HasFatalFailure()) FAIL() << other;
        ++compared;
      }
    }
  EXPECT_GT(compared, 4000u);
}

// Whatever is found for a text in which any literal was changed, it must be as good as new.
TEST(ShapesPlanTest, OtherValuesOfOtherLiteralsAreNotTakenForTheSame) {
  std::size_t missed = 0;
  for (const std::string& sql : tests::statements())
    for (const Way& way : ways()) {
      SCOPED_TRACE(way.name);
      SCOPED_TRACE(sql);
      PlanCache cache(16u << 20, 7);
      const auto kept = cache.put(key_of(way, sql), planned(way, sql));
      for (std::size_t i = 0; i < kept->literals.size(); ++i)
        for (std::size_t n = 0; n < values_of(kept->literals[i].kind).size(); n += way.step) {
          const std::string other =
              mutated(sql, kept->literals, n, [&](const Literal& each) { return &each == &kept->literals[i]; });
          const PlanCache::Found found = cache.find(key_of(way, other));
          if (found.plan == nullptr) {
            EXPECT_FALSE(kept->literals[i].free);
            ++missed;
            continue;
          }
          expect_as_anew(way, found, other);
          if (HasFatalFailure()) FAIL() << other;
        }
    }
  EXPECT_GT(missed, 100u);
}

struct FreeCase {
  const char* sql;
  const char* literals;  // f: free, x: part of the key; empty: no shape at all
};

TEST(ShapesPlanTest, WhichLiteralsAreFree) {
  const FreeCase cases[] = {
      {"SELECT mrn FROM patients WHERE patient_id = 5", "f"},
      {"SELECT mrn FROM patients WHERE patient_id = -5 OR patient_id = - 6", "ff"},
      {"SELECT mrn FROM patients WHERE patient_id = - -5 OR patient_id = 6", "xf"},
      {"SELECT mrn FROM patients WHERE patient_id = -/**/5", ""},
      {"SELECT mrn FROM patients WHERE mrn LIKE 'a%' ORDER BY 1 LIMIT 10", "fff"},
      {"SELECT mrn FROM patients WHERE mrn IN ('a', 'b') AND patient_id BETWEEN 1 AND 2", "ffff"},
      {"UPDATE patients SET family_name = 'x' WHERE patient_id = 3", "ff"},
      {"UPDATE patients SET clinic_id = 'a0a0a0a0-0000-4000-8000-00000000000a', sex = 'x'", "xf"},
      {"INSERT INTO patients (clinic_id, mrn) VALUES ('a0a0a0a0-0000-4000-8000-00000000000a', 'x')", "xf"},
      {"INSERT INTO patients (mrn, sex) VALUES ('x', 'F'), ('y', 'M')", "ffff"},
      {"SELECT set_config('app.tenant_id', 'x', false)", ""},
      {"SELECT current_setting('app.tenant_id'), 'b'", "ff"},
      {"SELECT 'x'::varchar(5)", "fx"},
      {"SELECT interval '1' day, '2'::interval(3)", "ffx"},
      {"SELECT 1; SELECT 2", "ff"},
      {"SET work_mem = '4MB'", ""},
      {"COPY (SELECT 1) TO STDOUT", ""},
      {"PREPARE a AS SELECT 1", ""},
      {"EXPLAIN SELECT 1", ""},
      {"DECLARE c CURSOR FOR SELECT 1", ""},
  };
  for (const FreeCase& each : cases) {
    const Plan plan = fixture::plan_for(each.sql);
    std::string found;
    for (const Literal& literal : plan.literals) found += literal.free ? 'f' : 'x';
    EXPECT_EQ(found, each.literals) << each.sql;
  }
}

constexpr std::string_view kOther = "b1b1b1b1-0000-4000-8000-00000000000b";

TEST(ShapesPlanTest, ATenantsConstantIsComparedEachTime) {
  const std::string own = "INSERT INTO patients (clinic_id, mrn) VALUES ('a0a0a0a0-0000-4000-8000-00000000000a', 'x')";
  std::string foreign = own;
  foreign.replace(foreign.find("a0a0"), kOther.size(), kOther);
  const Way& way = ways().front();
  PlanCache cache(1u << 20, 7);
  cache.put(key_of(way, own), planned(way, own));
  EXPECT_EQ(cache.find(key_of(way, foreign)).plan, nullptr);
  const auto kept = cache.put(key_of(way, foreign), planned(way, foreign));
  foreign.replace(foreign.find("'x'"), 3, "'another'");
  const PlanCache::Found found = cache.find(key_of(way, foreign));
  ASSERT_EQ(found.plan, kept);
  EXPECT_EQ(render(*found.plan, foreign, way.policy, fixture::clinic_a(), found.literals).refusal,
            Refusal::foreign_tenant);
}

TEST(ShapesPlanTest, OnlyTheSameQuestionIsFound) {
  const Way& way = ways().front();
  const std::vector<std::string> path{"billing"};
  PlanCache cache(1u << 20, 7);
  const std::string sql = "SELECT mrn FROM patients WHERE patient_id = 5";
  const std::string other = "SELECT mrn FROM patients WHERE patient_id = 66";
  cache.put(key_of(way, sql), planned(way, sql));
  ASSERT_NE(cache.find(key_of(way, other)).plan, nullptr);
  for (int change = 0; change < 6; ++change) {
    PlanKey key = key_of(way, other);
    if (change == 0) key.role = "desk";
    if (change == 1) key.protocol = QueryProtocol::extended;
    if (change == 2) key.search_path = &path;
    if (change == 3) key.search_path = nullptr;
    if (change == 4) key.snapshot = 2;
    if (change == 5) key.temporary = &path;
    EXPECT_EQ(cache.find(key).plan, nullptr) << change;
  }
  for (const char* different :
       {"SELECT mrn FROM patients WHERE patient_id = 3000000000", "SELECT mrn FROM patients WHERE patient_id = 6.5",
        "SELECT mrn FROM patients WHERE patient_id = '66'", "SELECT mrn FROM patients WHERE patient_id = -66",
        "SELECT mrn FROM patients WHERE patient_id =  66", "SELECT mrn FROM patients WHERE patient_id = 66 "})
    EXPECT_EQ(cache.find(key_of(way, different)).plan, nullptr) << different;
}

// Many values of a literal that counts: each is found by its own, and none is left when they are forgotten.
TEST(ShapesPlanTest, StaysWithinItsBytesAndForgetsTheOldestFirst) {
  const Way& way = ways().front();
  const auto text = [](int tenant, int mrn) {
    return "INSERT INTO patients (clinic_id, mrn) VALUES ('a0a0a0a0-0000-4000-8000-00000000" + std::to_string(1000 + tenant) +
           "', 'm" + std::to_string(mrn) + "')";
  };
  PlanCache cache(100000, 7);
  for (int tenant = 0; tenant < 500; ++tenant) {
    cache.put(key_of(way, text(tenant, 1)), planned(way, text(tenant, 1)));
    EXPECT_LE(cache.bytes(), 100000u);
    EXPECT_NE(cache.find(key_of(way, text(0, tenant))).plan, nullptr) << tenant;  // used again and again: stays
    EXPECT_NE(cache.find(key_of(way, text(tenant, 7))).plan, nullptr);
  }
  EXPECT_EQ(cache.find(key_of(way, text(1, 1))).plan, nullptr);
  EXPECT_EQ(cache.find(key_of(way, text(1, 7))).plan, nullptr);
  cache.clear();
  EXPECT_EQ(cache.find(key_of(way, text(0, 7))).plan, nullptr);
  EXPECT_EQ(cache.bytes(), 0u);
}

}  // namespace
}  // namespace pgward::policy
