#include "policy/copy_in/lines.h"

namespace pgward::policy {
namespace {

bool one_of(char c, std::string_view set) {
  return set.find(c) != set.npos;
}

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80 && c != '\0';
}

}  // namespace

bool copy_options_scannable(const CopyIn& copy) {
  if (copy.format == CopyFormat::binary) return true;
  constexpr std::string_view kNeither = "\r\n\\.";
  if (!ascii(copy.delimiter) || one_of(copy.delimiter, kNeither)) return false;
  // Letters and digits may belong to an escape: \x4A.
  if (copy.format == CopyFormat::text) return !is_alnum(copy.delimiter);
  if (!ascii(copy.quote) || one_of(copy.quote, kNeither) || copy.quote == copy.delimiter) return false;
  return ascii(copy.escape) && !one_of(copy.escape, "\r\n.") && copy.escape != copy.delimiter;
}

CopyLines::CopyLines(const CopyIn& copy, const TenantValues& own)
    : csv_(copy.format == CopyFormat::csv),
      header_(copy.header),
      delimiter_(copy.delimiter),
      quote_(copy.quote),
      escape_(copy.escape),
      escape_is_quote_(copy.quote == copy.escape),
      marker_ends_data_(copy.marker_ends_data || !csv_),
      fields_(copy, own) {
  const auto mark = [this](char c) { special_[static_cast<unsigned char>(c)] = true; };
  for (const char c : {'\0', '\r', '\n', '\\', delimiter_}) mark(c);
  if (csv_) {
    mark(quote_);
    mark(escape_);
  }
}

std::size_t CopyLines::plain_run(protocol::ByteView piece) const {
  std::size_t run = 0;
  while (run < piece.size() && !special_[static_cast<unsigned char>(piece[run])]) ++run;
  return run;
}

Scanned CopyLines::scan(protocol::ByteView piece) {
  Scanned result;
  for (std::size_t at = 0; at < piece.size() && !ended_;) {
    if (begun_ == Begun::nothing) {
      if (const std::size_t run = plain_run(piece.substr(at)); run > 0) {
        if (!header_ && fields_.wanted() && !fields_.add(piece.substr(at, run))) {
          result.fault = CopyFault::foreign;
          return result;
        }
        at_line_start_ = last_was_escape_ = false;
        at += run;
        if (row_decided()) result.safe = at;
        continue;
      }
    }
    result.fault = step(piece[at++]);
    if (result.fault) return result;
    if (at_line_start_ || row_decided() || ended_) result.safe = at;
  }
  return result;
}

CopyLines::Fault CopyLines::step(char c) {
  if (c == '\0') return CopyFault::malformed;  // no character in any encoding of a server
  if (begun_ != Begun::nothing) {
    bool taken = false;
    if (const Fault fault = go_on(c, taken); fault || taken) return fault;
  }
  return ordinary(c);
}

// `taken`: c belongs to what was begun. Otherwise it is to be looked at like any other.
CopyLines::Fault CopyLines::go_on(char c, bool& taken) {
  const Begun begun = std::exchange(begun_, Begun::nothing);
  switch (begun) {
    case Begun::cr:
      return after_cr(c, taken);
    case Begun::first_backslash:
      if (c == '.' && marker_ends_data_) {
        taken = true;
        begun_ = Begun::marker;
        return std::nullopt;
      }
      if (csv_) return add('\\');
      [[fallthrough]];
    case Begun::backslash:
      taken = true;
      // In the middle of a line the end marker ends the line, or is an error, as the server's version has it.
      if (c == '.') return CopyFault::malformed;
      if (const Fault fault = add('\\')) return fault;
      return add(c);
    case Begun::marker:
    case Begun::marker_cr:
      if (begun == Begun::marker_cr && c != '\n') return CopyFault::malformed;
      if (begun == Begun::marker && eol_ == Eol::crlf && c == '\r') {
        taken = true;
        begun_ = Begun::marker_cr;
        return std::nullopt;
      }
      if (begun == Begun::marker_cr) eol_ = Eol::lf;  // the rest of CR LF
      return after_marker(c, taken);
    case Begun::nothing:
      break;
  }
  return std::nullopt;
}

CopyLines::Fault CopyLines::after_cr(char c, bool& taken) {
  if (c == '\n') {
    eol_ = Eol::crlf;
    taken = true;
    return std::nullopt;
  }
  if (eol_ == Eol::crlf) return CopyFault::malformed;
  eol_ = Eol::cr;
  return std::nullopt;
}

CopyLines::Fault CopyLines::after_marker(char c, bool& taken) {
  if (c == '\r' || c == '\n') {
    taken = true;
    const bool fits = eol_ == Eol::unknown || (eol_ == Eol::lf && c == '\n') || (eol_ == Eol::cr && c == '\r');
    if (!fits) return CopyFault::malformed;
    ended_ = true;
    return std::nullopt;
  }
  if (!csv_) return CopyFault::malformed;
  if (const Fault fault = add('\\')) return fault;
  return add('.');
}

CopyLines::Fault CopyLines::ordinary(char c) {
  const bool first = std::exchange(at_line_start_, false);
  if (csv_ && inside_quotes(c)) return add(c);
  if (c == '\r' || c == '\n') return line_end(c);
  if (c == '\\' && (!csv_ || (first && marker_ends_data_))) {
    begun_ = first ? Begun::first_backslash : Begun::backslash;
    return std::nullopt;
  }
  if (c != delimiter_) return add(c);
  if (header_) return std::nullopt;
  return fields_.end_field() ? Fault{} : CopyFault::foreign;
}

// Whether c is a part of a quoted string: as the server toggles it, byte by byte.
bool CopyLines::inside_quotes(char c) {
  if (quoted_ && !escape_is_quote_ && c == escape_) last_was_escape_ = !last_was_escape_;
  if (c == quote_ && !last_was_escape_) quoted_ = !quoted_;
  if (escape_is_quote_ || c != escape_) last_was_escape_ = false;
  return quoted_;
}

CopyLines::Fault CopyLines::line_end(char c) {
  if (c == '\r') {
    if (eol_ == Eol::lf) return CopyFault::malformed;
    if (eol_ != Eol::cr) begun_ = Begun::cr;  // until the next byte nobody knows whether it is CR LF
  } else {
    if (eol_ == Eol::cr || eol_ == Eol::crlf) return CopyFault::malformed;
    eol_ = Eol::lf;
  }
  return end_row();
}

CopyLines::Fault CopyLines::end_row() {
  at_line_start_ = true;
  if (std::exchange(header_, false)) return std::nullopt;
  if (!fields_.decided()) {
    if (!fields_.end_field()) return CopyFault::foreign;
    if (!fields_.decided()) return CopyFault::malformed;  // missing data for a column
  }
  fields_.begin_row();
  return std::nullopt;
}

CopyLines::Fault CopyLines::add(char c) {
  if (header_ || !fields_.wanted() || fields_.add(c)) return std::nullopt;
  return CopyFault::foreign;
}

std::optional<CopyFault> CopyLines::finish() {
  if (ended_) return std::nullopt;
  switch (std::exchange(begun_, Begun::nothing)) {
    case Begun::cr:
      return eol_ == Eol::crlf ? Fault{CopyFault::malformed} : Fault{};
    case Begun::marker_cr:
    case Begun::backslash:
      return CopyFault::malformed;
    case Begun::first_backslash:
      if (!csv_) return CopyFault::malformed;
      if (const Fault fault = add('\\')) return fault;
      break;
    case Begun::marker:
      if (!csv_) return CopyFault::malformed;
      if (const Fault fault = add('\\')) return fault;
      if (const Fault fault = add('.')) return fault;
      break;
    case Begun::nothing:
      break;
  }
  if (quoted_) return CopyFault::malformed;
  return at_line_start_ ? Fault{} : end_row();
}

}  // namespace pgward::policy
