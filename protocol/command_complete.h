// CommandComplete ('C'): a statement is done; the tag says which kind it was and how many rows it met.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct CommandTag {
  std::string_view verb;   // without the numbers: "INSERT", "SELECT", "CREATE TABLE"; looks into the body
  std::uint64_t rows = 0;  // of "INSERT 0 5" it is 5; the 0 stood for an OID once
  bool has_rows = false;
};

// bad_value for an empty tag, a tag of numbers only, or a count that no 64 bits hold.
Result<CommandTag> decode_command_complete(ByteView body);

bool encode_command_complete(Bytes& out, std::string_view tag);

}  // namespace pgward::protocol
