// That somebody reads a trail, recorded in it before any of it is shown: a command leaves it in the trail's inbox, and the running
// pgward takes it in (audit/inbox.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace pgward::proxy {

// `more`: what was asked for, by members that such a record may have; no key in clear. Why it could not be recorded, or
// empty: then nothing may be shown.
std::string record_reading(const std::filesystem::path& directory, const std::string& command,
                           const nlohmann::ordered_json& more = nlohmann::ordered_json::object());

// As this computer calls that user; the number where it knows none.
std::string user_name(std::uint64_t uid);
// Who runs this command, and as whom they had logged in when that is somebody else.
std::string person_here();

}  // namespace pgward::proxy
