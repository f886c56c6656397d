// A large JSON document that is written in slices, so that it never holds the shard: pieces of text
// and lists whose elements are made when their turn comes.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>

#include "rollcall/async/shard.hpp"
#include "rollcall/http/server.hpp"

namespace rollcall::edge {

class sliced_document {
  public:
    // The text of one element of a list, or of several with commas between them; empty: none.
    using element = std::function<std::string(std::size_t index)>;

    void text(std::string piece);
    // What an element refers to lives as long as the function, which the document keeps.
    void list(std::size_t count, element make);
    // The next slice; empty at the end.
    [[nodiscard]] std::string next();

  private:
    struct piece {
        std::string text;
        std::size_t count = 0;
        element make; // empty: the piece is text
    };
    std::vector<piece> pieces_;
    std::size_t at_ = 0;    // the piece that is being written
    std::size_t index_ = 0; // of its next element
    bool first_ = true;     // no element of it was written yet
};

// Streams the document, and lets other work have its turn between the slices.
[[nodiscard]] http::response stream(shard& home, std::shared_ptr<sliced_document> what);

// Streams `{"name":[…]}` with each element as `view` makes it of one of `all`.
template <class Element, class View>
[[nodiscard]] http::response stream_list(shard& home, const std::string& name,
                                         std::vector<Element> all, View view) {
    const auto document = std::make_shared<sliced_document>();
    document->text("{\"" + name + "\":[");
    const auto kept = std::make_shared<const std::vector<Element>>(std::move(all));
    document->list(kept->size(), [kept, view](std::size_t i) {
        return boost::json::serialize(view((*kept)[i]));
    });
    document->text("]}");
    return stream(home, document);
}

} // namespace rollcall::edge
