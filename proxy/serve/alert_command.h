// Tells people of something at once, by a command of the operator's: mail, a pager, curl to a web hook.
//
//   AlertCommand alerts({"/usr/local/bin/page", "--urgent"}, 10, [](id, sent) { .. });
//   alerts.send(id, R"({"type":"break_glass.open",..})");      from any thread; never waits. What waits under the same id is
//                                                              old news: it gives way, and nobody is told how it ended
//
// The command gets the audit record as one line of JSON on its standard input: no PHI, no credential. Commands run one
// after another in a thread of their own; one that has not ended after its time is killed. No shell, none of our
// environment but PATH, no open file. `done` is told how each ended, from that thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace pgward::proxy {

class AlertCommand {
 public:
  using Done = std::function<void(const std::string& id, bool sent)>;
  // An empty command: nothing is run, and nobody is told.
  AlertCommand(std::vector<std::string> command, std::int64_t timeout_s, Done done);
  ~AlertCommand();  // those that wait have their turn first, for as long as one command may take
  void send(const std::string& id, std::string line);

 private:
  void work();
  bool run(const std::string& line) const;

  std::vector<std::string> command_;
  std::int64_t timeout_s_;
  Done done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<std::string, std::string>> queue_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace pgward::proxy
