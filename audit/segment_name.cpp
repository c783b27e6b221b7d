#include "audit/segment_name.h"

#include <algorithm>
#include <charconv>

namespace pgward::audit {
namespace {

constexpr std::string_view kSuffix = ".jsonl";
constexpr std::size_t kDigits = 6;

std::string_view without_gz(std::string_view name) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  return name;
}

}  // namespace

std::string segment_name(SegmentNumber number) {
  std::string digits = std::to_string(number);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return digits.append(kSuffix);
}

std::optional<SegmentNumber> segment_number(std::string_view file_name) {
  if (!file_name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view digits = file_name.substr(0, file_name.size() - kSuffix.size());
  SegmentNumber number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  // One number has one spelling.
  if (error != std::errc{} || number == 0 || segment_name(number) != file_name) return std::nullopt;
  return number;
}

std::vector<SegmentNumber> list_segments(const std::filesystem::path& directory, std::error_code& error) {
  std::vector<SegmentNumber> numbers;
  std::filesystem::directory_iterator entry(directory, error);
  for (const std::filesystem::directory_iterator end; !error && entry != end; entry.increment(error))
    if (const auto number = segment_number(without_gz(entry->path().filename().native()))) numbers.push_back(*number);
  if (error) return {};
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());  // a compressed one, and the original not removed yet
  return numbers;
}

}  // namespace pgward::audit
