// The routes of webhooks: what is answered, to whom, and over which limit (LA-1, LA-47).
#include "rollcall/edge/hooks.hpp"

#include <gmock/gmock.h>

#include "rollcall/async/task_group.hpp"
#include "rollcall/http/memory_stream.hpp"
#include "unit/edge/fleet_fixture.hpp"

namespace rollcall::edge {
namespace {

using testing::HasSubstr;
using testing::Not;

class Hooks : public fleet_fixture {
  protected:
    Hooks() {
        add_webhook_routes(routes_, fleet_, world_.home(), log_,
                           {"https://hooks.example.com", true});
        serve({});
        hire(0, 5);
        add_loaded_tenant("acme");
        const auto made = ask("POST", "/v1/tenants/acme/webhook/rotate");
        EXPECT_EQ(made.status, 201u) << made.text;
        path_ = made.body.at("path").as_string().c_str();
    }
    void serve(hook_limits limits) {
        hooks_ = {};
        add_hook_routes(hooks_, fleet_, world_.home(), limits);
    }
    struct sent {
        unsigned status = 0;
        std::string body;
        std::string retry_after;
    };
    sent post(std::string path, std::string body, std::string from = "192.0.2.1:4711",
              std::string forwarded_for = {}) {
        http::request request;
        request.method = "POST";
        request.path = std::move(path);
        request.body = std::move(body);
        request.from.address = std::move(from);
        request.forwarded_for = std::move(forwarded_for);
        auto answer = world_.run(hooks_.dispatch(std::move(request)));
        sent out{answer.status, answer.body, {}};
        for (const auto& [name, value] : answer.headers) {
            if (name == "Retry-After") out.retry_after = value;
        }
        return out;
    }
    std::string status_count(const char* result) {
        return boost::json::serialize(
            ask("GET", "/v1/status").body.at("webhooks").at("received").at(result));
    }

    static constexpr const char* update = R"({"ActionId":2,"EmployeeId":"PW3"})";
    http::router hooks_;
    std::string path_;
};

TEST_F(Hooks, La47AWebhookIsAnswered202AndTheEmployeeIsRead) {
    source_.people[3].job = "Director";
    EXPECT_EQ(post(path_, update).status, 202u);
    world_.run_for(seconds{5});
    const auto user = ask("GET", "/v1/tenants/acme/users/PW3");
    EXPECT_THAT(user.text, HasSubstr("Director"));
    EXPECT_EQ(status_count("accepted"), "1");
}

TEST_F(Hooks, La47AnUnrelatedEventIsDroppedWithoutALookAtTokenOrDisk) {
    const auto commits = store_.commits;
    const auto began = world_.home().now();
    EXPECT_EQ(post(path_, R"({"ActionId":4,"EmployeeId":"PW3"})").status, 202u);
    EXPECT_EQ(post("/h/whatever", R"({"ActionId":4,"EmployeeId":"PW3"})").status, 202u);
    EXPECT_EQ(world_.home().now(), began) << "nothing was waited for";
    EXPECT_EQ(store_.commits, commits);
    EXPECT_EQ(store_.strangers, 0u);
    EXPECT_EQ(status_count("unrelated"), "2");
}

TEST_F(Hooks, La1AnUnknownTokenGetsTheSameAnswer) {
    const auto known = post(path_, update);
    std::string other = path_;
    other.back() = other.back() == 'A' ? 'B' : 'A';
    for (const auto& path : {other, std::string("/h/x"), "/h/" + std::string(4000, 'x')}) {
        const auto unknown = post(path, update);
        EXPECT_EQ(unknown.status, known.status);
        EXPECT_EQ(unknown.body, known.body);
    }
    EXPECT_EQ(post(other, "nonsense").body, post(path_, "nonsense").body);
    EXPECT_EQ(status_count("accepted"), "1");
    EXPECT_EQ(store_.strangers, 3u);
}

TEST_F(Hooks, MalformedBodiesAreRefusedAndNothingOfThemIsRepeated) {
    const auto answer = post(path_, R"({"ActionId":2,"EmployeeId":{"x":"Ada Lovelace"}})");
    EXPECT_EQ(answer.status, 400u);
    EXPECT_THAT(answer.body, Not(HasSubstr("Ada")));
    EXPECT_EQ(status_count("malformed"), "1");
}

TEST_F(Hooks, OtherPathsAreNotThere) {
    for (const char* path : {"/", "/h", "/h/", "/h/a/b", "/v1/status", "/metrics"}) {
        EXPECT_EQ(post(path, update).status, 404u) << path;
    }
    EXPECT_THAT(post("/h/" + std::string("secret-token") + "/x", update).body,
                Not(HasSubstr("secret-token")));
}

TEST_F(Hooks, AFloodOnOneTokenIsLimitedAndSaysWhenToComeBack) {
    serve({.token_per_minute = 60, .token_burst = 5});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(post(path_, update).status, 202u) << i;
    auto over = post(path_, update);
    EXPECT_EQ(over.status, 429u);
    EXPECT_EQ(over.retry_after, "1");
    EXPECT_EQ(post("/h/another", update).status, 202u) << "a limit of each token";
    EXPECT_EQ(post(path_, R"({"ActionId":4})").status, 202u) << "unrelated ones cost nothing";
    world_.run_for(seconds{1});
    EXPECT_EQ(post(path_, update).status, 202u);
    EXPECT_EQ(status_count("limited"), "1");
    EXPECT_THAT(source_.asked, testing::Contains("")) << "everybody, for the one that was refused";
}

TEST_F(Hooks, AnUnknownTokenIsLimitedAsAKnownOne) {
    serve({.token_per_minute = 60, .token_burst = 2});
    for (const auto& path : {path_, std::string("/h/unknown")}) {
        EXPECT_EQ(post(path, update).status, 202u);
        EXPECT_EQ(post(path, update).status, 202u);
        const auto over = post(path, update);
        EXPECT_EQ(over.status, 429u);
        EXPECT_EQ(over.retry_after, "1");
    }
}

TEST_F(Hooks, AFloodFromOneSenderIsLimitedWhateverItsTokens) {
    serve({.address_per_minute = 60, .address_burst = 3});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(post("/h/t" + std::to_string(i), update, "[2001:db8::1]:1").status, 202u);
    }
    EXPECT_EQ(post(path_, update, "[2001:db8::2]:99").status, 429u) << "the same network";
    EXPECT_EQ(post(path_, update, "[2001:db8:0:1::1]:1").status, 202u);
    EXPECT_EQ(post(path_, update, "198.51.100.7:1").status, 202u);
}

TEST_F(Hooks, ALocalProxyTellsWhoSentIt) {
    serve({.address_per_minute = 60, .address_burst = 1});
    const std::string proxy = "127.0.0.1:555";
    EXPECT_EQ(post(path_, update, proxy, "203.0.113.1").status, 202u);
    EXPECT_EQ(post(path_, update, proxy, "203.0.113.2").status, 202u);
    EXPECT_EQ(post(path_, update, proxy, "10.9.8.7, 203.0.113.2").status, 429u)
        << "what the sender wrote before it does not count";
    EXPECT_EQ(post(path_, update, "192.0.2.9:1", "203.0.113.3").status, 202u);
    EXPECT_EQ(post(path_, update, "192.0.2.9:1", "203.0.113.4").status, 429u)
        << "from elsewhere it is the sender's own word";
    EXPECT_EQ(post(path_, update, proxy, "not an address").status, 202u) << "the proxy itself";
    serve({.address_per_minute = 60, .address_burst = 1, .trust_local_proxy = false});
    EXPECT_EQ(post(path_, update, proxy, "203.0.113.1").status, 202u);
    EXPECT_EQ(post(path_, update, proxy, "203.0.113.2").status, 429u);
}

// What a connection of the listener answers to these bytes, and all that it wrote.
std::string over_a_stream(virtual_world& world, const http::router& routes, std::string request,
                          const logger& log) {
    http::server_limits limits;
    limits.body_bytes_max = 64u << 10;
    limits.header_max = limits.body_max = seconds{10};
    auto [near, far] = http::make_pipe(world.home());
    task_group group(world.home());
    group.spawn(http::serve_connection(world.home(), *far, routes, limits, {"192.0.2.1:1"}, log));
    std::string got;
    const auto talk = [](http::io_stream& stream, std::string what, std::string& into) -> task<> {
        (void)co_await asio::async_write(stream, asio::buffer(what), use_tuple);
        std::array<char, 4096> part{};
        for (;;) {
            const auto [error, bytes] =
                co_await stream.async_read_some(asio::buffer(part), use_tuple);
            if (error) break;
            into.append(part.data(), bytes);
            if (into.find("\r\n\r\n") != into.npos) break;
        }
    };
    world.run(talk(*near, std::move(request), got));
    near->close();
    world.run(group.join());
    return got;
}

std::string request_of(const std::string& path, const std::string& body) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

TEST_F(Hooks, ABodyOf64KiBIsTakenAndOneByteMoreIsNot) {
    std::string body = R"({"ActionId":2,"EmployeeId":"PW3","NewValue":")";
    body.resize((64u << 10) - 2, 'x');
    body += "\"}";
    ASSERT_EQ(body.size(), 64u << 10);
    EXPECT_THAT(over_a_stream(world_, hooks_, request_of(path_, body), log_), HasSubstr(" 202 "));
    body.insert(body.size() - 2, 1, 'x');
    EXPECT_THAT(over_a_stream(world_, hooks_, request_of(path_, body), log_), HasSubstr(" 413 "));
    EXPECT_EQ(status_count("accepted"), "1");
}

TEST_F(Hooks, ASlowSenderIsGivenUp) {
    auto request = request_of(path_, update);
    request.pop_back(); // the last byte never comes
    const auto began = world_.home().now();
    EXPECT_THAT(over_a_stream(world_, hooks_, request, log_), HasSubstr(" 408 "));
    EXPECT_LE(world_.home().now() - began, seconds{11});
    EXPECT_EQ(status_count("accepted"), "0");
}

TEST_F(Hooks, AFullDiskIsARefusalWithATime) {
    store_.full = true;
    for (const auto& path : {path_, std::string("/h/unknown")}) {
        const auto answer = post(path, update);
        EXPECT_EQ(answer.status, 503u);
        EXPECT_EQ(answer.retry_after, "30");
    }
    store_.full = false;
    EXPECT_EQ(status_count("refused"), "2");
}

TEST_F(Hooks, La1TheTokenIsShownOnceAndNeverAgain) {
    const auto token = path_.substr(3);
    EXPECT_EQ(token.size(), sync::token_letters);
    seen_.clear();
    const auto shown = ask("GET", "/v1/tenants/acme/webhook");
    EXPECT_EQ(shown.status, 200u);
    EXPECT_EQ(shown.body.at("tokens").as_array().size(), 1u);
    EXPECT_TRUE(shown.body.at("listening").as_bool());
    (void)ask("GET", "/v1/tenants/acme");
    (void)ask("GET", "/v1/tenants");
    (void)ask("GET", "/metrics");
    (void)post(path_, update);
    (void)post(path_, "nonsense");
    world_.run_for(minutes{2});
    EXPECT_THAT(seen_, Not(HasSubstr(token)));
    for (const auto& line : lines_->lines()) EXPECT_THAT(line, Not(HasSubstr(token)));
}

TEST_F(Hooks, La1RotatingAndRemovingThroughTheControlSocket) {
    const auto old = path_;
    const auto made = ask("POST", "/v1/tenants/acme/webhook/rotate", R"({"overlap_hours":1})");
    ASSERT_EQ(made.status, 201u) << made.text;
    EXPECT_EQ(made.body.at("url").as_string(),
              "https://hooks.example.com" + std::string(made.body.at("path").as_string()));
    EXPECT_EQ(made.body.at("tokens").as_array().size(), 2u);
    EXPECT_EQ(post(old, update).status, 202u);
    EXPECT_EQ(status_count("accepted"), "1");
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/webhook/rotate", R"({"overlap_hours":-1})").status,
              400u);
    EXPECT_EQ(ask("POST", "/v1/tenants/acme/webhook/rotate", R"({"overlap":1})").status, 400u);
    EXPECT_EQ(ask("POST", "/v1/tenants/acne/webhook/rotate").status, 404u);
    const auto left = ask("DELETE", "/v1/tenants/acme/webhook");
    EXPECT_EQ(left.status, 200u);
    EXPECT_TRUE(left.body.at("tokens").as_array().empty());
    EXPECT_EQ(post(old, update).status, 202u);
    EXPECT_EQ(status_count("unknown"), "1");
    EXPECT_TRUE(ask("GET", "/v1/tenants/acme").body.at("webhook").is_null());
}

} // namespace
} // namespace rollcall::edge
