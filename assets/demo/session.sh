# A short shell session for a picture: real commands in a real shell on a real terminal.
# `make run` draws it where there is no screen.

green='\033[38;2;142;203;123m' blue='\033[38;2;112;176;244m' gray='\033[90m' off='\033[0m'
count=0

# Shows a prompt with the command as if typed, and runs it.
run() {
    [ "$count" -eq 0 ] || printf '\n'
    count=$((count + 1))
    printf "${blue}\033[1m%s${off}${gray} on ${off}${green}%s${off} ${gray}❯${off} %s\n" \
        "${PWD##*/}" "$branch" "$*"
    eval "$*"
}

branch=$(git branch --show-current 2>/dev/null)
branch=${branch:-no branch}
LS_COLORS='di=1;34:ln=36:ex=1;32:*.md=33:*.toml=35:*.lock=90'
export LS_COLORS LC_ALL=C.UTF-8

# The ramp from one color to another, two columns a step.
ramp() {
    step=0
    while [ $step -lt 40 ]; do
        printf '\033[48;2;%d;%d;%dm  ' $((36 + step * 5)) $((96 + step * 2)) $((160 - step * 2))
        step=$((step + 1))
    done
    printf '\033[0m\n'
}

# The 16 colors of the theme, in two rows.
palette() {
    for first in 40 100; do
        for number in 0 1 2 3 4 5 6 7; do
            printf '\033[%dm     ' $((first + number))
        done
        printf '\033[0m\n'
    done
}

# What text can look like.
styles() {
    printf '\033[1mbold\033[0m \033[3mitalic\033[0m \033[1;3mboth\033[0m \033[2mdim\033[0m '
    printf '\033[4munderlined\033[0m \033[4:3;58;2;242;121;131mcurly\033[0m \033[4:2mdouble\033[0m '
    printf '\033[4:4mdotted\033[0m \033[4:5mdashed\033[0m \033[9mstruck\033[0m \033[7m reverse \033[0m\n'
}

# Lines, blocks, braille, wide characters and emoji of several code points.
writing() {
    printf '╭─ 東京 café naïve ─╮  ▁▂▃▄▅▆▇█  ⣀⣤⣶⣿  ╔═╦═╗  ░▒▓  ┏━┳━┓\n'
    printf '╰─ 🌄 👩‍🚀 🇪🇺 👍🏽 ─────╯  █▇▆▅▄▃▂▁  ⣿⣶⣤⣀  ╚═╩═╝  ▓▒░  ┗━┻━┛\n'
}

# Emoji of several code points are one character (mode 2027).
printf '\033[?2027h'
run 'ls --color --group-directories-first'
if git rev-parse --git-dir >/dev/null 2>&1; then
    run 'git log --oneline --decorate --color -4'
fi
run 'styles; palette; ramp'
run 'writing'
printf "\n${blue}\033[1m%s${off}${gray} on ${off}${green}%s${off} ${gray}❯${off} " "${PWD##*/}" "$branch"
