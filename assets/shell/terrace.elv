# Terrace shell integration for elvish (0.19+).
#
#   started by Terrace   elvish -rc <this>
#   by hand              eval (terrace integration elvish | slurp)   as the last line of rc.elv
#
# It speaks only if Terrace handed it a key (TERRACE_NONCE). elvish has no place for the end of the
# prompt, so the text of a command is what the shell says.
var -terrace-key = ''
if (has-env TERRACE_NONCE) {
  var aid = $pid
  if (has-env TERRACE_AID) { set aid = $E:TERRACE_AID }
  set -terrace-key = 'aid='$aid';tn='$E:TERRACE_NONCE
}
unset-env TERRACE_NONCE
unset-env TERRACE_AID

# The user's own rc.elv, which -rc put aside: its names become those of the prompt.
if (has-env TERRACE_ELVISH_INJECT) {
  unset-env TERRACE_ELVISH_INJECT
  use path
  var config = $E:HOME/.config
  if (has-env XDG_CONFIG_HOME) { set config = $E:XDG_CONFIG_HOME }
  if (path:is-regular &follow-symlink=$true $config/elvish/rc.elv) {
    eval (slurp < $config/elvish/rc.elv) &on-end={|names|
      edit:add-vars (keys $names | each {|name| put [$name $names[$name]] } | make-map)
    }
  }
}

if (not-eq $-terrace-key '') {
  use re
  use str
  var id = $-terrace-key
  var n = (num 0)
  var run = $false
  # With % ; and controls as %XX.
  fn enc {|text|
    for pair [['%' '%25'] [';' '%3B'] ["\n" '%0A'] ["\t" '%09'] ["\r" '%0D'] ["\e" '%1B']] {
      set text = (str:replace $pair[0] $pair[1] $text)
    }
    re:replace '[[:cntrl:]]' '' $text
  }
  fn mark {|text| print "\e]"$text"\a" > /dev/tty }
  set edit:after-readline = [$@edit:after-readline {|line|
    if (not-eq (str:trim-space $line) '') {
      var more = ''
      if (str:has-prefix $line ' ') { set more = ';hist=0' }
      if (> (count $line) 8192) { set line = $line[..8192]; set more = $more';trunc=1' }
      mark '133;C;cmdline_url='(enc $line)';'$id';n='(to-string $n)';src=hist'$more
      set run = $true
    }
  }]
  set edit:after-command = [$@edit:after-command {|command|
    if $run {
      var status = 0
      var error = $command[error]
      if (not-eq $error $nil) {
        set status = 1
        try { set status = $error[reason][exit-status] } catch { }
        try { set status = (+ 128 $error[reason][signal-number]) } catch { }
      }
      var us = (re:replace '\..*' '' (printf '%.0f' (* 1000000 $command[duration])))
      mark '133;D;'(to-string $status)';'$id';n='(to-string $n)';dur='$us
      set run = $false
      set n = (* -1 $n)
    }
  }]
  set edit:before-readline = [$@edit:before-readline {
    # A cycle that ran has its D, and its number is kept below zero until the next begins.
    if (> $n 0) { mark '133;D;;'$id';n='(to-string $n)';st=0' } elif (< $n 0) { set n = (* -1 $n) }
    set n = (+ $n 1)
    var venv = ''
    if (has-env VIRTUAL_ENV) { set venv = ';venv='(enc $E:VIRTUAL_ENV) }
    mark '8377;ctx;'$id';n='(to-string $n)';sh=elvish/'$version';pid='$pid';user='$E:USER';cwd='(enc $pwd)$venv
    mark '133;A;'$id';n='(to-string $n)
  }]
}
