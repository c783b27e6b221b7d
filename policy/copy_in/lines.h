// Rows of COPY data in text and CSV format, as CopyReadLineText and CopyReadAttributes* in the server's
// copyfromparse.c cut them: line ends (the first one says which), quotes, escapes, the end marker "\.".
//
// The server first cuts lines, then fields; here both happen in one pass. They cannot come to different
// ends: for CSV, a byte is inside quotes for the one exactly when it is for the other, as long as
// delimiter, quote and escape are bytes that copy_options_scannable() allows; for text, the bytes after a
// backslash that belong to an escape are never a delimiter then.
#pragma once

#include <array>

#include "policy/copy_in/scan.h"
#include "policy/copy_in/tenant_fields.h"

namespace pgward::policy {

// Whether the delimiter, quote and escape leave no doubt where a field ends.
bool copy_options_scannable(const CopyIn& copy);

class CopyLines {
 public:
  CopyLines(const CopyIn& copy, const TenantValues& own);
  Scanned scan(protocol::ByteView piece);
  std::optional<CopyFault> finish();
  // "\." was met: the server ignores what follows, and nobody has to see it.
  bool ended() const { return ended_; }

 private:
  enum class Eol { unknown, lf, cr, crlf };
  // What the bytes before this one have begun.
  enum class Begun { nothing, cr, backslash, first_backslash, marker, marker_cr };
  using Fault = std::optional<CopyFault>;

  Fault step(char c);
  Fault go_on(char c, bool& taken);
  Fault after_cr(char c, bool& taken);
  Fault after_marker(char c, bool& taken);
  Fault ordinary(char c);
  Fault line_end(char c);
  bool inside_quotes(char c);
  Fault end_row();
  Fault add(char c);
  std::size_t plain_run(protocol::ByteView piece) const;
  bool row_decided() const { return header_ || fields_.decided(); }

  bool csv_, header_;
  char delimiter_, quote_, escape_;
  bool escape_is_quote_;
  bool marker_ends_data_;
  TenantFields fields_;
  std::array<bool, 256> special_{};  // bytes that are more than a part of a field
  Eol eol_ = Eol::unknown;
  Begun begun_ = Begun::nothing;
  bool at_line_start_ = true;
  bool quoted_ = false;
  bool last_was_escape_ = false;
  bool ended_ = false;
};

}  // namespace pgward::policy
