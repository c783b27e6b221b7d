// A log on disk for tests of what follows it, and a directory of its own for each test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "audit/event.h"
#include "audit/log.h"
#include "audit/read.h"

namespace pgward::proxy {

class Place {
 public:
  Place() {
    std::string name = (std::filesystem::temp_directory_path() / "pgward-sinks-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  ~Place() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  std::filesystem::path log() const { return path / "audit"; }

  std::filesystem::path path;
};

inline std::unique_ptr<audit::Log> open_log(const Place& place, std::function<void()> on_progress = {}) {
  audit::LogConfig config;
  config.directory = place.log();
  config.instance = "test";
  config.segment_bytes = 4096;
  config.on_progress = std::move(on_progress);
  auto opened = audit::Log::open(std::move(config), 1'763'786'700'000'000);
  if (auto* error = std::get_if<std::string>(&opened)) {
    ADD_FAILURE() << *error;
    std::abort();
  }
  return std::get<std::unique_ptr<audit::Log>>(std::move(opened));
}

inline void append(audit::Log& log, const std::string& members) {
  ASSERT_NE(log.append(members, 1'763'786'700'000'000), 0u);
  ASSERT_TRUE(log.flush());
}

inline std::string session_open(std::string_view session) {
  const std::string who = audit::session_members({"https://idp.test", "u-1", "clinician", "jwt", "j", 1, {{"clinic_id", "12"}}, true}, {"10.0.0.7", 1, "ehr", ""}, {"db", "ehr", "app"});
  return audit::members(audit::SessionOpen{who, session, "p"});
}
inline std::string session_close(std::string_view session) { return audit::members(audit::SessionClose{session, "client", 1}); }

}  // namespace pgward::proxy
