#include "key_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <iterator>

#include "rollcall/core/text.hpp"

namespace rollcall::cli {
namespace {

constexpr std::size_t key_bytes_max = 512;

// Wipes `text`.
outcome<read_key> key_of(std::string text, std::string_view from) {
    const auto key = trim(text);
    outcome<read_key> out = failure{errc::invalid_argument, {}};
    if (key.empty()) {
        out =
            failure{errc::invalid_argument, fmt::format("{} holds no API key: it is empty", from)};
    } else if (key.size() > key_bytes_max || key.find_first_of("\r\n") != std::string_view::npos) {
        out = failure{errc::invalid_argument,
                      fmt::format("{} holds more than one API key on one line", from)};
    } else {
        out = read_key{secret{key}, {}};
    }
    wipe(text.data(), text.size());
    return out;
}

std::string read_some(std::istream& in) {
    std::string text(key_bytes_max * 2, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

} // namespace

outcome<read_key> key_from_file(const std::string& path, terminal& where) {
    if (path == "-") return key_of(read_some(where.in), "Standard input");
    struct stat info{};
    std::ifstream file(path, std::ios::binary);
    if (!file || ::stat(path.c_str(), &info) != 0) {
        return failure{errc::invalid_argument,
                       fmt::format("{} cannot be read: {}", path, std::strerror(errno))};
    }
    if (S_ISDIR(info.st_mode)) {
        return failure{errc::invalid_argument, path + " is a directory; it has to be a file"};
    }
    auto key = key_of(read_some(file), path);
    if (key && (info.st_mode & S_IROTH) != 0) {
        key->warning = fmt::format("{} is readable by everyone (chmod 600 {})", path, path);
    }
    return key;
}

outcome<read_key> key_from_environment(const std::string& name, terminal& where) {
    auto text = where.environment(name);
    if (!text) {
        return failure{errc::invalid_argument,
                       fmt::format("The environment has no variable {}", name)};
    }
    return key_of(std::move(*text), "$" + name);
}

} // namespace rollcall::cli
