#include "proxy/sinks/cursor.h"

#include <nlohmann/json.hpp>

#include "audit/private_file.h"
#include "audit/sha256.h"

namespace pgward::proxy {

using Json = nlohmann::ordered_json;

std::variant<std::optional<Cursor>, std::string> read_cursor(const std::filesystem::path& file) {
  auto read = audit::read_private_file(file);
  if (auto* wrong = std::get_if<std::string>(&read)) return std::move(*wrong);
  const auto& text = std::get<std::optional<std::string>>(read);
  if (!text) return std::optional<Cursor>();
  const Json json = Json::parse(*text, nullptr, false);
  Cursor cursor;
  const auto number = [&](const char* name, std::uint64_t& value) {
    if (!json.contains(name) || !json[name].is_number_unsigned()) return false;
    value = json[name].get<std::uint64_t>();
    return true;
  };
  bool good = json.is_object() && number("seq", cursor.seq) && number("from", cursor.from) && json.contains("hash") && json["hash"].is_string();
  if (good) cursor.hash = json["hash"].get<std::string>();
  good = good && cursor.from <= cursor.seq + 1 && (cursor.seq == 0 || audit::is_hash(cursor.hash));
  if (!good) return file.string() + ": is no cursor of a sink; remove it to deliver all records again";
  return std::optional(std::move(cursor));
}

std::string write_cursor(const std::filesystem::path& file, const Cursor& cursor) {
  return audit::write_private_file(file, Json{{"seq", cursor.seq}, {"hash", cursor.hash}, {"from", cursor.from}}.dump() + "\n");
}

}  // namespace pgward::proxy
