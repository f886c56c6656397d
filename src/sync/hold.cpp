#include "rollcall/sync/hold.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <numeric>
#include <tuple>
#include <utility>

namespace rollcall::sync {
namespace {

// In the order of the enumerators; part of the disk format and of the settings' names.
constexpr std::array<std::string_view, guard_count> guard_names{
    "none", "create",       "email", "id",           "manager",     "clearing",  "blanking",
    "move", "deactivation", "scope", "team_removal", "team_rename", "invitation"};

// Every part behind its length, so that no two contents have the same bytes.
class digester {
  public:
    digester() { crypto_generichash_init(&state_, nullptr, 0, step_digest{}.size()); }

    void add(std::unsigned_integral auto number) {
        std::array<unsigned char, 8> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<unsigned char>(std::uint64_t{number} >> (8 * i));
        }
        raw(bytes.data(), bytes.size());
    }
    void add(std::string_view text) {
        add(text.size());
        raw(reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    void add(const step_digest& digest) { raw(digest.data(), digest.size()); }

    [[nodiscard]] step_digest end() {
        step_digest out{};
        crypto_generichash_final(&state_, out.data(), out.size());
        return out;
    }

  private:
    void raw(const unsigned char* bytes, std::size_t count) {
        crypto_generichash_update(&state_, bytes, count);
    }
    crypto_generichash_state state_;
};

std::string hex(const step_digest& digest) {
    std::array<char, 2 * sizeof(step_digest) + 1> text{};
    sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
    return text.data();
}

} // namespace

guard guard_of(step_kind kind) noexcept {
    switch (kind) {
        case step_kind::create: return guard::create;
        case step_kind::relink: return guard::id;
        case step_kind::change_email: return guard::email;
        case step_kind::set_manager: return guard::manager;
        case step_kind::clear_manager: return guard::clearing;
        case step_kind::blank: return guard::blanking;
        case step_kind::move: return guard::move;
        case step_kind::deactivate: return guard::deactivation;
        case step_kind::unmanage: return guard::scope;
        case step_kind::remove_team: return guard::team_removal;
        case step_kind::rename_team:
        case step_kind::follow_rename: return guard::team_rename;
        case step_kind::send_invitation: return guard::invitation;
        default: return guard::none;
    }
}

guard guard_of(const step& what) noexcept {
    const bool leaves_all_teams =
        what.kind == step_kind::move && std::ranges::any_of(what.changes, [](const change& c) {
            return c.what == attribute::department && c.new_value.empty();
        });
    // Only who is wanted has another id, or somebody gets a first manager: nobody moves.
    const bool same_manager =
        (what.kind == step_kind::set_manager || what.kind == step_kind::clear_manager) &&
        std::ranges::none_of(what.changes, [](const change& c) {
            return c.what == attribute::manager && !c.old_value.empty();
        });
    if (same_manager) return guard::none;
    return leaves_all_teams ? guard::clearing : guard_of(what.kind);
}

std::string_view name_of(guard v) noexcept {
    const auto i = static_cast<std::size_t>(v);
    return i < guard_names.size() ? guard_names[i] : std::string_view("unknown");
}

std::optional<guard> read_guard(std::string_view name) noexcept {
    const auto at = std::ranges::find(guard_names, name);
    if (at == guard_names.end()) return std::nullopt;
    return static_cast<guard>(at - guard_names.begin());
}

step_digest digest_of(const step& what) {
    digester sum;
    sum.add(name_of(what.kind));
    // The number of what does not exist yet depends on what else a plan creates.
    const bool creates = what.kind == step_kind::create || what.kind == step_kind::create_team;
    if (creates) {
        sum.add(what.label);
    } else {
        sum.add(what.subject);
    }
    std::vector<const change*> in_order;
    in_order.reserve(what.changes.size());
    for (const auto& each : what.changes) in_order.push_back(&each);
    std::ranges::sort(in_order, [](const change* a, const change* b) {
        return std::tie(a->what, a->old_value, a->new_value) <
               std::tie(b->what, b->old_value, b->new_value);
    });
    for (const auto* each : in_order) {
        sum.add(name_of(each->what));
        sum.add(each->old_value);
        // The instant is not a matter of what is decided: it is that of planning or of sending.
        const bool instant =
            each->what == attribute::invitation_sent || each->what == attribute::invitation_due;
        if (!instant) sum.add(each->new_value);
    }
    return sum.end();
}

std::size_t hold::steps() const noexcept {
    return std::accumulate(
        sections.begin(), sections.end(), std::size_t{0},
        [](std::size_t sum, const held_section& each) { return sum + each.steps.size(); });
}

std::vector<step_digest> rejections_of(const held_section& which) {
    std::vector<step_digest> out;
    for (const auto& each : which.steps) {
        if (guard_of(each) == which.what) out.push_back(digest_of(each));
    }
    std::ranges::sort(out);
    return out;
}

void seal(hold& which) {
    which.digest.clear();
    std::vector<std::pair<std::string_view, std::vector<step_digest>>> parts;
    for (const auto& section : which.sections) {
        auto& part = parts.emplace_back(name_of(section.what), std::vector<step_digest>{});
        part.second.reserve(section.steps.size());
        for (const auto& each : section.steps) part.second.push_back(digest_of(each));
        std::ranges::sort(part.second);
    }
    if (parts.empty()) return;
    std::ranges::sort(parts);
    digester sum;
    for (const auto& [name, digests] : parts) {
        sum.add(name);
        sum.add(digests.size());
        for (const auto& each : digests) sum.add(each);
    }
    which.digest = hex(sum.end());
}

} // namespace rollcall::sync
