// The texts that companies are made of: names in many scripts, departments, places, jobs.
// Some names are kept in decomposed form (NFD) on purpose: rule G-12 has to normalise them.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace rollcall::sim {

struct written_name {
    std::string_view native; // as HR typed it, UTF-8
    std::string_view ascii;  // as the mail system spells it
};

// One way of naming people. A person's first and last name come from one of these.
struct name_script {
    std::span<const written_name> first;
    std::span<const written_name> last;
    unsigned weight; // share of people, in parts of the sum of all weights
};

[[nodiscard]] std::span<const name_script> name_scripts() noexcept;

[[nodiscard]] std::span<const std::string_view> department_pool() noexcept;
[[nodiscard]] std::span<const std::string_view> location_pool() noexcept;
[[nodiscard]] std::span<const std::string_view> job_role_pool() noexcept;
[[nodiscard]] std::span<const std::string_view> company_pool() noexcept;

} // namespace rollcall::sim
