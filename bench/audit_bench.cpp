// What a record costs but for the disk: on the path of the statement, and on the writer's thread.
#include <benchmark/benchmark.h>

#include "audit/chain.h"
#include "audit/event.h"
#include "audit/sha256.h"

namespace pgward::audit {
namespace {

const std::string& session() {
  static const std::string text =
      session_members({"https://idp.example",
                       "a.user@clinic.example",
                       "clinician",
                       "jwt",
                       "5f0c6c1e",
                       1'800'000'000,
                       {{"tenant_id", "a0a0a0a0-0000-4000-8000-00000000000a"}}},
                      {"192.0.2.10", 50123, "records", "TLSv1.3"}, {"db.example", "ehr", "pgward_app"});
  return text;
}

std::string intent_members() {
  static const std::string hash = sha256_hex("a statement");
  static const std::vector<TouchedTable> tables{
      {"public.patients", 'R', {"family_name", "given_name", "patient_id"}, false, {"name"}}};
  StatementText text;
  text.session_members = session();
  text.kind = "SELECT";
  text.sql_sha256 = hash;
  text.sql_bytes = 53;
  text.policy_sha256 = hash;
  text.rewritten = true;
  text.tables = &tables;
  return members(StatementIntent{"0123456789abcdef0123456789abcdef", 12345, &text, 0});
}

std::string read_members() {
  static const StatementOutcome outcome{1, "00000"};
  return members(StatementRead{"0123456789abcdef0123456789abcdef", 12345, nullptr, 12, &outcome});
}

void intent_rendered(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(intent_members());
  state.counters["record_bytes"] = static_cast<double>(intent_members().size());
}
BENCHMARK(intent_rendered);

void read_rendered(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(read_members());
  state.counters["record_bytes"] = static_cast<double>(read_members().size());
}
BENCHMARK(read_rendered);

void line_chained(benchmark::State& state) {
  const std::string members = intent_members();
  Chain chain;
  chain.log = "pgward/1";
  std::string group;
  std::size_t line_bytes = 0;
  for (auto _ : state) {
    group.clear();
    chain.append(group, members, 1'800'000'000'000'000);
    line_bytes = group.size();
    benchmark::DoNotOptimize(group.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(line_bytes));
}
BENCHMARK(line_chained);

// Short ones: the text of a statement, once each time it is prepared.
void sha256(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(sha256_hex(text));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sha256)->Arg(53)->Arg(300)->Arg(1000)->ArgName("bytes");

}  // namespace
}  // namespace pgward::audit
