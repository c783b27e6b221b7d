#include "proxy/scrub/line_reader.h"

#include <algorithm>
#include <utility>

namespace pgward::proxy {

void LineReader::keep(std::string_view part) {
  const auto room = line_bytes_max_ - std::min(held_.size(), line_bytes_max_);
  held_.append(part.substr(0, room));
  if (part.size() <= room) return;
  const auto rest = part.substr(room);
  rest_bytes_ += rest.size();
  rest_quotes_ += static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '"'));
}

bool LineReader::next(Line& line) {
  if (std::exchange(given_, false)) held_.clear();
  const auto end = fresh_.find('\n');
  if (end == fresh_.npos) {
    keep(fresh_);
    fresh_ = {};
    return false;
  }
  const auto part = fresh_.substr(0, end);
  fresh_.remove_prefix(end + 1);
  // Nearly every line is whole in what was read, and goes without a copy.
  if (held_.empty() && rest_bytes_ == 0 && part.size() <= line_bytes_max_) {
    line = Line{part};
    return true;
  }
  keep(part);
  line = Line{held_, std::exchange(rest_bytes_, 0), std::exchange(rest_quotes_, 0)};
  given_ = true;
  return true;
}

bool LineReader::last(Line& line) {
  if (std::exchange(given_, false)) held_.clear();
  if (held_.empty()) return false;
  line = Line{held_, std::exchange(rest_bytes_, 0), std::exchange(rest_quotes_, 0)};
  given_ = true;
  return true;
}

}  // namespace pgward::proxy
