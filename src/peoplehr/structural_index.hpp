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

class structural_index {
  public:
    structural_index();
    ~structural_index();
    structural_index(structural_index&&) noexcept;
    structural_index& operator=(structural_index&&) noexcept;

    // Indexes text[0, size), behind which 64 bytes must be readable. The index holds numbers only.
    [[nodiscard]] text_fault scan(const char* text, std::size_t size);

    // The offsets in ascending order; *end() is `size`, and so is the number behind it.
    [[nodiscard]] const std::uint32_t* begin() const noexcept;
    [[nodiscard]] const std::uint32_t* end() const noexcept;

    // Gives the memory back if it was made for texts of more than `keep` bytes.
    void shrink(std::size_t keep) noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace rollcall::peoplehr
