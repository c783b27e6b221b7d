#include "auth/utc_time.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace pgward::auth {
namespace {

constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
constexpr UnixTime kYear10000 = 253'402'300'800;

bool has_form(std::string_view text) {
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != kForm[i]) return false;
  return true;
}

int number(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
  return value;
}

}  // namespace

std::string utc_text(UnixTime time) {
  using namespace std::chrono;
  const sys_seconds at{seconds(std::min(std::max<UnixTime>(time, 0), kYear10000 - 1))};
  const year_month_day date{floor<days>(at)};
  const hh_mm_ss clock{at - floor<days>(at)};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::optional<UnixTime> utc_time(std::string_view text) {
  using namespace std::chrono;
  if (!has_form(text)) return std::nullopt;
  const year_month_day date{year(number(text, 0, 4)), month(static_cast<unsigned>(number(text, 5, 2))),
                            day(static_cast<unsigned>(number(text, 8, 2)))};
  const int hour = number(text, 11, 2), minute = number(text, 14, 2), second = number(text, 17, 2);
  if (!date.ok() || number(text, 0, 4) < 1970 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return sys_days(date).time_since_epoch() / seconds(1) + hour * 3600 + minute * 60 + second;
}

}  // namespace pgward::auth
