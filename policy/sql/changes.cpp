#include "policy/sql/changes.h"

#include <algorithm>
#include <iterator>

namespace pgward::policy::sql {

// Plain texts that follow each other become one.
Pieces& operator+=(Pieces& to, std::string text) {
  if (!to.empty() && std::holds_alternative<std::string>(to.back()))
    std::get<std::string>(to.back()) += text;
  else
    to.emplace_back(std::move(text));
  return to;
}

Pieces& operator+=(Pieces& to, const Pieces& from) {
  for (const auto& piece : from) {
    if (const auto* text = std::get_if<std::string>(&piece))
      to += *text;
    else
      to.push_back(piece);
  }
  return to;
}

void Changes::replace(std::size_t at, std::size_t removed, Rank rank, Pieces pieces) {
  changes_.push_back({Edit{at, removed, std::move(pieces)}, rank});
}

void Changes::drop_inside(std::size_t from, std::size_t to) {
  std::erase_if(changes_,
                [&](const Change& change) { return change.edit.at >= from && change.edit.at < to; });
}

bool Changes::finish(std::vector<Edit>& out) {
  std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
    return a.edit.at != b.edit.at ? a.edit.at < b.edit.at : a.rank < b.rank;
  });
  std::size_t done = 0;
  for (Change& change : changes_) {
    if (change.edit.at < done) return false;
    done = change.edit.at + change.edit.removed;
    out.push_back(std::move(change.edit));
  }
  changes_.clear();
  return true;
}

}  // namespace pgward::policy::sql
