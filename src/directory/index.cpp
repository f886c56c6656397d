#include "index.hpp"

#include <limits>

#include "rollcall/core/check.hpp"

namespace rollcall::directory {

namespace {
constexpr std::uint8_t passed_max = 255; // no longer counted: the chunk is passed until a rebuild
}

void index_table::allocate(std::size_t chunks) {
    ROLLCALL_CHECK(chunks <= std::numeric_limits<std::uint32_t>::max());
    chunks_ = chunks == 0 ? nullptr : std::make_unique<chunk[]>(chunks);
    chunk_count_ = static_cast<std::uint32_t>(chunks);
}

void index_table::place(std::uint64_t hash, std::uint32_t reference) noexcept {
    for (std::uint32_t at = home(hash);; at = following(at)) {
        chunk& here = chunks_[at];
        const std::size_t slot = here.free_slot();
        if (slot != slots) {
            here.tags[slot] = tag_of(hash);
            here.references[slot] = reference;
            return;
        }
        if (here.passed != passed_max) ++here.passed;
    }
}

index_table::position index_table::locate(std::uint64_t hash,
                                          std::uint32_t reference) const noexcept {
    if (size_ == 0) return {};
    std::uint32_t at = home(hash);
    for (std::uint32_t step = 0; step < chunk_count_; ++step, at = following(at)) {
        const chunk& here = chunks_[at];
        for (std::size_t slot = 0; slot < slots; ++slot) {
            if (here.references[slot] == reference && here.used(slot)) return {at, slot};
        }
        if (here.passed == 0) break;
    }
    return {};
}

bool index_table::erase(std::uint64_t hash, std::uint32_t reference) noexcept {
    const position found = locate(hash, reference);
    if (found.slot == slots) return false;
    chunks_[found.chunk].tags[found.slot] = 0;
    for (std::uint32_t at = home(hash); at != found.chunk; at = following(at)) {
        if (chunks_[at].passed != passed_max) --chunks_[at].passed;
    }
    --size_;
    return true;
}

} // namespace rollcall::directory
