#include "audit/checkpoint.h"

#include <charconv>

#include "audit/base64.h"
#include "audit/timestamp.h"

namespace pgward::audit {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return {};
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
  return value;
}

// "name value": the value, empty when the line is another.
std::string_view take_field(std::string_view& text, std::string_view name) {
  std::string_view rest = text;
  std::string_view line = take_line(rest);
  if (!line.starts_with(name)) return {};
  text = rest;
  return line.substr(name.size());
}

}  // namespace

std::string text_of(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" + to_base64(bytes_of(checkpoint.root)) + "\nepoch " +
                     std::to_string(checkpoint.epoch) + "\ntime ";
  append_timestamp(text, checkpoint.time_us);
  text += '\n';
  if (checkpoint.key) text += "key " + checkpoint.key->text() + "\n";
  if (checkpoint.next_key) text += "next-key " + checkpoint.next_key->text() + "\n";
  return text;
}

std::optional<Checkpoint> parse_checkpoint(std::string_view text) {
  std::string_view rest = text;
  Checkpoint checkpoint;
  checkpoint.origin = take_line(rest);
  const auto size = number(take_line(rest));
  const auto root = from_base64(take_line(rest));
  const auto epoch = number(take_field(rest, "epoch "));
  const auto time = timestamp_us(take_field(rest, "time "));
  if (!is_key_name(checkpoint.origin) || !size || !root || root->size() != kHashBytes || !epoch || !time) return std::nullopt;
  checkpoint.size = *size;
  root->copy(reinterpret_cast<char*>(checkpoint.root.data()), kHashBytes);
  checkpoint.epoch = *epoch;
  checkpoint.time_us = *time;
  if (const auto key = take_field(rest, "key "); !key.empty()) checkpoint.key = NoteKey::of_text(key);
  if (const auto key = take_field(rest, "next-key "); !key.empty()) checkpoint.next_key = NoteKey::of_text(key);
  return text_of(checkpoint) == text ? std::optional(std::move(checkpoint)) : std::nullopt;
}

}  // namespace pgward::audit
