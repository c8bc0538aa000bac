//! Random words.

/// `bytes` random bytes in hexadecimal; `None` when the system has none to give.
pub(super) fn hexadecimal(bytes: usize) -> Option<String> {
    let mut buffer = vec![0; bytes];
    if let Err(error) = getrandom::fill(&mut buffer) {
        tracing::warn!(%error, "no random numbers: shell integration is off");
        return None;
    }
    Some(buffer.iter().map(|byte| format!("{byte:02x}")).collect())
}
