#include "completion.hpp"

#include <fmt/format.h>

#include <vector>

namespace rollcall::cli {
namespace {

struct place {
    std::string path;  // "tenant add"; empty for the program itself
    std::string words; // verbs and options that may follow
    bool takes_tenant = false;
};

void collect(const CLI::App& app, const std::string& path, const std::string& global,
             std::vector<place>& out) {
    place here{path, {}, false};
    const auto add = [&](const std::string& word) {
        here.words += (here.words.empty() ? "" : " ") + word;
    };
    for (const auto* sub : app.get_subcommands(nullptr)) add(sub->get_name());
    for (const auto* option : app.get_options()) {
        if (option->get_positional()) here.takes_tenant |= option->get_name(true) == "TENANT";
        for (const auto& name : option->get_lnames()) add("--" + name);
    }
    if (path.empty()) {
        if (const auto* sub = app.get_subcommand("completion"); sub != nullptr) {
            out.push_back({"completion", "bash zsh fish", false});
        }
    } else {
        add(global);
    }
    if (path != "completion") out.push_back(std::move(here));
    for (const auto* sub : app.get_subcommands(nullptr)) {
        collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), global, out);
    }
}

std::string words_by_case(const std::vector<place>& places) {
    std::string out;
    for (const auto& one : places) {
        out += fmt::format("    \"{}\") words=\"{}\"; tenant={} ;;\n", one.path, one.words,
                           one.takes_tenant ? 1 : 0);
    }
    return out;
}

// Finds the verb (up to two words that are no options) and offers what may follow it.
constexpr std::string_view shell_template = R"sh(_rollcall_words() {{
  # $1: the verb so far; sets words and tenant.
  case "$1" in
{cases}    *) words=""; tenant=0 ;;
  esac
}}
)sh";

std::string bash_script(const std::vector<place>& places) {
    return "# bash completion of rollcall: source it, or put it into /etc/bash_completion.d\n" +
           fmt::format(shell_template, fmt::arg("cases", words_by_case(places))) +
           R"sh(_rollcall() {
  local cur="${COMP_WORDS[COMP_CWORD]}" verb="" next words tenant i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${COMP_WORDS[i]}" in -*) continue ;; esac
    next="${verb:+$verb }${COMP_WORDS[i]}"
    _rollcall_words "$next"
    [ -n "$words" ] && verb="$next" || break
  done
  _rollcall_words "$verb"
  if [ "$tenant" = 1 ] && [ "${cur#-}" = "$cur" ]; then
    words="$words $(rollcall tenant list --names --prefix "$cur" 2>/dev/null)"
  fi
  case "${COMP_WORDS[COMP_CWORD-1]}" in
    *-file|--socket|apply|backup) COMPREPLY=($(compgen -f -- "$cur")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
  esac
}
complete -F _rollcall rollcall
)sh";
}

std::string zsh_script(const std::vector<place>& places) {
    return "#compdef rollcall\n# zsh completion of rollcall: put it as _rollcall into a folder of "
           "$fpath\n" +
           fmt::format(shell_template, fmt::arg("cases", words_by_case(places))) +
           R"sh(_rollcall() {
  local cur="${words[CURRENT]}" verb="" next tenant i
  local -a line
  line=("${words[@]}")
  local words
  for ((i = 2; i < CURRENT; i++)); do
    case "${line[i]}" in -*) continue ;; esac
    next="${verb:+$verb }${line[i]}"
    _rollcall_words "$next"
    if [[ -n "$words" ]]; then verb="$next"; else break; fi
  done
  _rollcall_words "$verb"
  if [[ "$tenant" = 1 && "$cur" != -* ]]; then
    words="$words $(rollcall tenant list --names --prefix "$cur" 2>/dev/null)"
  fi
  case "${line[CURRENT-1]}" in
    *-file|--socket|apply|backup) _files ;;
    *) compadd -- ${(z)words} ;;
  esac
}
compdef _rollcall rollcall
)sh";
}

std::string fish_script(const std::vector<place>& places) {
    std::string out =
        "# fish completion of rollcall: put it into ~/.config/fish/completions/rollcall.fish\n"
        "function __rollcall_verb\n"
        "  set -l verb\n"
        "  for word in (commandline -opc)[2..-1]\n"
        "    string match -q -- '-*' $word; and continue\n"
        "    set -a verb $word\n"
        "  end\n"
        "  set -l wanted (string split ' ' -- $argv[1])\n"
        "  set -l have (count $verb)\n"
        "  if test -z \"$argv[1]\"\n"
        "    test $have -eq 0\n"
        "    return\n"
        "  end\n"
        "  test $have -ge (count $wanted)\n"
        "  and test (string join ' ' -- $verb[1..(count $wanted)]) = \"$argv[1]\"\n"
        "end\n"
        "complete -c rollcall -f\n";
    for (const auto& one : places) {
        std::string condition = fmt::format("-n '__rollcall_verb \"{}\"'", one.path);
        for (std::size_t begin = 0; begin < one.words.size();) {
            const auto end = std::min(one.words.find(' ', begin), one.words.size());
            const auto word = one.words.substr(begin, end - begin);
            out += word.starts_with("--")
                       ? fmt::format("complete -c rollcall {} -l {}\n", condition, word.substr(2))
                       : fmt::format("complete -c rollcall {} -a {}\n", condition, word);
            begin = end + 1;
        }
        if (one.takes_tenant) {
            out += fmt::format(
                "complete -c rollcall {} -a '(rollcall tenant list --names 2>/dev/null)'\n",
                condition);
        }
        if (one.path == "apply" || one.path == "backup") {
            out += fmt::format("complete -c rollcall {} -F\n", condition);
        }
    }
    return out;
}

} // namespace

std::string completion_script(const CLI::App& program, std::string_view shell) {
    std::string global;
    for (const auto* option : program.get_options()) {
        for (const auto& name : option->get_lnames()) {
            if (name == "socket" || name == "json")
                global += (global.empty() ? "--" : " --") + name;
        }
    }
    std::vector<place> places;
    collect(program, "", global, places);
    if (shell == "zsh") return zsh_script(places);
    if (shell == "fish") return fish_script(places);
    return bash_script(places);
}

} // namespace rollcall::cli
