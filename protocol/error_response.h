// ErrorResponse ('E') and NoticeResponse ('N'): fields, each a letter and a text ("Error and Notice
// Message Fields" in the manual: S severity, V severity untranslated, C SQLSTATE, M message, D detail ...).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace pgward::protocol {

using Fields = std::vector<std::pair<char, std::string>>;

// Copies, in the server's order. A field that comes twice is kept twice. too_large above kFieldsMax.
Result<Fields> decode_fields(ByteView body);
inline constexpr std::size_t kFieldsMax = 64;  // the server knows 18

// The first field with this letter; empty when there is none.
std::string_view field(const Fields& fields, char letter);

// Sent even if a text holds a zero byte, up to which it is then written: a client waits for this answer.
void encode_error(Bytes& out, const Fields& fields);
void encode_notice(Bytes& out, const Fields& fields);

}  // namespace pgward::protocol
