#include "policy/copy_in/rows.h"

namespace pgward::policy {

CopyRows::CopyRows(const CopyIn& copy, const TenantValues& own, std::size_t held_bytes_max)
    : held_bytes_max_(held_bytes_max) {
  if (copy.tenant.empty()) return;
  if (copy.format == CopyFormat::binary)
    scanner_.emplace<CopyBinary>(copy, own);
  else
    scanner_.emplace<CopyLines>(copy, own);
}

Scanned CopyRows::scan(protocol::ByteView piece) {
  if (auto* lines = std::get_if<CopyLines>(&scanner_)) return lines->scan(piece);
  if (auto* binary = std::get_if<CopyBinary>(&scanner_)) return binary->scan(piece);
  Scanned all;
  all.safe = piece.size();
  return all;
}

bool CopyRows::ended() const {
  const auto* lines = std::get_if<CopyLines>(&scanner_);
  return lines != nullptr && lines->ended();
}

std::optional<CopyFault> CopyRows::feed(protocol::ByteView piece, Ready& ready) {
  ready = {};
  if (piece.empty() || ended()) return std::nullopt;
  const Scanned scanned = scan(piece);
  if (scanned.fault) return scanned.fault;
  if (!scanned.safe) {
    if (piece.size() > held_bytes_max_ - held_.size()) return CopyFault::row_too_large;
    held_.append(piece);
    return std::nullopt;
  }
  released_.swap(held_);
  held_.clear();
  const std::size_t rest = ended() ? 0 : piece.size() - *scanned.safe;
  if (rest > held_bytes_max_) return CopyFault::row_too_large;
  held_.append(piece.substr(*scanned.safe, rest));
  ready = {released_, piece.substr(0, *scanned.safe)};
  return std::nullopt;
}

std::optional<CopyFault> CopyRows::finish(Ready& ready) {
  ready = {};
  std::optional<CopyFault> fault;
  if (auto* lines = std::get_if<CopyLines>(&scanner_)) fault = lines->finish();
  if (auto* binary = std::get_if<CopyBinary>(&scanner_)) fault = binary->finish();
  if (fault) return fault;
  released_.swap(held_);
  held_.clear();
  ready.held = released_;
  return std::nullopt;
}

}  // namespace pgward::policy
