// What OpenSSL takes from the heap with every TLS record, kept by each thread from one record to the next.
//
// SSL_MODE_RELEASE_BUFFERS gives back the 34 kB of a session that is idle, by asking the heap for both buffers again
// with each record: about 1,200 of the 17,000 instructions that a query takes. A thread that keeps a few of
// them needs neither that nor more memory per session. The same goes for the notes of 40 bytes (libssl's WPACKET_SUB) with
// which it writes the header of a record: another 400.
#pragma once

namespace pgward::proxy {

// Once per process, before anything asks OpenSSL for memory (CRYPTO_set_mem_functions(3)); true if it took effect.
// Otherwise, and under AddressSanitizer, which is to see every use, OpenSSL stays with the heap.
bool keep_record_buffers();

}  // namespace pgward::proxy
