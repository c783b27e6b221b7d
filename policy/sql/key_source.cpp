// Literals and parameters that may be values of keys.
#include "policy/sql/key_notes.h"
#include "policy/sql/query.h"

namespace pgward::policy::sql {

using namespace child;

namespace {

// Longer lists are not kept: then it is not known which keys were meant.
constexpr std::size_t kListMax = 1000;
constexpr std::size_t kValueBytesMax = 1024;

// '5'::int4 is what '5' says; other types may make something else of it.
bool keeps_value(const Analysis& a, Ref type, bool array) {
  const Tree& tree = a.tree;
  if (tree.child(type, tn_typmods) != kNone || (tree.child(type, tn_bounds) != kNone) != array) return false;
  const std::vector<std::string> names = parts_of(tree, tree.child(type, tn_names));
  if (names.empty() || names.size() > 2 || (names.size() == 2 && names[0] != "pg_catalog")) return false;
  if (names.size() == 1 && a.catalog.types.count(names[0]) > 1) return false;
  for (const std::string_view each : {"int2", "int4", "int8", "uuid", "text", "varchar"})
    if (names.back() == each) return true;
  return false;
}

std::optional<KeySource> source(const Analysis& a, Ref node, bool list) {
  const Tree& tree = a.tree;
  for (int casts = 0; tree.is(node, Kind::type_cast) && casts < 4; ++casts) {
    if (!keeps_value(a, tree.child(node, tc_type), list)) return std::nullopt;
    node = tree.child(node, tc_arg);
  }
  KeySource found;
  found.list = list;
  if (tree.is(node, Kind::param)) {
    const std::int64_t number = tree.number_unseen(node);
    if (number < 1 || number > 65535) return std::nullopt;
    found.kind = KeySource::Kind::parameter;
    found.index = static_cast<std::uint32_t>(number);
    return found;
  }
  if (!tree.is(node, Kind::constant)) return std::nullopt;
  const Ref value = tree.child(node, 0);
  found.at = tree.at(node);
  if (value == kNone) return std::nullopt;
  if (tree.is(value, Kind::integer))
    found.value = std::to_string(tree.number_unseen(value));
  else if ((tree.is(value, Kind::string) || tree.is(value, Kind::float_)) && tree.text_unseen(value).size() <= kValueBytesMax)
    found.value = std::string(tree.text_unseen(value));
  else
    return std::nullopt;
  return found;
}

}  // namespace

std::optional<KeySource> key_source(const Analysis& analysis, Ref node) { return source(analysis, node, false); }

std::optional<std::vector<KeySource>> key_list(const Analysis& analysis, Ref node) {
  const Tree& tree = analysis.tree;
  for (int casts = 0; tree.is(node, Kind::type_cast) && casts < 4 && tree.is(tree.child(node, tc_arg), Kind::array); ++casts) {
    if (!keeps_value(analysis, tree.child(node, tc_type), true)) return std::nullopt;
    node = tree.child(node, tc_arg);
  }
  if (tree.is(node, Kind::array)) node = tree.child(node, 0);
  if (!tree.is(node, Kind::list)) {
    auto array = source(analysis, node, true);
    if (!array) return std::nullopt;
    return std::vector<KeySource>{std::move(*array)};
  }
  if (tree.count(node) > kListMax) return std::nullopt;
  std::vector<KeySource> all;
  for (const Ref item : tree.children(node)) {
    auto one = source(analysis, item, false);
    if (!one) return std::nullopt;
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace pgward::policy::sql
