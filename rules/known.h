// Decides whether a name in a message may stay: asks the catalog, and what every PostgreSQL has.
#pragma once

#include <string_view>
#include <vector>

#include "rules/scrubber.h"
#include "rules/vocabulary.h"

namespace pgward::rules {

class Known {
 public:
  Known(const Vocabulary& vocabulary, const KnownNames& names) : vocabulary_(vocabulary), names_(names) {}

  // One part of a name, without quotes. Kinds that the server's messages mix up count for each other:
  // a unique index is called a constraint, a row type is called by its table.
  bool has(NameKind kind, std::string_view name) const;

  // As has(), for a name that the server took from its own catalog, not from the statement. A snapshot
  // of the catalog cannot have a session's temporary tables, so here a name nobody knows may stay if
  // it looks like one that a program made: lower case, with an underscore or a digit, no long number,
  // no long word that nobody knows.
  bool has_or_is_catalog_name(NameKind kind, std::string_view name) const;

  // From now on this name is known, as what it may be: the same message names it in a field of its own
  // that the server filled from its catalog. The view must outlive this object.
  void add(std::string_view name) { named_here_.push_back(name); }

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  bool has_exactly(NameKind kind, std::string_view name) const;

  const Vocabulary& vocabulary_;
  const KnownNames& names_;
  std::vector<std::string_view> named_here_;
};

}  // namespace pgward::rules
