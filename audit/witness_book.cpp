#include "audit/witness_book.h"

#include <algorithm>
#include <charconv>

#include "audit/base64.h"
#include "audit/directory_anchor.h"
#include "audit/private_file.h"

namespace pgward::audit {
namespace {

constexpr std::size_t kProofMax = 64, kBodyBytesMax = 96u << 10;

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() && !(digits.size() > 1 && digits[0] == '0') ? std::optional(value) : std::nullopt;
}

struct Request {
  std::uint64_t old_size = 0;
  MerklePath proof;
  std::string whole;
  Note note;
  Checkpoint checkpoint;
};

// "old SIZE", the hashes of the proof, an empty line, the note.
std::optional<Request> parse_request(std::string_view body) {
  Request request;
  auto line = body.size() > kBodyBytesMax ? std::nullopt : take_line(body);
  const auto size = line && line->starts_with("old ") ? number(line->substr(4)) : std::nullopt;
  if (!size) return std::nullopt;
  request.old_size = *size;
  for (line = take_line(body); line && !line->empty(); line = take_line(body)) {
    const auto bytes = from_base64(*line);
    if (!bytes || bytes->size() != kHashBytes || request.proof.size() == kProofMax) return std::nullopt;
    Hash hash;
    bytes->copy(reinterpret_cast<char*>(hash.data()), hash.size());
    request.proof.push_back(hash);
  }
  auto note = line ? parse_note(body) : std::nullopt;
  auto checkpoint = note ? parse_checkpoint(note->text) : std::nullopt;
  if (!checkpoint) return std::nullopt;
  request.whole = body;
  request.note = std::move(*note);
  request.checkpoint = std::move(*checkpoint);
  return request;
}

}  // namespace

std::variant<WitnessBook, std::string> WitnessBook::open(std::filesystem::path directory, const std::string& name, const std::vector<NoteKey>& logs) {
  if (!is_key_name(name)) return "a witness is called by printable ASCII without space and '+'";
  std::error_code error;
  for (const char* part : {"", "state", "notes"}) std::filesystem::create_directories(directory / part, error);
  if (error) return directory.string() + ": " + error.message();
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  const auto file = directory / "witness.key";
  auto text = read_private_file(file);
  if (auto* wrong = std::get_if<std::string>(&text)) return std::move(*wrong);
  auto& seed = std::get<std::optional<std::string>>(text);
  if (!seed) {
    const SigningKey fresh = SigningKey::fresh();
    seed = std::string(fresh.seed());
    if (auto wrong = write_private_file(file, *seed); !wrong.empty()) return wrong;
  }
  auto signer = SigningKey::of_seed(*seed);
  wipe_text(*seed);
  if (!signer) return file.string() + ": is not the key of a witness";
  const NoteKey own{name, NoteKeyType::cosignature, signer->public_key()};
  WitnessBook book(std::move(directory), own, std::move(*signer));
  for (const NoteKey& log : logs)
    if (auto wrong = book.load(log); !wrong.empty()) return wrong;
  return book;
}

std::filesystem::path WitnessBook::file_of(const std::string& origin) const {
  std::string name = origin;
  std::replace(name.begin(), name.end(), '/', '_');
  return directory_ / "state" / name;
}

// State: the key in force, and the last note.
std::string WitnessBook::load(const NoteKey& log) {
  if (log.type != NoteKeyType::ed25519 || logs_.contains(log.name)) return "each log has one key, of type 1: " + log.name;
  Seen seen{log, 0, 0, {}, {}};
  const auto file = file_of(log.name);
  auto text = read_private_file(file);
  if (auto* wrong = std::get_if<std::string>(&text)) return std::move(*wrong);
  if (const auto& state = std::get<std::optional<std::string>>(text)) {
    std::string_view rest = *state;
    const auto line = take_line(rest);
    const auto key = line ? NoteKey::of_text(*line) : std::nullopt;
    const auto note = parse_note(rest);
    const auto checkpoint = note ? parse_checkpoint(note->text) : std::nullopt;
    // A state that cannot be read is not "nothing seen yet": that would let the log begin anew.
    if (!key || !checkpoint || checkpoint->origin != log.name || !cosigned_at(*note, key_)) return file.string() + ": is not the state of a witness";
    seen = {*key, checkpoint->epoch + (checkpoint->next_key ? 1 : 0), checkpoint->size, checkpoint->root, std::string(rest)};
  }
  logs_.emplace(log.name, std::move(seen));
  return {};
}

bool WitnessBook::store(const std::string& origin, const Seen& seen) const {
  if (!write_private_file(file_of(origin), seen.key.text() + "\n" + seen.note).empty()) return false;
  return !DirectoryAnchor(directory_ / "notes").put_note(origin, seen.size, seen.root, seen.note);
}

WitnessBook::Answer WitnessBook::add(std::string_view body, std::uint64_t now_s) {
  const auto request = parse_request(body);
  if (!request) return {400, "malformed\n"};
  const Checkpoint& said = request->checkpoint;
  const auto found = logs_.find(said.origin);
  if (found == logs_.end()) return {404, "this log is not witnessed here\n"};
  Seen& seen = found->second;
  // The last checkpoint of an epoch may come again; it was signed by the key before.
  if (const auto last = parse_note(seen.note); last && last->text == request->note.text) return {200, cosign_note(last->text, key_, signer_, now_s)};
  if (!is_signed_by(request->note, seen.key) || (seen.epoch != 0 && said.epoch != seen.epoch)) return {403, "not signed by the key of this log\n"};
  if (request->old_size > said.size) return {400, "malformed\n"};
  if (request->old_size != seen.size) return {409, std::to_string(seen.size) + "\n"};
  const bool first = seen.epoch == 0;
  if (!first && said.size == seen.size && said.root != seen.root) return {409, std::to_string(seen.size) + "\n"};
  if (first ? !request->proof.empty() : !is_consistent(seen.size, seen.root, said.size, said.root, request->proof))
    return {422, "the proof does not lead from the last checkpoint to this one\n"};

  const std::string cosignature = cosign_note(request->note.text, key_, signer_, now_s);
  Seen next{said.next_key.value_or(seen.key), said.epoch + (said.next_key ? 1 : 0), said.size, said.root, request->whole + cosignature};
  if (!store(said.origin, next)) return {500, "could not be written down\n"};
  seen = std::move(next);
  return {200, cosignature};
}

WitnessBook::Answer WitnessBook::newest(std::string_view origin) const {
  const auto found = logs_.find(origin);
  if (found == logs_.end()) return {404, "this log is not witnessed here\n"};
  return found->second.note.empty() ? Answer{204, ""} : Answer{200, found->second.note};
}

}  // namespace pgward::audit
