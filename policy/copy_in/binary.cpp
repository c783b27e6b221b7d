#include "policy/copy_in/binary.h"

#include <algorithm>
#include <cstdint>

namespace pgward::policy {
namespace {

constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0", 11};
constexpr std::size_t kHeaderBytes = 19;  // signature, flags, length of the extension
constexpr std::uint32_t kCriticalFlags = 0xFFFF0000;

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::size_t CopyBinary::wanted_bytes() const {
  switch (part_) {
    case Part::header:
      return kHeaderBytes;
    case Part::count:
      return 2;
    case Part::length:
      return 4;
    case Part::extension:
    case Part::data:
    case Part::ended:
      break;
  }
  return 0;
}

Scanned CopyBinary::scan(protocol::ByteView piece) {
  Scanned result;
  for (std::size_t at = 0; at < piece.size();) {
    if (part_ == Part::ended) {
      result.fault = CopyFault::malformed;  // data after the trailer
      return result;
    }
    std::size_t take = 0;
    if (part_ == Part::extension || part_ == Part::data) {
      take = std::min(left_, piece.size() - at);
      result.fault = skip(piece.substr(at, take));
    } else {
      take = std::min(wanted_bytes() - gathered_.size(), piece.size() - at);
      gathered_.append(piece, at, take);
      if (gathered_.size() == wanted_bytes()) result.fault = gathered();
    }
    if (result.fault) return result;
    at += take;
    const bool between_rows = (part_ == Part::count && gathered_.empty()) || part_ == Part::ended;
    if (between_rows || part_ == Part::extension || (part_ != Part::header && fields_.decided())) result.safe = at;
  }
  return result;
}

CopyBinary::Fault CopyBinary::gathered() {
  const Fault fault = part_ == Part::header ? header() : part_ == Part::count ? count() : length();
  gathered_.clear();
  return fault;
}

CopyBinary::Fault CopyBinary::header() {
  const std::string_view bytes = gathered_;
  if (!bytes.starts_with(kSignature)) return CopyFault::malformed;
  if ((number(bytes.substr(11, 4)) & kCriticalFlags) != 0) return CopyFault::malformed;
  const auto extension = static_cast<std::int32_t>(number(bytes.substr(15, 4)));
  if (extension < 0) return CopyFault::malformed;
  left_ = static_cast<std::size_t>(extension);
  part_ = left_ > 0 ? Part::extension : Part::count;
  return std::nullopt;
}

CopyBinary::Fault CopyBinary::count() {
  const auto fields = static_cast<std::int16_t>(number(gathered_));
  if (fields == -1) {
    part_ = Part::ended;
    return std::nullopt;
  }
  if (fields < 0 || static_cast<std::size_t>(fields) != fields_in_row_) return CopyFault::malformed;
  field_ = 0;
  part_ = fields > 0 ? Part::length : Part::count;
  return std::nullopt;
}

CopyBinary::Fault CopyBinary::length() {
  const auto bytes = static_cast<std::int32_t>(number(gathered_));
  if (bytes < -1) return CopyFault::malformed;
  left_ = bytes < 0 ? 0 : static_cast<std::size_t>(bytes);
  part_ = Part::data;
  return left_ == 0 ? end_field(bytes < 0) : std::nullopt;
}

CopyBinary::Fault CopyBinary::skip(protocol::ByteView bytes) {
  left_ -= bytes.size();
  if (part_ == Part::extension) {
    if (left_ == 0) part_ = Part::count;
    return std::nullopt;
  }
  if (fields_.wanted() && !fields_.add(bytes)) return CopyFault::foreign;
  return left_ == 0 ? end_field(false) : std::nullopt;
}

CopyBinary::Fault CopyBinary::end_field(bool null) {
  if (!fields_.end_binary_field(null)) return CopyFault::foreign;
  part_ = ++field_ < fields_in_row_ ? Part::length : Part::count;
  if (part_ == Part::count) fields_.begin_row();
  return std::nullopt;
}

std::optional<CopyFault> CopyBinary::finish() {
  const bool between_rows = part_ == Part::count && gathered_.empty();
  if (between_rows || part_ == Part::ended) return std::nullopt;
  return CopyFault::malformed;
}

}  // namespace pgward::policy
