// From the notes of a statement to what its plan says of keys.
#include <algorithm>

#include "policy/sql/key_notes.h"
#include "policy/sql/query.h"
#include "policy/sql/temporary.h"

namespace pgward::policy {

KeyType key_type(std::string_view column_type) {
  if (column_type == "smallint") return KeyType::int2;
  if (column_type == "integer") return KeyType::int4;
  if (column_type == "bigint") return KeyType::int8;
  if (column_type == "uuid") return KeyType::uuid;
  return column_type == "text" || column_type == "character varying" ? KeyType::text : KeyType::unsupported;
}

bool alike(KeyType a, KeyType b) {
  const auto integer = [](KeyType type) { return type == KeyType::int2 || type == KeyType::int4 || type == KeyType::int8; };
  return a != KeyType::unsupported && (a == b || (integer(a) && integer(b)));
}

}  // namespace pgward::policy

namespace pgward::policy::sql {
namespace {

// How far equalities are followed.
constexpr std::size_t kFollowedMax = 64;

std::vector<KeyColumn> columns_of(const Relation& relation, const std::vector<std::string>& names, bool& usable) {
  std::vector<KeyColumn> columns;
  for (const std::string& name : names) {
    const Column* column = relation.column(name);
    columns.push_back({name, column != nullptr ? key_type(column->type) : KeyType::unsupported, column != nullptr && column->not_null});
    usable = usable && columns.back().type != KeyType::unsupported;
  }
  return columns;
}

void append(std::vector<KeySource>& to, const std::vector<KeySource>& more) { to.insert(to.end(), more.begin(), more.end()); }

// What a reference says anyway need not be said, and hashed, twice.
void drop_told(std::vector<KeySource>& named, const std::vector<KeyReference>& references, std::vector<KeyPlace> KeyReference::*key) {
  std::erase_if(named, [&](const KeySource& source) {
    return std::any_of(references.begin(), references.end(), [&](const KeyReference& reference) {
      const KeyPlace& place = (reference.*key).front();
      return place.named && std::find(place.values.begin(), place.values.end(), source) != place.values.end();
    });
  });
}

}  // namespace

// The column of the answer that would hold it: of a table that is mentioned once, or it could be another mention's.
std::optional<KeyPlace::Output> KeyNotes::output_of(const Column& column) const {
  const Relation* relation = nullptr;
  std::size_t mentions = 0;
  for (const Reference& each : references_)
    if (each.node == column.item) relation = each.protection->relation;
  if (relation == nullptr || !shown_.contains(column.item)) return std::nullopt;
  // RETURNING shows what it has become, and nothing is equal to that any more.
  for (const Comparison& each : assigned_)
    if (each.column == column) return std::nullopt;
  if (const auto added = added_.find(column); added != added_.end()) return KeyPlace::Output{0, static_cast<std::int16_t>(added->second)};
  for (const Reference& each : references_) mentions += each.protection->relation->oid == relation->oid ? 1 : 0;
  const policy::Column* found = relation->column(column.name);
  if (mentions != 1 || found == nullptr) return std::nullopt;
  return KeyPlace::Output{relation->oid, static_cast<std::int16_t>(found->number)};
}

KeyPlace KeyNotes::place_of(const Reference& reference, const std::string& name) const {
  KeyPlace place;
  if (reference.written) {
    const auto values = reference.values.find(name);
    if (values != reference.values.end() && values->second) {
      place.named = true;
      place.values = *values->second;
    }
  }
  // This column and all that it must be equal to.
  std::vector<Column> line{{reference.node, name}};
  for (std::size_t i = 0; i < line.size() && i < kFollowedMax; ++i) {
    if (const auto output = output_of(line[i])) place.outputs.push_back(*output);
    if (const auto bound = bounds_.find(line[i]); bound != bounds_.end() && !place.named) {
      place.named = true;
      place.values = bound->second;
    }
    if (const auto equal = equal_.find(line[i]); equal != equal_.end())
      for (const Column& other : equal->second)
        if (std::find(line.begin(), line.end(), other) == line.end()) line.push_back(other);
  }
  // A change of the key itself: what it becomes is touched as well.
  for (const Comparison& each : assigned_) {
    if (each.column.item != reference.node || each.column.name != name) continue;
    place.named = place.named && !each.values.empty();
    append(place.values, each.values);
    // RETURNING shows the new one only.
    place.outputs.clear();
  }
  return place;
}

// A parameter has one type, which the server takes from where it is named first: '0100' is another key beside $1::int. So each
// of its places must be seen, and say the same.
void KeyNotes::note_certain(StatementKeys& keys) const {
  std::map<std::uint32_t, std::map<std::int32_t, KeyType>> places;
  const auto see = [&](const std::vector<KeySource>& sources) {
    for (const KeySource& source : sources)
      if (source.kind == KeySource::Kind::parameter) places[source.index][source.at] = source.type;
  };
  for (const auto& [node, each] : comparisons_) see(each.values);
  for (const Comparison& each : assigned_) see(each.values);
  for (const Reference& each : references_)
    for (const auto& [name, values] : each.values)
      if (values) see(*values);
  for_each_source(keys, [&](KeySource& source) {
    if (source.kind != KeySource::Kind::parameter) return;
    const auto mentions = mentions_.find(source.index);
    const auto& seen = places[source.index];
    source.certain = mentions != mentions_.end() && seen.size() == mentions->second &&
                     std::all_of(seen.begin(), seen.end(), [&](const auto& place) { return alike(place.second, source.type); });
  });
}

// Of keys of one column: what was compared with it anywhere.
void KeyNotes::add_named(const Analysis&, TouchedKeys& keys) const {
  const auto of_table = [&](Ref item) {
    return std::any_of(references_.begin(), references_.end(),
                       [&](const Reference& each) { return each.node == item && each.protection->relation->name == keys.table; });
  };
  const auto add = [&](const Column& column, const std::vector<KeySource>& values) {
    if (values.empty() || !of_table(column.item)) return;
    if (keys.record.size() == 1 && keys.record.front().name == column.name) append(keys.record_named, values);
    if (keys.subject.size() == 1 && keys.subject.front().name == column.name) append(keys.subject_named, values);
  };
  for (const auto& [node, each] : comparisons_) add(each.column, each.values);
  for (const Comparison& each : assigned_) add(each.column, each.values);
  for (const Reference& each : references_)
    for (const auto& [name, values] : each.values)
      if (values) add({each.node, name}, *values);
  if (!keys.record_named.empty()) drop_told(keys.record_named, keys.references, &KeyReference::record);
  if (!keys.subject_named.empty()) drop_told(keys.subject_named, keys.references, &KeyReference::subject);
}

std::shared_ptr<const StatementKeys> KeyNotes::take(const Analysis& a, const std::vector<Touch>& touches) {
  const bool any_key = std::any_of(a.policy.tables.begin(), a.policy.tables.end(), [](const auto& entry) {
    return !entry.second.record.empty() || !entry.second.subject.empty();
  });
  auto all = std::make_shared<StatementKeys>();
  bool any = false;
  for (const Touch& touch : touches) {
    if (!any_key) break;
    if (std::any_of(all->begin(), all->end(), [&](const TouchedKeys& each) { return each.table == touch.relation; })) continue;
    TouchedKeys keys;
    keys.table = touch.relation;
    const auto known = a.known.find(touch.relation);
    const bool temporary = touch.relation.schema == kTemporarySchema;
    if (known == a.known.end() || known->second.rule == nullptr) {
      keys.unknown = true;
      any = any || temporary || known == a.known.end();
    } else {
      const Protection& protection = known->second;
      bool usable = true;
      keys.rule = protection.rule->name;
      keys.record = columns_of(*protection.relation, protection.rule->record, usable);
      keys.subject = columns_of(*protection.relation, protection.rule->subject, usable);
      any = any || keys.has_keys();
      for (const Reference& each : references_) {
        if (each.protection->relation->name != touch.relation) continue;
        KeyReference made;
        for (const KeyColumn& column : keys.record) made.record.push_back(place_of(each, column.name));
        for (const KeyColumn& column : keys.subject) made.subject.push_back(place_of(each, column.name));
        keys.references.push_back(std::move(made));
      }
      keys.unknown = keys.has_keys() && (!usable || too_many_ || keys.references.empty());
      add_named(a, keys);
    }
    all->push_back(std::move(keys));
  }
  note_certain(*all);
  *this = {};
  if (!any) return nullptr;
  return all;
}

}  // namespace pgward::policy::sql
