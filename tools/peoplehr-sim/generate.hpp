// Companies from a seed: the fleet's head counts (section 8 of the wire facts) and the people of
// each company. The same seed gives the same world on every machine.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "company.hpp"
#include "rollcall/core/random.hpp"

namespace rollcall::sim {

enum class size_distribution {
    fleet, // median about half of the mean, most between a sixth of it and its double, a long tail
    fixed, // every company has the mean
};

// Head counts of current staff, at least 1 each, whose sum is tenants * mean (to within rounding).
[[nodiscard]] std::vector<std::uint32_t> head_counts(std::uint64_t seed, std::size_t tenants,
                                                     std::uint32_t mean, size_distribution shape);

// Company number index (from 0: its tenant is t00001) with that many current people, and for each
// of them so many who have left; 30-60 % of them where nothing is said. Independent of all other
// companies of the seed.
[[nodiscard]] company generate_company(std::uint64_t seed, std::size_t index,
                                       std::uint32_t head_count, std::chrono::sys_days today,
                                       std::optional<double> left_share = std::nullopt);

// "t00001" for 0.
[[nodiscard]] std::string tenant_name(std::size_t index);

// Makes one more person of this company from the random numbers, as the generator would.
// Returns the new slot.
slot generate_starter(company& firm, random_source& random, std::chrono::sys_days start);

} // namespace rollcall::sim
