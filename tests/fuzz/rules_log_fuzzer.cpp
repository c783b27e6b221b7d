// Any bytes through the log filter: no crash, one line for a line, and a literal of a statement never comes
// out.
//
// Input: the first byte chooses what stands in front of the rest, so that every format is reached soon.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "rules/log/log_filter.h"

namespace {

using namespace pgward::rules;

constexpr std::array<std::string_view, 8> kFronts{"",
                                                  "2026-11-22 10:00:01 UTC [1] a@b LOG:  statement: ",
                                                  "2026-11-22 10:00:01 UTC [1] a@b ERROR:  ",
                                                  "2026-11-22 04:57:54.729 UTC,\"a\",\"b\",1,\"c\",d,1,\"",
                                                  "{\"error_severity\":\"ERROR\",\"message\":\"",
                                                  "{\"resourceType\":\"Patient\",\"a\":",
                                                  "PID|1||",
                                                  "x DETAIL:  Key (a)=("};
constexpr std::string_view kCanary = "Quillon955123456";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const LogBooks books{[] {
    std::vector<RuleMistake> mistakes;
    return shipped_log_rules(mistakes);
  }()};
  if (size < 2) return 0;
  LogFilter filter{books};
  std::string text{kFronts[data[0] % kFronts.size()]}, out;
  text.append(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    out.clear();
    filter.line(std::string_view{text}.substr(at, end - at), out);
    if (out.find('\n') != out.npos) std::abort();
    at = end + 1;
  }
  // Whatever came before, a new entry is read as one.
  out.clear();
  filter.line(std::string{"2026-11-22 10:00:02 UTC [1] LOG:  statement: SELECT '"}.append(kCanary).append("'"), out);
  if (out.find(kCanary) != out.npos) std::abort();
  return 0;
}
