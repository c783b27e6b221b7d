// Which names may stay in a message of a log: there is no catalog to ask, so those of the policy, and those
// that programs make.
#pragma once

#include "rules/known.h"
#include "rules/log/log_rules.h"

namespace pgward::rules {

class LogNames : public KnownNames {
 public:
  explicit LogNames(const LogRules& rules) : rules_(rules) {}
  bool knows(NameKind kind, std::string_view name) const override;
  // What the columns of a key say about its value; empty for several of them.
  std::string_view kind_of(std::string_view columns) const {
    return columns.find(',') == columns.npos ? rules_.kind_of_key(columns) : std::string_view{};
  }

 private:
  const LogRules& rules_;
};

}  // namespace pgward::rules
