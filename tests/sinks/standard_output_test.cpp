#include "proxy/sinks/standard_output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include "audit/format/format.h"

namespace pgward::proxy {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
  std::string take_all() {
    write.reset();
    std::string text;
    std::array<char, 4096> piece{};
    for (ssize_t n = 0; (n = ::read(read.get(), piece.data(), piece.size())) > 0;) text.append(piece.data(), static_cast<std::size_t>(n));
    return text;
  }
  Fd read, write;
};

std::vector<Parcel> parcels(std::initializer_list<std::string> texts) {
  std::vector<Parcel> list(1);
  list[0].texts = texts;
  return list;
}

TEST(StandardOutputTest, ALineATextAndAHeaderOnce) {
  Pipe pipe;
  Stop stop;
  StandardOutput json(audit::Format::json, stop, pipe.write.get()), csv(audit::Format::csv, stop, pipe.write.get());
  EXPECT_EQ(json.deliver(parcels({"{1}", "{2}"})), std::nullopt);
  EXPECT_EQ(csv.deliver(parcels({"a,b"})), std::nullopt);
  EXPECT_EQ(csv.deliver(parcels({"c,d"})), std::nullopt);
  EXPECT_EQ(pipe.take_all(), "{1}\n{2}\n" + audit::csv_header() + "\r\na,b\r\nc,d\r\n");
}

TEST(StandardOutputTest, TheHeaderComesWithTheFirstLoadThatCanBeWritten) {
  Pipe pipe;
  Stop stop;
  const Fd written(::dup(pipe.write.get()));
  StandardOutput csv(audit::Format::csv, stop, written.get());
  const Fd nowhere(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(::dup3(nowhere.get(), written.get(), O_CLOEXEC), written.get());
  EXPECT_NE(csv.deliver(parcels({"a,b"})), std::nullopt);
  ASSERT_EQ(::dup3(pipe.write.get(), written.get(), O_CLOEXEC), written.get());
  EXPECT_EQ(csv.deliver(parcels({"a,b"})), std::nullopt);
  ASSERT_EQ(::dup3(nowhere.get(), written.get(), O_CLOEXEC), written.get());
  EXPECT_EQ(pipe.take_all(), audit::csv_header() + "\r\na,b\r\n");
}

TEST(StandardOutputTest, AReaderThatStandsStillIsWaitedForAndCanBeLeft) {
  Pipe pipe;
  Stop stop;
  StandardOutput out(audit::Format::json, stop, pipe.write.get());
  std::thread stopper([&] { stop.within_ms(100), stop.now(); });
  EXPECT_NE(out.deliver(parcels({std::string(1u << 20, 'x')})), std::nullopt);
  stopper.join();
}

TEST(StandardOutputTest, AReaderThatIsGone) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  Stop stop;
  StandardOutput out(audit::Format::json, stop, pipe.write.get());
  pipe.read.reset();
  EXPECT_EQ(out.deliver(parcels({"{}"})), "standard output: Broken pipe");
}

}  // namespace
}  // namespace pgward::proxy
