// Literals and parameters that may be values of keys.
#include <charconv>

#include "policy/sql/key_notes.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

// Longer lists are not kept: then it is not known which keys were meant.
constexpr std::size_t kListMax = 1000;
constexpr std::size_t kValueBytesMax = 1024;

// '5'::int4 is what '5' says; other types may make something else of it. `unsupported`: one of those.
KeyType cast_type(const Analysis& a, Ref type, bool array) {
  const Tree& tree = a.tree;
  if (tree.child(type, tn_typmods) != kNone || (tree.child(type, tn_bounds) != kNone) != array) return KeyType::unsupported;
  const std::vector<std::string> names = parts_of(tree, tree.child(type, tn_names));
  if (names.empty() || names.size() > 2 || (names.size() == 2 && names[0] != "pg_catalog")) return KeyType::unsupported;
  if (names.size() == 1 && a.catalog.types.count(names[0]) > 1) return KeyType::unsupported;
  const std::string& name = names.back();
  if (name == "int2") return KeyType::int2;
  if (name == "int4") return KeyType::int4;
  if (name == "int8") return KeyType::int8;
  if (name == "uuid") return KeyType::uuid;
  return name == "text" || name == "varchar" ? KeyType::text : KeyType::unsupported;
}

// 1e2 and 2.5 make everything beside them another type.
bool is_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

// At most one cast: what two of them make of a value is not worth knowing.
std::optional<KeySource> source(const Analysis& a, Ref node, KeyType beside, bool list) {
  const Tree& tree = a.tree;
  KeySource found;
  found.type = beside;
  found.list = list;
  if (tree.is(node, Kind::type_cast)) {
    found.type = cast_type(a, tree.child(node, tc_type), list);
    if (found.type == KeyType::unsupported) return std::nullopt;
    node = tree.child(node, tc_arg);
  }
  found.at = tree.at(node);
  if (tree.is(node, Kind::param)) {
    const std::int64_t number = tree.number_unseen(node);
    if (number < 1 || number > 65535) return std::nullopt;
    found.kind = KeySource::Kind::parameter;
    found.index = static_cast<std::uint32_t>(number);
    return found;
  }
  if (!tree.is(node, Kind::constant)) return std::nullopt;
  const Ref value = tree.child(node, 0);
  if (value == kNone) return std::nullopt;
  if (tree.is(value, Kind::integer)) {
    found.value = std::to_string(tree.number_unseen(value));
    found.number = true;
    return found;
  }
  const bool number = tree.is(value, Kind::float_);
  if (!number && !tree.is(value, Kind::string)) return std::nullopt;
  const std::string_view text = tree.text_unseen(value);
  if (text.size() > kValueBytesMax || (number && !is_integer(text))) return std::nullopt;
  found.value = std::string(text);
  found.number = number;
  return found;
}

}  // namespace

std::optional<KeySource> key_source(const Analysis& analysis, Ref node, KeyType beside) { return source(analysis, node, beside, false); }

std::optional<std::vector<KeySource>> key_list(const Analysis& analysis, Ref node, KeyType beside) {
  const Tree& tree = analysis.tree;
  const bool cast = tree.is(node, Kind::type_cast) && tree.is(tree.child(node, tc_arg), Kind::array);
  if (cast) {
    beside = cast_type(analysis, tree.child(node, tc_type), true);
    if (beside == KeyType::unsupported) return std::nullopt;
    node = tree.child(node, tc_arg);
  }
  if (tree.is(node, Kind::array)) node = tree.child(node, 0);
  if (!tree.is(node, Kind::list)) {
    auto array = source(analysis, node, beside, true);
    if (!array) return std::nullopt;
    return std::vector<KeySource>{std::move(*array)};
  }
  if (tree.count(node) > kListMax) return std::nullopt;
  std::vector<KeySource> all;
  for (const Ref item : tree.children(node)) {
    auto one = source(analysis, item, beside, false);
    // Of ARRAY['0100'::int]::text[] both casts count.
    if (!one || (cast && tree.is(item, Kind::type_cast) && !alike(one->type, beside))) return std::nullopt;
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace pgward::policy::sql
