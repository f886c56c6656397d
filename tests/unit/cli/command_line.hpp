// The command line as a shell would call it, with a daemon that answers from a script.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli.hpp"

namespace rollcall::cli {

// A daemon that answers what the test told it to, in order.
class scripted_daemon final : public transport {
  public:
    struct script {
        std::deque<reply<raw_answer>> answers;
        std::vector<std::string> lines; // given to a call that takes lines
        std::vector<std::string> asked;
        std::vector<std::string> bodies;
    };
    explicit scripted_daemon(script& from) : script_(from) {}
    reply<raw_answer> send(call what) override {
        script_.asked.push_back(what.method + " " + what.target);
        script_.bodies.push_back(what.body);
        if (what.on_line) {
            for (const auto& line : script_.lines) what.on_line(line);
        }
        if (script_.answers.empty()) return raw_answer{200, what.on_line ? "" : "{}"};
        auto answer = std::move(script_.answers.front());
        script_.answers.pop_front();
        return answer;
    }

  private:
    script& script_;
};

class CommandLine : public ::testing::Test {
  protected:
    exit_code run(std::vector<std::string> arguments) {
        out_.str("");
        err_.str("");
        terminal where{
            in_,   out_,
            err_,  terminal_,
            false, [](const std::string&) -> std::optional<std::string> {
                           return std::nullopt; }};
        return static_cast<exit_code>(
            cli::run(std::move(arguments), where, [this](const std::string& path) {
                socket_ = path;
                return std::make_unique<scripted_daemon>(daemon_);
            }));
    }
    void answers(unsigned status, std::string body) {
        daemon_.answers.push_back(raw_answer{status, std::move(body)});
    }
    std::string file_with(const std::string& text) {
        const auto path = std::filesystem::path(::testing::TempDir()) /
                          (std::string("rollcall-cli-") +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name());
        std::ofstream(path) << text;
        return path.string();
    }

    scripted_daemon::script daemon_;
    std::istringstream in_;
    std::ostringstream out_, err_;
    std::string socket_;
    bool terminal_ = false;
};

} // namespace rollcall::cli
