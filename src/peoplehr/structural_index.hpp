// Where the structure of a JSON text is: simdjson's stage 1 (Langdale, Lemire: Parsing Gigabytes of
// JSON per Second, 2019), kept behind this door so that one file of ours compiles simdjson.
//
// Stage 1 notes the place of every bracket, colon, comma, first quote of a string and first letter
// of another scalar. It also proves that the text is UTF-8, that every string is closed and that
// none holds a bare control character. Which order the tokens have is not its business: the
// decoder's.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace rollcall::peoplehr {

enum class text_fault : std::uint8_t {
    none,
    empty,
    not_utf8,
    unclosed_string,
    control_character,
    too_large
};

// A long text is indexed window by window, so that a body of 64 MiB does not hold its shard. A
// window ends behind a "}," near its limit: if stage 1 finds every string closed there, that comma
// is not in a string, and the next window begins as if it were the whole text's next byte.
class structural_index {
  public:
    explicit structural_index(std::size_t window_bytes);
    ~structural_index();
    structural_index(structural_index&&) noexcept;
    structural_index& operator=(structural_index&&) noexcept;

    // Starts a new text, behind which 64 bytes must be readable. It stays the caller's.
    void start(const char* text, std::size_t size) noexcept;
    // Indexes one window; true if there is another. The index is whole once this was false.
    [[nodiscard]] bool scan_window();
    [[nodiscard]] text_fault fault() const noexcept;

    // The offsets in ascending order; *end() is the text's size. The index holds numbers only.
    [[nodiscard]] const std::uint32_t* begin() const noexcept;
    [[nodiscard]] const std::uint32_t* end() const noexcept;

    // Gives memory back where more than `keep` bytes of it were made for a long text.
    void shrink(std::size_t keep) noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::peoplehr
