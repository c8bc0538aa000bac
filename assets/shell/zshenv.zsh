# Read by zsh because Terrace set ZDOTDIR to this folder: puts things back, then sources terrace.zsh.
if [[ -n "${TERRACE_ZDOTDIR+x}" ]]; then
  'builtin' 'export' ZDOTDIR="$TERRACE_ZDOTDIR"
  'builtin' 'unset' TERRACE_ZDOTDIR
else
  'builtin' 'unset' ZDOTDIR
fi
# The key leaves the environment before a file of the user's can run a program.
'builtin' 'typeset' -g +x __terrace_key="${TERRACE_NONCE:+aid=${TERRACE_AID:-$$};tn=$TERRACE_NONCE}"
'builtin' 'unset' TERRACE_NONCE TERRACE_AID
{
  'builtin' 'typeset' __terrace_f="${ZDOTDIR-${HOME-}}/.zshenv"
  [[ ! -r "$__terrace_f" ]] || 'builtin' 'source' "$__terrace_f"
} always {
  if [[ -o interactive && -n "$__terrace_key" ]]; then
    __terrace_f="${${(%):-%x}:A:h}/terrace.zsh"
    [[ ! -r "$__terrace_f" ]] || 'builtin' 'source' "$__terrace_f"
  fi
  'builtin' 'unset' __terrace_f __terrace_key
  if [[ -n "${TERRACE_TMP-}" ]]; then
    'command' 'rm' -rf -- "$TERRACE_TMP"
    'builtin' 'unset' TERRACE_TMP
  fi
}
