#include "audit/unsigned_openings.h"

#include <fcntl.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "audit/io.h"
#include "audit/line_reader.h"

namespace pgward::audit {

UnsignedOpenings::Seen UnsignedOpenings::look(SegmentNumber number, bool being_written) const {
  Seen seen;
  const Fd directory(::open(log_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return Seen{{}, {}, false};
  LineReader reader(directory.get(), segment_name(number));
  while (true) {
    const auto piece = reader.next();
    if (piece.kind != LineReader::Kind::whole) {
      using enum LineReader::Kind;
      seen.readable = piece.kind == end || (being_written && (piece.kind == nul || piece.kind == cut_off));
      return seen;
    }
    if (piece.text.find("\"type\":\"break_glass.") == std::string_view::npos) continue;
    const auto record = nlohmann::json::parse(piece.text, nullptr, false);
    if (!record.is_object()) return Seen{{}, {}, false};
    const auto text = [&](const char* member) { return record.contains(member) && record[member].is_string() ? record[member].get<std::string>() : std::string(); };
    if (text("type") == "break_glass.open") seen.opened.push_back(text("break_glass"));
    if (text("type") == "break_glass.sign_off") seen.signed_off.push_back(text("signs"));
  }
}

bool UnsignedOpenings::in(SegmentNumber number) {
  std::error_code error;
  const auto segments = list_segments(log_, error);
  if (error || segments.empty()) return true;
  // Those that are gone are asked for no more.
  sealed_.erase(sealed_.begin(), sealed_.lower_bound(segments.front()));
  const auto of = [&](SegmentNumber one) -> Seen {
    if (one == segments.back()) return look(one, true);  // still being written
    auto found = sealed_.find(one);
    if (found == sealed_.end() || !found->second.readable) found = sealed_.insert_or_assign(one, look(one, false)).first;
    return found->second;
  };
  Seen open = of(number);
  if (!open.readable) return true;
  for (const SegmentNumber one : segments) {
    if (one < number || open.opened.empty()) continue;
    const Seen later = of(one);
    if (!later.readable) return true;
    std::erase_if(open.opened, [&](const std::string& id) { return std::find(later.signed_off.begin(), later.signed_off.end(), id) != later.signed_off.end(); });
  }
  return !open.opened.empty();
}

}  // namespace pgward::audit
