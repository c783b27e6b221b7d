// Small files that nobody else may read or write (mode 0600), replaced as a whole.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace pgward::audit {

// Nothing: there is no such file. The text says why it cannot be used: others may read it, it is no file, ...
std::variant<std::optional<std::string>, std::string> read_private_file(const std::filesystem::path& file);
// Durable on return. Why not, or empty.
std::string write_private_file(const std::filesystem::path& file, std::string_view bytes);

void wipe_text(std::string& text);

}  // namespace pgward::audit
