#include "copy_reference.h"

namespace pgward::policy::fixture {
namespace {

// Lines without their ends; nothing on an error.
class Lines {
 public:
  Lines(const CopyIn& copy, const std::string& data) : copy_(copy), data_(data) {}

  std::optional<std::vector<std::string>> all() {
    std::vector<std::string> lines;
    for (bool end = false; !end;) {
      std::string line;
      end = read(line);
      if (failed_) return std::nullopt;
      if (!end || !line.empty()) lines.push_back(line);
    }
    return lines;
  }

 private:
  char peek() const { return at_ < data_.size() ? data_[at_] : '\0'; }
  bool fail() {
    failed_ = true;
    return true;
  }

  // True at the end of the data.
  bool read(std::string& line) {
    const bool csv = copy_.format == CopyFormat::csv;
    bool quoted = false;
    bool last_was_escape = false;
    for (bool first = true;; first = false) {
      if (at_ == data_.size()) return true;
      const std::size_t start = at_;
      const char c = data_[at_++];
      if (c == '\0') return fail();
      if (csv) {
        const bool is_escape = copy_.escape != copy_.quote && c == copy_.escape;
        if (quoted && is_escape) last_was_escape = !last_was_escape;
        if (c == copy_.quote && !last_was_escape) quoted = !quoted;
        if (!is_escape) last_was_escape = false;
      }
      if ((c == '\r' || c == '\n') && !quoted) return !eol(c) && fail();
      if (c == '\\' && (!csv || (first && copy_.marker_ends_data))) {
        if (at_ == data_.size()) {
          line += c;
          return true;
        }
        if (peek() == '.') {
          const int found = marker(csv);
          if (found < 0) return fail();
          if (found > 0) return true;
          at_ = start + 1;
        } else if (!csv) {
          line += c;
          line += data_[at_++];
          continue;
        }
      }
      line += c;
    }
  }

  bool eol(char c) {
    if (c == '\n') {
      if (eol_ == "\r" || eol_ == "\r\n") return false;
      eol_ = "\n";
      return true;
    }
    if (eol_ == "\n") return false;
    if (eol_ == "\r") return true;
    if (peek() == '\n') {
      ++at_;
      eol_ = "\r\n";
      return true;
    }
    if (eol_ == "\r\n") return false;
    eol_ = "\r";
    return true;
  }

  char next() { return at_ < data_.size() ? data_[at_++] : '\0'; }

  // 1 found, 0 not one, -1 an error; at_ stands on the dot.
  int marker(bool csv) {
    const int otherwise = csv ? 0 : -1;
    ++at_;
    if (eol_ == "\r\n") {
      const char c = next();
      if (c != '\r') return otherwise;
    }
    const char c = next();
    if (c != '\r' && c != '\n') return otherwise;
    const char wanted = eol_ == "\r" ? '\r' : eol_.empty() ? c : '\n';
    return c == wanted ? 1 : -1;
  }

  const CopyIn& copy_;
  const std::string& data_;
  std::size_t at_ = 0;
  std::string eol_;
  bool failed_ = false;
};

bool digit(char c, unsigned base) {
  if (base == 8) return c >= '0' && c <= '7';
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

CopyRow text_fields(const CopyIn& copy, const std::string& line) {
  CopyRow row;
  std::size_t at = 0;
  for (bool more = true; more;) {
    const std::size_t start = at;
    std::size_t end = at;
    std::string value;
    more = false;
    while (end = at, at < line.size()) {
      char c = line[at++];
      if (c == copy.delimiter) {
        more = true;
        break;
      }
      if (c == '\\') {
        if (at == line.size()) break;
        c = line[at++];
        const bool hex = c == 'x' && at < line.size() && digit(line[at], 16);
        if (hex || digit(c, 8)) {
          std::string digits(hex ? 0u : 1u, c);
          while (digits.size() < (hex ? 2u : 3u) && at < line.size() && digit(line[at], hex ? 16 : 8))
            digits += line[at++];
          c = static_cast<char>(std::stoi(digits, nullptr, hex ? 16 : 8) & 255);
        } else {
          for (const char* pair : {"b\b", "f\f", "n\n", "r\r", "t\t", "v\v"})
            if (c == pair[0]) {
              c = pair[1];
              break;
            }
        }
      }
      value += c;
    }
    if (line.substr(start, end - start) == copy.null_marker)
      row.emplace_back();
    else
      row.emplace_back(value);
  }
  return row;
}

std::optional<CopyRow> csv_fields(const CopyIn& copy, const std::string& line) {
  CopyRow row;
  std::size_t at = 0;
  for (bool more = true; more;) {
    const std::size_t start = at;
    std::string value;
    bool quoted = false;
    bool saw_quote = false;
    more = false;
    std::size_t end = at;
    while (end = at, at < line.size()) {
      const char c = line[at++];
      if (!quoted && c == copy.delimiter) {
        more = true;
        break;
      }
      if (!quoted && c == copy.quote) {
        quoted = saw_quote = true;
        continue;
      }
      if (quoted && c == copy.escape && at < line.size() &&
          (line[at] == copy.escape || line[at] == copy.quote)) {
        value += line[at++];
        continue;
      }
      if (quoted && c == copy.quote)
        quoted = false;
      else
        value += c;
    }
    if (quoted) return std::nullopt;
    if (!saw_quote && line.substr(start, end - start) == copy.null_marker)
      row.emplace_back();
    else
      row.emplace_back(value);
  }
  return row;
}

}  // namespace

std::optional<std::vector<CopyRow>> read_copy_slowly(const CopyIn& copy, const std::string& data) {
  auto lines = Lines(copy, data).all();
  if (!lines) return std::nullopt;
  if (copy.header && !lines->empty()) lines->erase(lines->begin());
  std::vector<CopyRow> rows;
  for (const std::string& line : *lines) {
    if (copy.format == CopyFormat::text) {
      rows.push_back(text_fields(copy, line));
      continue;
    }
    auto row = csv_fields(copy, line);
    if (!row) return std::nullopt;
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace pgward::policy::fixture
