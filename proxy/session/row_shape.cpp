#include "proxy/session/row_shape.h"

#include <algorithm>

#include "protocol/reader.h"

namespace pgward::proxy {
namespace {

// The column of the answer that holds this part of a key.
std::optional<std::uint16_t> column_for(const policy::KeyPlace& place, const RowShape& shape) {
  for (const auto& output : place.outputs) {
    if (output.table == 0) {
      if (static_cast<std::size_t>(output.number) < shape.columns.size()) return static_cast<std::uint16_t>(output.number);
      continue;
    }
    for (std::size_t i = 0; i < shape.columns.size(); ++i)
      if (shape.columns[i].table == output.table && shape.columns[i].number == output.number) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

bool find_all(const std::vector<policy::KeyPlace>& places, const std::vector<policy::KeyColumn>& columns, const RowShape& shape,
              KeyLayout::Key& key) {
  key.columns.clear();
  key.types.clear();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto column = column_for(places[i], shape);
    if (!column) return false;
    key.columns.push_back(*column);
    key.types.push_back(columns[i].type);
  }
  return !places.empty();
}

bool may_be_null(const std::vector<policy::KeyColumn>& columns) {
  return std::any_of(columns.begin(), columns.end(), [](const policy::KeyColumn& column) { return !column.never_null; });
}

bool same(const KeyLayout::Key& a, const KeyLayout::Key& b) {
  return a.table == b.table && a.subject == b.subject && a.columns == b.columns;
}

}  // namespace

std::optional<RowShape> RowShape::read(ByteView body) {
  protocol::Reader in{body};
  RowShape shape;
  const std::uint16_t count = in.u16();
  shape.columns.reserve(std::min<std::size_t>(count, body.size() / 19));
  for (std::uint16_t left = count; left > 0 && in.ok(); --left) {
    Column column;
    in.cstring();
    column.table = in.u32();
    column.number = in.i16();
    in.u32();
    in.i16();
    in.i32();
    column.format = in.i16();
    shape.columns.push_back(column);
  }
  if (!in.ok() || shape.columns.size() != count) return std::nullopt;
  return shape;
}

KeyLayout::KeyLayout(std::shared_ptr<const policy::StatementKeys> from, const RowShape& of_rows) : of(std::move(from)), shape(of_rows) {
  for (std::size_t t = 0; t < of->size(); ++t) {
    const policy::TouchedKeys& table = (*of)[t];
    std::vector<bool>& known = in_rows.emplace_back();
    for (const policy::KeyReference& reference : table.references) {
      Key record{t, false, false, {}, {}};
      Key subject{t, true, false, {}, {}};
      const bool has_record = find_all(reference.record, table.record, shape, record);
      const bool has_subject = find_all(reference.subject, table.subject, shape, subject);
      const bool named = (has_record && !may_be_null(table.record)) || (has_subject && !may_be_null(table.subject));
      record.alone = subject.alone = !named;
      known.push_back(table.subject.empty() ? has_record : has_subject);
      for (Key* key : {has_record ? &record : nullptr, has_subject ? &subject : nullptr}) {
        if (key == nullptr) continue;
        const auto there = std::find_if(keys.begin(), keys.end(), [&](const Key& each) { return same(each, *key); });
        if (there == keys.end()) keys.push_back(std::move(*key));
        else there->alone = there->alone || key->alone;
      }
    }
  }
  for (const Key& key : keys) read.insert(read.end(), key.columns.begin(), key.columns.end());
  std::sort(read.begin(), read.end());
  read.erase(std::unique(read.begin(), read.end()), read.end());
  for (Key& key : keys)
    for (std::uint16_t& column : key.columns)
      column = static_cast<std::uint16_t>(std::lower_bound(read.begin(), read.end(), column) - read.begin());
}

}  // namespace pgward::proxy
