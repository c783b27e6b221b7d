#include "proxy/session/touched_rows.h"

#include <algorithm>

#include "audit/json_text.h"

namespace pgward::proxy {
namespace {

std::int32_t word(const char* at) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(at[i]);
  return static_cast<std::int32_t>(value);
}

std::uint16_t half(const char* at) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(at[0]) << 8 | static_cast<unsigned char>(at[1]));
}

}  // namespace

TouchedRows::TouchedRows(KeyRing& ring, std::shared_ptr<const policy::StatementKeys> keys, KeyValues values, bool quiet)
    : ring_(ring), keys_(std::move(keys)), values_(std::move(values)), tables_(keys_->size()), quiet_(quiet) {}

void TouchedRows::shape(std::shared_ptr<const KeyLayout> layout) {
  layout_ = std::move(layout);
  last_.assign(layout_->keys.size(), Last{});
  columns_.assign(layout_->read.size(), std::nullopt);
}

// What stands in the way of reading a row is the server's to explain, and says nothing of keys: lost.
void TouchedRows::row(ByteView body) {
  if (!layout_ || layout_->keys.empty()) return;
  const char* at = body.data();
  const char* const end = at + body.size();
  if (body.size() < 2 || half(at) != layout_->shape.columns.size()) return void(lost_ = true);
  at += 2;
  std::uint16_t column = 0;
  for (std::size_t i = 0; i < layout_->read.size(); ++i) {
    for (;; ++column) {
      if (end - at < 4) return void(lost_ = true);
      const std::int32_t size = word(at);
      at += 4;
      if (size < -1 || size > end - at) return void(lost_ = true);
      const bool wanted = column == layout_->read[i];
      if (wanted) columns_[i] = size < 0 ? std::nullopt : std::optional<ByteView>({at, static_cast<std::size_t>(size)});
      if (size > 0) at += size;
      if (wanted) break;
    }
    ++column;
  }
  take_all();
}

void TouchedRows::take_all() {
  for (std::size_t i = 0; i < layout_->keys.size(); ++i) take(layout_->keys[i], i);
}

// A key with NULL in it is nobody's: an outer join found no row, or the row has no patient. If nothing else names that row, it
// is not known whose it is.
void TouchedRows::take(const KeyLayout::Key& key, std::size_t index) {
  Last& last = last_[index];
  const bool single = key.columns.size() == 1;
  if (single) {
    const auto& value = columns_[key.columns.front()];
    if (!value && key.alone) nameless(key.table);
    if (!value || (last.any && last.bytes == *value)) return;
  }
  parts_.resize(key.columns.size());
  for (std::size_t i = 0; i < key.columns.size(); ++i) {
    const auto& value = columns_[key.columns[i]];
    if (!value && key.alone) nameless(key.table);
    if (!value) return;
    const std::uint16_t column = layout_->read[key.columns[i]];
    if (!key_of_row(key.types[i], layout_->shape.columns[column].format == 1, *value, parts_[i])) return void(lost_ = true);
  }
  if (single) {
    last.bytes.assign(*columns_[key.columns.front()]);
    last.any = true;
  }
  note(key.table, key.subject, true, tables_[key.table].rows);
}

void TouchedRows::nameless(std::size_t table) {
  Table::Lost& lost = tables_[table].lost;
  if (lost != Table::Lost::no) return;
  lost = Table::Lost::yes;
  ++pending_;
}

void TouchedRows::append_clear(std::string& json, const std::vector<std::string>& parts) {
  json += json.empty() ? "[" : ",[";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) json += ',';
    audit::append_json_string(json, parts[i]);
  }
  json += ']';
}

// What only the statement named is told apart from what the rows held, and not at all where they did.
void TouchedRows::note(std::size_t table, bool subject, bool of_rows, Told& into) {
  key_.clear();
  for (const std::string& part : parts_) audit::append_key_part(key_, part);
  const auto domain = static_cast<std::uint32_t>(table * 4 + (subject ? 1 : 0));
  // Mostly a statement names the very row that it gets, which need not be hashed twice.
  if (!of_rows && domain == row_domain_ && key_ == row_key_) return;
  const std::size_t clear_bytes = key_.size() + 8;
  const audit::Pseudonyms& pseudonyms = subject ? ring_.subjects() : ring_.records((*keys_)[table].rule);
  const audit::Pseudonym pseudonym = pseudonyms.of(key_);
  if (of_rows) {
    std::swap(key_, row_key_);
    row_domain_ = domain;
  }
  if (!of_rows && seen_.has(domain, pseudonym)) return;
  if (!seen_.add(of_rows ? domain : domain + 2, pseudonym)) return;
  (subject ? into.subjects : into.records).push_back(pseudonym);
  ++pending_;
  if (!ring_.seals()) return;
  clear_bytes_ += clear_bytes;
  append_clear(subject ? into.clear_subjects : into.clear_records, parts_);
}

// --- rows in pieces

void TouchedRows::begin_row(std::size_t body_bytes) {
  cut_ = {};
  cut_.left = body_bytes;
  cut_.done = !layout_ || layout_->keys.empty();
  if (!cut_.done) cut_.values.assign(layout_->read.size(), std::nullopt);
}

void TouchedRows::front_leaves() {
  if (cut_.done) return;
  for (const KeyLayout::Key& key : layout_->keys) nameless(key.table);
}

// So many bytes of a count or a length, which may be cut as well.
bool TouchedRows::head_of(ByteView& piece, std::size_t bytes) {
  const std::size_t take = std::min(bytes - cut_.head.size(), piece.size());
  cut_.head.append(piece.substr(0, take));
  piece.remove_prefix(take);
  return cut_.head.size() == bytes;
}

void TouchedRows::cut_length() {
  const std::int32_t size = word(cut_.head.data());
  cut_.head.clear();
  const bool keep = cut_.column == layout_->read[cut_.wanted];
  if (size < -1 || (keep && size > static_cast<std::int32_t>(kKeyBytesMax))) return void(lost_ = cut_.done = true);
  if (keep && size >= 0) cut_.values[cut_.wanted].emplace();
  cut_.value_left = std::max(size, 0);
}

void TouchedRows::cut_done() {
  cut_.done = true;
  for (std::size_t i = 0; i < cut_.values.size(); ++i)
    columns_[i] = cut_.values[i] ? std::optional<ByteView>(*cut_.values[i]) : std::nullopt;
  take_all();
}

void TouchedRows::more(ByteView piece) {
  cut_.left -= std::min(cut_.left, piece.size());
  while (!cut_.done && !piece.empty()) {
    if (!cut_.counted) {
      if (!head_of(piece, 2)) break;
      if (half(cut_.head.data()) != layout_->shape.columns.size()) return void(lost_ = cut_.done = true);
      cut_.head.clear();
      cut_.counted = true;
      continue;
    }
    if (cut_.value_left < 0) {
      if (!head_of(piece, 4)) break;
      cut_length();
      if (cut_.done) return;
    }
    const std::size_t take = std::min(static_cast<std::size_t>(cut_.value_left), piece.size());
    const bool keep = cut_.column == layout_->read[cut_.wanted];
    if (keep && take > 0) cut_.values[cut_.wanted]->append(piece.substr(0, take));
    piece.remove_prefix(take);
    cut_.value_left -= static_cast<std::int64_t>(take);
    if (cut_.value_left > 0) continue;
    cut_.value_left = -1;
    ++cut_.column;
    if (keep && ++cut_.wanted == layout_->read.size()) return cut_done();
  }
  if (cut_.left == 0 && !cut_.done) lost_ = cut_.done = true;
}

}  // namespace pgward::proxy
