#include "policy/sql/free_literals.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace pgward::policy::sql {
namespace {

// Others hold what came out of their text, or are sent too seldom to matter.
bool may_have_shape(const StatementFacts& facts) {
  switch (facts.kind) {
    case StatementKind::select:
    case StatementKind::insert:
    case StatementKind::update:
    case StatementKind::delete_:
    case StatementKind::merge:
    case StatementKind::values:
      return facts.names.empty() && !facts.copy_in && facts.makes_temporary.empty();
    case StatementKind::begin:
    case StatementKind::commit:
    case StatementKind::rollback:
      return true;
    default:
      return false;
  }
}

struct Place {
  std::size_t at;
  std::size_t constant;
  bool negative;
};

// Where the literal of each constant begins, in the order of the text. The grammar puts a negative number where its
// sign is (doNegate).
std::vector<Place> places_of(const Tree& tree, std::string_view sql) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < tree.constants().size(); ++i) {
    const Constant& constant = tree.constants()[i];
    if (constant.at < 0 || static_cast<std::size_t>(constant.at) >= sql.size()) continue;
    Place place{static_cast<std::size_t>(constant.at), i, false};
    if (sql[place.at] == '-') {
      place.negative = true;
      do ++place.at;
      while (place.at < sql.size() && sql[place.at] == ' ');
    }
    places.push_back(place);
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.at < b.at; });
  return places;
}

std::string unquoted(std::string_view literal) {
  std::string out;
  for (std::size_t i = 1; i + 1 < literal.size(); ++i) {
    out += literal[i];
    if (literal[i] == '\'') ++i;
  }
  return out;
}

// The parser read in this literal what we do; a second look at find_literals().
bool reads_alike(const Tree& tree, Ref value, bool negative, LiteralKind kind, std::string_view literal) {
  const std::string_view text = tree.text_unseen(value);
  switch (kind) {
    case LiteralKind::string:
      return tree.is(value, Kind::string) && !negative && text == unquoted(literal);
    case LiteralKind::int4: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(literal.data(), literal.data() + literal.size(), number);
      return tree.is(value, Kind::integer) && error == std::errc{} && end == literal.data() + literal.size() &&
             tree.number_unseen(value) == (negative ? -number : number);
    }
    default:
      return tree.is(value, Kind::float_) && text.starts_with('-') == negative && text.substr(negative ? 1 : 0) == literal;
  }
}

bool edited(const std::vector<Edit>& edits, const Literal& literal) {
  for (const Edit& edit : edits) {
    if (edit.at >= literal.end()) return false;
    if (edit.at > literal.at || edit.at + edit.removed > literal.at) return true;
  }
  return false;
}

// What a key is compared with is in each text another: it is to be read there.
void tie_keys(const std::map<std::int32_t, Plan::KeyLiteral>& free, Plan& plan) {
  for (StatementFacts& facts : plan.statements) {
    if (!facts.keys) continue;
    auto keys = std::make_shared<StatementKeys>(*facts.keys);
    for_each_source(*keys, [&](KeySource& source) {
      const auto found = source.kind == KeySource::Kind::constant ? free.find(source.at) : free.end();
      if (found == free.end()) return;
      source.kind = KeySource::Kind::literal;
      source.value.clear();
      source.index = static_cast<std::uint32_t>(plan.key_literals.size());
      plan.key_literals.push_back(found->second);
    });
    facts.keys = std::move(keys);
  }
}

}  // namespace

void note_free_literals(const Tree& tree, std::string_view sql, Plan& plan) {
  for (const StatementFacts& facts : plan.statements)
    if (!may_have_shape(facts)) return;
  std::vector<Literal> literals;
  if (!find_literals(sql, literals)) return;
  const std::vector<Place> places = places_of(tree, sql);
  std::map<std::int32_t, Plan::KeyLiteral> free;  // by the place of their constant
  auto place = places.begin();
  bool any = false;
  for (Literal& literal : literals) {
    while (place != places.end() && place->at < literal.at) ++place;
    if (place == places.end()) break;
    if (place->at != literal.at || (place + 1 != places.end() && (place + 1)->at == literal.at)) continue;
    const Constant& constant = tree.constants()[place->constant];
    literal.free = constant.visited && !constant.looked_at && !edited(plan.edits, literal) &&
                   reads_alike(tree, constant.value, place->negative, literal.kind, sql.substr(literal.at, literal.size));
    any = any || literal.free;
    if (literal.free) free[constant.at] = {static_cast<std::uint32_t>(&literal - literals.data()), place->negative};
  }
  if (!any) return;
  plan.literals = std::move(literals);
  tie_keys(free, plan);
}

}  // namespace pgward::policy::sql
