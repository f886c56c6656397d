// What simdjson itself can do: the fastest extraction of the mapped fields that we could write by
// hand on its on-demand front end. It relies on the order of the keys, believes everything that it
// skips, and knows one shape of each field. The measure of the decoder and of the unchanged path.
//
// Built for AVX2 (bench/CMakeLists.txt), because on-demand is inlined and takes the kernel of the
// flags it is compiled with: at the flags of the program it would be slower than simdjson is.
#pragma once
#include <cstddef>
#include <memory>
#include <span>

#include "rollcall/sync/people_source.hpp"

namespace rollcall::bench {

class raw_extraction {
  public:
    raw_extraction();
    ~raw_extraction();
    raw_extraction(const raw_extraction&) = delete;
    raw_extraction& operator=(const raw_extraction&) = delete;

    // Passes the rows of a whole answer, of which `size` bytes are text and the rest is padding.
    // False if anything is not as expected.
    [[nodiscard]] bool run(std::span<const char> padded, std::size_t size, sync::row_sink& sink);

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::bench
