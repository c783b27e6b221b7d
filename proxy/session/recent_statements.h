// The statements that a session decided last, by their text: an application sends the same few again and again,
// and their rendering for this caller, their hash and what the trail was told of them need not be made twice.
//
// A statement is found again only while everything it was decided on is the same: world, protocol, and what bare
// names mean (search path, temporary tables).
// Role and tenant are the session's own and never change.
//
// Texts that differ in literals only, and so share a plan, take turns in one place until one of them comes again:
// a program that writes a new value into each text does not push out what it sends in the same words.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/session/gate.h"

namespace pgward::proxy {

class RecentStatements {
 public:
  // `names_version`: Relay::names_version(); 0, not known: nothing is found and nothing kept.
  std::shared_ptr<const Statement> find(std::string_view sql, policy::QueryProtocol protocol, const World& world,
                                        std::uint64_t names_version) {
    for (Entry& entry : entries_) {
      if (entry.sql != sql || entry.protocol != protocol || entry.names_version != names_version ||
          entry.statement->world.get() != &world)
        continue;
      entry.came_again = true;
      return entry.statement;
    }
    return nullptr;
  }

  void keep(std::string_view sql, policy::QueryProtocol protocol, std::uint64_t names_version,
            const std::shared_ptr<const Statement>& statement) {
    if (names_version == 0 || statement->refusal || sql.size() > kTextBytesMax) return;
    Entry* place = nullptr;
    for (Entry& entry : entries_) {
      if (!statement->plan || entry.statement->plan != statement->plan || entry.statement->world != statement->world) continue;
      std::shared_ptr<std::vector<std::uint64_t>>& told_as = entry.statement->plan_told_as;
      if (!told_as) told_as = std::make_shared<std::vector<std::uint64_t>>(statement->plan->statements.size());
      statement->plan_told_as = told_as;
      if (!entry.came_again) place = &entry;
    }
    if (place == nullptr && entries_.size() < kCount) place = &entries_.emplace_back();
    if (place == nullptr) place = &entries_[next_++ % kCount];
    place->sql.assign(sql);
    place->protocol = protocol;
    place->came_again = false;
    place->names_version = names_version;
    place->statement = statement;
  }

 private:
  static constexpr std::size_t kTextBytesMax = 2048;  // so a session keeps no more than about 30 kB
  struct Entry {
    std::string sql;
    policy::QueryProtocol protocol = policy::QueryProtocol::simple;
    bool came_again = false;
    std::uint64_t names_version = 0;
    std::shared_ptr<const Statement> statement;
  };
  static constexpr std::size_t kCount = 8;
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace pgward::proxy
