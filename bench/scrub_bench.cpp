// What it costs to take the values out of an error: the common ones, and one that no rule knows.
#include <benchmark/benchmark.h>

#include "proxy/scrub/line_reader.h"
#include "rules/log/log_filter.h"
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

// One line of so many megabytes, of pieces that tempt a parser to look at everything again and again: time
// per byte must not grow with the line.
void log_line(benchmark::State& state, std::string_view piece) {
  static const LogBooks books{[] {
    std::vector<RuleMistake> mistakes;
    return shipped_log_rules(mistakes);
  }()};
  std::string text;
  while (text.size() < static_cast<std::size_t>(state.range(0)) * 1'000'000) text += piece;
  text += '\n';
  for (auto _ : state) {
    LogFilter filter{books};
    proxy::LineReader reader{LogFilter::kLineBytesMax};
    proxy::LineReader::Line line;
    std::string out;
    reader.feed(text);
    while (reader.next(line)) filter.line(line.text, out, line.rest_bytes, line.rest_quotes);
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
#define LOG_LINE(name, piece) \
  BENCHMARK_CAPTURE(log_line, name, piece)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond)
LOG_LINE(statement, "LOG:  statement: SELECT 'it''s' || \"a\" /* c */ ");
LOG_LINE(json, "{\"a\":{\"b\":[1,\"x\\\"y\"]}} ");
LOG_LINE(open_json, "{\"a\":[");
LOG_LINE(messages, "Error: ERROR: invalid input syntax for type date: \"x\" ");
LOG_LINE(names, "Adalyn Quillon ");
LOG_LINE(keys, "a=1 ssn=912-45-6789 b: c ");
LOG_LINE(commands, "update select insert ");

}  // namespace
}  // namespace pgward::rules
