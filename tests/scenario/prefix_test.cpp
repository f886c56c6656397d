// G-1: no byte prefix of an answer counts as one, so that a connection that ends anywhere, whatever
// it promised, applies nothing. Tried with every prefix of 200 answers that the simulator recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "../unit/peoplehr_sim/asking.hpp"
#include "rollcall/peoplehr/classify.hpp"
#include "rollcall/peoplehr/decode.hpp"

namespace rollcall::test {
namespace {

using peoplehr::question;

struct recorded {
    question asked = question::everybody;
    std::string body;
};

constexpr std::size_t wanted = 200;
constexpr std::size_t bytes_max = 12'000; // the work grows with the square

// Answers of small companies in both versions and all renderings of blanks, for everybody and for
// one, with and without people in them.
std::vector<recorded> recordings() {
    std::vector<recorded> out;
    for (std::uint64_t seed = 1; out.size() < wanted && seed < 2'000; ++seed) {
        sim::service source(
            {.seed = seed,
             .tenants = 1,
             .employees_mean = 1,
             .version = seed % 2 == 0 ? sim::api_version::v4 : sim::api_version::v3_1,
             .blanks = seed % 3 == 0 ? sim::blank_style::null : sim::blank_style::empty_text});
        const auto keep = [&](question asked, std::string_view action, const std::string& more) {
            auto body = post(source, call_body(source, action, more)).body;
            if (body.size() <= bytes_max && out.size() < wanted) {
                out.push_back({asked, std::move(body)});
            }
        };
        keep(question::everybody, "GetAllEmployeeDetail", R"(,"IncludeLeavers":"true")");
        const auto truth = source.truth(source.tenant_at(0).name);
        if (truth && !truth->empty()) {
            keep(question::one_employee, "GetEmployeeDetailById",
                 R"(,"EmployeeId":")" + truth->front().employee_id + "\"");
        }
    }
    return out;
}

class no_rows final : public sync::row_sink {
  public:
    void on_row(const sync::source_row&) override {}
};

// As the client reads an answer of HTTP 200.
errc code_of(peoplehr::decoder& decoder, std::string& text, std::size_t size, question asked) {
    const std::string_view body(text.data(), size);
    if (const auto early = peoplehr::classify_http(200, "application/json", body)) {
        return early->code;
    }
    no_rows rows;
    decoder.begin({text.data(), size}, asked);
    while (decoder.advance(256, rows)) {
    }
    return peoplehr::classify(decoder.outcome(), asked).code;
}

TEST(G1, NoPrefixOfAnAnswerCountsAsOne) {
    const auto answers = recordings();
    ASSERT_EQ(answers.size(), wanted);
    constexpr std::size_t padding = 64;
    peoplehr::decoder decoder;
    std::string text;
    std::size_t prefixes = 0;
    for (const auto& [asked, body] : answers) {
        const auto end = body.find_last_not_of(" \r\n\t") + 1;
        text = body + std::string(padding, '}');
        ASSERT_EQ(code_of(decoder, text, body.size(), asked), errc::ok);
        for (std::size_t size = 0; size < end; ++size, ++prefixes) {
            text.assign(body, 0, size).append(padding, '}');
            ASSERT_NE(code_of(decoder, text, size, asked), errc::ok)
                << size << " of " << body.size() << " bytes pass for an answer";
        }
    }
    std::printf("%zu prefixes of %zu answers, none of which counts\n", prefixes, answers.size());
}

} // namespace
} // namespace rollcall::test
