#include "proxy/session/ledger.h"

#include <algorithm>

namespace pgward::proxy {

void Ledger::ran(std::uint64_t number) {
  if (first_ == 0) first_ = number;
  last_ = std::max(last_, number);
}

void Ledger::savepoint(std::string_view name, std::uint64_t number) {
  if (savepoints_.size() < kSavepointsMax) savepoints_.push_back({std::string(name), number});
}

// The last of that name: the server keeps those before it, and so they come back when it goes.
std::vector<Ledger::Savepoint>::iterator Ledger::find(std::string_view name) {
  const auto found = std::find_if(savepoints_.rbegin(), savepoints_.rend(), [&](const Savepoint& one) { return one.name == name; });
  return found == savepoints_.rend() ? savepoints_.end() : std::prev(found.base());
}

void Ledger::released(std::string_view name) { savepoints_.erase(find(name), savepoints_.end()); }

std::optional<StatementRange> Ledger::rolled_back_to(std::string_view name, std::uint64_t number) {
  const auto point = find(name);
  if (point == savepoints_.end()) return vague_ = true, std::nullopt;  // never claimed to be undone on a guess
  const std::uint64_t since = point->number;
  savepoints_.erase(std::next(point), savepoints_.end());
  if (first_ == 0 || last_ <= since) return std::nullopt;
  const StatementRange undone{std::max(first_, since + 1), number - 1};
  // What is left of the transaction's changes stands before the savepoint; whether there is any, its end need not know exactly.
  if (first_ > since) first_ = last_ = 0;
  else last_ = since;
  return undone;
}

std::optional<StatementRange> Ledger::changes() const {
  if (first_ == 0) return std::nullopt;
  return StatementRange{first_, last_};
}

std::optional<StatementRange> Ledger::unsettled() const {
  if (!uncommitted()) return changes();
  return StatementRange{first_ != 0 ? first_ : settled_ + 1, sent_};
}

std::optional<StatementRange> Ledger::ended(std::uint64_t number) {
  const auto all = changes();
  settled_ = std::max(settled_, number);
  first_ = last_ = 0;
  vague_ = false;
  savepoints_.clear();
  return all;
}

}  // namespace pgward::proxy
