// What it costs to take added key columns out of rows, beside passing the same rows on.
#include <benchmark/benchmark.h>

#include "protocol/writer.h"
#include "proxy/session/hidden_columns.h"
#include "proxy/session/passed.h"

namespace pgward::proxy {
namespace {

// 1000 rows of a key and two values of 20 bytes.
Bytes rows_of(std::size_t columns) {
  Bytes out;
  for (int i = 0; i < 1000; ++i) {
    protocol::Writer writer(out);
    writer.begin('D');
    writer.count16(columns);
    for (std::size_t k = 0; k < columns; ++k) writer.sized_bytes(k == 0 && columns > 2 ? "1234567" : "abcdefghijklmnopqrst");
    writer.end();
  }
  return out;
}

void rows_passed(benchmark::State& state) {
  const Bytes rows = rows_of(2);
  for (auto _ : state) {
    ByteView left = rows;
    std::uint64_t count = 0;
    benchmark::DoNotOptimize(Passed::run('D', left, count));
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(rows_passed);

void rows_without_their_key(benchmark::State& state) {
  const Bytes rows = rows_of(3);
  for (auto _ : state) {
    ByteView left = rows;
    std::uint64_t count = 0;
    benchmark::DoNotOptimize(Trimmed::rows(left, 1, count));
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(rows_without_their_key);

}  // namespace
}  // namespace pgward::proxy
