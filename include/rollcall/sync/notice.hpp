// What is to be told to people outside: an invitation, or a mail about changed details. Notices are
// stored with the steps that cause them and handed to a sink afterwards; the sink's idempotency
// makes each happen once (G-11).
#pragma once
#include <cstdint>
#include <span>
#include <string>

#include "rollcall/async/task.hpp"
#include "rollcall/core/error.hpp"
#include "rollcall/core/time.hpp"

namespace rollcall::sync {

enum class notice_kind : std::uint8_t { invitation, update };
[[nodiscard]] std::string_view name_of(notice_kind v) noexcept;

struct notice {
    std::uint64_t number = 0; // ascending over all tenants, never used again: the idempotency key
    std::uint32_t tenant = 0;
    notice_kind kind = notice_kind::invitation;
    std::uint32_t uid = 0;
    std::uint64_t run = 0;
    wall_time at{};
    std::string tenant_name;
    std::string external_id;
    std::string email;
    std::string name;   // full name
    std::string fields; // of an update: the changed fields, comma separated

    friend bool operator==(const notice&, const notice&) = default;
};

class notice_sink {
  public:
    virtual ~notice_sink() = default;
    // Hands them over in order; ok means that all are safe with the receiver. A number at or below
    // one that it has had already is one that it has had already: repeating is harmless.
    // Cancellation is ignored once begun.
    [[nodiscard]] virtual task<result<void>> deliver(std::span<const notice> notices) = 0;
    // The highest number that it had when it was opened, 0 if it does not know: after a restored
    // backup new notices are numbered behind it, so that none passes for one that it has had.
    [[nodiscard]] virtual std::uint64_t last_number() const noexcept { return 0; }
};

} // namespace rollcall::sync
