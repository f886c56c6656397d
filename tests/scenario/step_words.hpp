// Steps, issues and instants in the words of a scenario, and whether they are what it expects.
//
//   KIND LABEL: attribute old -> new; attribute -> new (RULE)
//
// What an expectation leaves out is not looked at: "create 7" is any creation of 7. No value is
// written `nothing`; managers stand with their label, instants in the tenant's time.
#pragma once
#include <string>
#include <string_view>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/settings.hpp"

namespace rollcall::test {

class words {
  public:
    words(const sync::books& of, const sync::tenant_settings& settings)
        : of_(of), zone_(sync::zone_of(settings)) {}

    [[nodiscard]] std::string step(const sync::step& what) const;
    [[nodiscard]] bool is(const sync::step& what, std::string_view expected) const;
    [[nodiscard]] std::string issue(const sync::issue& what) const;
    [[nodiscard]] bool is(const sync::issue& what, std::string_view expected) const;
    // "scheduled 2026-06-20 00:00", "sent", "nobody" where there is no entry.
    [[nodiscard]] std::string invitation(std::uint32_t uid) const;
    [[nodiscard]] std::string person(std::uint32_t uid) const; // its label
    [[nodiscard]] std::string team(std::uint32_t id) const;    // its name
    [[nodiscard]] std::string instant(wall_time at) const;
    // "2026-06-20 08:00" or "2026-06-20", in the tenant's time.
    [[nodiscard]] wall_time read_instant(const std::string& text) const;

  private:
    [[nodiscard]] std::string value(sync::attribute what, const std::string& raw) const;

    const sync::books& of_;
    absl::TimeZone zone_;
};

} // namespace rollcall::test
