// What the changes of a session came to: which of its statements changed something in a transaction that is still open, and
// what a COMMIT, a ROLLBACK or a ROLLBACK TO makes of them.
//
//   sent(n)                      statement n, which may change PHI, is on its way
//   uncommitted()                ... and its transaction has not ended: a COMMIT is one of changes
//   ran(n), savepoint(..), ..    as the server answers, in order
//   ended()                      the changes of the transaction that is over; nothing: it had none
//
// Numbers of statements are those of the trail. A transaction's statements stand next to each other, so two numbers say
// which they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgward::proxy {

struct StatementRange {
  std::uint64_t from = 0, through = 0;
  bool operator==(const StatementRange&) const = default;
};

class Ledger {
 public:
  void sent(std::uint64_t number) { sent_ = number; }
  bool uncommitted() const { return sent_ > settled_; }

  // It ended well.
  void ran(std::uint64_t number);
  void savepoint(std::string_view name, std::uint64_t number);
  void released(std::string_view name);
  // What is undone by it, in statement `number`.
  std::optional<StatementRange> rolled_back_to(std::string_view name, std::uint64_t number);
  // The transaction is over, as it is with statement `number` (everything up to there has been answered).
  std::optional<StatementRange> ended(std::uint64_t number);
  // Of the open transaction.
  std::optional<StatementRange> changes() const;
  // What may have changed something and is not settled, answered or not.
  std::optional<StatementRange> unsettled() const;
  // A part of them may have been undone, and nobody can say which.
  bool vague() const { return vague_; }

 private:
  // More are not kept: going back to one of those leaves open what it undid.
  static constexpr std::size_t kSavepointsMax = 1024;
  struct Savepoint {
    std::string name;
    std::uint64_t number;
  };
  std::vector<Savepoint>::iterator find(std::string_view name);

  std::uint64_t sent_ = 0, settled_ = 0;
  std::uint64_t first_ = 0, last_ = 0;  // 0: nothing was changed
  bool vague_ = false;
  std::vector<Savepoint> savepoints_;
};

}  // namespace pgward::proxy
