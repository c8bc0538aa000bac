# Terrace shell integration for zsh (5.1+).
#
#   started by Terrace   ZDOTDIR=<folder of this and its .zshenv> zsh
#   by hand              eval "$(terrace integration zsh)"   as the last line of .zshrc
#
# It speaks only if Terrace handed it a key (TERRACE_NONCE), and forks nothing. All of it is in a
# function: `emulate -L` at the top of a sourced file would stay in force in the user's shell.
function __terrace_init {
'builtin' 'emulate' '-L' 'zsh' '-o' 'no_aliases'
local key=${__terrace_key-}
[[ -n $key || -z ${TERRACE_NONCE-} ]] || key="aid=${TERRACE_AID:-$$};tn=$TERRACE_NONCE"
unset TERRACE_NONCE TERRACE_AID
[[ -o interactive && -n $key && -z ${__terrace_id-} ]] || return 0
# Not in tmux or screen, whose rows are not ours.
[[ -n ${TMUX-}${STY-} && ${TERM-} == (screen|tmux)* ]] && return 0

typeset -g  +x __terrace_id=$key __terrace_ps1= __terrace_ps2= __terrace_rps1= __terrace_pwd= __terrace_cwd=
typeset -gi +x __terrace_n=0 __terrace_run=0 __terrace_due=0
typeset -gF +x __terrace_t0=0
zmodload zsh/datetime 2>/dev/null
# powerlevel10k builds the prompt anew after every other hook, so it has to place the marks itself, in
# its right and transient prompts too. This is the switch that it looks at; it is not exported.
if (( ! ${+ITERM_SHELL_INTEGRATION_INSTALLED} )); then
  typeset -g +x ITERM_SHELL_INTEGRATION_INSTALLED=Yes
  iterm2_prompt_mark() { print -n $'\e]133;A\a' } # older themes call this where they find the switch
fi

__terrace_write() { { print -rn -- "$1" >/dev/tty } 2>/dev/null }

__terrace_enc() { # $1, with % ; and controls as %XX, into REPLY
  emulate -L zsh -o extended_glob -o no_multibyte
  REPLY=$1
  [[ $1 == *[\%\;[:cntrl:]]* ]] || return 0
  REPLY=${REPLY//\%/%25}; REPLY=${REPLY//;/%3B}; REPLY=${REPLY//$'\n'/%0A}; REPLY=${REPLY//$'\t'/%09}
  REPLY=${REPLY//$'\r'/%0D}; REPLY=${REPLY//$'\e'/%1B}; REPLY=${REPLY//[[:cntrl:]]/}
}

__terrace_wrap() { # $1 the parameter, $2 the kind of prompt: marks around it, old ones removed
  emulate -L zsh -o extended_glob
  local o=$'%{\e]133;P;k='$2$'\a%}' c=$'%{\e]133;B\a%}' v=${(P)1}
  v=${v//${(b)o}/}; v=${v//${(b)c}/}
  [[ $v == (*[^%]|)%(%%)# ]] && v+=% # a lone % at the end would swallow our %{
  typeset -g "$1"="$o$v$c"
}

__terrace_preexec() { # the input is complete and about to run
  local text=$1 x= src=hist REPLY
  [[ -o hist_ignore_space && $1 == ' '* ]] && x=';hist=0'
  emulate -L zsh
  [[ -n $text ]] || { text=${3-}; src=expanded } # no history in this shell
  (( ${#text} > 8192 )) && { text=${text[1,8192]}; x+=';trunc=1' }
  __terrace_enc "$text"
  __terrace_write $'\e]133;C;cmdline_url='"$REPLY;$__terrace_id;n=$__terrace_n;src=$src$x"$'\a'
  __terrace_run=1 __terrace_t0=${EPOCHREALTIME:-0}
}

__terrace_end() { # D: ends the cycle; $1 status, $2 those of the pipeline, $3 the time
  local d="133;D;;$__terrace_id;n=$__terrace_n;st=$1"
  if (( __terrace_run )); then
    d="133;D;$1;$__terrace_id;n=$__terrace_n${2:+;ps=$2}"
    if (( __terrace_t0 > 0 )); then
      local -i us=$(( ($3 - __terrace_t0) * 1000000 ))
      d+=";dur=$us"
    fi
  fi
  __terrace_write $'\e]'$d$'\a'
  __terrace_run=0 __terrace_due=0
}

__terrace_status() { # first of the precmd hooks: the output ends here
  local st=$? ps="${(j:|:)pipestatus[@]}" t1=${EPOCHREALTIME:-0} # both are gone after one command
  emulate -L zsh
  zle && return $st # a widget called the hooks
  (( __terrace_due )) && __terrace_end $st "$ps" $t1
  return $st
}

__terrace_precmd() { # last of the precmd hooks: themes have set the prompt
  local st=$? percent=
  [[ -o prompt_percent ]] && percent=1
  emulate -L zsh -o extended_glob
  zle && return $st
  # The arrays of hooks were assigned anew: the first place with them.
  (( __terrace_due )) && __terrace_end $st '' ${EPOCHREALTIME:-0}
  # Only from the last place is the prompt what it will be. powerlevel10k defends that place, and sets
  # its own marks.
  local last=${precmd_functions[-1]}
  if [[ $precmd_functions[1] != __terrace_status || $last != __terrace_precmd ]]; then
    precmd_functions=(__terrace_status ${precmd_functions:#__terrace_(status|precmd)} __terrace_precmd)
    preexec_functions=(${preexec_functions:#__terrace_preexec} __terrace_preexec)
    # At the first prompt, what runs after all of these hooks takes it from here.
    if [[ $last != (__terrace|_p9k)_precmd ]] && (( ${PERIOD:-0} && ${periodic_functions[(Ie)__terrace_periodic]} )); then
      return $st
    fi
  fi
  __terrace_prompt "$percent"
  return $st
}

__terrace_periodic() { # after the hooks of the first prompt
  local st=$? percent=
  [[ -o prompt_percent ]] && percent=1
  emulate -L zsh -o extended_glob
  (( __terrace_due )) || __terrace_prompt "$percent"
  return $st
}

__terrace_prompt() { # A, and marks around the prompts; $1: whether percents are expanded in them
  local REPLY
  if (( ! __terrace_n )); then
    periodic_functions=(${periodic_functions:#__terrace_periodic})
    (( $#periodic_functions )) || unset periodic_functions
    [[ ${PERIOD-} != -9 ]] || unset PERIOD
  fi
  (( ++__terrace_n )); __terrace_due=1
  [[ $PWD == "$__terrace_pwd" ]] || { __terrace_enc "$PWD"; __terrace_cwd=$REPLY __terrace_pwd=$PWD }
  local c="8377;ctx;$__terrace_id;n=$__terrace_n;sh=zsh/$ZSH_VERSION;pid=$$;user=${USERNAME-};host=${HOST-};cwd=$__terrace_cwd"
  [[ -n ${VIRTUAL_ENV-} ]] && { __terrace_enc "$VIRTUAL_ENV"; c+=";venv=$REPLY" }
  __terrace_write $'\e]'$c$'\a\e]'"133;A;$__terrace_id;n=$__terrace_n"$'\a'
  [[ -n $1 && ${PS1-} != *_p9k* ]] || return 0
  [[ ${PS1-} == "$__terrace_ps1" ]] || { __terrace_wrap PS1 i; __terrace_ps1=$PS1 }
  [[ ${PS2-} == "$__terrace_ps2" ]] || { __terrace_wrap PS2 s; __terrace_ps2=$PS2 }
  local right=RPS1; (( ${+RPS1} )) || right=RPROMPT # one value, but each is set or unset on its own
  [[ -z ${(P)right-} || ${(P)right} == "$__terrace_rps1" ]] || { __terrace_wrap $right r; __terrace_rps1=${(P)right} }
}

# The arrays are built anew while .zshrc runs, so the places are taken at the first prompt.
# Until then it is the first hook, not the last; `periodic` comes after all of them.
typeset -ag precmd_functions preexec_functions periodic_functions
precmd_functions+=(__terrace_precmd)
periodic_functions+=(__terrace_periodic)
(( ${+PERIOD} )) || typeset -g +x PERIOD=-9
}
__terrace_init
'builtin' 'unset' '-f' '__terrace_init'
