// What sessions have said so far, in bounded memory: the memory of a Completer.
//
// A session owns the members that all its records share, and of each statement either what it said in full or which one
// it is like. Statements of a thousand sessions of one application say the same: it is kept once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pgward::audit {

using Members = std::shared_ptr<const nlohmann::ordered_json>;  // an object

struct ToldStatement {
  std::uint64_t like = 0;  // 0: told in full
  Members shared;          // op, tables, ...: of one told in full
  Members sql;             // its text's hash and size; null: that of the one it is like
  std::size_t bytes = 0;
  bool used = false;       // since it was last looked at whether it may go
  std::uint64_t place = 0;
};

struct ToldSession {
  std::uint64_t first_seq = 0;
  Members members;  // actor, tenant, ...; null: not known
  Members credential;  // the newest; null: that of the actor
  std::map<std::uint64_t, ToldStatement> statements;
  std::deque<std::uint64_t> over;  // statements that have ended, oldest first: more may be told of them for a moment
  std::size_t bytes = 0;           // without its statements
  bool used = false;
  std::uint64_t place = 0;
};

class Told {
 public:
  explicit Told(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Null: not known.
  ToldSession* find(std::string_view session);
  // Known from now on.
  ToldSession& open(std::string_view session, std::uint64_t seq);
  void set_members(ToldSession& session, nlohmann::ordered_json members);
  void set_credential(ToldSession& session, nlohmann::ordered_json credential);
  // A statement that is known already is told anew.
  void add(std::string_view id, ToldSession& session, std::uint64_t number, ToldStatement statement);
  // Its outcome is known: unless others may be like it, it goes soon.
  void end(ToldSession& session, std::uint64_t number);
  void close(std::string_view session);
  void forget_all();
  // Makes room: what was not used goes first. Pointers from find() and open() are void afterwards.
  void trim();

  Members keep(nlohmann::ordered_json members);  // equal ones are kept once
  std::uint64_t oldest_seq() const { return by_seq_.empty() ? 0 : by_seq_.begin()->first; }
  std::size_t bytes() const { return bytes_ + *shared_bytes_ + order_.size() * sizeof(Place); }

 private:
  using Sessions = std::unordered_map<std::string, ToldSession>;
  struct Place {
    std::string session;
    std::uint64_t statement = 0;  // 0: the session itself
    std::uint64_t number = 0;     // what is gone and came again has another one
  };
  bool stands(const Place& place) const;
  void forget(ToldSession& session, std::map<std::uint64_t, ToldStatement>::iterator statement);
  void close(Sessions::iterator session);
  void sweep_keepsakes();

  std::size_t bytes_max_, bytes_ = 0;
  std::uint64_t places_ = 0;
  std::shared_ptr<std::size_t> shared_bytes_ = std::make_shared<std::size_t>(0);
  Sessions sessions_;
  std::multimap<std::uint64_t, std::string> by_seq_;  // first records of sessions
  std::deque<Place> order_;                           // as they came; those that are gone are passed over
  std::unordered_map<std::string, std::weak_ptr<const nlohmann::ordered_json>> keepsakes_;  // by SHA-256 of their text
  std::size_t sweep_at_ = 1024;
};

}  // namespace pgward::audit
