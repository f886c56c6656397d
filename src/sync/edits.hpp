// A person's edits as steps: checked, normalised, with their pre-images. Pure.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rollcall/sync/books.hpp"
#include "rollcall/sync/desk.hpp"
#include "step_text.hpp"

namespace rollcall::sync {

// "uid:N", a PeopleHR id, or an e-mail; in this order of precedence.
[[nodiscard]] outcome<directory::user_ref> find_person(const books& of, std::string_view person);
// "id:N", or a name as people type it.
[[nodiscard]] outcome<std::uint32_t> find_team(const books& of, std::string_view name);
[[nodiscard]] directory::user_data copy_of(const books& of, directory::user_ref which);

// The steps are in the order of G-8; none where nothing would change. Every wrong edit is named in
// the failure.
using steps_or_failure = outcome<std::vector<step>>;
[[nodiscard]] steps_or_failure adding_user(const books& of, const tenant_settings& settings,
                                           std::span<const edit> fields);
[[nodiscard]] steps_or_failure editing_user(const books& of, const tenant_settings& settings,
                                            directory::user_ref which,
                                            std::span<const edit> fields);
// With the references to the user that others have.
[[nodiscard]] std::vector<step> deleting_user(const books& of, directory::user_ref which);

[[nodiscard]] steps_or_failure adding_team(const books& of, std::span<const edit> fields);
[[nodiscard]] steps_or_failure editing_team(const books& of, std::uint32_t team,
                                            std::span<const edit> fields);
[[nodiscard]] std::vector<step> deleting_team(const books& of, std::uint32_t team);
[[nodiscard]] std::vector<step> setting_member(const books& of, std::uint32_t team,
                                               directory::user_ref which, bool member);

// Invitations by hand. A failure names the first person who cannot be invited, and why.
[[nodiscard]] steps_or_failure inviting(const books& of,
                                        std::span<const directory::user_ref> people, wall_time now);
[[nodiscard]] steps_or_failure cancelling(const books& of,
                                          std::span<const directory::user_ref> people);
[[nodiscard]] steps_or_failure confirming(const books& of, directory::user_ref which);

} // namespace rollcall::sync
