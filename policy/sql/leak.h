// Whether a condition can tell of rows that it was not meant for.
//
// Where no row-level security orders conditions (mode: predicate), the planner puts them in the order of
// their cost, so a client's condition may be tried on other tenants' rows before the predicate drops them.
// A condition that can fail, or do anything but answer, then tells of them. What cannot is left as it
// is, so that it keeps its indexes; all else is fenced (fence.h).
//
// The measure is the server's own for row-level security (contain_leaked_vars): every function that is
// given a column must be pg_proc.proleakproof. Types are known for plain columns only; whatever is not
// known leaks.
#pragma once

#include <string>
#include <vector>

#include "policy/catalog.h"
#include "policy/sql/tree.h"

namespace pgward::policy::sql {

// What is known of a column that a condition names.
struct ColumnFact {
  std::string type;    // as format_type() writes it, varchar as text; empty: not known
  bool plain = false;  // stored, or computed from rows that were chosen already: reading it cannot fail

  bool operator==(const ColumnFact&) const = default;
};

// How the judge learns what names mean where the condition stands.
class Meaning {
 public:
  Meaning() = default;
  Meaning(const Meaning&) = delete;
  Meaning& operator=(const Meaning&) = delete;
  virtual ~Meaning() = default;
  virtual ColumnFact column(Ref column_ref) const = 0;
  // Columns of the query of a sub-link; may be fewer than there are.
  virtual std::vector<ColumnFact> outputs(Ref sublink) const = 0;
  // Its query names columns of the level where the condition stands, or further out.
  virtual bool correlated(Ref sublink) const = 0;
  // So it does, but only in its WHERE, in conditions that are fenced or need not be.
  virtual bool correlated_in_where_only(Ref sublink) const = 0;
};

// `condition` is one conjunct of WHERE, ON or HAVING.
bool leaks(const Tree& tree, const Catalog& catalog, const Meaning& meaning, Ref condition);

// It calls an aggregate of its own level (so the planner leaves it in HAVING).
bool aggregates(const Tree& tree, const Catalog& catalog, Ref condition);

// Comparing columns of these types cannot fail; `symbol` as in the tree ({"="}, {"pg_catalog", "="}).
// USING and NATURAL compare so.
bool comparison_is_leakproof(const Catalog& catalog, const std::vector<std::string>& symbol,
                             const std::string& left, const std::string& right);

// format_type()'s name of a type, with what compares alike under one name.
std::string comparable_type(const std::string& type);

}  // namespace pgward::policy::sql
