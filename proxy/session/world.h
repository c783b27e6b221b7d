// The facts that decisions rest on, as one consistent version: policy, catalogs, keys. A reload or a
// catalog refresh makes a new World; a statement is decided against one of them from start to end.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "auth/access_rule.h"
#include "auth/certificate.h"
#include "auth/ephemeral.h"
#include "auth/jwt.h"
#include "auth/strength.h"
#include "policy/catalog.h"
#include "policy/policy.h"
#include "rules/allowed_texts.h"

namespace pgward::proxy {

// Catalogs are read as the user that sessions have there: what it may see, its search_path, its privileges. Of the usual
// user the name is that of the database.
inline std::string catalog_name(const std::string& database, const std::string& user, const std::string& usual_user) {
  return user == usual_user ? database : database + " as " + user;
}

struct World {
  std::uint64_t version = 0;  // grows with each new World; part of every cache key
  std::shared_ptr<const policy::Policy> policy;
  rules::AllowedTexts allowed_texts;  // the policy's
  std::map<std::string, std::shared_ptr<const policy::Catalog>, std::less<>> catalogs;  // by catalog_name()
  // By which reading of the catalogs each of them was last found to be as the database is (Services::next_catalog()).
  std::map<std::string, std::uint64_t, std::less<>> read_by;
  std::vector<auth::AccessRule> access = {auth::AccessRule{}};  // how one logs in; a token, where nothing else is said
  std::shared_ptr<const auth::JwtVerifier> verifier;  // these three: null where it is not configured
  std::shared_ptr<const auth::EphemeralVerifier> ephemeral;
  std::shared_ptr<const auth::CertificateMap> certificates;
  std::string oauth_failure;  // what a client of OAUTHBEARER is told that has no good token
  std::map<std::string, auth::Strength, std::less<>> strength;  // by role, of those that ask for more

  // A number for the pair of policy and this database's catalog, never used for another pair.
  std::uint64_t snapshot(std::string_view database) const {
    return version << 16 | static_cast<std::uint64_t>(std::distance(catalogs.begin(), catalogs.lower_bound(database)));
  }
  bool strong_enough(const auth::Identity& identity, const std::string& role) const {
    const auto wanted = strength.find(role);
    return wanted == strength.end() || auth::strong_enough(identity, wanted->second);
  }
  const policy::Catalog* catalog(std::string_view database) const {
    auto found = catalogs.find(database);
    return found == catalogs.end() ? nullptr : found->second.get();
  }
  std::uint64_t catalog_read_by(std::string_view database) const {
    auto found = read_by.find(database);
    return found == read_by.end() ? 0 : found->second;
  }
};

}  // namespace pgward::proxy
