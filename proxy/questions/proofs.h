// Proofs for the records of an answer, as `pgward audit prove --json` prints them: a file each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace pgward::proxy {

// SEQ.json in that directory, which is made; how many, or why not. Those behind the last checkpoint have none yet.
std::variant<std::size_t, std::string> write_proofs(const std::filesystem::path& log, std::vector<std::uint64_t> seqs, const std::filesystem::path& directory);

}  // namespace pgward::proxy
