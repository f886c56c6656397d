#include "sliced_document.hpp"

namespace rollcall::edge {
namespace {

constexpr std::size_t elements_per_slice = 256;

task<std::string> next_slice(shard& home, std::shared_ptr<sliced_document> what) {
    co_await home.yield();
    co_return what->next();
}

} // namespace

void sliced_document::text(std::string piece) {
    pieces_.push_back({std::move(piece), 0, {}});
}

void sliced_document::list(std::size_t count, element make) {
    pieces_.push_back({{}, count, std::move(make)});
}

std::string sliced_document::next() {
    std::string out;
    std::size_t elements = 0;
    // An empty slice would be the end of the answer.
    const auto has_room = [&] { return elements < elements_per_slice || out.empty(); };
    while (at_ < pieces_.size() && has_room()) {
        auto& now = pieces_[at_];
        if (!now.make) out += now.text;
        for (; index_ < now.count && has_room(); ++index_, ++elements) {
            const auto one = now.make(index_);
            if (one.empty()) continue;
            if (!first_) out += ',';
            out += one;
            first_ = false;
        }
        if (index_ < now.count) break;
        ++at_;
        index_ = 0;
        first_ = true;
    }
    return out;
}

http::response stream(shard& home, std::shared_ptr<sliced_document> what) {
    http::response answer;
    answer.next = [&home, what = std::move(what)] { return next_slice(home, what); };
    return answer;
}

} // namespace rollcall::edge
