// gzip (RFC 1952) into a body_buffer, a slice at a time, so that the caller can let other work run.
#pragma once
#include <zlib.h>

#include <cstddef>
#include <string_view>

#include "rollcall/http/client.hpp"

namespace rollcall::http {

class inflater {
  public:
    // zlib writes this much in about a millisecond.
    static constexpr std::size_t slice_bytes = 256u << 10;

    enum class status {
        hungry,     // all input is used: give more
        slice_full, // give the rest of the input again, after a yield
        too_large,  // more than the limit comes out
        bad,        // not gzip, or a checksum that is wrong
    };

    // Throws std::bad_alloc.
    inflater();
    ~inflater();
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    // Appends at most one slice to `into` and takes what it used off the front of `input`. Members
    // that follow each other give their texts one after the other (RFC 1952, 2.2).
    [[nodiscard]] status feed(std::string_view& input, body_buffer& into, std::size_t bytes_max);

    // True at the end of a member, and so at the end of a whole text.
    [[nodiscard]] bool complete() const noexcept { return complete_; }
    [[nodiscard]] bool started() const noexcept { return started_; }

  private:
    z_stream stream_{};
    bool started_ = false;
    bool complete_ = false;
};

} // namespace rollcall::http
