// What it costs to say whose rows an answer holds: a pseudonym alone, and a row whose key is read, made a pseudonym of, and told.
#include <benchmark/benchmark.h>

#include "protocol/data_row.h"
#include "proxy/session/touched_rows.h"

namespace pgward::proxy {
namespace {

const std::shared_ptr<const audit::SubjectKey>& tenant_key() {
  static const auto key = std::make_shared<const audit::SubjectKey>("kid-1", std::string(audit::SubjectKey::kBytes, 'k'));
  return key;
}

void pseudonym_of_a_short_key(benchmark::State& state) {
  const audit::Pseudonyms subjects = tenant_key()->subjects();
  std::string key = "6:123456,";
  for (auto _ : state) {
    ++key[2];
    benchmark::DoNotOptimize(subjects.of(key));
  }
}
BENCHMARK(pseudonym_of_a_short_key);

void pseudonym_of_a_uuid_in_a_table(benchmark::State& state) {
  const audit::Pseudonyms records = tenant_key()->records("public.lab_results");
  std::string key = "36:a0a0a0a0-0000-4000-8000-00000000000a,";
  for (auto _ : state) {
    ++key[38];
    benchmark::DoNotOptimize(records.of(key));
  }
}
BENCHMARK(pseudonym_of_a_uuid_in_a_table);

// One table, keys in the first of eight columns.
std::shared_ptr<const policy::StatementKeys> keys(bool record_too) {
  policy::TouchedKeys table;
  table.table = table.rule = {"public", "lab_results"};
  policy::KeyReference reference;
  policy::KeyPlace place;
  place.outputs.push_back({1, 1});
  table.subject = {{"patient_id", policy::KeyType::int4}};
  reference.subject = {place};
  if (record_too) {
    table.record = {{"id", policy::KeyType::int4}};
    place.outputs = {{1, 2}};
    reference.record = {place};
  }
  table.references = {reference};
  return std::make_shared<const policy::StatementKeys>(policy::StatementKeys{table});
}

std::vector<protocol::Bytes> rows() {
  std::vector<protocol::Bytes> all;
  for (int i = 0; i < 1000; ++i) {
    protocol::Bytes message;
    const std::string id = std::to_string(100'000 + i), record = std::to_string(5'000'000 + i);
    const std::vector<protocol::ByteView> values{id, record, "2718-7", "13.4", "g/dL", "2026-11-22", "final", "no comment"};
    protocol::encode_data_row(message, values);
    all.push_back(message.substr(5));
  }
  return all;
}

// All keys new: 1,000 rows an answer, and the words of its record.
void rows_with_keys(benchmark::State& state) {
  const auto statement = keys(state.range(0) == 2);
  RowShape shape;
  for (std::int16_t i = 1; i <= 8; ++i) shape.columns.push_back({1, i, 0});
  const auto layout = std::make_shared<const KeyLayout>(statement, shape);
  const std::vector<protocol::Bytes> all = rows();
  KeyRing ring(tenant_key());
  for (auto _ : state) {
    TouchedRows touched(ring, statement, {}, false);
    touched.shape(layout);
    for (const protocol::Bytes& row : all) touched.row(row);
    benchmark::DoNotOptimize(touched.tell(TouchedRows::Moment::end, "s/1", {}));
  }
  state.counters["per_row"] = benchmark::Counter(static_cast<double>(state.iterations()) * 1000, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(rows_with_keys)->Arg(1)->Arg(2);

// The same patient in every row.
void rows_of_one_patient(benchmark::State& state) {
  const auto statement = keys(false);
  RowShape shape;
  for (std::int16_t i = 1; i <= 8; ++i) shape.columns.push_back({1, i, 0});
  const auto layout = std::make_shared<const KeyLayout>(statement, shape);
  const protocol::Bytes row = rows().front();
  KeyRing ring(tenant_key());
  TouchedRows touched(ring, statement, {}, false);
  touched.shape(layout);
  for (auto _ : state) touched.row(row);
}
BENCHMARK(rows_of_one_patient);

}  // namespace
}  // namespace pgward::proxy
