// What it costs to take the values out of an error: the common ones, and one that no rule knows.
#include <benchmark/benchmark.h>

#include "rules/scrubber.h"
#include "tests/rules/clinic_names.h"

namespace pgward::rules {
namespace {

const Fields kUnique{{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "23505"},
                     {'M', "duplicate key value violates unique constraint \"patients_mrn_key\""},
                     {'D', "Key (mrn)=(MRN-00042) already exists."},
                     {'s', "clinic"},
                     {'t', "patients"},
                     {'n', "patients_mrn_key"},
                     {'F', "nbtinsert.c"},
                     {'L', "664"},
                     {'R', "_bt_check_unique"}};
const Fields kBadInteger{{'S', "ERROR"}, {'V', "ERROR"},
                         {'C', "22P02"}, {'M', "invalid input syntax for type integer: \"Quillon\""},
                         {'P', "41"},    {'F', "numutils.c"},
                         {'L', "232"},   {'R', "pg_strtoint32"}};
const Fields kNoRule{{'S', "ERROR"},
                     {'V', "ERROR"},
                     {'C', "P0001"},
                     {'M', "patient Adalyn Quillon was discharged already"},
                     {'W', "PL/pgSQL function discharge(bigint) line 7 at RAISE"},
                     {'R', "exec_stmt_raise"}};

void scrub(benchmark::State& state, const Fields& fields) {
  static const Scrubber scrubber;
  const ClinicNames names;
  for (auto _ : state) benchmark::DoNotOptimize(scrubber.scrub(fields, names));
}
BENCHMARK_CAPTURE(scrub, unique_violation, kUnique);
BENCHMARK_CAPTURE(scrub, bad_integer, kBadInteger);
BENCHMARK_CAPTURE(scrub, no_rule, kNoRule);

// Once a process: reading the rule packs.
void scrubber_made(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Scrubber{});
}
BENCHMARK(scrubber_made);

}  // namespace
}  // namespace pgward::rules
