// The admin address: verbs that change the world and state the truth, as HTTP requests and JSON.
// No sockets here: the program brings the requests, and tests call it directly.
#pragma once
#include <string>
#include <string_view>

#include "service.hpp"

namespace rollcall::sim {

struct admin_answer {
    unsigned http_status = 200;
    std::string body; // a JSON value and a newline
};

// GET /health /tenants /truth/TENANT /counters /faults /limits /webhooks /fault-kinds;
// POST of a JSON object to /hire /change /swap-emails /leave /rehire /delete /change-id
// /rename-value /churn /date /break /clear /limits /revoke-key /restore-key /grants /add-key
// /company /webhook /send-webhook. README.md has an example of each. Errors are 400, 404 or 409
// with
// {"error":NAME,"detail":TEXT}.
[[nodiscard]] admin_answer administer(service& sim, std::string_view method,
                                      std::string_view target, std::string_view body);

} // namespace rollcall::sim
