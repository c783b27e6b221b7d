#include "policy/yaml/mapping.h"

#include <algorithm>
#include <map>

#include "policy/nearest.h"

namespace pgward::policy::yaml {
namespace {

std::string comma_list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

std::vector<const Entry*> distinct_entries(const Node& node, const std::string& what, Mistakes& mistakes) {
  std::vector<const Entry*> distinct;
  if (node.kind != Node::Kind::mapping) {
    mistakes.add(node, what + " must be a mapping (key: value)");
    return distinct;
  }
  std::map<std::string_view, int> line_of;
  for (const auto& entry : node.entries) {
    const Node& key = entry.key;
    if (!is_one_line(key)) {
      mistakes.add(key, "a key of " + what + " must be a text of one line");
    } else if (const auto [first, is_new] = line_of.emplace(key.text, key.line); !is_new) {
      mistakes.add(key, "key " + shown(key.text) + " of " + what + " stands already in line " +
                            std::to_string(first->second));
    } else {
      distinct.push_back(&entry);
    }
  }
  return distinct;
}

Mapping::Mapping(const Node& node, std::string what, std::initializer_list<std::string_view> keys,
                 Mistakes& mistakes)
    : node_(node), what_(std::move(what)), mistakes_(mistakes) {
  const std::vector<std::string> known(keys.begin(), keys.end());
  if (node.kind != Node::Kind::mapping) {
    mistakes.add(node, what_ + " must be a mapping with the keys " + comma_list(known));
    return;
  }
  readable_ = true;
  for (const auto* entry : distinct_entries(node, what_, mistakes)) {
    const Node& key = entry->key;
    if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
    const std::string guess = did_you_mean(key.text, known);
    mistakes.add(key, "unknown key " + shown(key.text) + " of " + what_ +
                          (guess.empty() ? "; known are " + comma_list(known) : guess));
  }
}

const Node* Mapping::find(std::string_view key) const {
  if (!readable_) return nullptr;
  for (const auto& [name, value] : node_.entries)
    if (name.is_scalar() && name.text == key) return &value;
  return nullptr;
}

const Node* Mapping::require(std::string_view key) const {
  const Node* value = find(key);
  if (value == nullptr && readable_)
    mistakes_.add(node_, what_ + " needs the key '" + std::string(key) + "'");
  return value;
}

}  // namespace pgward::policy::yaml
