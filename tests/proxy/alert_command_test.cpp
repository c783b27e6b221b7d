#include "proxy/serve/alert_command.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "proxy/net/fd.h"

namespace pgward::proxy {
namespace {

// A log that fails and works again every second is one thing to be told of; somebody who breaks the glass waits behind no
// more than that.
TEST(AlertCommandTest, OfOneIdOneLineWaits) {
  std::string home = (std::filesystem::temp_directory_path() / "pgward-alert-XXXXXX").string();
  ASSERT_NE(::mkdtemp(home.data()), nullptr);
  ASSERT_EQ(::mkfifo((home + "/gate").c_str(), 0600), 0);
  // The first one that is run reads the gate to its end.
  const std::string script = "cd '" + home + "'; cat >> told; [ -e open ] || cat gate";
  std::vector<std::string> done;
  {
    AlertCommand alerts({"/bin/sh", "-c", script}, 60, [&](const std::string& id, bool well) { done.push_back(id + (well ? "" : " not")); });
    alerts.send("first", "first\n");
    const Fd gate(::open((home + "/gate").c_str(), O_WRONLY | O_CLOEXEC));  // it is being run
    for (const char* line : {"down 1\n", "up 1\n", "down 2\n"}) alerts.send("the log", line);
    alerts.send("glass", "glass\n");
    for (const char* line : {"up 2\n", "down 3\n"}) alerts.send("the log", line);
    std::ofstream(home + "/open") << '\n';
  }
  std::ifstream told(home + "/told");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(told), {}), "first\ndown 3\nglass\n");
  EXPECT_THAT(done, testing::ElementsAre("first", "the log", "glass"));
  std::filesystem::remove_all(home);
}

}  // namespace
}  // namespace pgward::proxy
