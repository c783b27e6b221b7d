// Records as a session makes them, at random, for what has to find them again.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace pgward::audit {

class RandomTrail {
 public:
  explicit RandomTrail(std::uint32_t seed) : random_(seed) {}
  std::string next();  // members of a record

  std::string pseudonym(unsigned n) const;
  static std::string session(unsigned n);
  static std::string user(unsigned n);
  static constexpr unsigned kPeople = 40, kSessions = 6, kUsers = 5;

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }
  std::string touched();
  std::string moved();
  std::string told(unsigned session, std::uint64_t statement);

  std::mt19937 random_;
  std::vector<std::uint64_t> statements_ = std::vector<std::uint64_t>(kSessions);
  std::vector<unsigned> users_ = std::vector<unsigned>(kSessions);
};

}  // namespace pgward::audit
