#include "audit/log_record.h"

#include <cstring>

#include "audit/json_text.h"

namespace pgward::audit {

std::string log_rotate(std::string_view file, std::string_view previous_file, std::string_view head) {
  std::string out;
  JsonMembers{out}
      .text("type", "log.rotate")
      .text("file", file)
      .text("previous", previous_file)
      .text("head", head);
  return out;
}

std::string log_open() {
  return "\"type\":\"log.open\"";
}

std::string log_recover(std::string_view file, std::uint64_t cut_bytes) {
  std::string out;
  JsonMembers{out}.text("type", "log.recover").text("file", file).number("cut_bytes", cut_bytes);
  return out;
}

std::string log_degraded(std::string_view step, int error_number, std::uint64_t seconds, std::uint64_t lost) {
  const char* error = strerrorname_np(error_number);  // "ENOSPC"
  std::string out;
  JsonMembers{out}
      .text("type", "log.degraded")
      .text("step", step)
      .text("error", error != nullptr ? error : "unknown")
      .number("seconds", seconds)
      .number("lost", lost);
  return out;
}

}  // namespace pgward::audit
