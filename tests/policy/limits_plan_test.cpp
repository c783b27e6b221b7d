// Hostile statements: bounded in time and memory, and refused rather than guessed at.
#include <gtest/gtest.h>

#include <chrono>

#include "fixture.h"
#include "policy/plan_cache.h"

namespace pgward::policy {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct LimitCase {
  const char* name;
  std::string sql;
  std::optional<Refusal> refusal;
};

TEST(PlanLimitsTest, RefusesInTime) {
  const LimitCase cases[] = {
      {"parentheses", "SELECT " + repeated("(", 100000) + "1" + repeated(")", 100000), Refusal::too_deep},
      {"plus chain", "SELECT 1" + repeated("+1", 5000), Refusal::too_deep},
      {"long plus chain", "SELECT 1" + repeated("+1", 1000000), Refusal::too_deep},
      {"not chain", "SELECT " + repeated("NOT ", 100000) + "true", Refusal::too_deep},
      {"casts", "SELECT 1" + repeated("::int", 100000), Refusal::too_deep},
      {"arrays", "SELECT " + repeated("ARRAY[", 5000) + "1" + repeated("]", 5000), Refusal::too_deep},
      {"calls", "SELECT " + repeated("abs(", 10000) + "1" + repeated(")", 10000), Refusal::too_deep},
      {"sub-selects", repeated("SELECT (", 2000) + "1" + repeated(")", 2000), Refusal::too_deep},
      {"unions", "SELECT 1" + repeated(" UNION ALL SELECT 1", 20000), Refusal::too_deep},
      {"joins", "SELECT 1 FROM wards" + repeated(" CROSS JOIN wards", 20000), Refusal::too_deep},
      {"comments in comments", repeated("/*", 100000), Refusal::too_deep},
      {"closed comments in comments", repeated("/*", 33) + repeated("*/", 33) + "SELECT 1",
       Refusal::too_deep},
      {"operator", "SELECT 1 " + repeated("+-", 60000) + " 1", Refusal::too_large},
      {"statements", repeated("SELECT 1;", 100000), Refusal::too_large},
      {"text", "SELECT '" + repeated("x", 5u << 20) + "'", Refusal::too_large},
      {"relations", "SELECT 1 FROM wards a0" + repeated(", wards", 100000), Refusal::too_large},
      {"open quotes", repeated("'", 99999), Refusal::unparsable},
      {"and chain", "SELECT 1 FROM patients WHERE true" + repeated(" AND true", 50000), std::nullopt},
      {"in list", "SELECT 1 FROM patients WHERE 1 IN (1" + repeated(",1", 100000) + ")", std::nullopt},
      {"values", "SELECT count(*) FROM (VALUES (1)" + repeated(",(1)", 50000) + ") v", std::nullopt},
      {"long string", "SELECT length('" + repeated("x", 2000000) + "') FROM patients", std::nullopt},
      {"rows",
       "INSERT INTO wards (ward_id, name, beds) VALUES (1, 'x', 1)" + repeated(", (1, 'x', 1)", 20000),
       std::nullopt},
      {"union of protected",
       "SELECT mrn FROM patients" + repeated(" UNION ALL SELECT mrn FROM patients", 300), std::nullopt},
  };
  for (const LimitCase& each : cases) {
    const auto begin = std::chrono::steady_clock::now();
    const Plan plan = fixture::plan_for(each.sql);
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(plan.refusal, each.refusal) << each.name;
    EXPECT_LT(took, std::chrono::seconds(10)) << each.name;
  }
}

// Whatever is judged on each level of a condition must not be judged anew for each level around it.
TEST(PlanLimitsTest, JudgesNestedConditionsInTime) {
  const auto nested = [](std::string_view before, std::string_view inside, std::string_view after, std::size_t times) {
    return repeated(before, times) + std::string(inside) + repeated(after, times);
  };
  const std::string conditions[] = {
      "1 = " + nested("- ", "beds", "", 400),
      "1 = " + nested("(beds + ", "beds", ")", 200),
      "1 = " + nested("(2 OPERATOR(pg_catalog.+) ", "beds", ")", 150),
      nested("(1 = 1) = (", "beds = 2", ")", 200),
      nested("NOT (true AND ", "beds = 2", ")", 200),
      "beds IN (1, " + nested("abs(1 + ", "beds", ")", 100) + ")",
      nested("1 BETWEEN 0 AND (2 + ", "beds", ")::int", 60) + " OR true",
      nested("((1 = 2) IN (true, ", "beds = 1", "))", 100),
      nested("(CASE WHEN ", "beds = 1", " THEN true END)", 100),
      nested("coalesce(true, ", "beds = 1", ")", 150),
      "1 = " + nested("coalesce(1, 1 + ", "beds", ")", 150),
      nested("ROW(", "beds", ")", 100) + " = " + nested("ROW(", "beds", ")", 100),
      nested("(1, ", "beds", ")", 100) + " < " + nested("(1, ", "beds", ")", 100),
      nested("1 = ANY (ARRAY[1, ", "beds", "])::int", 80) + " IS NULL",
      nested("(SELECT 1 WHERE 1 = ", "beds", ")", 60) + " = 1",
      nested("EXISTS (SELECT 1 FROM wards w WHERE w.beds = 1 AND ", "beds = 1", ")", 60),
      nested("ward_id IN (SELECT ward_id FROM wards w WHERE w.beds + 1 = 1 AND ", "beds = 1", ")", 40),
  };
  for (const std::string& condition : conditions)
    for (const char* role : {"clinician", "desk"})
      for (const std::string& sql :
           {"SELECT 1 FROM wards WHERE " + condition, "SELECT 1 FROM wards a JOIN wards ON " + condition,
            "SELECT 1 FROM wards GROUP BY beds, ward_id HAVING " + condition, "UPDATE wards SET name = 'x' WHERE " + condition,
            "SELECT " + condition + " FROM wards", "SELECT 1 FROM (SELECT * FROM wards) wards WHERE " + condition}) {
        const auto begin = std::chrono::steady_clock::now();
        for (const Plan& plan : {fixture::fenced_plan_for(sql, role), fixture::plan_for(sql, QueryProtocol::simple, role)})
          EXPECT_NE(plan.refusal, Refusal::unproven) << sql.substr(0, 80);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5)) << sql.substr(0, 80);
      }
}

TEST(PlanLimitsTest, RefusesWhatIsNoText) {
  for (const std::string& sql :
       {std::string("SELECT '\xff'"), std::string("SELECT '\xe2'' OR true--'"), std::string("SELECT 1\0", 9),
        std::string("SELECT \xc0\x80"), std::string("SELECT '\xed\xa0\x80'")})
    EXPECT_EQ(fixture::plan_for(sql).refusal, Refusal::bad_encoding);
}

TEST(PlanLimitsTest, SeveralStatementsInOneParse) {
  EXPECT_EQ(fixture::plan_for("SELECT 1; SELECT 2", QueryProtocol::extended).refusal,
            Refusal::multiple_statements);
  EXPECT_FALSE(fixture::plan_for("SELECT 1;", QueryProtocol::extended).refusal);
}

TEST(PlanLimitsTest, WithoutAPathNoBareName) {
  const Policy& policy = fixture::ehr_policy();
  const Role& role = policy.roles.at("clinician");
  const auto refusal = [&](std::string_view sql) {
    return plan({sql, QueryProtocol::simple, role, nullptr}, policy, fixture::ehr_catalog()).refusal;
  };
  EXPECT_EQ(refusal("SELECT 1 FROM patients"), Refusal::search_path_unsettled);
  EXPECT_EQ(refusal("SELECT 1 FROM public.patients"), std::nullopt);
  EXPECT_EQ(refusal("WITH x AS (SELECT 1) SELECT 1 FROM x"), std::nullopt);
}

TEST(PlanLimitsTest, ThePathDecidesWhatABareNameIs) {
  const Policy& policy = fixture::ehr_policy();
  const std::vector<std::string> billing{"pg_catalog", "billing", "public"};
  const std::string_view sql = "SELECT guarantor FROM patients";
  const Plan plan = policy::plan({sql, QueryProtocol::simple, policy.roles.at("clinician"), &billing}, policy,
                                 fixture::ehr_catalog());
  EXPECT_EQ(render(plan, sql, policy, fixture::clinic_a()).sql,
            "SELECT guarantor FROM billing.patients WHERE billing.patients.org_code OPERATOR(pg_catalog.=) "
            "'ORG-ALFA'::pg_catalog.text");
}

TEST(PlanLimitsTest, ADatabaseThatDiffersFromThePolicyIsRefused) {
  Catalog changed = fixture::ehr_catalog();
  for (Column& column : changed.relations.at({"public", "patients"}).columns)
    if (column.name == "clinic_id") column.type = "text";
  const Policy& policy = fixture::ehr_policy();
  EXPECT_EQ(plan({"SELECT 1 FROM patients", QueryProtocol::simple, policy.roles.at("clinician"),
                  &fixture::default_path()},
                 policy, changed)
                .refusal,
            Refusal::policy_unavailable);
}

TEST(PlanLimitsTest, AnUnprotectedParentOfAProtectedChildIsRefused) {
  Policy policy = fixture::ehr_policy();
  policy.tables.at({"public", "documents"}).kind = TableKind::shared_read;
  policy.tables.at({"public", "documents"}).tenant.clear();
  TableRule child = policy.tables.at({"public", "patients"});
  child.name = {"public", "documents_scanned"};
  policy.tables[child.name] = child;
  const auto refusal = [&](std::string_view sql) {
    return plan({sql, QueryProtocol::simple, policy.roles.at("clinician"), &fixture::default_path()}, policy,
                fixture::ehr_catalog())
        .refusal;
  };
  EXPECT_EQ(refusal("SELECT 1 FROM documents"), Refusal::relation_not_listed);
  EXPECT_EQ(refusal("SELECT 1 FROM ONLY documents"), std::nullopt);
  EXPECT_EQ(refusal("SELECT 1 FROM documents_scanned"), std::nullopt);
}

// E'a' <new line> '..' is one constant with escapes: its \' hides nothing from the bounds.
TEST(PlanLimitsTest, ContinuedConstantsHideNoComments) {
  const std::string hidden = "SELECT E'a'\n'b\\'' ' " + repeated("/*", 200) + " '";
  EXPECT_FALSE(fixture::plan_for(hidden).refusal == Refusal::too_deep);  // it stands in a string
  const std::string open = "SELECT E'a'\n'b\\'' " + repeated("/*", 200) + "'";
  EXPECT_EQ(fixture::plan_for(open).refusal, Refusal::too_deep);
}

TEST(PlanLimitsTest, AChildOfTwoParentsBelongsToTheTenantsOfBoth) {
  Catalog catalog = fixture::ehr_catalog();
  Relation kid = *catalog.find({"public", "patients"});
  kid.oid = 999999;
  kid.name = {"public", "kid"};
  kid.parents = {catalog.find({"public", "ref_cpt"})->oid, catalog.find({"public", "patients"})->oid};
  catalog.add(kid);
  const Policy& policy = fixture::ehr_policy();
  const auto refusal = [&](std::string_view sql) {
    return plan({sql, QueryProtocol::simple, policy.roles.at("clinician"), &fixture::default_path()}, policy,
                catalog)
        .refusal;
  };
  EXPECT_EQ(refusal("SELECT 1 FROM ref_cpt"),
            Refusal::relation_not_listed);  // would read the child's rows too
  EXPECT_EQ(refusal("SELECT 1 FROM ONLY ref_cpt"), std::nullopt);
  EXPECT_EQ(refusal("SELECT 1 FROM kid"), Refusal::relation_not_listed);
  EXPECT_EQ(refusal("SELECT 1 FROM patients"), std::nullopt);
}

TEST(PlanLimitsTest, AChildOfTwoTenantsParentsNeedsBothPredicates) {
  Catalog catalog = fixture::ehr_catalog();
  Relation kid = *catalog.find({"public", "patients"});
  kid.oid = 999999;
  kid.name = {"public", "kid"};
  kid.columns.push_back({"tenant_no", "integer", 90, true, false, {}});
  kid.parents = {catalog.find({"public", "lab_results"})->oid, catalog.find({"public", "patients"})->oid,
                 catalog.find({"public", "wards"})->oid};
  catalog.add(kid);
  const Policy& policy = fixture::ehr_policy();
  const std::string_view sql = "SELECT mrn FROM kid";
  const Plan plan = policy::plan({sql, QueryProtocol::simple, policy.roles.at("clinician"), &fixture::default_path()}, policy, catalog);
  EXPECT_EQ(render(plan, sql, policy, fixture::clinic_a()).sql,
            "SELECT mrn FROM public.kid WHERE public.kid.tenant_no OPERATOR(pg_catalog.=) '101'::pg_catalog.int4 AND "
            "public.kid.clinic_id OPERATOR(pg_catalog.=) 'a0a0a0a0-0000-4000-8000-00000000000a'::pg_catalog.uuid");
}

TEST(PlanCacheTest, FindsOnlyTheVerySameQuestion) {
  PlanCache cache(1u << 20, 7);
  const std::vector<std::string> path{"public"};
  const std::vector<std::string> other{"billing"};
  const PlanKey key{"SELECT 1", "clinician", QueryProtocol::simple, &path, 1};
  EXPECT_EQ(cache.find(key).plan, nullptr);
  const auto kept = cache.put(key, Plan{});
  EXPECT_EQ(cache.find(key).plan, kept);
  for (const PlanKey& different : {PlanKey{"SELECT 1 ", "clinician", QueryProtocol::simple, &path, 1},
                                   PlanKey{"SELECT 1", "reader", QueryProtocol::simple, &path, 1},
                                   PlanKey{"SELECT 1", "clinician", QueryProtocol::extended, &path, 1},
                                   PlanKey{"SELECT 1", "clinician", QueryProtocol::simple, &other, 1},
                                   PlanKey{"SELECT 1", "clinician", QueryProtocol::simple, nullptr, 1},
                                   PlanKey{"SELECT 1", "clinician", QueryProtocol::simple, &path, 2},
                                   PlanKey{"SELECT 1", "clinician", QueryProtocol::simple, &path, 1, &other}})
    EXPECT_EQ(cache.find(different).plan, nullptr);
  EXPECT_EQ(cache.hits(), 1u);
}

TEST(PlanCacheTest, StaysWithinItsBytesAndForgetsTheOldestFirst) {
  PlanCache cache(20000, 7);
  for (int i = 0; i < 1000; ++i) {
    const std::string sql = "SELECT " + std::to_string(i);
    cache.put({sql, "r", QueryProtocol::simple, nullptr, 1}, Plan{});
    EXPECT_LE(cache.bytes(), 20000u);
    EXPECT_NE(cache.find({"SELECT 0", "r", QueryProtocol::simple, nullptr, 1}).plan, nullptr)
        << i;  // used again and again: stays
  }
  EXPECT_EQ(cache.find({"SELECT 1", "r", QueryProtocol::simple, nullptr, 1}).plan, nullptr);
  const std::string large(10000, 'x');
  EXPECT_NE(cache.put({large, "r", QueryProtocol::simple, nullptr, 1}, Plan{}), nullptr);
  EXPECT_EQ(cache.find({large, "r", QueryProtocol::simple, nullptr, 1}).plan, nullptr);
  cache.clear();
  EXPECT_EQ(cache.bytes(), 0u);
}

}  // namespace
}  // namespace pgward::policy
