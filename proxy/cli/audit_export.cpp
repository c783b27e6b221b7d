#include "proxy/cli/audit_export.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "audit/complete.h"
#include "audit/follow.h"
#include "audit/format/format.h"
#include "audit/timestamp.h"
#include "proxy/questions/reading.h"
#include "proxy/sinks/postgresql.h"

namespace pgward::proxy {
namespace {

int cannot(const std::string& why) {
  std::fprintf(stderr, "pgward audit export: %s\n", why.c_str());
  return 2;
}

// A day is its first moment, or its last.
std::optional<std::int64_t> moment(const std::string& text, bool last) {
  if (const auto exact = audit::timestamp_us(text)) return exact;
  return audit::timestamp_us(text + (last ? "T23:59:59.999999Z" : "T00:00:00.000000Z"));
}

bool is_one_of(const std::vector<std::string>& types, std::string_view type) {
  return types.empty() || std::any_of(types.begin(), types.end(), [&](const std::string& one) {
           return type == one || (type.size() > one.size() && type.starts_with(one) && (one.ends_with('.') || type[one.size()] == '.'));
         });
}

// Reading the trail is recorded, before any of it is shown. Why it could not be, or empty.
std::string tell_of_reading(const ExportArguments& arguments) {
  nlohmann::ordered_json more = nlohmann::ordered_json::object();
  if (!arguments.types.empty()) more["types"] = arguments.types;
  if (!arguments.from.empty()) more["from"] = arguments.from;
  if (!arguments.to.empty()) more["to"] = arguments.to;
  return record_reading(arguments.directory, "export --format " + arguments.format, more);
}

class Export {
 public:
  Export(audit::Format format, std::int64_t from_us, std::int64_t to_us, const std::vector<std::string>& types)
      : format_(format), from_us_(from_us), to_us_(to_us), types_(types) {
    if (format_ == audit::Format::csv) put(audit::csv_header());
  }

  // False: what comes after it is not wanted, or cannot be written.
  bool take(std::string_view line, std::string& error) {
    const auto fed = completer_.feed(line);
    const auto* event = std::get_if<audit::CompleteEvent>(&fed);
    if (event == nullptr) {
      error = "a record cannot be understood; pgward audit verify tells more";
      return false;
    }
    const std::int64_t at = audit::timestamp_us(event->ts).value_or(0);
    if (at < from_us_ || at > to_us_ || !is_one_of(types_, event->type)) return true;
    for (audit::Rendering texts(format_, *event, producer_); !texts.done() && !failed_;) put(texts.next());
    return !failed_;
  }
  bool finish() { return std::fflush(stdout) == 0 && !failed_; }

 private:
  void put(std::string_view text) {
    const std::string_view end = format_ == audit::Format::csv ? "\r\n" : "\n";
    failed_ = failed_ || std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fwrite(end.data(), 1, end.size(), stdout) != end.size();
  }

  audit::Format format_;
  const audit::Producer producer_{PGWARD_VERSION};
  std::int64_t from_us_, to_us_;
  const std::vector<std::string>& types_;
  audit::Completer completer_;
  bool failed_ = false;
};

}  // namespace

int export_trail(const ExportArguments& arguments) {
  const auto format = audit::format_named(arguments.format);
  if (!format) return cannot("--format is json, ocsf, fhir or csv");
  const auto from = arguments.from.empty() ? std::optional<std::int64_t>(0) : moment(arguments.from, false);
  const auto to = arguments.to.empty() ? std::optional(std::numeric_limits<std::int64_t>::max()) : moment(arguments.to, true);
  if (!from || !to) return cannot("--from and --to are days as in 2026-11-22, or 2026-11-22T04:45:00.000000Z");
  // From the oldest on: what a session said at its beginning belongs to its later records.
  auto opened = audit::Follower::open(arguments.directory, 0);
  if (const auto* wrong = std::get_if<std::string>(&opened)) return cannot(*wrong);
  if (const std::string untold = tell_of_reading(arguments); !untold.empty()) {
    if (!arguments.unrecorded) return cannot("that the trail is read cannot be recorded: " + untold + "; --unrecorded exports it all the same");
    std::fprintf(stderr, "pgward audit export: this reading of the trail is not recorded: %s\n", untold.c_str());
  }
  Export out(*format, *from, *to, arguments.types);
  std::string trouble;
  std::string wrong = std::get<audit::Follower>(opened).read(audit::kToTheEnd, [&](const audit::Line&, std::string_view text) { return out.take(text, trouble); });
  if (wrong.empty()) wrong = std::move(trouble);
  if (!out.finish()) {
    std::fprintf(stderr, "pgward audit export: standard output cannot be written\n");
    return 1;
  }
  return wrong.empty() ? 0 : cannot(wrong);
}

int print_sink_ddl(const std::string& table, const std::string& user) {
  std::printf("%s", sink_ddl(table, user).c_str());
  return 0;
}

}  // namespace pgward::proxy
