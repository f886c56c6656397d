#include "inflater.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "rollcall/core/secret.hpp"

namespace rollcall::http {
namespace {

// zlib's window holds the last 32 KiB of the text: it is wiped before it goes back to the heap
// (G-12).
struct alignas(std::max_align_t) block {
    std::size_t bytes;
};

void* allocate(void*, unsigned count, unsigned size) {
    const auto bytes = std::size_t{count} * size;
    auto* head = static_cast<block*>(std::malloc(sizeof(block) + bytes));
    if (head == nullptr) return nullptr;
    head->bytes = bytes;
    return head + 1;
}

void release(void*, void* address) {
    auto* head = static_cast<block*>(address) - 1;
    wipe(address, head->bytes);
    std::free(head);
}

constexpr int window_bits_gzip = 15 + 16; // the largest window, and only a gzip header

} // namespace

inflater::inflater() {
    stream_.zalloc = allocate;
    stream_.zfree = release;
    if (inflateInit2(&stream_, window_bits_gzip) != Z_OK) throw std::bad_alloc{};
}

inflater::~inflater() {
    inflateEnd(&stream_);
}

inflater::status inflater::feed(std::string_view& input, body_buffer& into, std::size_t bytes_max) {
    if (input.empty()) return status::hungry;
    started_ = true;
    if (complete_) {
        if (inflateReset(&stream_) != Z_OK) return status::bad;
        complete_ = false;
    }
    const auto before = into.size();
    // One byte of room beyond the limit tells a text of exactly that size from a longer one.
    const auto room = std::min(slice_bytes, bytes_max + 1 - std::min(bytes_max, before));
    const auto offered = std::min<std::size_t>(input.size(), 1u << 30);
    into.resize(before + room);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(offered);
    stream_.next_out = reinterpret_cast<Bytef*>(into.data() + before);
    stream_.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    into.resize(before + room - stream_.avail_out);
    input.remove_prefix(offered - stream_.avail_in);
    if (code == Z_STREAM_END) {
        complete_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
        return status::bad;
    }
    if (into.size() > bytes_max) return status::too_large;
    // A full slice may have more behind it that zlib already holds, even without input.
    if (stream_.avail_out == 0 && !complete_) return status::slice_full;
    return input.empty() ? status::hungry : status::slice_full;
}

} // namespace rollcall::http
