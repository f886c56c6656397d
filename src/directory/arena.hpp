// One growing block of 8-byte words, in which the records of a tenant lie one behind the other.
//
// Space is taken at the end. Released space inside becomes a gap that says its own length, so that
// the block can be walked from its start; the owner, who knows the records, closes the gaps. Grows
// by an eighth, because a quarter or a half would be the greatest waste of a tenant that is at
// rest.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace rollcall::directory {

// What lies in the place of a released record. Shares its first member with `record`, whose uid is
// never 0.
struct gap {
    std::uint32_t uid = 0;
    std::uint32_t words = 0;
};

class arena {
  public:
    // Places are word offsets. 0 is no place, so the first word stays unused.
    static constexpr std::uint32_t first = 1;
    static constexpr std::size_t word_bytes = 8;

    [[nodiscard]] std::byte* at(std::uint32_t place) noexcept {
        return memory_.get() + std::size_t{place} * word_bytes;
    }
    [[nodiscard]] const std::byte* at(std::uint32_t place) const noexcept {
        return memory_.get() + std::size_t{place} * word_bytes;
    }

    // One past the last word in use; gaps before it count as garbage.
    [[nodiscard]] std::uint32_t end() const noexcept { return end_; }
    [[nodiscard]] std::uint32_t garbage() const noexcept { return garbage_; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return capacity_ * word_bytes; }
    [[nodiscard]] bool fits(std::size_t words) const noexcept { return end_ + words <= capacity_; }
    // Whether more than one part in `parts` of what is in use is garbage.
    [[nodiscard]] bool has_garbage_above_one_in(std::size_t parts) const noexcept {
        return garbage_ * parts > end_ - first;
    }

    // Makes room for `words` more: exactly, where the block is empty. Moves the block.
    void reserve(std::size_t words);
    // Takes `words` at the end, growing where they do not fit. Moves the block then.
    [[nodiscard]] std::uint32_t allocate(std::uint32_t words);
    // Gives the words at `place` back: as a gap, or to the end of the block where they are the
    // last.
    void release(std::uint32_t place, std::uint32_t words) noexcept;
    // The owner has moved all records to the front: they end at `end`.
    void closed_gaps(std::uint32_t end) noexcept;
    // Gives unused room to the heap where it is more than an eighth.
    void shrink();

  private:
    void resize(std::size_t capacity);

    struct freer {
        void operator()(std::byte* memory) const noexcept { std::free(memory); }
    };
    // From malloc, because only realloc can grow a large block without copying it.
    std::unique_ptr<std::byte, freer> memory_;
    std::size_t capacity_ = 0;
    std::uint32_t end_ = first;
    std::uint32_t garbage_ = 0;
};

} // namespace rollcall::directory
