// Counts the heap allocations of a bench program, by replacing the global operator new. For one
// file of a program only: the replacement is a definition.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace rollcall::bench {

// Of this thread, since it began.
inline thread_local std::uint64_t allocations = 0;

inline void* counted(std::size_t size, std::size_t alignment) {
    ++allocations;
    // aligned_alloc wants a whole number of alignments.
    const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
    void* const made = std::aligned_alloc(alignment, rounded);
    if (made == nullptr) throw std::bad_alloc{};
    return made;
}

} // namespace rollcall::bench

void* operator new(std::size_t size) {
    return rollcall::bench::counted(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return rollcall::bench::counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* at) noexcept {
    std::free(at);
}
void operator delete(void* at, std::size_t) noexcept {
    std::free(at);
}
void operator delete(void* at, std::align_val_t) noexcept {
    std::free(at);
}
void operator delete(void* at, std::size_t, std::align_val_t) noexcept {
    std::free(at);
}
