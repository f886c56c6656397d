// The texts that repeat within a tenant (departments, locations, job titles, companies), each kept
// once under a small number and counted. Number 0 is the blank text. The number of a text that
// nobody refers to any more is used again, the lowest first, so that numbers stay dense.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "index.hpp"

namespace rollcall::directory {

class dictionary {
  public:
    // The number of the text, with one more reference to it. Blank is 0 and is not counted.
    // Invalidates the views of text().
    [[nodiscard]] std::uint32_t acquire(std::string_view text);
    void release(std::uint32_t number) noexcept;

    [[nodiscard]] std::string_view text(std::uint32_t number) const noexcept;
    [[nodiscard]] std::uint32_t find(std::string_view text) const noexcept; // 0: none
    [[nodiscard]] std::uint32_t references(std::uint32_t number) const noexcept {
        return entries_[number - 1].references;
    }
    // All numbers in use are below this.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size() + 1; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

    void compact_if_worthwhile();
    // The first disagreement between entries, texts and table, in words.
    [[nodiscard]] std::optional<std::string> verify() const;

  private:
    struct entry {
        std::uint32_t text = 0;       // offset of its length (2 bytes) and its bytes in texts_
        std::uint32_t references = 0; // 0: the number is free
    };

    [[nodiscard]] std::uint32_t take_free_number();
    [[nodiscard]] std::uint32_t append(std::string_view text);
    void compact_texts();
    [[nodiscard]] std::uint64_t hash_of(std::uint32_t number) const noexcept;

    std::vector<entry> entries_; // of number 1 and up
    std::vector<char> texts_;
    index_table table_; // numbers by text
    std::uint32_t free_ = 0;
    std::uint32_t garbage_bytes_ = 0;
};

} // namespace rollcall::directory
