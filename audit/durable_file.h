// Whole files that are there, or not, after a crash; and that whoever runs pgward can read, also when root made them.
//
//   make_folder(log / "inbox")
//   write_durably(file, bytes, Reader::owner)
//
// Both give why not, or nothing.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pgward::audit {

// owner: mode 0600, and it belongs to whom its directory belongs to, also when root writes it.
// all:   mode 0644, and it belongs to who wrote it: that tells who it was. The directory says who can get there.
enum class Reader { owner, all };

// Durable on return, under that name or not at all. `fresh` is its name until it is whole; one of that name goes.
std::string write_durably(const std::filesystem::path& file, const std::filesystem::path& fresh, std::string_view bytes, Reader reader);

// Mode 0700, there and durable on return. One that root makes belongs to whom the directory around it belongs to.
std::string make_folder(const std::filesystem::path& folder);

}  // namespace pgward::audit
