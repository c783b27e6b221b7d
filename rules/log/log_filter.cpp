#include "rules/log/log_filter.h"

#include <algorithm>

#include "rules/log/app_text.h"
#include "rules/log/bytes.h"
#include "rules/log/csv_entry.h"
#include "rules/log/hl7_text.h"
#include "rules/log/json_text.h"
#include "rules/log/pg_message.h"
#include "rules/log/plain_text.h"

namespace pgward::rules {
namespace {

constexpr std::size_t kPrefixBytesMax = 512;

// Only what times, numbers and names of programs are made of: nothing to look for in such a prefix.
bool is_plain_prefix(std::string_view prefix) {
  std::size_t dots = 0;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    const char c = prefix[i];
    dots += c == '.';
    const bool capital =
        bytes::is(c, bytes::upper) && i + 1 < prefix.size() && bytes::is(prefix[i + 1], bytes::lower);
    if (capital || bytes::is(c, bytes::high) || c == '=' || dots > 2) return false;
  }
  return true;
}

// "2026-11-24 23:25:43.605", "2026-11-24T23:25:43,605+01:00" at the front of a line: nothing to look for.
std::size_t timestamp_bytes(std::string_view text) {
  constexpr std::size_t kBytes = std::string_view{"2026-11-24 23:25:43"}.size();
  if (text.size() < kBytes || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' ||
      text[16] != ':')
    return 0;
  unsigned digits = bytes::digit;
  for (const unsigned i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U, 11U, 12U, 14U, 15U, 17U, 18U}) digits &= bytes::kClasses[static_cast<unsigned char>(text[i])];
  if (digits == 0) return 0;
  auto at = kBytes;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && bytes::is_digit(text[at + 1]))
    at = bytes::run(text, at + 1, bytes::digit);
  return at;
}

// Where ":  " stands next; as find(), which would stop at each colon of a time.
std::size_t label_end(std::string_view text, std::size_t at) {
  for (; at + 2 < text.size(); ++at)
    if (text[at + 2] != ' ')
      at += text[at + 2] == ':' ? 1 : 2;
    else if (text[at] == ':' && text[at + 1] == ' ')
      return at;
  return text.npos;
}

// A line of a Java stack trace begins with a tab as well.
bool is_stack_frame(std::string_view text) {
  return text.starts_with("\tat ") || text.starts_with("\t... ") || text.starts_with("\tSuppressed: ");
}

}  // namespace

LogBooks::LogBooks(std::unique_ptr<LogRules> rules)
    : rules_(std::move(rules)), pg_(std::make_unique<PgBooks>(*rules_)) {}
LogBooks::~LogBooks() = default;

struct LogFilter::Parts {
  Parts(const LogBooks& books, const PgBooks& pg_books, const LogFilterOptions& options)
      : sink(none, options.pseudonyms, options.watcher),
        plain(books.rules(), sink),
        pg(books.rules(), pg_books, plain, sink, options.pseudonyms == nullptr && options.watcher == nullptr),
        json(books.rules(), pg, sink),
        app(pg, plain, json, sink),
        csv(pg, plain, sink),
        hl7(plain, sink) {
    json.use(app);
  }

  void line(std::string_view text);
  void entry(std::string_view text);
  bool write_stderr(std::string_view text);

  std::string none;
  Sink sink;
  PlainText plain;
  PgMessage pg;
  JsonText json;
  AppText app;
  CsvEntry csv;
  Hl7Text hl7;
  bool in_server_entry = false;
};

LogFilter::LogFilter(const LogBooks& books, LogFilterOptions options)
    : parts_(std::make_unique<Parts>(books, *books.pg_, options)) {}
LogFilter::~LogFilter() = default;

void LogFilter::line(std::string_view text, std::string& out, std::size_t rest_bytes,
                     std::size_t rest_quotes) {
  Sink& sink = parts_->sink;
  Sink::Aside aside{sink, out, text};
  sink.begin_line(text);
  parts_->json.begin_line(text);
  parts_->line(text);
  if (rest_bytes == 0) return;
  sink.keep("[" + std::to_string(rest_bytes) + " BYTES REMOVED]");
  parts_->csv.skip(rest_quotes);
}

void LogFilter::Parts::line(std::string_view text) {
  if (text.empty()) return;
  std::string_view ending;
  if (text.back() == '\r') {
    ending = text.substr(text.size() - 1);
    text.remove_suffix(1);
  }
  if (!text.empty()) entry(text);
  sink.keep(ending);
}

void LogFilter::Parts::entry(std::string_view text) {
  const bool tab = text.front() == '\t' && !is_stack_frame(text);
  // Behind an entry of the server a tab says that it goes on, whatever the line looks like.
  if (tab && in_server_entry) {
    sink.keep('\t');
    return pg.go_on(text.substr(1));
  }
  if (CsvEntry::begins(text)) {
    in_server_entry = false;
    return csv.write(text, true);
  }
  // In a csvlog only a line that begins like an entry is one.
  const bool may_be_entry = !csv.is_open() || bytes::is_digit(text.front()) || text.front() == '[';
  if (text.front() == '{') {
    in_server_entry = false;
    pg.forget();
    const auto taken = text.size() > 1 && (text[1] == '"' || text[1] == ' ') ? json.write(text, 1) : 0;
    return app.write(text.substr(taken));
  }
  if (may_be_entry && write_stderr(text)) {
    in_server_entry = true;
    return;
  }
  in_server_entry = false;
  if (csv.is_open() || CsvEntry::ends_unseen(text)) return csv.write(text, false);
  if (tab) {
    sink.keep('\t');
    pg.forget();
    in_server_entry = true;
    return pg.go_on(text.substr(1));
  }
  if (Hl7Text::is_segment(text)) return hl7.write(text);
  const auto time = timestamp_bytes(text);
  sink.keep(text.substr(0, time));
  app.write(text.substr(time));
}

// Any prefix, then a label of the server in one of its languages, a colon and two spaces.
bool LogFilter::Parts::write_stderr(std::string_view text) {
  const auto head = text.substr(0, kPrefixBytesMax);
  const auto time = timestamp_bytes(head);
  for (auto at = label_end(head, time); at != head.npos; at = label_end(head, at + 1)) {
    auto front = head.substr(0, at);
    while (front.ends_with(' ') || front.ends_with("\xC2\xA0"))
      front.remove_suffix(front.ends_with(' ') ? 1 : 2);
    const auto gap = front.find_last_of(" ]>:|)");
    const auto label = front.substr(gap == front.npos ? 0 : gap + 1);
    const LogField* field = pg.texts().label(label);
    if (field == nullptr && !pg.texts().is_severity(label)) continue;
    const auto prefix = text.substr(0, static_cast<std::size_t>(label.data() - text.data()));
    if (is_plain_prefix(prefix.substr(std::min(time, prefix.size()))))
      sink.pass(prefix);
    else
      plain.write(prefix);
    sink.pass(text.substr(prefix.size(), at + 3 - prefix.size()));
    pg.forget();
    pg.write(field == nullptr ? LogField::message : *field, label, {}, text.substr(at + 3));
    return true;
  }
  return false;
}

}  // namespace pgward::rules
