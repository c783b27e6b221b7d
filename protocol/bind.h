// Bind ('B'): values for the parameters of a prepared statement, which makes it a portal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

struct Bind {
  ByteView portal;                                  // empty: the unnamed portal
  ByteView statement;                               // empty: the unnamed statement
  std::vector<std::int16_t> parameter_formats;      // none, one for all, or one each: see format_of()
  std::vector<std::optional<ByteView>> parameters;  // views into the body; nullopt is NULL
  std::vector<std::int16_t> result_formats;         // none, one for all, or one per column

  // 0 text, 1 binary. `i` is a parameter that exists.
  std::int16_t format_of(std::size_t i) const;
};

// bad_value for what the server refuses without looking at the statement: format codes other than 0
// and 1, a number of them that fits no rule, a value length below -1.
Result<Bind> decode_bind(ByteView body);

// The front of a Bind whose end is not here yet: its names, its parameters' formats, and the first
// `parameters_wanted` of its parameters, or all if it has fewer. The rest of it is not looked at. Nothing when
// more bytes are due.
Result<std::optional<Bind>> decode_bind_prefix(ByteView body_so_far, std::size_t parameters_wanted);

}  // namespace pgward::protocol
