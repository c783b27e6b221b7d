#include "proxy/cli/audit_verify.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "audit/timestamp.h"
#include "audit/verify.h"

namespace pgward::proxy {
namespace {

using nlohmann::ordered_json;

std::string time_text(std::int64_t time_us) {
  std::string text;
  audit::append_timestamp(text, time_us);
  return text;
}

ordered_json place_of(const audit::BadRecord& bad) {
  return {{"file", bad.file.filename().string()}, {"line", bad.line}, {"offset", bad.offset}, {"seq", bad.seq}, {"reason", bad.reason}};
}

std::string place_text(const audit::BadRecord& bad) {
  return bad.file.string() + ":" + std::to_string(bad.line) + " (record " + std::to_string(bad.seq) + ", byte " + std::to_string(bad.offset) +
         "): " + bad.reason;
}

ordered_json as_json(const audit::VerifyReport& report, bool key_given, const char* verdict) {
  ordered_json out{{"verdict", verdict}, {"records", report.records}, {"segments", report.segments}, {"head", report.head}, {"root", report.root}};
  const audit::Signing& signing = report.signing;
  out["signed"] = signing.first_key.has_value();
  if (signing.first_key)
    out["signing"] = {{"origin", signing.origin}, {"first_key", signing.first_key->text()}, {"first_key_given", key_given},
                      {"checkpoints", signing.checkpoints}, {"epoch", signing.epoch}, {"last_size", signing.size},
                      {"last_time", time_text(signing.time_us)}, {"anchored", signing.anchored}};
  if (report.first_bad) out["first_bad"] = place_of(*report.first_bad);
  out["questions"] = ordered_json::array();
  for (const auto& question : report.questions) out["questions"].push_back(place_of(question));
  return out;
}

void print_signing(const audit::VerifyReport& report, const VerifyArguments& arguments) {
  const audit::Signing& signing = report.signing;
  if (!signing.first_key) {
    std::printf("NOT SIGNED: whoever can write the files can have written all of this\n");
    return;
  }
  std::printf("signed: %llu checkpoints of %s, epoch %llu; the last one of %s is of %llu records, %llu stand behind it\n",
              static_cast<unsigned long long>(signing.checkpoints), signing.origin.c_str(), static_cast<unsigned long long>(signing.epoch),
              time_text(signing.time_us).c_str(), static_cast<unsigned long long>(signing.size),
              static_cast<unsigned long long>(report.records - signing.size));
  if (arguments.key.empty()) std::printf("first key, by the log's own word (give it with --key): %s\n", signing.first_key->text().c_str());
  if (!arguments.anchors.empty()) std::printf("anchors: %llu checkpoints held there, all of them of this log\n", static_cast<unsigned long long>(signing.anchored));
  else std::printf("no anchor was compared (--anchor): an end that was cut off would not show\n");
}

}  // namespace

int verify_trail(const VerifyArguments& arguments) {
  audit::VerifyOptions options;
  if (!arguments.key.empty() && !(options.key = audit::NoteKey::of_text(arguments.key))) {
    std::fprintf(stderr, "pgward audit: --key is no verifier key; expected NAME+HEX+BASE64, as pgward audit keygen prints it\n");
    return 2;
  }
  options.anchors.assign(arguments.anchors.begin(), arguments.anchors.end());
  const audit::VerifyReport report = audit::verify(arguments.directory, options);
  if (!report.error.empty()) {
    std::fprintf(stderr, "pgward audit: nothing could be checked: %s\n", report.error.c_str());
    return 2;
  }
  const bool asks = !report.questions.empty() || !report.signing.first_key;
  const int status = report.first_bad ? 1 : asks ? 3 : 0;
  if (arguments.json) {
    const char* verdict = status == 1 ? "broken" : status == 3 ? "questions" : "intact";
    std::printf("%s\n", as_json(report, options.key.has_value(), verdict).dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return status;
  }
  if (report.first_bad) {
    std::printf("BROKEN at %s\n", place_text(*report.first_bad).c_str());
    std::printf("%llu records before it are intact\n", static_cast<unsigned long long>(report.records));
    return 1;
  }
  std::printf("intact: %llu records in %llu segment%s, head %s, root %s\n", static_cast<unsigned long long>(report.records),
              static_cast<unsigned long long>(report.segments), report.segments == 1 ? "" : "s", report.head.c_str(), report.root.c_str());
  print_signing(report, arguments);
  for (const auto& question : report.questions) std::printf("QUESTION at %s\n", place_text(question).c_str());
  return status;
}

}  // namespace pgward::proxy
