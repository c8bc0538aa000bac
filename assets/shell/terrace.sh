# Terrace shell integration for a plain POSIX shell: dash, busybox's ash, ksh, mksh.
#
#   started by Terrace   ENV=<this> sh
#   by hand              eval "$(terrace integration sh)"   in the file that ENV names
#
# Such a shell says nothing before it runs a command, so there is no C: c=enter asks the terminal to
# take the first line feed after the user's Enter for it and to read the command off the screen.
#[ left out where the script is sent to a shell that already runs
case $- in *i*) ;; *) return 0 ;; esac
#]
if [ -n "${TERRACE_TMP-}" ]; then command rm -rf -- "$TERRACE_TMP"; unset TERRACE_TMP; fi
T_id=
[ -z "${TERRACE_NONCE-}" ] || T_id="aid=${TERRACE_AID:-$$};tn=$TERRACE_NONCE"
unset TERRACE_NONCE TERRACE_AID
if [ -n "${TERRACE_SH_INJECT-}" ]; then
  unset ENV TERRACE_SH_INJECT
  if [ -n "${TERRACE_SH_ENV+x}" ]; then
    ENV=$TERRACE_SH_ENV; export ENV; unset TERRACE_SH_ENV
    if [ -r "$ENV" ]; then . "$ENV"; fi
  else
    # What these read when there is no ENV.
    case ${KSH_VERSION-} in
      *MIRBSD* | *LKSH*) if [ -r ~/.mkshrc ]; then . ~/.mkshrc; fi ;;
      *AJM*) if [ -r ~/.kshrc ]; then . ~/.kshrc; fi ;;
    esac
  fi
fi
case ${TMUX-}${STY-}:${TERM-} in ?*:screen* | ?*:tmux*) T_id= ;; esac
if [ -n "$T_id" ]; then
  T_n=0 T_e=$(printf '\033]') T_b=$(printf '\007') T_o= T_c= T_p=
  # How the line editor is told what takes no room.
  case ${KSH_VERSION-}:${BASH_VERSION-}:$(readlink /proc/$$/exe 2>/dev/null) in
    *MIRBSD* | *LKSH*) T_o=$(printf '\001') T_c=$T_o T_p=$(printf '\001\r') ;;
    *:?*:* | *busybox*) T_o='\[' T_c='\]' ;;
  esac
  PS1=$T_p$T_o'${T_e}133;D;$?;${T_id};n=${T_n}${T_b}${T_e}8377;ctx;${T_id};n=$((T_n=T_n+1));sh=sh;pid=$$;cwd=${PWD##*[%;]*}${T_b}${T_e}133;A;${T_id};n=${T_n};c=enter;redraw=0${T_b}'$T_c"${PS1:-\$ }"$T_o'${T_e}133;B${T_b}'$T_c
  PS2=$T_p$T_o'${T_e}133;P;k=s${T_b}'$T_c"${PS2:-> }"$T_o'${T_e}133;B${T_b}'$T_c
fi
