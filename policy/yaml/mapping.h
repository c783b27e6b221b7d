// A mapping whose keys are known: the shape of nearly everything in our files.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "policy/yaml/node.h"

namespace pgward::policy::yaml {

class Mapping {
 public:
  // Notes every key that is not among `keys` (with the nearest of them), every key that stands twice, and a
  // node that is no mapping at all; such a mapping is empty afterwards. `what` is for people: "a table".
  Mapping(const Node& node, std::string what, std::initializer_list<std::string_view> keys,
          Mistakes& mistakes);

  // The value of a key, or null when the key is not there. `key` is one of `keys`.
  const Node* find(std::string_view key) const;
  // The same, but a missing key is a mistake.
  const Node* require(std::string_view key) const;

  // False when the node was no mapping: what is missing in it is not worth mentioning then.
  bool readable() const { return readable_; }

 private:
  const Node& node_;
  std::string what_;
  Mistakes& mistakes_;
  bool readable_ = false;
};

// Entries of a mapping with a text of one line as the key, each once. Notes everything else.
std::vector<const Entry*> distinct_entries(const Node& node, const std::string& what, Mistakes& mistakes);

// The same as a loop, for mappings whose keys are names of the user's own: each(key, value).
template <typename Each>
void for_each_entry(const Node& node, const std::string& what, Mistakes& mistakes, Each each) {
  for (const auto* entry : distinct_entries(node, what, mistakes)) each(entry->key, entry->value);
}

}  // namespace pgward::policy::yaml
