#include "proxy/serve/merged_world.h"

#include <spdlog/spdlog.h>

namespace pgward::proxy {

std::shared_ptr<const NetWorld> merged(const NetWorld& before, const LoadedWorld& loaded, std::uint64_t reading) {
  for (const auto& [database, reason] : loaded.unread) spdlog::warn("database {}: {}", database, reason);
  const World& old = *before.world;
  auto world = std::make_shared<World>(*loaded.net->world);
  const bool same_policy = world->policy->source_sha256 == old.policy->source_sha256;
  bool same = same_policy;
  for (const auto& [database, catalog] : world->catalogs) world->read_by[database] = reading;
  for (const auto& [database, catalog] : old.catalogs) {
    auto now = world->catalogs.find(database);
    // Equal in content, it is still the newer one that stays: its fingerprint is the database's of today.
    if (now != world->catalogs.end() && (now->second == catalog || policy::same_content(*now->second, *catalog))) continue;
    if (!loaded.unread.contains(database) || !same_policy) {
      same = false;
      continue;
    }
    world->catalogs.emplace(database, catalog);
    world->read_by[database] = old.catalog_read_by(database);
  }
  if (same && world->catalogs.size() == old.catalogs.size()) {
    world->version = old.version;
    world->policy = old.policy;
  }
  auto net = std::make_shared<NetWorld>(*loaded.net);
  net->world = std::move(world);
  if (net->upstream_addresses.empty()) net->upstream_addresses = before.upstream_addresses;
  return net;
}

}  // namespace pgward::proxy
