// A witness sees each log grow, and never cosigns two histories.
#include "audit/witness_book.h"

#include <gtest/gtest.h>

#include "audit/base64.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

// A log as its witness meets it.
struct Author {
  SigningKey signer = SigningKey::fresh();
  std::string origin = "pgward/test/0011";
  std::uint64_t epoch = 1;
  NoteKey key() const { return {origin, NoteKeyType::ed25519, signer.public_key()}; }
};

MerkleRange range(std::uint64_t begin, std::uint64_t end, const std::string& mark = "") {
  MerkleRange made(begin);
  for (std::uint64_t n = begin; n < end; ++n) made.append(leaf_hash(mark + std::to_string(n)));
  return made;
}

std::string request(const Author& author, std::uint64_t old_size, std::uint64_t size, const std::optional<NoteKey>& next = {}, const std::string& mark = "",
                    const std::string& old_mark = "") {
  std::string body = "old " + std::to_string(old_size) + "\n";
  if (old_size > 0) {
    MerkleNodes nodes;
    nodes.add(range(0, old_size, old_mark));
    for (std::uint64_t n = 0; n < size; ++n) nodes.add(range(n, n + 1, mark));
    const auto spans = consistency_spans(old_size, size);
    const MerklePath path = spans ? nodes.roots(*spans).value_or(MerklePath()) : MerklePath();
    for (const Hash& hash : path) body += to_base64(bytes_of(hash)) + "\n";
  }
  const Checkpoint checkpoint{author.origin, size, range(0, size, mark).root(), author.epoch, kNow, std::nullopt, next};
  return body + "\n" + sign_note(text_of(checkpoint), author.key(), author.signer);
}

class Witness : public testing::Test {
 protected:
  WitnessBook open() {
    auto opened = WitnessBook::open(scratch_.path() / "witness", "witness.example", {known_});
    if (auto* wrong = std::get_if<std::string>(&opened)) throw std::runtime_error(*wrong);
    return std::get<WitnessBook>(std::move(opened));
  }
  Author author_;
  NoteKey known_ = author_.key();
  Scratch scratch_;
};

TEST_F(Witness, CosignsALogThatGrows) {
  WitnessBook book = open();
  EXPECT_EQ(book.newest(author_.origin).status, 204);
  std::uint64_t before = 0;
  for (const std::uint64_t size : {3u, 4u, 4u, 9u, 100u}) {
    const auto answer = book.add(request(author_, before, size), 1000 + size);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto note = parse_note(book.newest(author_.origin).body);
    ASSERT_TRUE(note.has_value());
    EXPECT_TRUE(is_signed_by(*note, author_.key()));
    EXPECT_TRUE(cosigned_at(*note, book.key()).has_value());
    before = size;
  }
}

TEST_F(Witness, RemembersAcrossItsOwnStarts) {
  const NoteKey key = open().key();
  ASSERT_EQ(open().add(request(author_, 0, 5), 1).status, 200);
  WitnessBook book = open();
  EXPECT_EQ(book.key(), key);
  EXPECT_EQ(book.add(request(author_, 0, 6), 1).status, 409) << "the log begins anew";
  EXPECT_EQ(book.add(request(author_, 5, 6), 1).status, 200);
}

TEST_F(Witness, RefusesWhatDoesNotFollow) {
  WitnessBook book = open();
  ASSERT_EQ(book.add(request(author_, 0, 8), 1).status, 200);
  const auto smaller = book.add(request(author_, 8, 8, {}, "other"), 1);
  EXPECT_EQ(smaller.status, 409) << "another history of as many records";
  const auto rolled_back = book.add(request(author_, 4, 6), 1);
  EXPECT_EQ(rolled_back.status, 409);
  EXPECT_EQ(rolled_back.body, "8\n");
  EXPECT_EQ(book.add(request(author_, 8, 6), 1).status, 400);
  EXPECT_EQ(book.add(request(author_, 8, 12, {}, "other", "other"), 1).status, 422) << "another history";
  EXPECT_EQ(book.add(request(author_, 8, 12).replace(6, 4, "AAAA"), 1).status, 422);
  EXPECT_EQ(book.add("old 8\n\n" + request(author_, 0, 12).substr(7), 1).status, 422) << "no proof";
  EXPECT_EQ(book.add(request(author_, 8, 12), 1).status, 200) << "nothing of that was remembered";
}

TEST_F(Witness, RefusesOtherLogsAndKeys) {
  WitnessBook book = open();
  Author other;
  EXPECT_EQ(book.add(request(other, 0, 3), 1).status, 403);
  other.origin = "pgward/other/0022";
  EXPECT_EQ(book.add(request(other, 0, 3), 1).status, 404);
  EXPECT_EQ(book.newest(other.origin).status, 404);
  for (const std::string& body : {std::string(), std::string("old"), std::string("old 0"), std::string("old 0\n"), std::string("old 0\n\n"), std::string("old -1\n\n"),
                                  "old 00\n\n" + request(author_, 0, 3).substr(7), "new 0\n\n" + request(author_, 0, 3).substr(7), std::string(200'000, 'x'),
                                  "old 0\nxx\n" + request(author_, 0, 3).substr(7)})
    EXPECT_EQ(book.add(body, 1).status, 400) << body.substr(0, 80);
}

TEST_F(Witness, FollowsTheKeysOfALog) {
  Author next;
  next.epoch = 2;
  {
    WitnessBook book = open();
    ASSERT_EQ(book.add(request(author_, 0, 3), 1).status, 200);
    const std::string last = request(author_, 3, 7, next.key());
    ASSERT_EQ(book.add(last, 1).status, 200);
    EXPECT_EQ(book.add(last, 1).status, 200) << "the answer was lost, and it is asked again";
    EXPECT_EQ(book.add(request(author_, 7, 9), 1).status, 403) << "its time is over";
  }
  WitnessBook book = open();  // it is known by the key it was configured with
  EXPECT_EQ(book.add(request(author_, 7, 9), 1).status, 403);
  EXPECT_EQ(book.add(request(next, 7, 9), 1).status, 200);
}

TEST_F(Witness, AStateThatCannotBeReadIsNotAnEmptyOne) {
  ASSERT_EQ(open().add(request(author_, 0, 5), 1).status, 200);
  const auto file = scratch_.path() / "witness" / "state" / "pgward_test_0011";
  const std::string state = read_file(file);
  for (const std::string& text : {std::string(), state.substr(0, 20), std::string(state).replace(state.find("\n5\n"), 3, "\n4\n")}) {
    write_file(file, text);
    EXPECT_THROW(open(), std::runtime_error);
  }
  write_file(file, state);
  EXPECT_EQ(open().add(request(author_, 5, 6), 1).status, 200);
}

}  // namespace
}  // namespace pgward::audit
