#include "manager_graph.hpp"

#include <algorithm>
#include <tuple>

namespace rollcall::sync {

void manager_graph::set(std::uint32_t uid, std::uint32_t manager) {
    const std::size_t needed = std::size_t{std::max(uid, manager)} + 1;
    if (manager_of_.size() < needed) {
        manager_of_.resize(std::max(needed, manager_of_.size() + manager_of_.size() / 2));
    }
    manager_of_[uid] = manager;
}

std::vector<std::size_t> manager_graph::break_cycles(std::span<const added> edges) {
    constexpr std::uint32_t nobody = 0;
    std::vector<std::uint32_t> place(manager_of_.size()); // in `edges`, from 1
    for (std::size_t i = 0; i < edges.size(); ++i) {
        place[edges[i].uid] = static_cast<std::uint32_t>(i + 1);
    }
    // Whoever loses in the cycle that `from` is on; 0: it has no new edge.
    const auto loser = [&](std::uint32_t from) {
        std::uint32_t worst = 0;
        auto at = from;
        do {
            const auto here = place[at];
            const auto rank = [&](std::uint32_t p) {
                return std::tie(edges[p - 1].key, edges[p - 1].uid);
            };
            if (here != 0 && (worst == 0 || rank(worst) < rank(here))) worst = here;
            at = manager_of_[at];
        } while (at != from);
        return worst;
    };

    std::vector<std::size_t> out;
    std::vector<std::uint32_t> seen_from(manager_of_.size()); // by which walk, from 1
    for (std::size_t i = 0; i < edges.size(); ++i) {
        const auto walk = static_cast<std::uint32_t>(i + 1);
        auto at = edges[i].uid;
        while (at != nobody && seen_from[at] == 0) {
            seen_from[at] = walk;
            at = manager_of_[at];
        }
        // Somebody of an earlier walk: what lies beyond is known to be free of cycles.
        if (at == nobody || seen_from[at] != walk) continue;
        if (const auto worst = loser(at); worst != 0) {
            manager_of_[edges[worst - 1].uid] = nobody;
            out.push_back(worst - 1);
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

} // namespace rollcall::sync
