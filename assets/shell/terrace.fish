# Terrace shell integration for fish (3.4+).
#
#   started by Terrace   XDG_DATA_DIRS=<folder>:…, this as fish/vendor_conf.d/terrace-integration.fish
#   by hand              terrace integration fish | source   in config.fish
#
# It speaks only if Terrace handed it a key (TERRACE_NONCE). fish 4 writes OSC 133 itself; these marks
# add the key, the statuses and the folder.
if set -q TERRACE_XDG_DIR
    if set -q XDG_DATA_DIRS
        set -l dirs (string split : -- "$XDG_DATA_DIRS")
        if set -l i (contains -i -- "$TERRACE_XDG_DIR" $dirs)
            set -e dirs[$i]
        end
        set -gx XDG_DATA_DIRS (string join : -- $dirs)
        if set -q TERRACE_XDG_UNSET; and test "$XDG_DATA_DIRS" = /usr/local/share:/usr/share
            set -e XDG_DATA_DIRS
        end
    end
    set -e TERRACE_XDG_DIR
    set -e TERRACE_XDG_UNSET
end
if set -q TERRACE_TMP
    command rm -rf -- "$TERRACE_TMP"
    set -e TERRACE_TMP
end

function __terrace_init
    set -q TERRACE_NONCE; or return 0
    set -l id "tn=$TERRACE_NONCE"
    if set -q TERRACE_AID
        set id "aid=$TERRACE_AID;$id"
    else
        set id "aid=$fish_pid;$id"
    end
    set -e TERRACE_NONCE
    set -e TERRACE_AID
    status is-interactive; and not set -q __terrace_id; or return 0
    # Not in tmux or screen, whose rows are not ours.
    if string match -qr '^(screen|tmux)' -- "$TERM"
        set -q TMUX; or set -q STY; and return 0
    end
    set -g __terrace_id $id
    set -g __terrace_n 0
    set -g __terrace_run 0
    set -g __terrace_pwd
    set -g __terrace_cwd

    # Installed at the first prompt, after config.fish has defined the user's fish_prompt.
    function __terrace_setup --on-event fish_prompt
        functions -e __terrace_setup

        function __terrace_preexec --on-event fish_preexec
            set -l x
            string match -q -- ' *' "$argv"; and set x ';hist=0'
            set -l text (string escape --style=url -- "$argv")
            if test (string length -- "$text") -gt 16384
                set text (string sub -l 16384 -- "$text" | string replace -r '%[0-9A-F]?$' '')
                set x "$x;trunc=1"
            end
            printf '\e]133;C;cmdline_url=%s;%s;n=%s;src=hist%s\a' "$text" $__terrace_id $__terrace_n "$x"
            set -g __terrace_run 1
        end

        # Before fish prints its mark for a missing newline, so the output ends here.
        function __terrace_postexec --on-event fish_postexec
            set -l st $status $pipestatus
            # A comment, and a line that only starts a job, leave the status of what ran before.
            string match -qr '^ *#[^\n]*$|^[^;&|#\\\\\n]*&$' -- "$argv"; and set st 0 0
            printf '\e]133;D;%s;%s;n=%s;ps=%s;dur=%s000\a' $st[1] $__terrace_id $__terrace_n \
                (string join '|' -- $st[2..-1]) $CMD_DURATION
            set -g __terrace_run 2
        end

        # A syntax error draws the prompt again without fish_prompt. So does Ctrl-C before fish 4.
        function __terrace_prompt --on-event fish_prompt --on-event fish_posterror
            set -l st $status
            if test $__terrace_run = 0 -a $__terrace_n -gt 0
                printf '\e]133;D;;%s;n=%s;st=%s\a' $__terrace_id $__terrace_n $st
            end
            set -g __terrace_run 0
            set -g __terrace_n (math $__terrace_n + 1)
            if test "$PWD" != "$__terrace_pwd"
                set -g __terrace_pwd "$PWD"
                set -g __terrace_cwd (string escape --style=url -- "$PWD")
            end
            set -l c "cwd=$__terrace_cwd"
            set -q VIRTUAL_ENV; and set c "$c;venv="(string escape --style=url -- "$VIRTUAL_ENV")
            printf '\e]8377;ctx;%s;n=%s;sh=fish/%s;pid=%s;user=%s;host=%s;%s\a\e]133;A;%s;n=%s\a' \
                $__terrace_id $__terrace_n $version $fish_pid "$USER" "$hostname" "$c" $__terrace_id $__terrace_n
            return $st
        end

        # Ctrl-C at the prompt, which leaves $status as it was. fish 4 only empties the line.
        function __terrace_cancel --on-event fish_cancel
            string match -qr '^[4-9]' -- $version; and return
            printf '\e]133;D;;%s;n=%s;st=%s\a' $__terrace_id $__terrace_n 130
            set -g __terrace_run 2
            __terrace_prompt
        end

        # Before fish 4 the prompt has no marks, and early in fish 4 none at its end. Nothing runs before the user's own
        # function, which shows $status and $pipestatus; fish itself drops the newline at the end.
        if string match -qr '^(3|4\.[0-3])\.' -- $version
            functions -q fish_prompt; and not functions -q __terrace_fish_prompt
            and functions -c fish_prompt __terrace_fish_prompt
            and function fish_prompt
                set -l lines (__terrace_fish_prompt)
                __terrace_marked i $lines
            end
            functions -q fish_right_prompt; and not functions -q __terrace_fish_right_prompt
            and functions -c fish_right_prompt __terrace_fish_right_prompt
            and function fish_right_prompt
                set -l lines (__terrace_fish_right_prompt)
                __terrace_marked r $lines
            end
            function __terrace_marked
                set -l kind $argv[1]
                set -l lines $argv[2..-1]
                set -q lines[1]; or set lines ''
                set lines[1] \e']133;P;k='$kind\a$lines[1]
                set lines[-1] $lines[-1]\e']133;B'\a
                printf '%s\n' $lines
            end
        end
        __terrace_prompt
    end
end
__terrace_init
functions -e __terrace_init
