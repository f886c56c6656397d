// Whether a complete snapshot is plausible (G-2). Pure: statistics in, verdict and new memory out.
//
//   plausible ---> trusted: its statistics become the measure of the next one
//   implausible -> suspect: held, read again after a while
//   suspect + a second one that agrees within 5 % -> trusted
//   suspect + a plausible one -> cleared
//
// An empty list is never trusted while the last trusted one was not empty: two agreeing reads of
// nothing are still nothing to act on, and only a person can say that a company is really empty.
#pragma once
#include <optional>
#include <string>

#include "rollcall/sync/settings.hpp"
#include "rollcall/sync/snapshot.hpp"

namespace rollcall::sync {

struct gate_memory {
    std::optional<snapshot_stats> trusted;
    std::optional<snapshot_stats> suspect;
    std::uint32_t suspects = 0; // in a row

    [[nodiscard]] std::string to_text() const;
    // Anything that to_text did not write gives an empty memory: the next snapshot is then the
    // measure.
    [[nodiscard]] static gate_memory from_text(const std::string& text);
};

struct gate_verdict {
    bool pass = false;
    bool confirmed = false; // passed because a second read agreed
    std::string reason;     // of a hold, in words with the figures
    gate_memory memory;     // to be kept in place of the old one
};

[[nodiscard]] gate_verdict judge(const gate_memory& memory, const snapshot_stats& now,
                                 const tenant_settings& settings);

} // namespace rollcall::sync
