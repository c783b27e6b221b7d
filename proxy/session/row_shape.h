// What a RowDescription says of the rows that follow, as far as keys are concerned; and how keys are read from such rows.
//
//   RowShape::read(body)        once a RowDescription
//   KeyLayout(keys, shape)      once a statement and shape: what to read where, and what the rows cannot tell
//
// Immutable once made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "policy/touched_keys.h"
#include "protocol/bytes.h"

namespace pgward::proxy {

using protocol::ByteView;

struct RowShape {
  struct Column {
    policy::Oid table = 0;
    std::int16_t number = 0;
    std::int16_t format = 0;  // 1 binary
    bool operator==(const Column&) const = default;
  };
  std::vector<Column> columns;
  bool operator==(const RowShape&) const = default;
  // Nothing: it is none. `body` is a RowDescription's.
  static std::optional<RowShape> read(ByteView body);
};

struct KeyLayout {
  // A key in the answer: of which column each of its parts is.
  struct Key {
    std::size_t table = 0;  // in StatementKeys
    bool subject = false;   // else a record's
    // NULL in it leaves a row of the table without a name: it may be NULL, and no other key of the same row cannot be.
    bool alone = false;
    std::vector<std::uint16_t> columns;  // indexes in `read`
    std::vector<policy::KeyType> types;
  };
  KeyLayout(std::shared_ptr<const policy::StatementKeys> keys, const RowShape& shape);

  std::shared_ptr<const policy::StatementKeys> of;
  RowShape shape;
  std::vector<std::uint16_t> read;  // columns of the row that are looked at, ascending
  std::vector<Key> keys;
  // By table and reference: whether its subject (its record, where there is no subject) is in the rows.
  std::vector<std::vector<bool>> in_rows;
};

}  // namespace pgward::proxy
