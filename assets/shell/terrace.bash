# Terrace shell integration for bash: whole from 4.4 on; 3.2 to 4.3 without durations.
#
#   started by Terrace   bash --rcfile <this>         TERRACE_BASH_INJECT=rcfile
#                        ENV=<this> bash --posix -l   TERRACE_BASH_INJECT=posix
#                        ENV=<this> sh                TERRACE_BASH_INJECT=sh
#   by hand              eval "$(terrace integration bash)"   as the last line of ~/.bashrc
#
# It speaks only if Terrace handed it a key (TERRACE_NONCE), and forks nothing at a prompt.

#[ left out where the script is sent to a shell that already runs
[ -n "${BASH_VERSION-}" ] || return 0
case $- in *i*) ;; *) return 0 ;; esac
#]
# The user's aliases must not change what stands here.
__terrace_al=0
if \builtin shopt -q expand_aliases; then __terrace_al=1; \builtin shopt -u expand_aliases; fi
if [ -n "${TERRACE_TMP-}" ]; then command rm -rf -- "$TERRACE_TMP"; unset TERRACE_TMP; fi
# The key leaves the environment before a file of the user's can run a program.
__terrace_key=
[ -z "${TERRACE_NONCE-}" ] || __terrace_key="aid=${TERRACE_AID:-$$};tn=$TERRACE_NONCE"
unset TERRACE_NONCE TERRACE_AID
__terrace_st=0

# 1. Read what bash would have read. Not in a function: what the files declare must stay.
if [ -n "${TERRACE_BASH_INJECT-}" ]; then
  __terrace_how=$TERRACE_BASH_INJECT __terrace_rc=${TERRACE_BASH_RCFILE-${HOME-}/.bashrc}
  unset TERRACE_BASH_INJECT TERRACE_BASH_RCFILE
  case $__terrace_how in posix | sh)
    unset ENV
    if [ -n "${TERRACE_BASH_ENV+x}" ]; then export ENV="$TERRACE_BASH_ENV"; unset TERRACE_BASH_ENV; fi ;;
  esac
  if [ "$__terrace_how" = posix ]; then
    set +o posix
    # What posix mode sets at the start, and leaving it does not take back.
    shopt -u inherit_errexit 2>/dev/null
    [ "${MAILCHECK-}" != 600 ] || MAILCHECK=60
    if [ -n "${TERRACE_BASH_UNEXPORT_HISTFILE-}" ]; then
      export -n HISTFILE; unset TERRACE_BASH_UNEXPORT_HISTFILE
    fi
  fi
  [ "$__terrace_al" = 0 ] || shopt -s expand_aliases
  case $__terrace_how in
    posix | *login)
      if [ -r /etc/profile ]; then . /etc/profile; fi
      if [ -r "${HOME-}/.bash_profile" ]; then . "$HOME/.bash_profile"
      elif [ -r "${HOME-}/.bash_login" ]; then . "$HOME/.bash_login"
      elif [ -r "${HOME-}/.profile" ]; then . "$HOME/.profile"; fi ;;
    sh) if [ -n "${ENV-}" ] && [ -r "$ENV" ]; then . "$ENV"; fi ;;
    *) if [ -r "$__terrace_rc" ]; then . "$__terrace_rc"; fi ;;
  esac
  __terrace_st=$? __terrace_al=0
  if \builtin shopt -q expand_aliases; then __terrace_al=1; \builtin shopt -u expand_aliases; fi
  unset __terrace_how __terrace_rc
fi

# 2. Speak once, to Terrace itself: not in tmux or screen, whose rows are not ours.
#[
case ${TMUX-}${STY-}:${TERM-} in ?*:screen* | ?*:tmux*) __terrace_key= ;; esac
if [ -z "$__terrace_key" ] || [ -n "${__terrace_id-}" ]; then
  [ "$__terrace_al" = 0 ] || shopt -s expand_aliases
  unset __terrace_key __terrace_al
  return $__terrace_st
fi
#]
__terrace_id=$__terrace_key
unset __terrace_key

__terrace_v=$((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1]))
__terrace_n=0 __terrace_run=0 __terrace_due=0 __terrace_t0=0 __terrace_t1= __terrace_z=
__terrace_list= __terrace_hc=- __terrace_h= __terrace_ps1= __terrace_ps2= __terrace_pwd= __terrace_cwd= __terrace_nops=
__terrace_ps=(0)

__terrace_enc() { # $1, cut to what is kept of a command, with % ; and controls as %XX, into __terrace_r; without a fork
  __terrace_r=${1:0:8192}
  __terrace_r=${__terrace_r//\%/%25}
  __terrace_r=${__terrace_r//\;/%3B}
  __terrace_r=${__terrace_r//$'\n'/%0A}
  __terrace_r=${__terrace_r//$'\t'/%09}
  __terrace_r=${__terrace_r//$'\r'/%0D}
  __terrace_r=${__terrace_r//$'\033'/%1B}
  __terrace_r=${__terrace_r//[[:cntrl:]]/}
}

__terrace_hist1() { HISTTIMEFORMAT= builtin history 1; }

__terrace_c() { # C: $1 text, $2 where it is from, $3 more
  local x=${1:8192:1}
  __terrace_enc "$1"
  builtin printf '\033]133;C;cmdline_url=%s;%s;n=%s;src=%s%s\a' "$__terrace_r" "$__terrace_id" "$__terrace_n" "$2" "$3${x:+;trunc=1}"
}

__terrace_preexec() { # the input is complete and about to run
  local h= t= src=hist x=
  # Is there an entry more? (erasedups may have taken one away for it; then the screen has the text.)
  [[ ${HISTCMD-} = "$__terrace_hc" ]] || h=$(__terrace_hist1)
  if [[ -z $h || $h = "$__terrace_h" ]]; then
    # Kept out by the user's settings, or a repetition: the text is on the screen only.
    src=screen
    if [[ -n ${HISTIGNORE-} || ! -o history || ${HISTSIZE-} = 0 ]]; then x=';hist=0'
    else
      case :${HISTCONTROL-}: in
        *:ignoreboth:* | *:ignoredups:* | *:erasedups:*) ;;
        *:ignorespace:*) x=';hist=0' ;;
      esac
    fi
  else
    t=${h#*[0-9][* ] }
    if ! shopt -q cmdhist; then t= src=screen # the history holds the last line alone
    elif [[ $__terrace_v -lt 400 ]]; then src=partial # without the text of here-documents
    fi
  fi
  __terrace_c "$t" "$src" "$x"
}

__terrace_d() { # D: ends the cycle
  local h= s= d=";st=$__terrace_st" IFS='|'
  [[ $__terrace_due = 1 ]] || return 0
  if [[ $__terrace_run = 1 ]]; then
    s=$__terrace_st d=
    [[ $__terrace_t0 = 0 || -z $__terrace_t1 ]] || d=";dur=$((10#0${__terrace_t1//[!0-9]/} - __terrace_t0))"
    [[ -n $__terrace_nops${bash_preexec_imported-}${__bp_imported-} ]] || d="$d;ps=${__terrace_ps[*]}"
  elif [[ $__terrace_st,$__terrace_hc = 2,[!-]* ]]; then
    # What was rejected is in the history. On the screen a job in the background may have printed into it.
    [[ ${HISTCMD-} = "$__terrace_hc" ]] || h=$(__terrace_hist1)
    __terrace_enc "${h#*[0-9][* ] }"
    d="$d;cmdline_url=$__terrace_r"
  fi
  builtin printf '\033]133;D;%s;%s;n=%s%s\a' "$s" "$__terrace_id" "$__terrace_n" "$d"
  __terrace_run=0 __terrace_due=0 __terrace_t0=0
}

__terrace_status() { # first of PROMPT_COMMAND: the output ends here
  { __terrace_st=$? __terrace_ps=("${PIPESTATUS[@]}") __terrace_t1=${EPOCHREALTIME-}
    __terrace_d >/dev/tty; } 2>/dev/null
  # Later commands of a list see the status anyhow, and a failure here would set off an ERR trap.
  [[ -z $__terrace_list && $- != *e* ]] || return 0
  return $__terrace_st
}

__terrace_wrap() { # $1 PS1 or PS2, $2 its kind: marks around it, old ones removed
  local o='\[\e]133;P;k='$2'\a\]' c='\[\e]133;B\a\]' v=${!1}
  v=${v//"$o"/}
  v=${v//"$c"/}
  builtin printf -v "$1" '%s' "$o$v$c"
}

__terrace_precmd() { # last of PROMPT_COMMAND: whatever makes the prompt has done so
  { local st=$? c fl=';fl=1'
    if [[ $__terrace_due = 1 ]]; then # PROMPT_COMMAND was assigned anew, and the first place with it
      __terrace_st=$st __terrace_ps=("$st") __terrace_t1=${EPOCHREALTIME-}
      __terrace_d >/dev/tty
      [[ -z $__terrace_list ]] || PROMPT_COMMAND[0]="__terrace_status"$'\n'"${PROMPT_COMMAND[0]-}"
    fi
    __terrace_n=$((__terrace_n + 1)) __terrace_due=1
    if [[ $PWD != "$__terrace_pwd" ]]; then
      __terrace_enc "$PWD"; __terrace_cwd=$__terrace_r __terrace_pwd=$PWD
    fi
    c="8377;ctx;$__terrace_id;n=$__terrace_n;sh=bash/${BASH_VERSION%%(*};pid=$$;user=$__terrace_u;host=${HOSTNAME-};cwd=$__terrace_cwd"
    if [[ -n ${VIRTUAL_ENV-} ]]; then __terrace_enc "$VIRTUAL_ENV"; c="$c;venv=$__terrace_r"; fi
    [[ -z ${BLE_VERSION-} ]] || fl= # ble.sh tracks the cursor
    builtin printf '\033]%s\a\033]133;A;%s;n=%s%s;redraw=last\a' "$c" "$__terrace_id" "$__terrace_n" "$fl" >/dev/tty
    if [[ ${PS1-} != "$__terrace_ps1" ]]; then PS1=${PS1-}; __terrace_wrap PS1 i; __terrace_ps1=$PS1; fi
    if [[ ${PS2-} != "$__terrace_ps2" ]]; then PS2=${PS2-}; __terrace_wrap PS2 s; __terrace_ps2=$PS2; fi
    __terrace_arm; } 2>/dev/null
  [[ -z $__terrace_list && $- != *e* ]] || return 0
  return $__terrace_st
}

__terrace_debug() { # before 4.4: the first command after a prompt; $1 is its text
  [[ ${__terrace_armed-} = 1 && -z ${COMP_LINE-} && $BASH_SUBSHELL = 0 ]] || return 0
  __terrace_armed=0
  case $1 in __terrace_*) return 0 ;; esac # PROMPT_COMMAND begins: nothing was run
  __terrace_run=1
  __terrace_preexec 2>/dev/null >/dev/tty
}

__terrace_bp_pre() { __terrace_run=1; __terrace_c "$1" hist '' 2>/dev/null >/dev/tty; }
__terrace_bp_post() { __terrace_status; __terrace_precmd; }
__terrace_ble_pre() { __terrace_t0=$((10#0${EPOCHREALTIME//[!0-9]/})); __terrace_bp_pre "$1"; }
__terrace_ble_post() {
  { __terrace_st=$? __terrace_ps=(${BLE_PIPESTATUS[@]+"${BLE_PIPESTATUS[@]}"}) __terrace_t1=${EPOCHREALTIME-}
    __terrace_d >/dev/tty; } 2>/dev/null
  __terrace_precmd
}

# 3. Take our places.
__terrace_u=${USER:-${LOGNAME-}}
if [[ $__terrace_v -ge 404 ]]; then __terrace_u='\u'; __terrace_u=${__terrace_u@P}; fi
# The trap's text by way of a here-string's own file or pipe: a fork costs more than all else here.
__terrace_dbg= __terrace_h=
if [[ $__terrace_v -ge 404 ]] && { exec {__terrace_h}<<<'' && trap -p DEBUG >|/dev/fd/$__terrace_h; } 2>/dev/null; then
  read -r -d '' -u $__terrace_h __terrace_dbg || :
else __terrace_dbg=$(trap -p DEBUG)
fi
[[ -z $__terrace_h ]] || exec {__terrace_h}<&-
__terrace_h=
__terrace_dbg=${__terrace_dbg#"trap -- '"}
__terrace_dbg=${__terrace_dbg%"' DEBUG"}
__terrace_dbg=${__terrace_dbg//"'\\''"/\'}
if [[ -n ${BLE_VERSION-} ]]; then
  __terrace_arm() { :; }
  blehook PREEXEC!=__terrace_ble_pre
  blehook PRECMD!=__terrace_ble_post
elif [[ $__terrace_v -lt 404 && -n ${bash_preexec_imported-}${__bp_imported-} ]]; then
  __terrace_arm() { :; }
  preexec_functions+=(__terrace_bp_pre)
  precmd_functions+=(__terrace_bp_post)
else
  if [[ $__terrace_v -ge 501 ]]; then
    __terrace_list=1
    PROMPT_COMMAND=(__terrace_status ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"} __terrace_precmd)
  else
    PROMPT_COMMAND=__terrace_status$'\n'${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__terrace_precmd
  fi
  # A DEBUG trap of the user's sees their commands, not ours.
  [[ -z $__terrace_dbg ]] || __terrace_dbg='case $BASH_COMMAND in __terrace_*) ;; *) '$__terrace_dbg$'\n;; esac'
  if [[ $__terrace_v -ge 404 ]] && builtin shopt -q promptvars; then
    # ${z:$((…)):0} runs in this shell and prints nothing; $(…) could not set a variable. It comes last,
    # so that the time of the fork does not count. What others print there is not output.
    __terrace_ps0='$(__terrace_preexec 2>/dev/null)${__terrace_z:$((__terrace_run=1,__terrace_t0=10#0${EPOCHREALTIME//[!0-9]/},0)):0}'
    [[ $__terrace_v -ge 500 ]] || __terrace_ps0='$(__terrace_preexec 2>/dev/null)${__terrace_z:$((__terrace_run=1,0)):0}'
    __terrace_arm() {
      __terrace_hc=${HISTCMD-}
      case ${PS0-} in *__terrace_preexec*) ;; *) PS0=${PS0-}$__terrace_ps0 ;; esac
    }
    [[ -z $__terrace_dbg ]] || trap "$__terrace_dbg" DEBUG
  else
    # No PS0: a DEBUG trap, before the user's own. It destroys PIPESTATUS.
    __terrace_nops=1
    __terrace_arm() { __terrace_h=$(__terrace_hist1); __terrace_armed=1; }
    trap '__terrace_debug "$BASH_COMMAND"'"${__terrace_dbg:+; $__terrace_dbg}" DEBUG
  fi
fi
unset __terrace_dbg
[[ $__terrace_al = 0 ]] || builtin shopt -s expand_aliases
unset __terrace_al
#[
return $__terrace_st
#]
