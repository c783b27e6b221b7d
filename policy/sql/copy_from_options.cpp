// Options of COPY .. FROM STDIN: an allow-list, read as ProcessCopyOptions() in the server's copy.c reads them.
#include <set>

#include "policy/copy_in/lines.h"
#include "policy/sql/copy_from.h"

namespace pgward::policy::sql {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool one_byte(const Tree& tree, Ref value, char& out) {
  if (!tree.is(value, Kind::string) || tree.text(value).size() != 1) return false;
  out = tree.text(value).front();
  return true;
}

// Only the encoding that the session has anyway: UTF8 is pinned. Names as pg_char_to_encoding() cleans them.
bool is_utf8(const Tree& tree, Ref value) {
  if (!tree.is(value, Kind::string)) return false;
  std::string name;
  for (const char c : lower(tree.text(value)))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) name += c;
  return name == "utf8" || name == "unicode";
}

bool boolean(const Tree& tree, Ref value, bool& out) {
  if (value == kNone) {
    out = true;
    return true;
  }
  if (tree.is(value, Kind::boolean) || tree.is(value, Kind::integer)) {
    out = tree.number(value) != 0;
    return tree.number(value) == 0 || tree.number(value) == 1;
  }
  if (!tree.is(value, Kind::string)) return false;
  const std::string word = lower(tree.text(value));
  out = word == "true" || word == "on" || word == "match";
  return out || word == "false" || word == "off";
}

bool format(const Tree& tree, Ref value, CopyIn& out) {
  if (!tree.is(value, Kind::string)) return false;
  const std::string_view name = tree.text(value);
  if (name == "csv") {
    out.format = CopyFormat::csv;
    out.delimiter = ',';
    out.null_marker.clear();
    return true;
  }
  if (name == "binary") out.format = CopyFormat::binary;
  return name == "text" || name == "binary";
}

bool option(const Tree& tree, std::string_view name, Ref value, CopyIn& out) {
  if (name == "delimiter") return one_byte(tree, value, out.delimiter);
  if (name == "quote") return one_byte(tree, value, out.quote);
  if (name == "escape") return one_byte(tree, value, out.escape);
  if (name == "header") return boolean(tree, value, out.header);
  if (name == "encoding") return is_utf8(tree, value);
  if (name == "null" || name == "default") {
    if (!tree.is(value, Kind::string)) return false;
    if (name == "null")
      out.null_marker = std::string(tree.text(value));
    else
      out.default_marker = std::string(tree.text(value));
    return true;
  }
  // What they do to a tenant's field is never taken for the tenant (TenantFields), or they say what becomes
  // of rows that do not fit.
  for (const std::string_view harmless : {"force_not_null", "force_null", "on_error", "reject_limit"})
    if (name == harmless) return true;
  return name == "format";
}

}  // namespace

bool read_copy_from_options(const Tree& tree, Ref options, int server_version_num, CopyIn& out) {
  std::set<std::string> seen;
  bool has_escape = false;
  for (std::size_t i = 0; i < tree.count(options); ++i) {
    const Ref each = tree.child(options, i);
    if (!tree.is(each, Kind::def_elem) || tree.child(each, 0) != kNone) return false;
    const std::string name(tree.text(each));
    if (!seen.insert(name).second) return false;
    has_escape = has_escape || name == "escape";
    // The format first: it sets what the others change.
    if (name == "format" && !format(tree, tree.child(each, 1), out)) return false;
  }
  for (std::size_t i = 0; i < tree.count(options); ++i) {
    const Ref each = tree.child(options, i);
    if (!option(tree, tree.text(each), tree.child(each, 1), out)) return false;
  }
  if (!has_escape) out.escape = out.quote;
  out.marker_ends_data = out.format != CopyFormat::csv || server_version_num < 180000;
  return copy_options_scannable(out);
}

}  // namespace pgward::policy::sql
