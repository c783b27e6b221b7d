// Metrics say which rule took what kind out, and nothing of the value; their number is bounded.
#include "rules/scrub_counts.h"

#include <gmock/gmock.h>

#include "rules/scrubber.h"
#include "tests/rules/clinic_names.h"

namespace pgward::rules {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string metrics_of(const Scrubber& scrubber) {
  std::string out;
  scrubber.metrics(out);
  return out;
}

TEST(ScrubCountsTest, SayWhichRuleTookWhat) {
  const Scrubber scrubber;
  AllowedTexts allowed;
  allowed.add("bed % is taken", "", "here");
  const auto scrub = [&](const char* state, const char* message, const char* detail, const char* routine) {
    scrubber.scrub({{'S', "ERROR"}, {'C', state}, {'M', message}, {'D', detail}, {'q', "SELECT 'Quillon'"}, {'Y', "Quillon"}, {'R', routine}},
                   ClinicNames{}, &allowed);
  };
  scrub("23505", "duplicate key value violates unique constraint \"patients_mrn_key\"", "Key (mrn)=(Quillon) already exists.", "_bt_check_unique");
  scrub("22P02", "invalid input syntax for type integer: \"Quillon\"", "Quillon", "int4in");
  scrub("P0001", "Quillon", "", "exec_stmt_raise");
  scrub("HC001", "bed Quillon is taken", "", "exec_stmt_raise");
  scrub("QUILL", "Quillon", "", "exec_stmt_raise");
  scrub("42P01", "Quillon said so", "", "parserOpenTable");
  const std::string metrics = metrics_of(scrubber);
  for (const char* line : {
           "pgward_scrub_messages_total 6\n",
           "pgward_scrub_values_removed_total{sqlstate=\"23505\",rule=\"Key {key} already exists.\",kind=\"key\"} 1\n",
           "rule=\"invalid input syntax for type {type}: \\\"{data}\\\"\",kind=\"data\"} 1\n",
           "pgward_scrub_texts_replaced_total{sqlstate=\"P0001\",reason=\"raised\"} 1\n",
           "pgward_scrub_texts_replaced_total{sqlstate=\"other\",reason=\"raised\"} 1\n",
           "pgward_scrub_texts_replaced_total{sqlstate=\"42P01\",reason=\"no_template\"} 1\n",
           "pgward_scrub_fields_dropped_total{field=\"q\"} 6\n",
           "pgward_scrub_fields_dropped_total{field=\"other\"} 6\n",
           "pgward_scrub_texts_allowed_total 1\n",
       })
    EXPECT_THAT(metrics, HasSubstr(line));
  EXPECT_THAT(metrics, Not(HasSubstr("uillon")));
  EXPECT_THAT(metrics, Not(HasSubstr("QUILL")));
}

TEST(ScrubCountsTest, AreBounded) {
  const Rulebook book;
  ScrubCounts counts{book};
  for (const Rule& rule : book.rules())
    for (std::size_t slot = 0; slot < rule.text.slots().size(); ++slot) counts.removed(rule, slot);
  for (int i = 0; i < 256; ++i) counts.dropped(static_cast<char>(i));
  for (int i = 10000; i < 40000; ++i) counts.replaced(std::to_string(i), ScrubCounts::Why::raised);
  std::string out;
  counts.render(out);
  EXPECT_LT(std::count(out.begin(), out.end(), '\n'), 600);
  EXPECT_THAT(out, HasSubstr("rule=\"other\",kind=\"data\"} "));
}

}  // namespace
}  // namespace pgward::rules
