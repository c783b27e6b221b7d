// A session's pseudonyms: its tenant's key, and a state of the hash for each table that it has met.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "audit/pseudonym.h"
#include "policy/names.h"

namespace pgward::proxy {

class KeyRing {
 public:
  // A null key: nothing can be said of keys (a session in which nothing is protected).
  explicit KeyRing(std::shared_ptr<const audit::SubjectKey> key, bool seals = false) : key_(std::move(key)), seals_(seals) {}
  bool has_key() const { return key_ != nullptr; }
  bool seals() const { return seals_; }
  const audit::SubjectKey& key() const { return *key_; }
  // Good as long as the ring is.
  const audit::Pseudonyms& subjects() { return met().subjects; }
  const audit::Pseudonyms& records(const policy::RelationName& rule) {
    auto& records = met().records;
    auto found = records.find(rule);
    if (found == records.end()) found = records.emplace(rule, key_->records(rule.text())).first;
    return found->second;
  }

 private:
  struct Met {
    explicit Met(const audit::SubjectKey& key) : subjects(key.subjects()) {}
    audit::Pseudonyms subjects;
    std::map<policy::RelationName, audit::Pseudonyms> records;
  };
  // With the first key that is told: most sessions wait, and have told none.
  Met& met() {
    if (!met_) met_ = std::make_unique<Met>(*key_);
    return *met_;
  }

  std::shared_ptr<const audit::SubjectKey> key_;
  bool seals_;
  std::unique_ptr<Met> met_;
};

}  // namespace pgward::proxy
