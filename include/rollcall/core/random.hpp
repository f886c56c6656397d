// Seeded random numbers. Every random choice of the program (jitter, fault, generated company)
// comes from one of these, so that a run is repeated by its seed. The distributions are our own
// because the standard's differ between library versions.
//
// Source: xoshiro256** 1.0 and splitmix64, Blackman and Vigna, 2018 (public domain).
#pragma once
#include <array>
#include <bit>
#include <cstdint>

namespace rollcall {

[[nodiscard]] constexpr std::uint64_t splitmix64(std::uint64_t& state) noexcept {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

class random_source {
  public:
    using result_type = std::uint64_t;

    explicit constexpr random_source(std::uint64_t seed) noexcept {
        for (auto& word : state_) word = splitmix64(seed);
    }

    // Uniform over all 64-bit values.
    constexpr std::uint64_t next() noexcept {
        const std::uint64_t value = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = std::rotl(state_[3], 45);
        return value;
    }

    // Uniform in [0, bound); bound 0 gives 0. The bias is below 2^-32 for bounds below 2^32.
    constexpr std::uint64_t below(std::uint64_t bound) noexcept {
        __extension__ using wide = unsigned __int128;
        return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64);
    }

    // Uniform in [low, high]; needs low <= high.
    constexpr std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }

    // Uniform in [0, 1).
    constexpr double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    constexpr bool chance(double probability) noexcept { return unit() < probability; }

    // For std::shuffle and its kind.
    constexpr std::uint64_t operator()() noexcept { return next(); }
    static constexpr std::uint64_t min() noexcept { return 0; }
    static constexpr std::uint64_t max() noexcept { return ~std::uint64_t{0}; }

  private:
    std::array<std::uint64_t, 4> state_{};
};

} // namespace rollcall
