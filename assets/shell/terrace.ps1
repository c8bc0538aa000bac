# Terrace shell integration for PowerShell 7.
#
#   started by Terrace   pwsh -NoExit -Command ". '<this>'"
#   by hand              terrace integration pwsh | Out-String | Invoke-Expression   in $PROFILE
#
# It speaks only if Terrace handed it a key (TERRACE_NONCE).
$__terraceKey = $env:TERRACE_NONCE
$__terraceAid = if ($env:TERRACE_AID) { $env:TERRACE_AID } else { "$PID" }
Remove-Item Env:TERRACE_NONCE, Env:TERRACE_AID -ErrorAction Ignore
if ($__terraceKey -and -not $Global:__Terrace -and
    $ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage' -and
    -not (($env:TMUX -or $env:STY) -and $env:TERM -match '^(screen|tmux)')) {
  $Global:__Terrace = @{
    Id = "aid=$__terraceAid;tn=$__terraceKey"; N = 0; Last = -1
    Prompt = $function:prompt; ReadLine = $null
    Shell = "pwsh/$($PSVersionTable.PSVersion);pid=$PID;user=$([Environment]::UserName);host=$([Environment]::MachineName)"
  }

  # $Text with % ; and controls as %XX.
  function Global:__Terrace-Encode([string]$Text) {
    [regex]::Replace($Text, '[%;\x00-\x1f\x7f]', { param($m) '%{0:X2}' -f [int][char]$m.Value })
  }

  function Global:prompt {
    $ok = $?; $code = $Global:LASTEXITCODE # both are gone after one command
    $t = $Global:__Terrace; $e = [char]27; $b = [char]7
    $status = if ($ok) { 0 } elseif ($code) { $code } else { 1 }
    $out = ''
    $entry = Get-History -Count 1
    $id = if ($entry) { $entry.Id } else { 0 }
    if ($t.N -gt 0) {
      if ($id -ne $t.Last) {
        $us = [long](($entry.EndExecutionTime - $entry.StartExecutionTime).TotalMilliseconds * 1000)
        $out += "$e]133;D;$status;$($t.Id);n=$($t.N);dur=$us$b"
      } else {
        $out += "$e]133;D;;$($t.Id);n=$($t.N);st=$status$b"
      }
    }
    $t.Last = $id; $t.N++
    # PSReadLine may be loaded after this file. Its function returns the text that is about to run.
    if (-not $t.ReadLine -and (Test-Path Function:\PSConsoleHostReadLine)) {
      $t.ReadLine = $function:PSConsoleHostReadLine
      function Global:PSConsoleHostReadLine {
        $line = & $Global:__Terrace.ReadLine
        if ("$line".Trim()) {
          $t = $Global:__Terrace; $text = "$line"; $more = ''
          if ($text.StartsWith(' ')) { $more = ';hist=0' }
          if ($text.Length -gt 8192) { $text = $text.Substring(0, 8192); $more += ';trunc=1' }
          [Console]::Write("$([char]27)]133;C;cmdline_url=$(__Terrace-Encode $text);$($t.Id);n=$($t.N);src=hist$more$([char]7)")
        }
        $line
      }
    }
    $place = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
    $venv = if ($env:VIRTUAL_ENV) { ";venv=$(__Terrace-Encode $env:VIRTUAL_ENV)" } else { '' }
    $out += "$e]8377;ctx;$($t.Id);n=$($t.N);sh=$($t.Shell);cwd=$(__Terrace-Encode $place)$venv$b"
    $out += "$e]133;A;$($t.Id);n=$($t.N)$b$e]133;P;k=i$b"
    # The user's prompt sees the status as it was.
    $Global:LASTEXITCODE = $code
    if (-not $ok) { Write-Error '' -ErrorAction Ignore }
    $text = (& $t.Prompt) -join ''
    if (-not $text) { $text = 'PS>' }
    "$out$text$e]133;B$b"
  }
}
Remove-Variable __terraceKey, __terraceAid -ErrorAction Ignore
