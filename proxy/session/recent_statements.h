// The statements that a session decided last, by their text: an application sends the same few again and again,
// and their rendering for this caller, their hash and what the trail was told of them need not be made twice.
//
// A statement is found again only while everything it was decided on is the same: world, protocol, and what bare
// names mean (search path, temporary tables).
// Role and tenant are the session's own and never change.
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
                                        std::uint64_t names_version) const {
    for (const Entry& entry : entries_)
      if (entry.sql == sql && entry.protocol == protocol && entry.names_version == names_version &&
          entry.statement->world.get() == &world)
        return entry.statement;
    return nullptr;
  }

  void keep(std::string_view sql, policy::QueryProtocol protocol, std::uint64_t names_version,
            const std::shared_ptr<const Statement>& statement) {
    if (names_version == 0 || statement->refusal || sql.size() > kTextBytesMax) return;
    Entry entry{std::string(sql), protocol, names_version, statement};
    if (entries_.size() < kCount)
      entries_.push_back(std::move(entry));
    else
      entries_[next_++ % kCount] = std::move(entry);
  }

 private:
  static constexpr std::size_t kTextBytesMax = 2048;  // so a session keeps no more than about 30 kB
  struct Entry {
    std::string sql;
    policy::QueryProtocol protocol = policy::QueryProtocol::simple;
    std::uint64_t names_version = 0;
    std::shared_ptr<const Statement> statement;
  };
  static constexpr std::size_t kCount = 8;
  std::vector<Entry> entries_;
  std::size_t next_ = 0;
};

}  // namespace pgward::proxy
