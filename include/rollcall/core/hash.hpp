// XXH3 of 64 bits: fingerprints of records, phases of tenants, keys of tables. Stable over runs,
// versions and machines, so that it may be stored. Not for secrets: it is not cryptographic.
#pragma once
#include <cstdint>
#include <string_view>

namespace rollcall {

[[nodiscard]] std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0) noexcept;

// A hash of two hashes in this order: combine(a, b) differs from combine(b, a).
[[nodiscard]] constexpr std::uint64_t combine(std::uint64_t a, std::uint64_t b) noexcept {
    // splitmix64's finaliser (Vigna), over a sum in which the two sides weigh differently.
    std::uint64_t z = a * 0x9e3779b97f4a7c15u + ((b << 31) | (b >> 33)) + 0x632be59bd9b4e019u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

} // namespace rollcall
