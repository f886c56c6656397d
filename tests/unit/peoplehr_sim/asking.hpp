// What the simulator's tests share: a caller that posts to a service, and the answer as JSON.
#pragma once
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "peoplehr-sim/gzip.hpp"
#include "peoplehr-sim/load.hpp"
#include "peoplehr-sim/service.hpp"

namespace rollcall::sim {

namespace json = boost::json;

inline wire_answer post(service& sim, std::string_view body, mono_time now = {},
                        std::string_view target = "/Employee",
                        std::string_view address = "10.0.0.1") {
    return sim.handle({.target = target,
                       .body = body,
                       .client_address = address,
                       .user_agent = "rollcall",
                       .now = now});
}

// The body of a call with the first key of a tenant. more is text such as R"(,"Limit":2)".
inline std::string call_body(const service& sim, std::string_view action,
                             std::string_view more = "", std::size_t tenant = 0) {
    std::string body = R"({"APIKey":")" + sim.tenant_at(tenant).api_key + R"(","Action":")";
    body += action;
    body += '"';
    body += more;
    body += '}';
    return body;
}

inline json::object parsed(const wire_answer& answer) {
    boost::system::error_code error;
    const json::value value = json::parse(answer.body, error);
    EXPECT_FALSE(error) << answer.body.substr(0, 200);
    return value.is_object() ? value.get_object() : json::object{};
}

inline json::object ask(service& sim, std::string_view action, std::string_view more = "") {
    return parsed(post(sim, call_body(sim, action, more)));
}

inline std::int64_t status_of(const json::object& answer) {
    return answer.at("Status").to_number<std::int64_t>();
}
inline std::string message_of(const json::object& answer) {
    return std::string{answer.at("Message").as_string()};
}

// The one-line form of an answer that the tables of tests compare: "5 Access Denied.".
inline std::string verdict(const wire_answer& answer) {
    const json::object body = parsed(answer);
    return std::to_string(status_of(body)) + " " + message_of(body);
}

inline service small_world(api_version version = api_version::v4) {
    return service{{.seed = 7, .tenants = 2, .employees_mean = 40, .version = version}};
}

// A world of one company that was read from CSV: every text is known.
inline service world_of_csv(std::string_view csv, options chosen = {.tenants = 0}) {
    service sim{chosen};
    loaded_company loaded = load_company("acme", csv);
    EXPECT_EQ(loaded.problem, "");
    EXPECT_TRUE(sim.add_company(std::move(loaded.firm)));
    return sim;
}

inline std::string file_text(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace rollcall::sim
