// RowDescription ('T'): the columns of the rows that follow.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct ColumnDescription {
  ByteView name;              // looks into the body
  std::uint32_t table;        // OID, 0 when the column is not a plain one of a table
  std::int16_t table_column;  // its number there, or 0
  std::uint32_t type;         // OID
  std::int16_t type_size;     // negative: variable
  std::int32_t type_modifier;
  std::int16_t format;  // 0 text (or not yet known), 1 binary; anything else is bad_value
};

struct RowDescription {
  std::vector<ColumnDescription> columns;
};

Result<RowDescription> decode_row_description(ByteView body);

}  // namespace pgward::protocol
