// Who is whose manager, as far as cycles go (LA-40). Everybody has at most one manager, so that
// cycles share nobody and each can be broken by itself, in time linear in the people.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace rollcall::sync {

class manager_graph {
  public:
    // 0: none.
    void set(std::uint32_t uid, std::uint32_t manager);
    [[nodiscard]] std::uint32_t manager_of(std::uint32_t uid) const noexcept {
        return uid < manager_of_.size() ? manager_of_[uid] : 0;
    }

    // Somebody whose manager in the graph is a new one.
    struct added {
        std::uint32_t uid = 0;
        std::string_view key; // PeopleHR id
    };
    // Takes one new edge out of each cycle that has any: that of the person with the greatest key,
    // then uid. All others stay, and what was there before is never taken out, so that the choice
    // depends neither on the order of `edges` nor on what comes later. Gives the places in `edges`
    // of those that were taken out, ascending.
    [[nodiscard]] std::vector<std::size_t> break_cycles(std::span<const added> edges);

  private:
    std::vector<std::uint32_t> manager_of_; // by uid
};

} // namespace rollcall::sync
