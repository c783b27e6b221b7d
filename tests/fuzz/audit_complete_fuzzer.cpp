// Lines of a log, one a row, to a Completer: it answers each, keeps its bound, and another one that begins where it says
// goes on the same. A row that is no record as it stands is made the members of one.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/complete.h"
#include "check.h"

using namespace pgward::audit;

namespace {

std::vector<std::string> rows(std::string_view text) {
  std::vector<std::string> found;
  std::uint64_t seq = 0;
  while (!text.empty() && found.size() < 64) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::string line(row);
    if (!row.starts_with("{\"v\":2,")) {
      line.clear();
      append_line(line, {"pgward/1", 1, ++seq, row, {}, kNoHash, {}}, 0);
    }
    found.push_back(std::move(line));
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMax = 16'384;
  Completer completer(kMax);
  for (const std::string& line : rows({reinterpret_cast<const char*>(data), size})) {
    const auto answer = completer.feed(line);
    CHECK(completer.bytes() <= kMax);
    const auto* event = std::get_if<CompleteEvent>(&answer);
    if (event == nullptr) continue;
    CHECK(event->seq > 0 && completer.needed_from() <= event->seq + 1);
    CHECK(event->record.is_object() && std::prev(event->record.end()).key() == "prev");
    CHECK((event->missing != Missing::nothing) == (event->record.contains("incomplete") && event->find("incomplete")->is_string()) || line.find("incomplete") != line.npos);
    CHECK(!event->record.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace).empty());
  }
  return 0;
}
