// `pgward scrub explain` and `pgward scrub test`: which rule took what out, and whether rules do what they
// say.
#pragma once

#include <string>
#include <vector>

#include "proxy/cli/scrub_books.h"
#include "rules/log/log_filter.h"

namespace pgward::proxy {

// Reads standard input; a line for each removal: LINE:COLUMN-COLUMN KIND RULE, columns from 1, in bytes; at
// the end how often each rule was right. Never the value. The exit status.
int explain_scrub(const rules::LogBooks& books, bool only_counts);

// Runs the tests that stand in the rules; what fails goes to stdout with its place. `counts`: of those that ran before. 1 when one
// failed.
int test_scrub(const rules::LogBooks& books, TestCounts counts);

}  // namespace pgward::proxy
