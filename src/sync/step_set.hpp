// Steps that a person means, as they are gathered. Shared by the files of edits.hpp.
#pragma once
#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/run.hpp"

namespace rollcall::sync {

using directory::owner;

inline constexpr const char* by_hand = "manual";

// The N of "id:N".
inline std::optional<std::uint32_t> number_behind(std::string_view prefix, std::string_view text) {
    if (!text.starts_with(prefix)) return std::nullopt;
    text.remove_prefix(prefix.size());
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Gathers changes as one step of each kind and subject, leaving out what does not change.
class step_set {
  public:
    void add(step_kind kind, std::uint32_t subject, std::string_view label, attribute what,
             std::string old_value, std::string new_value, owner before = owner::never_set,
             owner after = owner::manual) {
        if (old_value == new_value) return;
        auto place = std::find_if(steps_.begin(), steps_.end(), [&](const step& s) {
            return s.kind == kind && s.subject == subject;
        });
        if (place == steps_.end()) {
            steps_.push_back({kind, subject, std::string(label), {}});
            place = std::prev(steps_.end());
        }
        place->changes.push_back(
            {what, before, after, std::move(old_value), std::move(new_value), by_hand});
    }
    [[nodiscard]] std::vector<step> take() {
        order_by_kind(steps_);
        return std::move(steps_);
    }

  private:
    std::vector<step> steps_;
};

} // namespace rollcall::sync
