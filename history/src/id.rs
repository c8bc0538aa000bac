//! [`Uid`]: the identity of a block or a session, a ULID: 48 bits of time, 80 random ones.
//!
//! ULIDs sort by time and are unique across machines without asking anybody
//! (<https://github.com/ulid/spec>).

use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

/// Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a ULID.
const LENGTH: usize = 26;

/// A ULID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub [u8; 16]);

/// A text that is not a ULID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 26 letters and digits are expected, as `terrace blocks list` shows them")]
pub struct BadUid;

impl Uid {
    /// A new one for something that began at `time`.
    #[must_use]
    pub fn new(time: SystemTime) -> Self {
        let mut bytes = [0; 16];
        // Without the system's random numbers the time alone must do: ids are no secrets.
        let _ = getrandom::fill(&mut bytes[6..]);
        Self::with_random(time, bytes)
    }

    /// One that is the same for the same time and content: what an import gives, so that a second
    /// import of the same file adds nothing.
    #[must_use]
    pub fn derived(time: SystemTime, content: &[&[u8]]) -> Self {
        // FNV-1a, 128 bits: well spread, the same on every machine and in every version.
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for byte in content
            .iter()
            .flat_map(|part| part.iter().copied().chain([0xff]))
        {
            hash ^= u128::from(byte);
            hash = hash.wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        Self::with_random(time, hash.to_be_bytes())
    }

    fn with_random(time: SystemTime, mut bytes: [u8; 16]) -> Self {
        let millis = time
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        let millis = u64::try_from(millis).unwrap_or(u64::MAX).to_be_bytes();
        bytes[..6].copy_from_slice(&millis[2..]);
        Self(bytes)
    }

    /// From the 16 bytes that a database gave.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.0);
        for idx in (0..LENGTH).rev() {
            let digit = usize::try_from((number >> (5 * idx)) & 31).unwrap_or(0);
            write!(formatter, "{}", char::from(ALPHABET[digit]))?;
        }
        Ok(())
    }
}

impl FromStr for Uid {
    type Err = BadUid;

    fn from_str(text: &str) -> Result<Self, BadUid> {
        if text.len() != LENGTH || text.as_bytes()[0] > b'7' {
            return Err(BadUid);
        }
        let mut number: u128 = 0;
        for byte in text.bytes() {
            let byte = byte.to_ascii_uppercase();
            let digit = ALPHABET.iter().position(|one| *one == byte);
            number = (number << 5) | digit.ok_or(BadUid)? as u128;
        }
        Ok(Self(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn text_and_bytes_are_the_same_id() {
        for bytes in [[0; 16], [255; 16], *b"0123456789abcdef"] {
            let text = Uid(bytes).to_string();
            assert_eq!(text.len(), LENGTH);
            assert_eq!(text.parse(), Ok(Uid(bytes)), "{text}");
            assert_eq!(text.to_lowercase().parse(), Ok(Uid(bytes)), "{text}");
        }
        // From the specification.
        let text = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
        assert_eq!(text.parse::<Uid>().unwrap().to_string(), text);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "01ARZ3NDEKTSV4RRFFQ69G5FA",
            "81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "01ARZ3NDEKTSV4RRFFQ69G5FAU",
            "01ARZ3NDEKTSV4RRFFQ69G5Fä",
        ] {
            assert_eq!(text.parse::<Uid>(), Err(BadUid), "{text}");
        }
    }

    #[test]
    fn ids_sort_by_time_and_do_not_repeat() {
        let early = UNIX_EPOCH + Duration::from_millis(1_700_000_000_000);
        let late = early + Duration::from_millis(1);
        assert!(Uid::new(early) < Uid::new(late));
        assert_ne!(Uid::new(early), Uid::new(early));
        assert_eq!(Uid::derived(early, &[b"a"]), Uid::derived(early, &[b"a"]));
        assert_ne!(
            Uid::derived(early, &[b"a", b"b"]),
            Uid::derived(early, &[b"ab"])
        );
    }
}
