// A hash table of 32-bit references whose keys lie elsewhere: whoever calls knows how to hash and
// compare what a reference names.
//
// Chunks of one cache line hold 12 references with a tag byte each, so that a look-up costs one
// memory access before that of the record, where separate control bytes and slots cost two. A chunk
// counts the references that found it full and went on to a later one: a search ends where that
// count is 0, and removal needs no tombstones, so churn never degrades the table. The number of
// chunks is any number, not a power of two: a table at rest is 7/8 full. After F14 of folly
// (Bronson and Shi, "Open-sourcing F14", 2019).
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

namespace rollcall::directory {

class index_table {
  public:
    // The reference with this hash for which equal(reference), or 0.
    template <class Equal>
    [[nodiscard]] std::uint32_t find(std::uint64_t hash, Equal&& equal) const noexcept {
        if (size_ == 0) return 0;
        std::uint32_t at = home(hash);
        // Bounded, because in a small table every chunk may have been passed once.
        for (std::uint32_t step = 0; step < chunk_count_; ++step, at = following(at)) {
            const chunk& here = chunks_[at];
            const std::uint32_t found = here.find(tag_of(hash), equal);
            if (found != 0 || here.passed == 0) return found;
        }
        return 0;
    }

    // For who does something else before find(): brings the chunk into the cache in which most
    // searches end, and then gives what the search is most likely to find there, or 0.
    void prefetch(std::uint64_t hash) const noexcept {
        if (size_ != 0) __builtin_prefetch(&chunks_[home(hash)]);
    }
    [[nodiscard]] std::uint32_t likely(std::uint64_t hash) const noexcept {
        if (size_ == 0) return 0;
        return chunks_[home(hash)].find(tag_of(hash), [](std::uint32_t) { return true; });
    }

    // Adds a reference other than 0. Grows where it must and asks hash_of(reference) for all
    // others.
    template <class HashOf>
    void insert(std::uint64_t hash, std::uint32_t reference, HashOf&& hash_of) {
        if (size_ + 1 > limit(chunk_count_)) {
            const std::size_t quarter_more = chunk_count_ + chunk_count_ / 4;
            rebuild(std::max(chunks_for(size_ + 1), quarter_more), hash_of);
        }
        place(hash, reference);
        ++size_;
    }

    // False if the reference is not here under this hash.
    bool erase(std::uint64_t hash, std::uint32_t reference) noexcept;

    // Each reference r becomes moved(r); hashes stay as they are.
    template <class Moved>
    void relocate(Moved&& moved) noexcept {
        for (std::uint32_t at = 0; at < chunk_count_; ++at) {
            for (std::size_t slot = 0; slot < slots; ++slot) {
                if (chunks_[at].used(slot)) {
                    chunks_[at].references[slot] = moved(chunks_[at].references[slot]);
                }
            }
        }
    }

    // Makes room for `more` references beyond those here.
    template <class HashOf>
    void reserve(std::size_t more, HashOf&& hash_of) {
        if (size_ + more > limit(chunk_count_)) rebuild(chunks_for(size_ + more), hash_of);
    }

    // Gives room back where more than a fifth of it is of no use: more than growth leaves.
    template <class HashOf>
    void shrink(HashOf&& hash_of) {
        const std::size_t wanted = chunks_for(size_);
        if (chunk_count_ - wanted > chunk_count_ / 5) rebuild(wanted, hash_of);
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t memory_bytes() const noexcept { return chunk_count_ * sizeof(chunk); }

  private:
    static constexpr std::size_t slots = 12;

    struct alignas(64) chunk {
        std::array<std::uint8_t, slots> tags{}; // 0: free; else eight bits of the hash
        std::uint8_t passed = 0;                // references that went on; 255 stays 255
        std::array<std::uint8_t, 3> unused{};
        std::array<std::uint32_t, slots> references{};

        [[nodiscard]] bool used(std::size_t slot) const noexcept { return tags[slot] != 0; }

        // Eight tags at a time: a byte of word ^ pattern is 0 where the tag is equal.
        template <class Equal>
        [[nodiscard]] std::uint32_t find(std::uint8_t tag, Equal&& equal) const noexcept {
            for (const auto& [first, valid] : halves) {
                const std::uint64_t differs = word(first) ^ (ones * tag);
                for (std::uint64_t hits = zeros(differs) & valid; hits != 0; hits &= hits - 1) {
                    const std::uint32_t reference = references[first + byte_of(hits)];
                    if (equal(reference)) return reference;
                }
            }
            return 0;
        }

        [[nodiscard]] std::size_t free_slot() const noexcept {
            for (const auto& [first, valid] : halves) {
                const std::uint64_t free = zeros(word(first)) & valid;
                if (free != 0) return first + byte_of(free);
            }
            return slots;
        }

      private:
        struct half {
            std::size_t first;
            std::uint64_t valid; // the top bit of each byte that is a tag
        };
        static constexpr std::array<half, 2> halves{half{0, 0x8080808080808080u},
                                                    half{8, 0x0000000080808080u}};

        [[nodiscard]] std::uint64_t word(std::size_t first) const noexcept {
            std::uint64_t value = 0;
            std::memcpy(&value, reinterpret_cast<const std::uint8_t*>(this) + first, sizeof value);
            return value;
        }
        static constexpr std::uint64_t ones = 0x0101010101010101u;

        // The top bit of each byte that is 0, and of no other: the cheaper form that may report a 1
        // above a 0 would take a free slot for one of tag 1, and its old reference for alive.
        // Source: Warren, "Hacker's Delight", 6-1.
        static std::uint64_t zeros(std::uint64_t bytes) noexcept {
            constexpr std::uint64_t lows = ones * 0x7f;
            return ~(((bytes & lows) + lows) | bytes | lows);
        }
        static std::size_t byte_of(std::uint64_t mask) noexcept {
            return static_cast<std::size_t>(std::countr_zero(mask)) / 8;
        }
    };
    static_assert(sizeof(chunk) == 64);
    static_assert(std::endian::native == std::endian::little, "byte_of counts from the low end");

    struct position {
        std::uint32_t chunk = 0;
        std::size_t slot = slots; // slots: not found
    };

    static std::uint8_t tag_of(std::uint64_t hash) noexcept {
        const auto tag = static_cast<std::uint8_t>(hash);
        return tag == 0 ? std::uint8_t{1} : tag;
    }
    // The high half of the hash scaled to the number of chunks (Lemire, "Fast random integer
    // generation in an interval", 2019); the tag is from the low half.
    [[nodiscard]] std::uint32_t home(std::uint64_t hash) const noexcept {
        return static_cast<std::uint32_t>(((hash >> 32) * chunk_count_) >> 32);
    }
    [[nodiscard]] std::uint32_t following(std::uint32_t at) const noexcept {
        return at + 1 == chunk_count_ ? 0 : at + 1;
    }
    // One chunk may be filled: nothing has to be passed on.
    static std::size_t limit(std::size_t chunks) noexcept {
        return chunks <= 1 ? chunks * slots : chunks * slots * 7 / 8;
    }
    static std::size_t chunks_for(std::size_t references) noexcept {
        if (references <= slots) return references == 0 ? 0 : 1;
        return (references * 8 + slots * 7 - 1) / (slots * 7);
    }

    void place(std::uint64_t hash, std::uint32_t reference) noexcept;
    [[nodiscard]] position locate(std::uint64_t hash, std::uint32_t reference) const noexcept;
    void allocate(std::size_t chunks);

    template <class HashOf>
    void rebuild(std::size_t chunks, HashOf&& hash_of) {
        const std::unique_ptr<chunk[]> old = std::move(chunks_);
        const std::uint32_t old_count = chunk_count_;
        allocate(chunks);
        for (std::uint32_t at = 0; at < old_count; ++at) {
            for (std::size_t slot = 0; slot < slots; ++slot) {
                if (!old[at].used(slot)) continue;
                const std::uint32_t reference = old[at].references[slot];
                place(hash_of(reference), reference);
            }
        }
    }

    std::unique_ptr<chunk[]> chunks_;
    std::uint32_t chunk_count_ = 0;
    std::uint32_t size_ = 0;
};

} // namespace rollcall::directory
