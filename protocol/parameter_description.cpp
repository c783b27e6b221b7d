#include "protocol/parameter_description.h"

#include <utility>

#include "protocol/reader.h"

namespace pgward::protocol {

Result<ParameterDescription> decode_parameter_description(ByteView body) {
  Reader in{body};
  ParameterDescription message;
  for (auto left = in.u16(); left > 0 && in.ok(); --left) message.types.push_back(in.u32());
  return in.finish(std::move(message));
}

}  // namespace pgward::protocol
