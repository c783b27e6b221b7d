#include "proxy/questions/when.h"

#include <array>
#include <chrono>
#include <ctime>

#include "audit/timestamp.h"

namespace pgward::proxy {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

struct Parts {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool skip(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take(std::string_view& text, std::size_t count, int most, int& value) {
  const auto number = digits(text, count);
  if (!number || *number > most) return false;
  value = *number;
  return true;
}

// Seconds east of UTC; nothing at the end: here.
bool zone(std::string_view text, std::optional<std::int64_t>& east_s) {
  if (text.empty()) return true;
  if (text == "Z") {
    east_s = 0;
    return true;
  }
  const bool west = text.front() == '-';
  if (!skip(text, '+') && !skip(text, '-')) return false;
  int hours = 0, minutes = 0;
  if (!take(text, 2, 23, hours) || !skip(text, ':') || !take(text, 2, 59, minutes) || !text.empty()) return false;
  east_s = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
  return true;
}

std::optional<std::int64_t> seconds_of(const Parts& parts, std::optional<std::int64_t> east_s) {
  if (east_s) {
    const std::chrono::year_month_day date{std::chrono::year{parts.year}, std::chrono::month{static_cast<unsigned>(parts.month)}, std::chrono::day{static_cast<unsigned>(parts.day)}};
    return std::chrono::sys_days{date}.time_since_epoch().count() * std::int64_t{86'400} + parts.hour * 3600 + parts.minute * 60 + parts.second - *east_s;
  }
  std::tm here{};
  here.tm_year = parts.year - 1900;
  here.tm_mon = parts.month - 1;
  here.tm_mday = parts.day;
  here.tm_hour = parts.hour;
  here.tm_min = parts.minute;
  here.tm_sec = parts.second;
  here.tm_isdst = -1;
  const std::time_t at = std::mktime(&here);
  return at == -1 ? std::nullopt : std::optional<std::int64_t>(at);
}

}  // namespace

std::optional<std::int64_t> when(std::string_view text, bool last) {
  Parts parts;
  std::optional<std::int64_t> east_s;
  if (!take(text, 4, 9999, parts.year) || parts.year < 1970 || !skip(text, '-') || !take(text, 2, 12, parts.month) || !skip(text, '-') || !take(text, 2, 31, parts.day)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{parts.year}, std::chrono::month{static_cast<unsigned>(parts.month)}, std::chrono::day{static_cast<unsigned>(parts.day)}};
  if (!date.ok()) return std::nullopt;
  enum { day, minute, second } named = day;
  if (skip(text, 'T') || skip(text, ' ')) {
    named = minute;
    if (!take(text, 2, 23, parts.hour) || !skip(text, ':') || !take(text, 2, 59, parts.minute)) return std::nullopt;
    if (skip(text, ':')) {
      named = second;
      if (!take(text, 2, 59, parts.second)) return std::nullopt;
    }
    std::int64_t fraction = 0, unit = kSecond;
    const bool fine = skip(text, '.');
    for (; fine && !text.empty() && text.front() >= '0' && text.front() <= '9'; unit /= 10) {
      if (unit > 1) fraction += (text.front() - '0') * (unit / 10);
      text.remove_prefix(1);
      if (unit < 10) unit = 10;
    }
    if (!zone(text, east_s)) return std::nullopt;
    const auto at = seconds_of(parts, east_s);
    if (!at) return std::nullopt;
    const std::int64_t whole = fine ? 1 : named == minute ? 60 * kSecond : kSecond;
    return *at * kSecond + fraction + (last ? whole - 1 : 0);
  }
  if (!zone(text, east_s)) return std::nullopt;
  if (last) {
    // The day after, less a microsecond: a day here may have 23 or 25 hours.
    const std::chrono::year_month_day next{std::chrono::sys_days{date} + std::chrono::days{1}};
    parts = {static_cast<int>(next.year()), static_cast<int>(static_cast<unsigned>(next.month())), static_cast<int>(static_cast<unsigned>(next.day())), 0, 0, 0};
  }
  const auto at = seconds_of(parts, east_s);
  return at ? std::optional(*at * kSecond - (last ? 1 : 0)) : std::nullopt;
}

std::string utc_text(std::int64_t time_us) {
  std::string text;
  audit::append_timestamp(text, time_us);
  return text;
}

std::int64_t unix_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace pgward::proxy
