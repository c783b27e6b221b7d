#include "audit/signer.h"

#include "audit/key_chain.h"
#include "audit/log_record.h"

namespace pgward::audit {

std::variant<std::unique_ptr<Signer>, std::string> Signer::open(const SigningConfig& config, const LogConfig& log,
                                                                const LogEnd& end, std::int64_t now_us) {
  auto opened = Keyring::open(config.keys);
  if (auto* wrong = std::get_if<std::string>(&opened)) return std::move(*wrong);
  auto& found = std::get<std::optional<Keyring>>(opened);
  if (!found) {
    if (end.checkpoint || !end.only_own)
      return config.keys.string() + ": the signing key of this log is missing; bring it back, or begin a new log in another directory";
    auto created = Keyring::create(config.keys, log.instance, now_us);
    if (auto* wrong = std::get_if<std::string>(&created)) return std::move(*wrong);
    found.emplace(std::move(std::get<Keyring>(created)));
  }
  std::unique_ptr<Signer> signer(new Signer(std::move(*found), log.directory, config.epoch_us));
  if (auto wrong = signer->belongs(end); !wrong.empty()) return config.keys.string() + ": " + wrong;
  return signer;
}

std::string Signer::belongs(const LogEnd& end) {
  if (!end.checkpoint) {
    if (keys_.begun()) return "this key has signed records that the log does not hold: the log was taken away or replaced";
    if (!end.only_own) return "the log was begun without signatures; begin a new one in another directory";
    first_ = true;
    return {};
  }
  const auto note = parse_note(end.checkpoint->note);
  const Checkpoint& last = end.checkpoint->checkpoint;
  if (last.origin != keys_.origin()) return "this key belongs to the log " + keys_.origin() + ", not to " + last.origin;
  const auto names = [&](const std::optional<NoteKey>& key) { return last.next_key && key && *last.next_key == *key; };
  if (names(keys_.next_key())) {  // ended before the change was complete
    note_trouble(keys_.commit());
  } else if (names(keys_.key())) {
    note_trouble(keys_.drop_next());
  } else if (!last.next_key && last.epoch == keys_.epoch() && note && is_signed_by(*note, keys_.key())) {
    note_trouble(keys_.drop_next());  // made, but never named
  } else {
    return "the last checkpoint of the log was not signed by this key (epoch " + std::to_string(keys_.epoch()) +
           "), nor does it name it: log and keys are not of the same time";
  }
  note_trouble(keys_.mark_begun());
  if (last.key || last.next_key) note_trouble(add_to_key_chain(log_, *end.checkpoint));
  return {};
}

void Signer::note_trouble(const IoResult& result) {
  if (result) trouble_ = result->text();
}

Signer::Draft Signer::draft(const Chain& chain, std::int64_t now_us) {
  const MerkleRange tree = chain.tree();
  Draft draft;
  Checkpoint& checkpoint = draft.checkpoint.checkpoint;
  checkpoint = {keys_.origin(), tree.end(), tree.root(), keys_.epoch(), now_us, std::nullopt, std::nullopt};
  if (first_) {
    checkpoint.key = keys_.key();
  } else if (now_us - keys_.since_us() >= epoch_us_) {
    trouble_.clear();
    note_trouble(keys_.prepare(now_us));
    checkpoint.next_key = keys_.next_key();
  }
  draft.checkpoint.note = keys_.sign(checkpoint);
  draft.checkpoint.since = chain.fresh;
  draft.members = log_checkpoint(draft.checkpoint.note);
  return draft;
}

void Signer::written(const Draft& draft) {
  const Checkpoint& said = draft.checkpoint.checkpoint;
  if (said.key || said.next_key) note_trouble(add_to_key_chain(log_, draft.checkpoint));
  if (said.key) {
    first_ = false;
    note_trouble(keys_.mark_begun());
  }
  if (said.next_key) note_trouble(keys_.commit());
}

}  // namespace pgward::audit
