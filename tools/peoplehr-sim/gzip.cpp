#include "gzip.hpp"

#include <xxhash.h>
#include <zlib.h>

#include <new>

#include "rollcall/core/check.hpp"

namespace rollcall::sim {
namespace {

constexpr int gzip_window_bits = 15 + 16; // 16 asks zlib for the gzip frame

// zlib's interface takes a pointer to mutable input that it does not change.
Bytef* input_of(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

} // namespace

std::string gzip(std::string_view text, int level) {
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc{};
    }
    std::string out;
    out.resize(deflateBound(&stream, text.size()));
    stream.next_in = input_of(text);
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    ROLLCALL_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string gunzip(std::string_view packed) {
    z_stream stream{};
    if (inflateInit2(&stream, gzip_window_bits) != Z_OK) throw std::bad_alloc{};
    stream.next_in = input_of(packed);
    stream.avail_in = static_cast<uInt>(packed.size());
    std::string out;
    int state = Z_OK;
    while (state == Z_OK) {
        const std::size_t done = out.size();
        out.resize(done + 65'536);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + done);
        stream.avail_out = 65'536;
        state = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END) out.clear();
    return out;
}

std::string gzip_cache::pack(std::string_view text, int level) {
    const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
    const std::pair key{hash.low64, hash.high64};
    if (const auto known = packed_.find(key); known != packed_.end()) {
        ++hits_;
        return known->second;
    }
    std::string packed = gzip(text, level);
    if (bytes_ + packed.size() > bytes_max_) {
        packed_.clear();
        bytes_ = 0;
    }
    if (packed.size() <= bytes_max_) {
        bytes_ += packed.size();
        packed_.emplace(key, packed);
    }
    return packed;
}

} // namespace rollcall::sim
