// Sums up what a statement touches, for the audit record.
#pragma once

#include "policy/sql/analysis.h"

namespace pgward::policy::sql {

void finish_facts(Analysis& analysis);
// Fills plan.key_parameters.
void note_key_parameters(Plan& plan);

}  // namespace pgward::policy::sql
