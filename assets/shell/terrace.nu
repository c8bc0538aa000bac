# Terrace shell integration for nushell (0.100+).
#
#   started by Terrace   XDG_DATA_DIRS=<folder>:…, this as nushell/vendor/autoload/terrace-integration.nu
#   by hand              terrace integration nu | save -f ($nu.user-autoload-dirs.0 | path join terrace.nu)
#
# It speaks only if Terrace handed it a key (TERRACE_NONCE). nushell writes OSC 133 itself; the hooks
# add the key, the text of the command and the folder.
if 'TERRACE_XDG_DIR' in $env {
  $env.XDG_DATA_DIRS = ($env.XDG_DATA_DIRS? | default '' | split row ':' | where $it != $env.TERRACE_XDG_DIR | str join ':')
  if 'TERRACE_XDG_UNSET' in $env and $env.XDG_DATA_DIRS == '/usr/local/share:/usr/share' { hide-env XDG_DATA_DIRS }
  hide-env --ignore-errors TERRACE_XDG_DIR TERRACE_XDG_UNSET
}
if 'TERRACE_NONCE' in $env and ('TMUX' not-in $env or ($env.TERM? | default '') !~ '^(screen|tmux)') {
  # A record is not exported to programs.
  $env.__TERRACE = {
    id: $"aid=($env.TERRACE_AID? | default $nu.pid);tn=($env.TERRACE_NONCE)", n: 0, run: false,
    sh: $"nu/(version | get version);pid=($nu.pid);user=($env.USER? | default '');host=(try { sys host | get hostname } catch { '' })" }
  $env.config.hooks.pre_execution = ($env.config.hooks.pre_execution? | default [] | append {||
    let t = $env.__TERRACE
    let line = (commandline)
    if ($line | str trim) != '' {
      let text = ($line | str substring 0..8191 | url encode --all)
      let more = (if ($line | str starts-with ' ') { ';hist=0' } else { '' }) + (if ($line | str length) > 8192 { ';trunc=1' } else { '' })
      print -n $"\e]133;C;cmdline_url=($text);($t.id);n=($t.n);src=hist($more)\u{07}"
      $env.__TERRACE.run = true
    }
  })
  $env.config.hooks.pre_prompt = ($env.config.hooks.pre_prompt? | default [] | append {||
    let t = $env.__TERRACE
    if $t.run {
      print -n $"\e]133;D;($env.LAST_EXIT_CODE);($t.id);n=($t.n);dur=($env.CMD_DURATION_MS)000\u{07}"
    } else if $t.n > 0 {
      print -n $"\e]133;D;;($t.id);n=($t.n);st=($env.LAST_EXIT_CODE)\u{07}"
    }
    let n = $t.n + 1
    $env.__TERRACE.n = $n
    $env.__TERRACE.run = false
    let venv = (if 'VIRTUAL_ENV' in $env { $";venv=($env.VIRTUAL_ENV | url encode --all)" } else { '' })
    print -n $"\e]8377;ctx;($t.id);n=($n);sh=($t.sh);cwd=($env.PWD | url encode --all)($venv)\u{07}\e]133;A;($t.id);n=($n)\u{07}"
  })
}
hide-env --ignore-errors TERRACE_NONCE TERRACE_AID
