// How a command that only reads a log says so in it: a running pgward is the only one that may write there.
//
//   put_in_inbox(log, record)     durable on return: a file of its own in DIRECTORY/inbox
//   take_inbox(log, record)       the keeper of the running pgward, every few seconds and after each start
//
// Somebody else than who runs pgward may ask, where the directory lets them: the file is theirs, everybody who gets there may read it.
// What is taken are only the types below, with only the members that they have; who owns the file is added by whoever takes it. Crashed
// between the record and the removal, it is recorded twice: `id` tells.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pgward::audit {

// One JSON object, as it will be taken. Why it would not be, or could not be made durable, or empty.
std::string put_in_inbox(const std::filesystem::path& log, std::string_view record);

// Members for the log; nothing: it is not one of the records that are taken from there.
std::string inbox_members(std::string_view record, std::uint64_t file_owner);

// `record` answers true when it is durable; then the file goes. What was read and is no such record is set aside; what cannot be read
// stays. Both are told of, each time.
std::vector<std::string> take_inbox(const std::filesystem::path& log, const std::function<bool(std::string members)>& record);

}  // namespace pgward::audit
