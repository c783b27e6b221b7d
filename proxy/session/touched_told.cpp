// From what a statement touches to the words of its record.
#include <algorithm>

#include "proxy/session/touched_rows.h"

namespace pgward::proxy {

bool TouchedRows::rows_tell(std::size_t table, std::size_t reference) const {
  return layout_ && reference < layout_->in_rows[table].size() && layout_->in_rows[table][reference];
}

// Each value alone is a key.
bool TouchedRows::add_each(std::size_t table, bool subject, const std::vector<policy::KeySource>& sources, Named& into) {
  const policy::TouchedKeys& keys = (*keys_)[table];
  const policy::KeyColumn& column = (subject ? keys.subject : keys.record).front();
  std::vector<std::string> values;
  bool all = true;
  for (const policy::KeySource& source : sources) all = values_.add(source, column.type, values) && all;
  for (std::string& value : values) {
    if (into.told.records.size() + into.told.subjects.size() >= kNamedMax || clear_bytes_ >= kClearBytesMax) return false;
    parts_.assign(1, std::move(value));
    note(table, subject, false, into.told);
  }
  return all;
}

// A key of a reference, from what bounds it. Of several columns one value each is a key; more would be guessing which
// belong together.
bool TouchedRows::add_named(std::size_t table, bool subject, const std::vector<policy::KeyPlace>& places, Named& into) {
  if (places.empty() || std::any_of(places.begin(), places.end(), [](const policy::KeyPlace& place) { return !place.named; })) return false;
  if (places.size() == 1) return add_each(table, subject, places.front().values, into);
  const policy::TouchedKeys& keys = (*keys_)[table];
  const auto& columns = subject ? keys.subject : keys.record;
  std::vector<std::string> key;
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::vector<std::string> values;
    for (const policy::KeySource& source : places[i].values)
      if (!values_.add(source, columns[i].type, values)) return false;
    if (values.empty()) return true;  // equal to NULL: no row
    if (values.size() != 1) return false;
    key.push_back(std::move(values.front()));
  }
  parts_ = std::move(key);
  note(table, subject, false, into.told);
  return true;
}

TouchedRows::Named TouchedRows::named(std::size_t table, bool before_rows) {
  const policy::TouchedKeys& keys = (*keys_)[table];
  Named out;
  for (std::size_t r = 0; r < keys.references.size(); ++r) {
    const policy::KeyReference& reference = keys.references[r];
    const bool record = add_named(table, false, reference.record, out);
    const bool subject = add_named(table, true, reference.subject, out);
    const bool known = (!before_rows && rows_tell(table, r)) || (keys.subject.empty() ? record : subject);
    out.complete = out.complete && known;
  }
  // Whatever else it compared them with: a probe.
  if (keys.record.size() == 1) add_each(table, false, keys.record_named, out);
  if (keys.subject.size() == 1) add_each(table, true, keys.subject_named, out);
  return out;
}

void TouchedRows::add_entry(std::string& list, std::size_t table, audit::TouchMode mode, const Told* told, std::string_view about, const Nonce& nonce) {
  const std::string name = (*keys_)[table].table.text();
  audit::TouchedEntry entry;
  entry.table = name;
  entry.mode = mode;
  std::string sealed;
  if (told != nullptr) {
    entry.records = &told->records;
    entry.subjects = &told->subjects;
    if (ring_.seals() && !told->empty()) {
      std::string clear = "{\"records\":[";
      clear += told->clear_records;
      clear += "],\"subjects\":[";
      clear += told->clear_subjects;
      clear += "]}";
      std::string whole(about);
      whole += '/';
      whole += name;
      sealed = ring_.key().seal(clear, whole, nonce());
    }
  }
  entry.sealed = sealed;
  audit::append_touched(list, entry);
  tables_[table].told_of = true;
}

std::string TouchedRows::tell(Moment moment, std::string_view about, const Nonce& nonce) {
  std::string list;
  for (std::size_t t = 0; t < keys_->size(); ++t) {
    const policy::TouchedKeys& keys = (*keys_)[t];
    Table& table = tables_[t];
    if (!table.rows.empty()) {
      add_entry(list, t, audit::TouchMode::keys, &table.rows, about, nonce);
      table.rows = {};
    }
    bool set = (lost_ && !lost_told_ && keys.has_keys()) || table.lost == Table::Lost::yes;
    if (set) table.lost = Table::Lost::told;
    if (!first_told_ && (keys.has_keys() || keys.unknown)) {
      const Named words = named(t, moment == Moment::intent);
      if (!words.told.empty()) add_entry(list, t, audit::TouchMode::pred, &words.told, about, nonce);
      set = set || keys.unknown || !words.complete;
    }
    if (set && !quiet_) add_entry(list, t, audit::TouchMode::set, nullptr, about, nonce);
    const bool nothing = !keys.has_keys() && !keys.unknown;
    if (!table.told_of && (moment == Moment::end || nothing || (quiet_ && moment == Moment::intent)))
      add_entry(list, t, audit::TouchMode::none, nullptr, about, nonce);
  }
  first_told_ = true;
  lost_told_ = lost_told_ || lost_;
  pending_ = clear_bytes_ = 0;
  return list;
}

}  // namespace pgward::proxy
