#include "proxy/session/hidden_columns.h"

#include <algorithm>

#include "protocol/bodiless.h"
#include "protocol/frame.h"
#include "protocol/message_types.h"
#include "protocol/row_description.h"
#include "protocol/writer.h"

namespace pgward::proxy {
namespace {

constexpr std::size_t kHeaderBytes = 5;        // type and length
constexpr std::size_t kColumnFixedBytes = 18;  // of a RowDescription's column, behind its name
constexpr std::size_t kValueMax = 1u << 20;    // of a key

std::uint32_t u32_at(ByteView bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[at + i])}; };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}
std::size_t u16_at(ByteView bytes, std::size_t at) {
  return std::size_t{static_cast<unsigned char>(bytes[at])} << 8 | static_cast<unsigned char>(bytes[at + 1]);
}
void put_header(Bytes& out, char type, std::size_t body_bytes, std::size_t columns) {
  const std::uint32_t length = static_cast<std::uint32_t>(body_bytes + 4);
  const char header[] = {type,
                         static_cast<char>(length >> 24),
                         static_cast<char>(length >> 16),
                         static_cast<char>(length >> 8),
                         static_cast<char>(length),
                         static_cast<char>(columns >> 8),
                         static_cast<char>(columns)};
  out.append(header, sizeof header);
}

// Where the columns begin that the client sees, in the body of a DataRow; `short_` when it is not there yet.
enum class Found { yes, short_, no };
Found skip_values(ByteView body, std::size_t hidden, std::size_t& at) {
  at = 2;
  if (body.size() < at) return Found::short_;
  if (u16_at(body, 0) < hidden) return Found::no;
  for (std::size_t i = 0; i < hidden; ++i) {
    if (body.size() < at + 4) return Found::short_;
    const std::uint32_t length = u32_at(body, at);
    at += 4;
    if (length == 0xffffffff) continue;  // NULL
    if (length > kValueMax) return Found::no;
    at += length;
    if (body.size() < at) return Found::short_;
  }
  return Found::yes;
}

}  // namespace

Hidden hidden_of(const Statement& statement, std::size_t index) {
  if (!statement.plan || index >= statement.plan->statements.size()) return {};
  const policy::StatementFacts& facts = statement.plan->statements[index];
  if (facts.added_keys.empty()) return {};
  // What is refused when it is run is described as the client wrote it.
  using enum policy::StatementKind;
  if (!statement.changed() && facts.kind != fetch && facts.kind != execute) return {};
  return {facts.added_keys.size(), facts.rows_swallowed};
}

bool hides_columns(const Statement& statement) {
  return statement.plan && std::any_of(statement.plan->statements.begin(), statement.plan->statements.end(),
                                       [](const policy::StatementFacts& facts) { return !facts.added_keys.empty(); });
}

std::optional<Trimmed> Trimmed::description(ByteView message, std::size_t hidden) {
  const auto described = protocol::decode_row_description(message.substr(kHeaderBytes));
  if (!described || described->columns.size() < hidden) return std::nullopt;
  std::size_t behind = kHeaderBytes + 2;
  for (std::size_t i = 0; i < hidden; ++i) {
    if (described->columns[i].name != policy::kAddedKeyName) return std::nullopt;
    behind += described->columns[i].name.size() + 1 + kColumnFixedBytes;
  }
  Trimmed out;
  const ByteView rest = message.substr(behind);
  put_header(out.bytes_, protocol::server::kRowDescription, 2 + rest.size(), described->columns.size() - hidden);
  out.bytes_ += rest;
  return out;
}

bool Trimmed::names_hidden(ByteView description) {
  const auto described = protocol::decode_row_description(description.substr(kHeaderBytes));
  return !described || std::any_of(described->columns.begin(), described->columns.end(),
                                   [](const auto& column) { return column.name == policy::kAddedKeyName; });
}

Trimmed Trimmed::no_data() {
  Trimmed out;
  protocol::encode_bodiless(out.bytes_, protocol::server::kNoData);
  return out;
}

std::optional<Trimmed> Trimmed::rows(ByteView& input, std::size_t hidden, std::uint64_t& count) {
  Trimmed out;
  std::size_t done = 0;
  for (count = 0;; ++count) {
    const ByteView left = input.substr(done);
    const auto header = protocol::peek_frame(left);
    if (!header || header->type != protocol::server::kDataRow) break;
    if (!header->sound()) return std::nullopt;
    if (header->frame_bytes() > left.size()) break;
    const ByteView body = left.substr(kHeaderBytes, header->body_bytes());
    std::size_t behind = 0;
    if (skip_values(body, hidden, behind) != Found::yes) return std::nullopt;
    if (count == 0) out.bytes_.reserve(input.size());
    put_header(out.bytes_, protocol::server::kDataRow, body.size() - behind + 2, u16_at(body, 0) - hidden);
    out.bytes_.append(body, behind);
    done += header->frame_bytes();
  }
  input.remove_prefix(done);
  return out;
}

std::optional<Trimmed> Trimmed::front_of_row(ByteView input, std::size_t hidden, std::size_t& used) {
  Trimmed out;
  used = 0;
  const auto header = protocol::peek_frame(input);
  if (!header) return out;
  if (header->type != protocol::server::kDataRow || !header->sound()) return std::nullopt;
  const ByteView body = input.substr(kHeaderBytes, header->body_bytes());
  std::size_t behind = 0;
  const Found found = skip_values(body, hidden, behind);
  if (found == Found::no || behind > header->body_bytes()) return std::nullopt;
  if (found == Found::short_) return out;
  put_header(out.bytes_, protocol::server::kDataRow, header->body_bytes() - behind + 2, u16_at(body, 0) - hidden);
  used = kHeaderBytes + behind;
  return out;
}

Bytes bind_for_hidden(ByteView whole, const protocol::Bind& message, const Hidden& hidden) {
  const std::size_t formats = message.result_formats.size();
  if (!hidden || formats < 2) return {};  // none, or one for all, however many they are
  const std::size_t before = whole.size() - 2 - 2 * formats;
  Bytes out(whole.substr(0, before));
  const std::size_t now = hidden.all ? 0 : formats + hidden.columns;
  out += {static_cast<char>(now >> 8), static_cast<char>(now)};
  if (!hidden.all) {
    out.append(2 * hidden.columns, '\0');
    out += whole.substr(before + 2);
  }
  const std::uint32_t length = static_cast<std::uint32_t>(out.size() - 1);
  for (std::size_t i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(length >> (24 - 8 * i));
  return out;
}

Bytes execute_at_once(ByteView portal) {
  Bytes out;
  protocol::Writer writer(out);
  writer.begin(protocol::client::kExecute);
  writer.cstring(portal);
  writer.u32(0);
  writer.end();
  return out;
}

}  // namespace pgward::proxy
