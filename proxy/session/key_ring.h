// A session's pseudonyms: its tenant's key, and a state of the hash for each table that it has met.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "audit/pseudonym.h"
#include "policy/names.h"

namespace pgward::proxy {

class KeyRing {
 public:
  // A null key: nothing can be said of keys (a session in which nothing is protected).
  explicit KeyRing(std::shared_ptr<const audit::SubjectKey> key, bool seals = false) : key_(std::move(key)), seals_(seals) {
    if (key_) subjects_ = std::make_unique<audit::Pseudonyms>(key_->subjects());
  }
  bool has_key() const { return key_ != nullptr; }
  bool seals() const { return seals_; }
  const audit::SubjectKey& key() const { return *key_; }
  // Good as long as the ring is.
  const audit::Pseudonyms& subjects() { return *subjects_; }
  const audit::Pseudonyms& records(const policy::RelationName& rule) {
    auto found = records_.find(rule);
    if (found == records_.end()) found = records_.emplace(rule, key_->records(rule.text())).first;
    return found->second;
  }

 private:
  std::shared_ptr<const audit::SubjectKey> key_;
  bool seals_;
  std::unique_ptr<audit::Pseudonyms> subjects_;
  std::map<policy::RelationName, audit::Pseudonyms> records_;
};

}  // namespace pgward::proxy
