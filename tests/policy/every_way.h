// What must hold for any statement text whatsoever. For a test program, a measuring program and whoever finds a new one.
//
//   EveryWay way{policy, role, catalog, path, tenant};
//   Outcome outcome = way.check(sql);        // `wrong` is empty, or says what does not hold
//
// It plans the text by both protocols and twice, finds it in the cache by its bytes and by its shape with other values in
// its free literals, and compares; what is accepted must parse again once it is rendered, name no relation without its schema,
// be planned again without an objection, and carry a predicate for each reference that another reader of the statement
// (overlooked.h) finds in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/plan.h"

namespace pgward::tests {

struct Outcome {
  std::optional<policy::Refusal> refusal;
  std::string object;     // that the refusal is about
  bool changed = false;   // accepted, and rewritten
  std::size_t keys = 0;   // columns that were added
  std::string wrong;
};

struct EveryWay {
  const policy::Policy& policy;
  const policy::Role& role;
  const policy::Catalog& catalog;
  const std::vector<std::string>& path;
  const policy::TenantValues& tenant;  // values that stand in none of the texts
  // The same policy, but that no keys are added: what is decided must be the same, and what is sent, but for them.
  const policy::Policy* without_keys = nullptr;

  Outcome check(const std::string& sql) const;

 private:
  policy::Plan planned(std::string_view sql, policy::QueryProtocol protocol = policy::QueryProtocol::simple) const;
  std::string wrong_twice(const std::string& sql, const policy::Plan& plan) const;
  std::string wrong_in_the_cache(const std::string& sql, const policy::Plan& plan) const;
  std::string wrong_as_sent(const std::string& sql, const policy::Plan& plan) const;
  std::string wrong_with_keys(const std::string& sql, const policy::Plan& plan) const;
  std::size_t tenant_literals(const std::string& text) const;
};

}  // namespace pgward::tests
