#include "proxy/questions/proofs.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "audit/base64.h"
#include "audit/tree_reader.h"

namespace pgward::proxy {

std::variant<std::size_t, std::string> write_proofs(const std::filesystem::path& log, std::vector<std::uint64_t> seqs, const std::filesystem::path& directory) {
  const auto last = audit::last_checkpoint(log);
  if (!last) return log.string() + ": there is no checkpoint that a proof could lead to";
  const std::uint64_t size = last->checkpoint.size;
  std::sort(seqs.begin(), seqs.end());
  seqs.erase(std::unique(seqs.begin(), seqs.end()), seqs.end());
  std::erase_if(seqs, [&](std::uint64_t seq) { return seq == 0 || seq > size; });
  if (seqs.empty()) return std::size_t{0};
  const auto proved = audit::prove_records(log, seqs, size);
  if (const auto* wrong = std::get_if<std::string>(&proved)) return *wrong;
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  const auto& proofs = std::get<std::vector<audit::RecordProof>>(proved);
  for (std::size_t n = 0; n < seqs.size(); ++n) {
    nlohmann::ordered_json proof{{"kind", "inclusion"}, {"size", size}, {"seq", seqs[n]}, {"record", proofs[n].line}, {"proof", nlohmann::ordered_json::array()}, {"checkpoint", last->note}};
    for (const audit::Hash& hash : proofs[n].path) proof["proof"].push_back(audit::to_base64(audit::bytes_of(hash)));
    const auto file = directory / (std::to_string(seqs[n]) + ".json");
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << proof.dump(2) << "\n";
    if (!out.flush()) return file.string() + ": cannot be written";
  }
  return seqs.size();
}

}  // namespace pgward::proxy
