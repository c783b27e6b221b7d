// The edits of one statement text while they are being collected.
#pragma once

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "policy/plan.h"

namespace pgward::policy::sql {

using Pieces = std::vector<std::variant<std::string, std::size_t>>;

Pieces& operator+=(Pieces& to, const Pieces& from);
Pieces& operator+=(Pieces& to, std::string text);

// Texts put in at one and the same byte stand in this order.
enum class Rank {
  close_guard,
  close_fence,
  close_on,
  append_from,
  close_query,
  keys,
  open_guard,
  open,
  open_fence,
  mask
};

class Changes {
 public:
  void insert(std::size_t at, Rank rank, Pieces pieces) { replace(at, 0, rank, std::move(pieces)); }
  void replace(std::size_t at, std::size_t removed, Rank rank, Pieces pieces);
  // Forgets changes inside [from, to): the whole of it is going to be replaced.
  void drop_inside(std::size_t from, std::size_t to);
  // In the order of the text; false when two of them overlap.
  bool finish(std::vector<Edit>& out);

 private:
  struct Change {
    Edit edit;
    Rank rank;
  };
  std::vector<Change> changes_;
};

}  // namespace pgward::policy::sql
