#include "audit/chain.h"

#include "audit/line.h"

namespace pgward::audit {

void Chain::append(std::string& out, std::string_view members, std::int64_t now_us) {
  const std::size_t begin = out.size();
  Line line;
  line.log = log;
  line.seq = next_seq;
  line.members = members;
  line.prev = head;
  append_line(out, line, now_us);
  const Hash leaf = leaf_hash(std::string_view(out).substr(begin));
  hex_of(leaf, head);
  fresh.append(leaf);
  ++next_seq;
  out += '\n';
}

MerkleRange Chain::tree() const {
  MerkleRange all = told;
  all.extend(fresh);
  return all;
}

void Chain::checkpoint_made() {
  told = tree();
  fresh = MerkleRange(told.end());
}

}  // namespace pgward::audit
