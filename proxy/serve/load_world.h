// Reads everything that decisions rest on: policy, key sets, certificates, the databases' catalogs. Used to
// start, to reload, and by `pgward check` and `pgward explain`.
//
// May wait (files, name resolution, the database): never on a reactor thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "policy/mistake.h"
#include "proxy/config/config.h"
#include "proxy/net/reactor.h"
#include "proxy/upstream/key_sets.h"

namespace pgward::proxy {

struct LoadedWorld {
  std::shared_ptr<const NetWorld> net;      // null when a file is wrong
  std::vector<policy::Mistake> mistakes;    // of files, and of what the database lacks; warnings too
  std::map<std::string, std::string> unfetched;  // issuer whose key set could not be fetched -> why
  bool password_missing = false;                 // of an upstream user: nothing can be served
  bool keys_missing = false;                     // of an issuer: none of its tokens is accepted
  std::map<std::string, std::string> unread;  // database whose catalog could not be read -> why
};

// `version`: the number of the new World. With `offline` no database is asked. A catalog of `known` (or null)
// whose database has not changed since is taken over, not read again. `key_sets`: those that were fetched before.
LoadedWorld load_world(const Config& config, std::uint64_t version, bool offline = false,
                       const World* known = nullptr, KeySets* key_sets = nullptr);

}  // namespace pgward::proxy
