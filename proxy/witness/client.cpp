#include "proxy/witness/client.h"

#include <charconv>

#include "audit/base64.h"
#include "audit/key_chain.h"
#include "audit/tree_reader.h"

namespace pgward::proxy {
namespace {

using audit::AnchorFault;

AnchorFault outage(std::string why) { return {false, std::move(why)}; }

std::optional<std::uint64_t> size_in(std::string_view body) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), size);
  return error == std::errc{} && std::string_view(end, static_cast<std::size_t>(body.data() + body.size() - end)) == "\n" ? std::optional(size) : std::nullopt;
}

}  // namespace

WitnessClient::WitnessClient(HttpsUrl url, std::string ca_file, audit::NoteKey key, std::filesystem::path log)
    : url_(std::move(url)), ca_file_(std::move(ca_file)), key_(std::move(key)), log_(std::move(log)),
      name_("https://" + url_.host + ":" + url_.port + url_.target) {
  while (url_.target.ends_with('/')) url_.target.pop_back();
}

std::variant<std::optional<audit::Anchor::Held>, AnchorFault> WitnessClient::newest(const std::string& origin) {
  HttpsUrl url = url_;
  url.target += "/checkpoint/" + origin;
  const auto reply = https_exchange(url, {}, ca_file_);
  if (const auto* fault = std::get_if<HttpsFault>(&reply)) return outage(fault->text);
  const auto& answer = std::get<HttpsReply>(reply);
  if (answer.status == 204) return std::optional<Held>{};
  const auto note = answer.status == 200 ? audit::parse_note(answer.body) : std::nullopt;
  const auto checkpoint = note ? audit::parse_checkpoint(note->text) : std::nullopt;
  if (!checkpoint || checkpoint->origin != origin || !audit::cosigned_at(*note, key_))
    return outage(answer.status == 404 ? "does not know this log: tell it the log's verifier key" : "gave no checkpoint that it has cosigned (status " + std::to_string(answer.status) + ")");
  held_ = checkpoint->size;
  return std::optional(Held{checkpoint->size, checkpoint->root});
}

std::optional<audit::MerklePath> WitnessClient::proof(const audit::SignedCheckpoint& checkpoint, std::uint64_t old_size) const {
  if (old_size == 0) return audit::MerklePath{};
  if (tree_ && tree_->end() == old_size && checkpoint.since.begin() == old_size && checkpoint.since.end() == checkpoint.checkpoint.size) {
    audit::MerkleNodes nodes;
    nodes.add(*tree_);
    nodes.add(checkpoint.since);
    const auto spans = audit::consistency_spans(old_size, checkpoint.checkpoint.size);
    if (auto path = spans ? nodes.roots(*spans) : std::nullopt) return path;
  }
  auto path = audit::prove_growth(log_, old_size, checkpoint.checkpoint.size);
  return std::holds_alternative<audit::MerklePath>(path) ? std::optional(std::get<audit::MerklePath>(std::move(path))) : std::nullopt;
}

WitnessClient::Outcome WitnessClient::send(const audit::SignedCheckpoint& checkpoint, std::uint64_t old_size) {
  const auto path = proof(checkpoint, old_size);
  if (!path) return {outage("the log cannot prove that it grew from what the witness holds"), {}};
  std::string body = "old " + std::to_string(old_size) + "\n";
  for (const audit::Hash& hash : *path) body += audit::to_base64(audit::bytes_of(hash)) + "\n";
  HttpsUrl url = url_;
  url.target += "/add-checkpoint";
  const auto reply = https_exchange(url, {"POST", body + "\n" + checkpoint.note}, ca_file_);
  if (const auto* fault = std::get_if<HttpsFault>(&reply)) return {outage(fault->text), {}};
  const auto& answer = std::get<HttpsReply>(reply);
  if (answer.status == 409)
    if (const auto size = size_in(answer.body)) return {AnchorFault{true, "holds a checkpoint of " + std::to_string(*size) + " records that this log does not lead to"}, size};
  if (answer.status == 422) return {AnchorFault{true, "holds another history of this log"}, {}};
  if (answer.status != 200) return {outage("status " + std::to_string(answer.status)), {}};
  const auto cosigned = audit::parse_note(checkpoint.note + answer.body);
  if (!cosigned || !audit::cosigned_at(*cosigned, key_)) return {outage("its cosignature is not by the key that was given"), {}};
  held_ = checkpoint.checkpoint.size;
  if (tree_ && tree_->end() == checkpoint.since.begin()) tree_->extend(checkpoint.since);
  else tree_.reset();
  if (!tree_ || tree_->end() != held_) tree_ = audit::tree_at(log_, held_);
  return {};
}

// Changes of keys that it has not seen come first: it would not know the key that signs this one.
std::optional<AnchorFault> WitnessClient::catch_up(const audit::SignedCheckpoint& checkpoint, std::uint64_t holds) {
  if (holds > 0)
    for (const audit::SignedCheckpoint& change : audit::key_changes(log_, holds)) {
      if (change.checkpoint.size <= holds || change.checkpoint.size >= checkpoint.checkpoint.size) continue;
      if (auto outcome = send(change, holds); outcome.fault) return outcome.fault;
      holds = change.checkpoint.size;
    }
  return send(checkpoint, holds).fault;
}

std::optional<AnchorFault> WitnessClient::put(const audit::SignedCheckpoint& checkpoint) {
  Outcome outcome = tree_ && tree_->end() == held_ ? send(checkpoint, held_) : Outcome{catch_up(checkpoint, held_), held_};
  if (!outcome.fault || !outcome.holds) return outcome.fault;
  // An answer was lost, or it has seen less than we thought: once more, from where it stands.
  if (*outcome.holds > checkpoint.checkpoint.size) return outcome.fault;
  return catch_up(checkpoint, *outcome.holds);
}

}  // namespace pgward::proxy
