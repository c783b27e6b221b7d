// What systemd, or whoever else started us, wants to know and gives: sd_notify(3) and socket activation
// (sd_listen_fds(3)), spoken by hand. Both are a few lines of text in the environment; without them nothing happens.
//
// Order of calls: construct before any thread is started (it takes the variables out of the environment), then ready(),
// beat() now and then, and any of the others. Nothing fails loudly: a supervisor that does not listen is its own trouble.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/net/fd.h"

namespace pgward::proxy {

class Supervisor {
 public:
  Supervisor();

  void ready(std::string_view status);
  void reloading(std::int64_t steady_us);  // then ready() again
  void stopping(std::int64_t drain_s);
  // The watchdog's interval; 0: nobody watches. beat() twice as often, and only while all is well.
  std::int64_t watchdog_ms() const { return watchdog_ms_; }
  void beat();

  // Listening sockets that were opened for us; each is given out once.
  std::vector<Fd> take_sockets() { return std::move(sockets_); }

 private:
  void say(const std::string& state);

  std::string notify_path_;
  std::int64_t watchdog_ms_ = 0;
  std::vector<Fd> sockets_;
};

}  // namespace pgward::proxy
