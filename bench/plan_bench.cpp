// What a statement costs before it is forwarded: deciding on it the first time, and every time after.
#include <benchmark/benchmark.h>

#include "fixture.h"
#include "policy/plan_cache.h"
#include "raw_parse.h"

namespace pgward::policy {
namespace {

// As Hibernate writes out an entity with what hangs on it: ten relations joined by their keys, eighty columns, 3 kB.
std::string orm_join() {
  constexpr std::pair<std::string_view, std::string_view> kTables[] = {
      {"patients", ""},
      {"encounters", "encount1_.patient_id=patient0_.patient_id"},
      {"diagnoses", "diagnos2_.encounter_id=encount1_.encounter_id"},
      {"providers", "provide3_.provider_id=encount1_.provider_id"},
      {"notes", "notes4_.encounter_id=encount1_.encounter_id"},
      {"medications", "medicat5_.patient_id=patient0_.patient_id"},
      {"lab_results", "lab_res6_.patient_id=patient0_.patient_id"},
      {"documents", "documen7_.patient_id=patient0_.patient_id"},
      {"appointments", "appoint8_.patient_id=patient0_.patient_id and appoint8_.status='booked'"},
      {"wards", "wards9_.ward_id=encount1_.ward_id"}};
  std::string outputs, from;
  for (std::size_t i = 0; i < std::size(kTables); ++i) {
    const std::string name(kTables[i].first);
    const std::string alias = name.substr(0, 7) + std::to_string(i) + "_";
    const Relation& relation = *fixture::ehr_catalog().find({"public", name});
    for (std::size_t c = 0; c < std::min<std::size_t>(relation.columns.size(), 8); ++c)
      outputs += (outputs.empty() ? "" : ", ") + alias + "." + relation.columns[c].name + " as " + relation.columns[c].name.substr(0, 6) +
                 std::to_string(c) + "_" + std::to_string(i) + "_";
    from += (i == 0 ? "" : " left outer join ") + name + " " + alias + (i == 0 ? "" : " on " + std::string(kTables[i].second));
  }
  return "select " + outputs + " from " + from +
         " where patient0_.mrn=$1 and (wards9_.name=$2 or wards9_.ward_id is null) order by patient0_.mrn asc limit 50";
}

// One row each: a name, and a statement of the test schema.
const std::pair<const char*, std::string> kStatements[] = {
    {"by_key", "SELECT given_name FROM patients WHERE patient_id = $1"},
    {"join",
     "SELECT p.family_name, e.reason, d.code FROM patients p JOIN encounters e ON e.patient_id = "
     "p.patient_id "
     "LEFT JOIN diagnoses d ON d.encounter_id = e.encounter_id WHERE p.family_name LIKE $1 ORDER BY 1 LIMIT "
     "50"},
    {"update", "UPDATE patients SET family_name = $1 WHERE patient_id = $2"},
    {"orm", orm_join()},
};

PlanKey key_of(std::string_view sql) {
  return {sql, "clinician", QueryProtocol::extended, &fixture::default_path(), 1};
}

// Not in the cache: parse, decide, rewrite, prove.
Plan planned(std::string_view sql, const Policy& policy) {
  return plan({sql, QueryProtocol::extended, policy.roles.at("clinician"), &fixture::default_path()}, policy, fixture::ehr_catalog());
}

void plan_miss(benchmark::State& state, std::string_view sql, const Policy& policy) {
  const Plan first = planned(sql, policy);
  if (first.refusal) return state.SkipWithError(fixture::name_of(*first.refusal).c_str());
  for (auto _ : state) benchmark::DoNotOptimize(planned(sql, policy));
  state.counters["bytes"] = static_cast<double>(sql.size());
}

// What parsing it alone costs.
void raw_parse(benchmark::State& state, const std::string& sql) {
  for (auto _ : state)
    if (!bench::raw_parse(sql.c_str())) return state.SkipWithError("does not parse");
}

// In the cache, among 1,000 others: find it, put the tenant's values in.
void plan_hit(benchmark::State& state, std::string_view sql) {
  PlanCache cache(64u << 20, 1);
  for (int i = 0; i < 1000; ++i)
    cache.put(key_of("SELECT mrn FROM patients WHERE patient_id = " + std::to_string(i)), Plan{});
  cache.put(key_of(sql), fixture::plan_for(sql, QueryProtocol::extended));
  for (auto _ : state) {
    const auto found = cache.find(key_of(sql));
    benchmark::DoNotOptimize(render(*found.plan, sql, fixture::ehr_policy(), fixture::clinic_a(), found.literals));
  }
}

// Another value each time, as programs write it into the text: found by the literals that do not count.
void plan_hit_by_shape(benchmark::State& state) {
  constexpr std::string_view kText = "SELECT given_name FROM patients WHERE patient_id = ";
  PlanCache cache(64u << 20, 1);
  const std::string first = std::string(kText) + "1;";
  cache.put(key_of(first), fixture::plan_for(first, QueryProtocol::extended));
  std::vector<std::string> texts;
  for (int i = 1; i <= 1000; ++i) texts.push_back(std::string(kText) + std::to_string(i * 977) + ";");
  std::size_t next = 0;
  for (auto _ : state) {
    const std::string& sql = texts[++next % texts.size()];
    const auto found = cache.find(key_of(sql));
    if (found.plan == nullptr) return state.SkipWithError("not found");
    benchmark::DoNotOptimize(render(*found.plan, sql, fixture::ehr_policy(), fixture::clinic_a(), found.literals));
  }
}
BENCHMARK(plan_hit_by_shape);

const int kRegistered = [] {
  for (const auto& [name, sql] : kStatements) {
    benchmark::RegisterBenchmark((std::string("raw_parse/") + name).c_str(), raw_parse, sql);
    benchmark::RegisterBenchmark((std::string("plan_miss/") + name).c_str(), plan_miss, sql, fixture::ehr_policy());
    benchmark::RegisterBenchmark((std::string("plan_miss_fenced/") + name).c_str(), plan_miss, sql, fixture::fenced_policy());
    benchmark::RegisterBenchmark((std::string("plan_hit_and_render/") + name).c_str(), plan_hit, sql);
  }
  return 0;
}();

}  // namespace
}  // namespace pgward::policy
