// What it costs to find the messages in a stream, and to read those of a prepared statement's execution.
#include <benchmark/benchmark.h>

#include <string>

#include "protocol/bind.h"
#include "protocol/frame.h"
#include "protocol/writer.h"

namespace pgward::protocol {
namespace {

void append_frame(Bytes& out, char type, std::size_t body_bytes) {
  const Bytes body(body_bytes, 'x');
  Writer writer(out);
  writer.begin(type);
  writer.bytes(body);
  writer.end();
}

// The answer to a SELECT of `rows` rows of about 130 bytes.
Bytes answer(std::int64_t rows) {
  Bytes out;
  append_frame(out, 'T', 90);
  for (std::int64_t i = 0; i < rows; ++i) append_frame(out, 'D', 125);
  append_frame(out, 'C', 9);
  append_frame(out, 'Z', 1);
  return out;
}

// As the relay does it: nothing is copied.
void frames_in_place(benchmark::State& state) {
  const Bytes stream = answer(state.range(0));
  for (auto _ : state) {
    ByteView rest = stream;
    std::size_t frames = 0;
    while (const auto header = peek_frame(rest)) {
      if (!header->sound() || rest.size() < header->frame_bytes()) break;
      rest.remove_prefix(header->frame_bytes());
      ++frames;
    }
    benchmark::DoNotOptimize(frames);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
BENCHMARK(frames_in_place)->Arg(1)->Arg(1000)->ArgName("rows");

// As it is done during log-in: whole frames out of a buffer.
void frames_buffered(benchmark::State& state) {
  const Bytes stream = answer(state.range(0));
  FrameReader reader(1u << 20);
  for (auto _ : state) {
    reader.feed(stream);
    for (;;) {
      auto frame = reader.next(Shape::typed);
      if (!frame || !*frame) break;
      benchmark::DoNotOptimize((*frame)->type);
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}
BENCHMARK(frames_buffered)->Arg(1)->ArgName("rows");

void bind_of_one_parameter(benchmark::State& state) {
  Bytes body;
  Writer writer(body);
  writer.cstring("");
  writer.cstring("P0_1");
  for (const int value : {0, 1}) writer.u16(static_cast<std::uint16_t>(value));  // formats; one parameter
  writer.u32(6);
  writer.bytes("471100");
  writer.u16(0);
  if (!decode_bind(body)) return state.SkipWithError("not a Bind");
  for (auto _ : state) benchmark::DoNotOptimize(decode_bind(body));
}
BENCHMARK(bind_of_one_parameter);

}  // namespace
}  // namespace pgward::protocol
