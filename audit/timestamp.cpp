#include "audit/timestamp.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace pgward::audit {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kDay = 86'400 * kSecond;
constexpr std::int64_t kLast = 2'932'897 * kDay - 1;  // the end of 9999-12-31

void put(char* at, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

// The number at text[at, at + digits), or -1.
int number(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  for (const char c : text.substr(at, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

// All but the fraction.
void write_second(std::array<char, kTimestampChars>& text, std::int64_t at) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{at / kDay}}};
  const auto seconds = static_cast<unsigned>(at % kDay / kSecond);
  std::string_view("0000-00-00T00:00:00.000000Z").copy(text.data(), text.size());
  put(&text[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put(&text[5], static_cast<unsigned>(date.month()), 2);
  put(&text[8], static_cast<unsigned>(date.day()), 2);
  put(&text[11], seconds / 3600, 2);
  put(&text[14], seconds / 60 % 60, 2);
  put(&text[17], seconds % 60, 2);
}

}  // namespace

void append_timestamp(std::string& out, std::int64_t now_us) {
  // Thousands of records in a second have all but the last digits in common.
  thread_local std::int64_t written_second = -1;
  thread_local std::array<char, kTimestampChars> text;
  const std::int64_t at = std::clamp<std::int64_t>(now_us, 0, kLast);
  if (at / kSecond != written_second) {
    written_second = at / kSecond;
    write_second(text, at);
  }
  put(&text[20], static_cast<unsigned>(at % kSecond), 6);
  out.append(text.data(), text.size());
}

bool is_timestamp(std::string_view text) {
  static constexpr std::string_view kForm = "0000-00-00T00:00:00.000000Z";
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != kForm[i]) return false;
  const std::chrono::year_month_day date{std::chrono::year{number(text, 0, 4)},
                                         std::chrono::month{static_cast<unsigned>(number(text, 5, 2))},
                                         std::chrono::day{static_cast<unsigned>(number(text, 8, 2))}};
  return date.ok() && number(text, 11, 2) < 24 && number(text, 14, 2) < 60 && number(text, 17, 2) < 60;
}

std::optional<std::int64_t> timestamp_us(std::string_view text) {
  if (!is_timestamp(text)) return std::nullopt;
  const std::chrono::sys_days day{std::chrono::year{number(text, 0, 4)} / number(text, 5, 2) / number(text, 8, 2)};
  const std::int64_t seconds = number(text, 11, 2) * 3600 + number(text, 14, 2) * 60 + number(text, 17, 2);
  return day.time_since_epoch().count() * kDay + seconds * kSecond + number(text, 20, 6);
}

}  // namespace pgward::audit
