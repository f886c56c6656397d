// peoplehr-sim: the simulated PeopleHR as a program. See ../README.md.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

#include "../load.hpp"
#include "../service.hpp"
#include "../texts.hpp"
#include "certificate.hpp"
#include "server.hpp"

namespace rollcall::sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

struct settings {
    options world;
    std::string listen = "127.0.0.1:8080";
    std::string listen_tls;
    std::string admin = "127.0.0.1:8081";
    std::string tls_cert;
    std::string tls_key;
    std::string make_cert;
    std::string cert_names{loopback_names};
    std::vector<std::string> companies;
    std::string today;
    std::int64_t latency_ms = 20;
    std::int64_t latency_per_row_us = 20;
    std::int64_t query_ms = 2'000;
    bool no_gzip = false;
    bool chunked = false;
};

template <class Enum>
CLI::CheckedTransformer one_of(std::map<std::string, Enum> values) {
    return CLI::CheckedTransformer(std::move(values), CLI::ignore_case);
}

void declare_world(CLI::App& app, settings& given) {
    options& world = given.world;
    app.add_option("--seed", world.seed, "Seed of everything generated")->capture_default_str();
    app.add_option("--tenants", world.tenants, "Companies to generate: t00001, t00002, ...")
        ->capture_default_str()
        ->check(CLI::Range(0, 99'999));
    app.add_option("--employees", world.employees_mean, "Mean of current staff per company")
        ->capture_default_str()
        ->check(CLI::Range(1, 200'000));
    app.add_option("--sizes", world.sizes, "fleet: few large, many small; fixed: all the mean")
        ->transform(one_of<size_distribution>(
            {{"fleet", size_distribution::fleet}, {"fixed", size_distribution::fixed}}));
    app.add_option("--company", given.companies,
                   "NAME=FILE: one more tenant, from JSON or CSV (repeatable)");
    app.add_option("--today", given.today, "The world's date, yyyy-MM-dd (default: the clock's)");
    app.add_option("--api", world.version, "v4 or v3.1")
        ->transform(one_of<api_version>({{"v4", api_version::v4}, {"v3.1", api_version::v3_1}}));
    app.add_option("--blanks", world.blanks, "Unset values as empty (\"\") or null")
        ->transform(
            one_of<blank_style>({{"empty", blank_style::empty_text}, {"null", blank_style::null}}));
    app.add_option("--grants", world.grants,
                   "Grants of each first key, a sum of: 1 all, 2 by id, 4 paginated, 8 leavers, "
                   "16 company, 32 authentication, 64 update id, 128 query")
        ->capture_default_str()
        ->check(CLI::Range(0u, static_cast<unsigned>(all_grants)));
}

void declare_traffic(CLI::App& app, settings& given) {
    call_limits& limits = given.world.limits;
    limits.scope = limit_scope::address;
    app.add_option("--limit", limits.calls_per_minute, "Calls in any sliding minute")
        ->capture_default_str()
        ->check(CLI::Range(1u, 1'000'000'000u));
    app.add_option("--limit-scope", limits.scope,
                   "What the limit holds for: none, address, tenant or both (default: address)")
        ->transform(one_of<limit_scope>({{"none", limit_scope::none},
                                         {"address", limit_scope::address},
                                         {"tenant", limit_scope::tenant},
                                         {"both", limit_scope::both}}));
    app.add_option("--limit-style", limits.style,
                   "A refused call is status_5, silent (Status 0, empty) or http_429 "
                   "(default: silent)")
        ->transform(one_of<throttle_style>({{"status_5", throttle_style::status_5},
                                            {"silent", throttle_style::silent},
                                            {"http_429", throttle_style::http_429}}));
    app.add_option("--latency-ms", given.latency_ms, "Median time to answer; log-normal; 0: none")
        ->capture_default_str()
        ->check(CLI::Range(0, 600'000));
    app.add_option("--latency-per-row-us", given.latency_per_row_us, "And this for each row")
        ->capture_default_str()
        ->check(CLI::Range(0, 1'000'000));
    app.add_option("--query-ms", given.query_ms, "A query of the Query Builder takes this long")
        ->capture_default_str()
        ->check(CLI::Range(0, 600'000));
    app.add_option("--query-busy", given.world.query_busy,
                   "A second query meanwhile gets pseudo_row or status_5")
        ->transform(one_of<query_busy_style>({{"pseudo_row", query_busy_style::pseudo_row},
                                              {"status_5", query_busy_style::status_5}}));
    app.add_flag("--no-gzip", given.no_gzip, "Never pack an answer");
    app.add_flag("--chunked", given.chunked, "Chunked answers in place of Content-Length");
}

void declare_addresses(CLI::App& app, settings& given) {
    app.add_option("--listen", given.listen, "HTTP address, port 0 picks one; empty: none")
        ->capture_default_str();
    app.add_option("--listen-tls", given.listen_tls, "HTTPS address; empty: none");
    app.add_option("--admin", given.admin, "Admin HTTP address; empty: none")
        ->capture_default_str();
    auto* cert = app.add_option("--tls-cert", given.tls_cert, "PEM chain; default: self-made");
    auto* key = app.add_option("--tls-key", given.tls_key, "PEM key of --tls-cert");
    cert->needs(key)->check(CLI::ExistingFile);
    key->needs(cert)->check(CLI::ExistingFile);
    app.add_option("--make-cert", given.make_cert,
                   "Write ca.pem, server.pem and server-key.pem into this directory and exit");
    app.add_option("--cert-names", given.cert_names, "Names in a certificate made here")
        ->capture_default_str();
}

tcp::endpoint endpoint_of(const std::string& text) {
    const auto colon = text.rfind(':');
    unsigned port = 0;
    if (colon == std::string::npos || !CLI::detail::lexical_cast(text.substr(colon + 1), port) ||
        port > 65'535) {
        throw CLI::ValidationError{text, "is not ADDRESS:PORT"};
    }
    boost::system::error_code error;
    const auto address = asio::ip::make_address(text.substr(0, colon), error);
    if (error) throw CLI::ValidationError{text, "is not ADDRESS:PORT with a numeric address"};
    return {address, static_cast<std::uint16_t>(port)};
}

options world_of(const settings& given) {
    options world = given.world;
    world.latency_median = milliseconds{given.latency_ms};
    world.latency_per_row = microseconds{given.latency_per_row_us};
    world.query_duration = milliseconds{given.query_ms};
    world.gzip = !given.no_gzip;
    if (given.today.empty()) {
        world.today = std::chrono::floor<std::chrono::days>(system_time{}.wall_now());
    } else if (const auto day = parse_date(given.today); day) {
        world.today = *day;
    } else {
        throw CLI::ValidationError{"--today", "is not a date, yyyy-MM-dd"};
    }
    return world;
}

void load_companies(service& sim, const std::vector<std::string>& companies) {
    for (const std::string& one : companies) {
        const auto equals = one.find('=');
        if (equals == std::string::npos) throw CLI::ValidationError{one, "is not NAME=FILE"};
        std::ifstream file{one.substr(equals + 1), std::ios::binary};
        if (!file) throw CLI::ValidationError{one, "the file cannot be read"};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        loaded_company loaded = load_company(one.substr(0, equals), text);
        if (!loaded.problem.empty()) throw CLI::ValidationError{one, loaded.problem};
        if (!sim.add_company(std::move(loaded.firm))) {
            throw CLI::ValidationError{one, "a tenant of that name exists"};
        }
    }
}

asio::ssl::context tls_context(const settings& given) {
    asio::ssl::context tls{asio::ssl::context::tls_server};
    tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                    asio::ssl::context::no_tlsv1_1);
    if (given.tls_cert.empty()) {
        const auto made = make_certificates(given.cert_names);
        tls.use_certificate_chain(asio::buffer(made.certificate));
        tls.use_private_key(asio::buffer(made.key), asio::ssl::context::pem);
    } else {
        tls.use_certificate_chain_file(given.tls_cert);
        tls.use_private_key_file(given.tls_key, asio::ssl::context::pem);
    }
    return tls;
}

// One line of JSON, for whoever started the program: it is ready, and where.
class ready_line {
  public:
    void add(std::string_view name, const tcp::endpoint& at) {
        std::ostringstream text;
        text << at;
        line_ += line_.empty() ? "{" : ",";
        append_json(line_, name);
        line_ += ':';
        append_json(line_, text.str());
    }
    void print(const service& sim) {
        std::size_t people = 0;
        for (std::size_t i = 0; i < sim.tenant_count(); ++i) people += sim.tenant_at(i).current;
        line_ += line_.empty() ? "{" : ",";
        line_ += R"("tenants":)" + std::to_string(sim.tenant_count());
        line_ += R"(,"employees":)" + std::to_string(people);
        line_ += R"(,"pid":)" + std::to_string(::getpid()) + "}";
        std::puts(line_.c_str());
        std::fflush(stdout);
    }

  private:
    std::string line_;
};

void run(const settings& given) {
    service sim{world_of(given)};
    load_companies(sim, given.companies);
    asio::io_context io{1};
    asio::ssl::context tls = tls_context(given);
    server front{io, sim, given.chunked ? framing::chunked : framing::content_length};
    ready_line ready;
    if (!given.listen.empty()) ready.add("http", front.listen_http(endpoint_of(given.listen)));
    if (!given.listen_tls.empty()) {
        ready.add("https", front.listen_https(endpoint_of(given.listen_tls), tls));
    }
    if (!given.admin.empty()) ready.add("admin", front.listen_admin(endpoint_of(given.admin)));
    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&io](const boost::system::error_code&, int) { io.stop(); });
    ready.print(sim);
    io.run();
}

int main_of(int argc, char** argv) {
    CLI::App app{"A faithful PeopleHR API, with thousands of invented companies."};
    settings given;
    declare_addresses(app, given);
    declare_world(app, given);
    declare_traffic(app, given);
    try {
        app.parse(argc, argv);
        if (!given.make_cert.empty()) {
            write_certificates(given.make_cert, given.cert_names);
            return 0;
        }
        run(given);
    } catch (const CLI::Error& wrong) {
        return app.exit(wrong);
    } catch (const std::exception& problem) {
        std::cerr << "peoplehr-sim: " << problem.what() << '\n';
        return 1;
    }
    return 0;
}

} // namespace
} // namespace rollcall::sim

int main(int argc, char** argv) {
    return rollcall::sim::main_of(argc, argv);
}
