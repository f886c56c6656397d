// The values of users, teams and invitations as the texts that changes carry (run.hpp), and back.
// Texts come from stored holds and audits too, so that a wrong one is an answer, not a fault.
#pragma once
#include <string>
#include <string_view>

#include "rollcall/directory/team.hpp"
#include "rollcall/directory/user.hpp"
#include "rollcall/sync/invitation.hpp"
#include "rollcall/sync/run.hpp"

namespace rollcall::sync {

// Which of the three kinds of record an attribute belongs to.
enum class holder : std::uint8_t { user, team, membership, invitation };
[[nodiscard]] holder holder_of(attribute what) noexcept;

[[nodiscard]] bool is_of_an_invitation(step_kind kind) noexcept;

// Whether `text` is a value that the attribute can have.
[[nodiscard]] bool is_value(attribute what, std::string_view text) noexcept;
// Whether two texts of the attribute mean the same: "" is "no" of a yes and a no, "0" of a count,
// and no invitation is the same as one that was never scheduled.
[[nodiscard]] bool same_value(attribute what, std::string_view a, std::string_view b) noexcept;

// text_of() compared without making the text.
[[nodiscard]] bool has_value(const directory::user_data& user, attribute what,
                             std::string_view text);
// Who set it: of a state who put the user into it (LA-16), of a manager as of manager_id (LA-36).
[[nodiscard]] directory::owner owner_of(const directory::user_data& user, attribute what) noexcept;

// Expect is_value(), and an attribute of that record.
void write(directory::user_data& into, attribute what, std::string_view text,
           directory::owner whose);
void write(directory::team& into, attribute what, std::string_view text);
void write(invitation& into, attribute what, std::string_view text);

// Whether a person meant it, or an undo: not what a row of the source asked for.
[[nodiscard]] bool is_by_hand(const step& what) noexcept;

// Unix milliseconds; "" of no instant.
[[nodiscard]] std::string instant_text(wall_time t);
// A number as text; nothing for anything else. Blank is 0.
[[nodiscard]] std::optional<std::uint32_t> read_number(std::string_view text) noexcept;

// fold() as a text of its own: the keys of teams and the addresses that are compared.
[[nodiscard]] std::string folded(std::string_view text);

// What steps call a user: the PeopleHR id, else the e-mail.
[[nodiscard]] const std::string& label_of(const directory::user_data& user) noexcept;
[[nodiscard]] std::string full_name_of(const directory::user_data& user);

} // namespace rollcall::sync
