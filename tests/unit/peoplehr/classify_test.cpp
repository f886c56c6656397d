// Every row of the tables of sections 2.2 and 3 of the wire facts.
#include "rollcall/peoplehr/classify.hpp"

#include <gtest/gtest.h>

#include "reading.hpp"

namespace rollcall::testing {
namespace {

using peoplehr::classify_http;
using peoplehr::limit_in;
using peoplehr::question;

errc code_of(int status, std::string_view message, question asked = question::everybody) {
    const auto got = read(envelope("null", status, message, status != 0), asked);
    if (got.verdict.code != errc::ok)
        EXPECT_FALSE(got.verdict.detail.empty()) << status << " " << message;
    return got.verdict.code;
}

TEST(Classify, StatusTellsWhatFailed) {
    struct row {
        int status;
        const char* message;
        errc code;
    };
    for (const auto& [status, message, code] : {
             row{1, "API key is missing.", errc::request_rejected},
             row{1, "APIKey not supplied.", errc::request_rejected},
             row{2, "Invalid API Key.", errc::key_refused},
             row{2, "API key is missing.", errc::key_refused},
             row{3, "Action is missing.", errc::request_rejected},
             row{4, "Action cannot be empty.", errc::request_rejected},
             row{4, "Invalid Action.", errc::request_rejected},
             row{6, "Oops! Something went wrong.", errc::upstream_failed},
             row{6, "Unknown error occured.", errc::upstream_failed},
             row{7, "No json data found.", errc::request_rejected},
             row{8, "Either empty or no Form Data.", errc::request_rejected},
             row{9, "Invalid json data.", errc::request_rejected},
             row{11, "", errc::upstream_failed},
             row{14, "", errc::upstream_failed},
             row{15, "", errc::bad_response},
             row{-1, "", errc::bad_response},
         }) {
        EXPECT_EQ(code_of(status, message), code) << status << " " << message;
    }
}

TEST(Classify, Status5IsSplitByItsText) {
    const std::pair<const char*, errc> cases[] = {
        {"API key does not exists.", errc::key_refused},
        {"API Key does not exists.", errc::key_refused},
        {"API key does not exist", errc::key_refused},
        {"Unauthorized", errc::key_refused},
        {"Invalid API key supplied", errc::key_refused},
        {"No access on employee schema.", errc::permission_missing},
        {"No access to Query Builder schema.", errc::permission_missing},
        {"Access Denied.", errc::permission_missing},
        {"API calls will be limited to a 50 per minute", errc::throttled},
        {"Please try after some time, query execution is already in progress",
         errc::upstream_failed},
        {"This company has been suspended.", errc::account_closed},
        {"Your trial has expired.", errc::account_closed},
        {"EmployeeId is missing.", errc::request_rejected},
        {"EmployeeId cannot be empty.", errc::request_rejected},
        {"EmployeeId contains more than 15 characters.", errc::request_rejected},
        {"IncludeLeavers contains invalid data.", errc::request_rejected},
        {"IncludeLeavers cannot be empty.", errc::request_rejected},
        {"Invalid query name.", errc::request_rejected},
        {"QueryName is missing.", errc::request_rejected},
        {"NewEmployeeID is already in use. Please enter a unique NewEmployeeID.",
         errc::request_rejected},
        {"OldEmployeeId and NewEmployeeId should not be same.", errc::request_rejected},
        {"Email already exists.", errc::request_rejected},
        {"", errc::upstream_failed},
        {"Something that nobody has seen before", errc::upstream_failed},
    };
    for (const auto& [message, code] : cases) EXPECT_EQ(code_of(5, message), code) << message;
    EXPECT_EQ(code_of(5, "EmployeeId does not exists.", question::one_employee), errc::not_found);
    EXPECT_NE(code_of(5, "EmployeeId does not exists.", question::everybody), errc::not_found);
}

TEST(Classify, NoRecordFoundIsAnEmptyCompanyOrAMissingEmployee) {
    EXPECT_EQ(code_of(10, "No records found."), errc::ok);
    EXPECT_EQ(code_of(10, "No record found.", question::one_employee), errc::not_found);
    EXPECT_EQ(read(envelope("[]", 10)).verdict.code, errc::ok);
    EXPECT_EQ(read(envelope("\"\"", 10)).verdict.code, errc::ok);
    EXPECT_EQ(read(envelope(R"([{"EmployeeId":"1"}])", 10)).verdict.code, errc::bad_response);
    EXPECT_EQ(read(envelope("[{}]", 10)).verdict.code, errc::bad_response);
}

TEST(Classify, AThrottleTextWinsWhateverTheStatus) {
    const auto text = "API calls will be limited to a 30 per minute";
    for (const int status : {0, 1, 2, 5, 6, 10, 12, 99}) {
        for (const char* result : {"null", "\"\"", "[]", "{}", R"([{"EmployeeId":"1"}])", "[{}]"}) {
            for (const bool is_error : {false, true}) {
                const auto got = read(envelope(result, status, text, is_error));
                EXPECT_EQ(got.verdict.code, errc::throttled) << status << result;
                EXPECT_EQ(got.verdict.learned_limit, 30u);
            }
        }
    }
    const auto row =
        read(envelope(R"([{"Message":"API calls will be limited to a 60 per minute"}])"));
    EXPECT_EQ(row.verdict.code, errc::throttled);
    EXPECT_EQ(row.verdict.learned_limit, 60u);
    // The text may come behind the rows, and without a Status.
    EXPECT_EQ(read(R"({"Result":[],"Message":"limited to 9 PER MINUTE"})").verdict.code,
              errc::throttled);
}

TEST(Classify, TheThreeRenderingsOfAThrottleAreOne) {
    const auto text = "API calls will be limited to a 50 per minute";
    EXPECT_EQ(read(envelope("null", 5, text, true)).verdict.code, errc::throttled);
    EXPECT_EQ(read(envelope("[]", 0, text, false)).verdict.code, errc::throttled);
    const auto http = classify_http(429, "application/json", envelope("null", 5, text, true));
    ASSERT_TRUE(http.has_value());
    EXPECT_EQ(http->code, errc::throttled);
    EXPECT_EQ(http->learned_limit, 50u);
    EXPECT_EQ(classify_http(429, "text/html", "<html>slow down")->code, errc::throttled);
    EXPECT_EQ(classify_http(429, "", "")->learned_limit, std::nullopt);
}

TEST(Classify, TheLimitIsReadFromTheTextOnlyIfItIsOne) {
    EXPECT_EQ(limit_in("API calls will be limited to a 50 per minute"), 50u);
    EXPECT_EQ(limit_in("LIMITED TO 25 per minute"), 25u);
    EXPECT_EQ(limit_in("limited to a 0 per minute"), std::nullopt);
    EXPECT_EQ(limit_in("limited to a 99999999999999 per minute"), std::nullopt);
    EXPECT_EQ(limit_in("limited to a few per minute, see page 12"), std::nullopt);
    EXPECT_EQ(limit_in("limited to"), std::nullopt);
    EXPECT_EQ(limit_in("50 per minute"), std::nullopt);
    EXPECT_EQ(limit_in(""), std::nullopt);
}

TEST(Classify, B2ThousandsAreReadWholeAndASignIsNoLimit) {
    const auto of = [](std::string_view n) {
        return limit_in("API calls will be limited to a " + std::string{n} + " per minute");
    };
    for (const char* n : {"1000", "1,000", "1.000", "1 000", "1'000"}) EXPECT_EQ(of(n), 1000u) << n;
    EXPECT_EQ(of("100,000"), 100'000u);
    for (const char* n :
         {"-5", "+5", "- 5", ".5", "1.5", "1,00", "1,0000", "1000,000", "1,000.000", "1,000,000",
          "\xE2\x88\x92"
          "5",
          "99999999999999999999"}) {
        EXPECT_EQ(of(n), std::nullopt) << n;
    }
    EXPECT_EQ(limit_in("limited to 30, see page 12"), 30u);
    EXPECT_EQ(limit_in("API calls are limited to 30."), 30u);
    EXPECT_EQ(limit_in("limited to 30 per minute; wait for 60 seconds"), 30u);
    EXPECT_EQ(limit_in("API calls are limited to 5 per second"), std::nullopt);
    EXPECT_EQ(limit_in("API calls are limited to 500 per hour"), std::nullopt);
}

TEST(Classify, B2WhatIsLimitedToSomethingElseIsNoThrottle) {
    for (const char* text : {"Employee job is limited to 2 days", "Access is limited to managers",
                             "Typically limited to 15 characters", "limited to"}) {
        EXPECT_NE(code_of(5, text), errc::throttled) << text;
    }
    for (const char* text : {"API calls will be limited to a few", "Requests are limited to 30",
                             "limited to 30/min", "50 per minute", "Limited to 30 a minute"}) {
        EXPECT_EQ(code_of(5, text), errc::throttled) << text;
    }
}

TEST(Classify, AQueryInProgressIsNotAnEmployee) {
    const auto got = read(envelope(
        R"([{"Message":"Please try after some time, query execution is already in progress"}])"));
    EXPECT_EQ(got.verdict.code, errc::upstream_failed);
    EXPECT_TRUE(got.rows.empty());
    const auto one = read(envelope(R"({"Message":"query execution is already in progress"})"),
                          question::one_employee);
    EXPECT_EQ(one.verdict.code, errc::upstream_failed);
    EXPECT_EQ(read(envelope(R"([{"Message":"Hello"}])")).verdict.code, errc::bad_response);
    // An employee may have a field of that name.
    EXPECT_EQ(
        read(envelope(R"([{"Message":"already in progress","EmployeeId":"1"}])")).verdict.code,
        errc::ok);
}

TEST(Classify, ResultMustBeOfTheTypeThatWasAskedFor) {
    const auto row = R"({"EmployeeId":"1"})";
    const auto list = R"([{"EmployeeId":"1"}])";
    EXPECT_EQ(read(envelope(list)).verdict.code, errc::ok);
    EXPECT_EQ(read(envelope("[]")).verdict.code, errc::ok);
    EXPECT_EQ(read(envelope(row), question::one_employee).verdict.code, errc::ok);
    EXPECT_EQ(read(envelope(row), question::one_employee).rows.size(), 1u);
    for (const auto* result : {"null", "\"\"", "\"x\"", "0", "true", "{}", row}) {
        EXPECT_EQ(read(envelope(result)).verdict.code, errc::bad_response) << result;
    }
    for (const auto* result : {"null", "\"\"", "0", "false", "{}", "[]", list}) {
        EXPECT_EQ(read(envelope(result), question::one_employee).verdict.code, errc::bad_response)
            << result;
    }
    EXPECT_EQ(read(R"({"isError":false,"Status":0,"Message":""})").verdict.code,
              errc::bad_response);
}

TEST(Classify, SuccessThatSaysErrorIsNotBelieved) {
    EXPECT_EQ(read(envelope("[]", 0, "fine", true)).verdict.code, errc::bad_response);
    EXPECT_EQ(read(envelope("[]", 0, "Access Denied.", true)).verdict.code,
              errc::permission_missing);
    EXPECT_EQ(read(envelope("[]", 6, "fine", false)).verdict.code, errc::upstream_failed);
}

TEST(Classify, HttpStatusIsAskedFirst) {
    const std::pair<unsigned, errc> cases[] = {
        {204, errc::bad_response},     {206, errc::bad_response},     {301, errc::wrong_address},
        {302, errc::wrong_address},    {308, errc::wrong_address},    {400, errc::request_rejected},
        {401, errc::wrong_address},    {403, errc::wrong_address},    {404, errc::wrong_address},
        {405, errc::request_rejected}, {408, errc::upstream_failed},  {410, errc::wrong_address},
        {413, errc::request_rejected}, {415, errc::request_rejected}, {429, errc::throttled},
        {500, errc::upstream_failed},  {502, errc::upstream_failed},  {503, errc::upstream_failed},
        {504, errc::upstream_failed},  {599, errc::upstream_failed},
    };
    for (const auto& [status, code] : cases) {
        for (const std::string& body : {everybody(1), std::string{}, std::string{"<html>"}}) {
            const auto got = classify_http(status, "application/json", body);
            ASSERT_TRUE(got.has_value()) << status;
            EXPECT_EQ(got->code, code) << status;
            EXPECT_NE(got->detail.find(std::to_string(status)), std::string::npos);
        }
    }
    EXPECT_FALSE(classify_http(200, "application/json", everybody(1)).has_value());
    EXPECT_FALSE(classify_http(200, "", everybody(1)).has_value());
    EXPECT_FALSE(classify_http(200, "text/html", everybody(1)).has_value());
    EXPECT_FALSE(classify_http(200, "application/json", "\xEF\xBB\xBF" + everybody(1)).has_value());
}

TEST(Classify, AWrongAddressSaysWhatToCheck) {
    EXPECT_NE(classify_http(404, "", "")->detail.find("base_url"), std::string::npos);
    EXPECT_NE(classify_http(403, "", "")->detail.find("user agent"), std::string::npos);
}

TEST(Classify, HtmlAndAnEmptyBodyAreNamed) {
    for (const char* body : {"<!DOCTYPE html><html>", "\r\n <html>", "\xEF\xBB\xBF<html>"}) {
        const auto got = classify_http(200, "application/json", body);
        ASSERT_TRUE(got.has_value());
        EXPECT_EQ(got->code, errc::bad_response);
        EXPECT_NE(got->detail.find("HTML"), std::string::npos);
    }
    EXPECT_NE(classify_http(200, "text/html; charset=utf-8", "Runtime Error")->detail.find("HTML"),
              std::string::npos);
    for (const char* body : {"", " \r\n", "\xEF\xBB\xBF"}) {
        const auto got = classify_http(200, "application/json", body);
        ASSERT_TRUE(got.has_value());
        EXPECT_EQ(got->code, errc::bad_response);
        EXPECT_NE(got->detail.find("empty"), std::string::npos);
    }
}

TEST(Classify, NoDetailQuotesTheBody) {
    const std::string canary = "CANARY-7f3a";
    const auto row = R"({"EmployeeId":"1","FirstName":")" + canary + "\"}";
    for (const auto& text :
         {envelope("[" + row + ",{}]"), envelope("[" + row), envelope(row),
          envelope("null", 5, canary), envelope("null", 5, "Access Denied. " + canary),
          envelope("null", 77, canary), envelope("[{\"Message\":\"" + canary + "\"}]"),
          envelope("[" + row + "]", 0, canary, true), envelope("[{\"" + canary + "\":tru}]"),
          "<html>" + canary, envelope("[]", 0, canary + " limited to a 5 per minute")}) {
        for (const auto asked : {question::everybody, question::one_employee}) {
            EXPECT_EQ(read(text, asked).verdict.detail.find(canary), std::string::npos);
        }
        for (const unsigned status : {200u, 302u, 400u, 403u, 404u, 429u, 500u}) {
            const auto got = classify_http(status, canary, "<" + text);
            EXPECT_EQ(got->detail.find(canary), std::string::npos);
        }
    }
}

TEST(Classify, ARefusalOfThePagedActionIsToldFromOneOfTheKey) {
    struct row {
        int status;
        const char* message;
        bool pages_refused;
    };
    for (const auto& [status, message, refused] : {
             row{5, "Access Denied.", true},  // v4: not granted, or not known
             row{4, "Invalid Action.", true}, // v3.1
             row{5, "Invalid Action.", true},
             row{5, "No access on employee schema.", false},
             row{2, "Invalid API Key.", false},
             row{5, "API key does not exists.", false},
             row{5, "Limit contains invalid data.", false},
             row{5, "API calls will be limited to a 30 per minute", false},
             row{6, "Oops! Something went wrong.", false},
             row{10, "No records found.", false},
         }) {
        const auto text = envelope("null", status, message, true);
        EXPECT_EQ(read(text, question::page).verdict.pages_refused, refused) << message;
        EXPECT_FALSE(read(text).verdict.pages_refused) << message;
        EXPECT_FALSE(read(text, question::one_employee).verdict.pages_refused) << message;
    }
    EXPECT_EQ(code_of(10, "No records found.", question::page), errc::ok) << "a page of nobody";
    EXPECT_EQ(code_of(5, "API calls will be limited to a 30 per minute", question::page),
              errc::throttled);
}

} // namespace
} // namespace rollcall::testing
