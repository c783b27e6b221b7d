// The value that a statement writes into a tenant column: proven to be the caller's now (a literal that
// render() compares, a parameter that Bind compares, the locked setting, a column that is the caller's
// by construction), guarded at run time, or refused.
#pragma once

#include "policy/sql/scope.h"

namespace pgward::policy::sql {

struct WrittenValue {
  const TenantPair& pair;
  const Protection& protection;
  const Level* level = nullptr;  // where column references in it look
  Ref node = kNone;
  Range text;  // its tokens; nowhere when it cannot be changed
};

enum class Written { refused, as_it_is, replaced };

// `replacement` is the node that stands in its place when the answer is `replaced`.
Written judge_written(Analysis& analysis, const WrittenValue& value, Ref& replacement);

// The column was left out, or DEFAULT was written: true when its default reads the tenant's setting, so
// that it may stay left out.
bool default_is_tenant(const Analysis& analysis, const Protection& protection, const TenantPair& pair);
// Whether the policy lets us add it; refuses otherwise.
bool may_fill(Analysis& analysis, const Protection& protection, const TenantPair& pair);

}  // namespace pgward::policy::sql
