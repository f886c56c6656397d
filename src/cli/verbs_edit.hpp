// Edits of users, as part of the verbs of users.
#pragma once
#include "verb.hpp"

namespace rollcall::cli {

// user set|add|delete, which belong to the group of user list|show.
void add_user_edits(CLI::App& group, verb& chosen);

} // namespace rollcall::cli
