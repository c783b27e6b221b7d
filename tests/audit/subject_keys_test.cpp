#include "audit/subject_keys.h"

#include <gtest/gtest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <set>
#include <thread>

#include "audit/io.h"
#include "scratch.h"

namespace pgward::audit {
namespace {

const TenantNames kClinic{{"clinic_id", "a0a0"}, {"region", "north \"1\""}};

std::shared_ptr<const SubjectKey> good(SubjectKeyFound found) {
  if (const auto* fault = std::get_if<std::string>(&found)) ADD_FAILURE() << *fault;
  return std::holds_alternative<std::string>(found) ? nullptr : std::get<std::shared_ptr<const SubjectKey>>(found);
}

TEST(SubjectKeys, AreMadeOnceAndFoundAgain) {
  const Scratch scratch;
  const auto directory = scratch.path() / "subject-keys";
  EXPECT_EQ(good(read_subject_key(directory, kClinic)), nullptr);
  const auto made = good(SubjectKeys(directory).of(kClinic));
  const auto again = good(SubjectKeys(directory).of(kClinic));
  ASSERT_TRUE(made && again);
  EXPECT_EQ(made->kid(), again->kid());
  EXPECT_EQ(made->subjects().of("1:1,"), again->subjects().of("1:1,"));
  struct stat status {};
  ASSERT_EQ(::stat(subject_key_file(directory, kClinic).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(SubjectKeys, TenantsAndThoseWithoutHaveTheirOwn) {
  const Scratch scratch;
  SubjectKeys keys(scratch.path() / "k");
  EXPECT_NE(good(keys.of(kClinic))->kid(), good(keys.of({}))->kid());
  EXPECT_NE(good(keys.of(kClinic))->kid(), good(keys.of({{"clinic_id", "a0a0"}}))->kid());
}

TEST(SubjectKeys, AnErasedTenantIsAnother) {
  const Scratch scratch;
  SubjectKeys keys(scratch.path() / "k");
  const auto before = good(keys.of(kClinic));
  std::filesystem::remove(subject_key_file(scratch.path() / "k", kClinic));
  EXPECT_EQ(good(read_subject_key(scratch.path() / "k", kClinic)), nullptr);
  EXPECT_NE(good(keys.of(kClinic))->kid(), before->kid());
}

TEST(SubjectKeys, WhatCannotBeUsedIsNotMadeAnew) {
  const Scratch scratch;
  SubjectKeys keys(scratch.path() / "k");
  good(keys.of(kClinic));
  const auto file = subject_key_file(scratch.path() / "k", kClinic);
  const std::string line = read_file(file);
  for (const std::string& bad : {std::string("junk"), std::string("{}"), line.substr(0, line.size() / 2), std::string(R"({"v":"1","tenant":"none"})"), std::string(R"({"v":[1],"kid":"x","key":"AAAA"})"), std::string("[1]"), std::string("{\"v\":1,\"tenant\":\"none\",\"kid\":\"x\",\"key\":\"AAAA\"}")}) {
    write_file(file, bad);
    EXPECT_TRUE(std::holds_alternative<std::string>(keys.of(kClinic))) << bad;
    EXPECT_EQ(read_file(file), bad);
  }
  // Another tenant's file in its place.
  const auto other = subject_key_file(scratch.path() / "k", {});
  good(keys.of({}));
  std::filesystem::copy_file(other, file, std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(std::holds_alternative<std::string>(keys.of(kClinic)));
  write_file(file, line);
  ::chmod(file.c_str(), 0644);
  EXPECT_TRUE(std::holds_alternative<std::string>(keys.of(kClinic)));
}

TEST(SubjectKeys, WhoKeepsTheLockDoesNotKeepUs) {
  const Scratch scratch;
  const auto directory = scratch.path() / "k";
  SubjectKeys keys(directory);
  good(keys.of({}));
  const Fd other(::open((directory / "lock").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  EXPECT_TRUE(std::holds_alternative<std::string>(keys.of(kClinic)));
  EXPECT_NE(good(keys.of({})), nullptr) << "what is there is there";
}

TEST(SubjectKeys, MadeAtOnceTheyAreOne) {
  const Scratch scratch;
  std::vector<std::string> kids(8);
  std::vector<std::thread> threads;
  for (std::string& kid : kids)
    threads.emplace_back([&kid, &scratch] { kid = good(SubjectKeys(scratch.path() / "k").of(kClinic))->kid(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(kids.begin(), kids.end()).size(), 1u);
}

}  // namespace
}  // namespace pgward::audit
