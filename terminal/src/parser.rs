//! Bytes to ground text, control sequences and control strings; nothing is acted on here.
//!
//! Three layers share the work:
//! - **Ground.** Runs of printable ASCII and of UTF-8 go to the screen whole; C0 controls are one call each.
//! - **Sequences.** A complete `CSI … final` of parameters and intermediates is read in place. All others,
//!   and those cut by the end of the input, go byte by byte through `vte`. Both give the same result (see
//!   the tests). A sequence ends at its final byte, CAN, SUB or ESC, whatever `vte` thinks of it, so it is
//!   always known when the parser is back in the ground state.
//! - **Strings.** OSC, DCS, SOS, PM and APC are collected here, since `vte` bounds none of them, dispatches
//!   an OSC that CAN cut, and drops APC.
//!
//! The input is UTF-8. As in xterm's UTF-8 mode, the *characters* U+0080–U+009F are the C1 controls; the
//! bytes 80–9F alone are malformed and print U+FFFD.

#[cfg(test)]
mod tests;
mod vt52;

use crate::limits::{MAX_APC, MAX_DCS, MAX_OSC, MAX_OSC_DATA, MAX_OSC_MARK, MAX_PARAMS};

const ESC: u8 = 0x1b;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const BEL: u8 = 0x07;
const DEL: u8 = 0x7f;
/// The first byte of U+0080–U+00BF in UTF-8, C1 controls among them.
const C1_LEAD: u8 = 0xc2;
/// A string's buffer is kept between strings up to this capacity.
const KEPT_CAPACITY: usize = 64 * 1024;

/// Bytes of input from which on many lines may be printed at once.
const FLOOD: usize = 512;

/// What the parser calls.
pub(crate) trait Handler {
    /// Bytes 20–7E, at least one.
    fn print_ascii(&mut self, text: &[u8]);
    /// Text without any control, at least one character.
    fn print_str(&mut self, text: &str);
    /// A C0 control other than ESC, CAN and SUB.
    fn execute(&mut self, control: u8);
    /// Text as for [`Handler::print_ascii`], then CR and LF.
    fn print_line(&mut self, text: &[u8]) {
        self.print_ascii(text);
        self.end_line();
    }
    /// Lines as for [`Handler::print_line`] that `bytes` begin with, if there are many: the bytes taken, else those
    /// that were looked through in vain.
    fn print_lines(&mut self, bytes: &[u8]) -> Result<usize, usize> {
        let _ = bytes;
        Err(0)
    }
    /// CR and LF, which most lines end in.
    fn end_line(&mut self) {
        self.execute(b'\r');
        self.execute(b'\n');
    }
    /// `ESC intermediates final`, or a C1 control as its two-byte form.
    fn escape(&mut self, intermediates: &[u8], last: u8);
    /// `CSI … final`.
    fn csi(&mut self, sequence: &Csi);
    /// A control string, complete and within its limit; C0 controls are left out of `data`.
    fn string(&mut self, kind: StringKind, data: &[u8], bell: bool);
    /// Whether DECANM is reset: the sequences are those of a VT52.
    fn is_vt52(&self) -> bool;
    /// `ESC last` of a VT52.
    fn vt52_escape(&mut self, last: u8);
    /// `ESC Y row column` of a VT52: 0-based, not clamped.
    fn vt52_address(&mut self, row: u8, column: u8);
}

/// The kinds of control strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StringKind {
    /// Operating system command.
    Osc,
    /// Device control string.
    Dcs,
    /// Application program command.
    Apc,
    /// Privacy message and start of string: skipped, nothing is kept.
    Ignored,
}

/// Numeric parameters, sub-parameters included; an omitted one is 0, as DEC terminals read it.
#[derive(Clone, Copy)]
pub(crate) struct Params {
    /// Only the first `len` mean anything.
    values: [u16; MAX_PARAMS],
    /// Bit `i`: value `i` came after a colon.
    colons: u32,
    len: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            values: [0; MAX_PARAMS],
            colons: 0,
            len: 0,
        }
    }
}

impl PartialEq for Params {
    fn eq(&self, other: &Self) -> bool {
        (self.values(), self.colons) == (other.values(), other.colons)
    }
}

impl Eq for Params {}

impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut list = f.debug_list();
        let mut at = 0;
        while let Some(group) = self.group_at(at) {
            list.entry(&group);
            at += group.len();
        }
        list.finish()
    }
}

impl Params {
    fn clear(&mut self) {
        (self.colons, self.len) = (0, 0);
    }

    /// Adds a value; `false` when there is no room.
    #[inline]
    pub(crate) fn push(&mut self, value: u16, after_colon: bool) -> bool {
        if self.len == MAX_PARAMS {
            return false;
        }
        self.values[self.len] = value;
        self.colons |= u32::from(after_colon) << self.len;
        self.len += 1;
        true
    }

    /// Parameters and sub-parameters there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The value at `index`, 0 if it is not there.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> u16 {
        if index < self.len {
            self.values[index]
        } else {
            0
        }
    }

    /// The value at `index`; `default` if it is 0 or not there.
    pub(crate) fn or(&self, index: usize, default: u16) -> u16 {
        match self.get(index) {
            0 => default,
            value => value,
        }
    }

    /// Whether any value came after a colon.
    pub(crate) fn has_colons(&self) -> bool {
        self.colons != 0
    }

    /// All values, colons not told apart.
    pub(crate) fn values(&self) -> &[u16] {
        &self.values[..self.len]
    }

    /// The parameter at `index` with its sub-parameters.
    #[inline]
    pub(crate) fn group_at(&self, index: usize) -> Option<&[u16]> {
        if index >= self.len {
            return None;
        }
        let mut end = index + 1;
        while end < self.len && self.colons >> end & 1 == 1 {
            end += 1;
        }
        Some(&self.values[index..end])
    }
}

/// A control sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Csi {
    /// `<`, `=`, `>`, `?`, or 0.
    pub(crate) prefix: u8,
    /// The intermediate byte (20–2F), or 0. No sequence with two of them is defined.
    pub(crate) intermediate: u8,
    /// The final byte (40–7E).
    pub(crate) last: u8,
    /// Its parameters.
    pub(crate) params: Params,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    /// ESC was seen.
    Escape,
    /// ESC and at least one intermediate.
    EscapeIntermediate,
    /// CSI was seen.
    Csi,
    /// Inside a control string.
    String(StringKind),
    /// ESC was seen inside one: `\` ends it, anything else drops it.
    StringEscape(StringKind),
    /// Inside a sequence of a VT52.
    Vt52(vt52::State),
}

/// The parser's state between two pieces of input.
pub(crate) struct Parser {
    vte: vte::Parser,
    state: State,
    /// The beginning of a character that the input ended in.
    partial: [u8; 4],
    partial_len: usize,
    /// C2 was the last byte (of a sequence or string): 80–9F now is a C1 control.
    after_c1_lead: bool,
    /// The last sequence read in place; kept, since making a new one each time costs.
    csi: Csi,
    string: Vec<u8>,
    /// The string is over its limit: consumed, not kept.
    overflow: bool,
    /// Complete sequences are read in place; off only to compare with `vte`.
    fast: bool,
}

impl Default for Parser {
    fn default() -> Self {
        Self {
            vte: vte::Parser::new(),
            state: State::Ground,
            partial: [0; 4],
            partial_len: 0,
            after_c1_lead: false,
            csi: Csi::default(),
            string: Vec::new(),
            overflow: false,
            fast: true,
        }
    }
}

impl Parser {
    /// Parses the next piece of input.
    pub(crate) fn advance<H: Handler>(&mut self, handler: &mut H, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            at += match self.state {
                State::Ground => self.ground(handler, rest),
                State::Escape => self.escape(handler, rest[0]),
                State::EscapeIntermediate | State::Csi => self.sequence(handler, rest[0]),
                State::String(kind) => self.string(handler, kind, rest),
                State::StringEscape(kind) => self.string_escape(handler, kind, rest[0]),
                State::Vt52(state) => self.vt52(handler, state, rest[0]),
            };
        }
    }

    /// Parses until the ground state is left or the input ends; returns how many bytes it took.
    fn ground<H: Handler>(&mut self, handler: &mut H, bytes: &[u8]) -> usize {
        let mut at = 0;
        if self.partial_len > 0 {
            at = self.finish_character(handler, bytes);
        }
        // Where it is next worth looking for many lines.
        let mut look_at = at;
        while at < bytes.len() && self.state == State::Ground {
            let rest = &bytes[at..];
            if at >= look_at && rest.len() >= FLOOD {
                match handler.print_lines(rest) {
                    Ok(taken) => {
                        at += taken;
                        continue;
                    }
                    Err(seen) => look_at = at + seen + FLOOD,
                }
            }
            at += match rest[0] {
                0x20..=0x7e => {
                    let run = ascii_run(rest);
                    if let Some(b"\r\n") = rest.get(run..run + 2) {
                        handler.print_line(&rest[..run]);
                        run + 2
                    } else {
                        handler.print_ascii(&rest[..run]);
                        run
                    }
                }
                ESC if handler.is_vt52() => {
                    self.state = State::Vt52(vt52::State::Escape);
                    1
                }
                ESC => match complete_csi(rest, &mut self.csi) {
                    Some(length) if self.fast => {
                        handler.csi(&self.csi);
                        length
                    }
                    _ => {
                        self.state = State::Escape;
                        1
                    }
                },
                b'\r' if rest.get(1) == Some(&b'\n') => {
                    handler.end_line();
                    2
                }
                CAN | SUB | DEL => 1,
                control @ 0..0x20 => {
                    handler.execute(control);
                    1
                }
                _ => self.utf8(handler, rest),
            };
        }
        at
    }

    /// Prints from a byte over 7F to the next control, or to the last byte over 7F before it: what follows
    /// is ASCII and takes the fast path.
    fn utf8<H: Handler>(&mut self, handler: &mut H, bytes: &[u8]) -> usize {
        let end = text_run(bytes);
        let end = bytes[..end]
            .iter()
            .rposition(|&byte| byte > DEL)
            .map_or(end, |last| last + 1);
        if let Ok(text) = simdutf8::basic::from_utf8(&bytes[..end]) {
            return self.text(handler, text);
        }
        // Something is wrong; this one says where.
        match std::str::from_utf8(&bytes[..end]) {
            Ok(text) => self.text(handler, text),
            Err(error) => {
                let valid = error.valid_up_to();
                if valid > 0 {
                    let text = std::str::from_utf8(&bytes[..valid]).unwrap_or_default();
                    return self.text(handler, text);
                }
                match error.error_len() {
                    Some(length) => {
                        handler.print_str("\u{fffd}");
                        length
                    }
                    None if end == bytes.len() => {
                        self.partial[..end].copy_from_slice(bytes);
                        self.partial_len = end;
                        end
                    }
                    None => {
                        handler.print_str("\u{fffd}");
                        end
                    }
                }
            }
        }
    }

    /// Prints text that may hold C1 controls; stops after the first of these.
    fn text<H: Handler>(&mut self, handler: &mut H, text: &str) -> usize {
        let bytes = text.as_bytes();
        let control = memchr::memchr_iter(C1_LEAD, bytes)
            .find(|&lead| matches!(bytes.get(lead + 1), Some(0x80..=0x9f)));
        let before = control.unwrap_or(bytes.len());
        if before > 0 {
            handler.print_str(&text[..before]);
        }
        match control {
            Some(lead) => {
                self.c1(handler, bytes[lead + 1]);
                lead + 2
            }
            None => before,
        }
    }

    /// Completes the character that the last input ended in; returns the bytes taken from this one.
    fn finish_character<H: Handler>(&mut self, handler: &mut H, bytes: &[u8]) -> usize {
        let had = self.partial_len;
        let mut joined = [0; 8];
        joined[..had].copy_from_slice(&self.partial[..had]);
        let more = bytes.len().min(4);
        joined[had..had + more].copy_from_slice(&bytes[..more]);
        let joined = &joined[..had + more];
        self.partial_len = 0;
        let valid = match std::str::from_utf8(joined) {
            Ok(text) => text,
            Err(error) if error.valid_up_to() > 0 => {
                std::str::from_utf8(&joined[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(error) => {
                return match error.error_len() {
                    Some(length) => {
                        handler.print_str("\u{fffd}");
                        length.saturating_sub(had)
                    }
                    None => {
                        self.partial[..joined.len()].copy_from_slice(joined);
                        self.partial_len = joined.len();
                        more
                    }
                };
            }
        };
        let length = valid.chars().next().map_or(0, char::len_utf8);
        self.text(handler, &valid[..length]).saturating_sub(had)
    }

    /// A C1 control: `ESC` and the byte less 40.
    fn c1<H: Handler>(&mut self, handler: &mut H, control: u8) {
        self.after_c1_lead = false;
        self.state = State::Ground;
        if handler.is_vt52() {
            // A VT52 has no such controls.
            return;
        }
        match control {
            0x90 => self.begin_string(StringKind::Dcs),
            0x98 | 0x9e => self.begin_string(StringKind::Ignored),
            0x9b => {
                self.vte.advance(&mut Bridge(handler), b"\x1b[");
                self.state = State::Csi;
            }
            0x9d => self.begin_string(StringKind::Osc),
            0x9f => self.begin_string(StringKind::Apc),
            _ => handler.escape(&[], control - 0x40),
        }
    }

    /// Takes the byte after ESC.
    fn escape<H: Handler>(&mut self, handler: &mut H, byte: u8) -> usize {
        if self.take_c1(handler, byte) {
            return 1;
        }
        match byte {
            ESC | DEL.. => {}
            CAN | SUB => self.state = State::Ground,
            b'P' => self.begin_string(StringKind::Dcs),
            b']' => self.begin_string(StringKind::Osc),
            b'_' => self.begin_string(StringKind::Apc),
            b'X' | b'^' => self.begin_string(StringKind::Ignored),
            b'[' => {
                self.vte.advance(&mut Bridge(handler), b"\x1b[");
                self.state = State::Csi;
            }
            0x20..=0x2f => {
                self.vte.advance(&mut Bridge(handler), &[ESC, byte]);
                self.state = State::EscapeIntermediate;
            }
            0x30..=0x7e => {
                self.state = State::Ground;
                handler.escape(&[], byte);
            }
            control => handler.execute(control),
        }
        1
    }

    /// Takes the next byte of an escape or control sequence.
    fn sequence<H: Handler>(&mut self, handler: &mut H, byte: u8) -> usize {
        if self.take_c1(handler, byte) {
            return 1;
        }
        if byte == ESC {
            self.state = State::Escape;
            return 1;
        }
        let first_final = if self.state == State::Csi { 0x40 } else { 0x30 };
        let ends = byte == CAN || byte == SUB || (first_final..=0x7e).contains(&byte);
        if ends {
            self.state = State::Ground;
        }
        self.vte.advance(&mut Bridge(handler), &[byte]);
        1
    }

    /// Acts on the second byte of a C1 control inside a sequence, which it cuts.
    fn take_c1<H: Handler>(&mut self, handler: &mut H, byte: u8) -> bool {
        let after_lead = std::mem::replace(&mut self.after_c1_lead, byte == C1_LEAD);
        let control = after_lead && matches!(byte, 0x80..=0x9f);
        if control {
            self.c1(handler, byte);
        }
        control
    }

    fn begin_string(&mut self, kind: StringKind) {
        self.string.clear();
        self.overflow = kind == StringKind::Ignored;
        self.after_c1_lead = false;
        self.state = State::String(kind);
    }

    /// Takes bytes of a control string up to one that may end it.
    fn string<H: Handler>(&mut self, handler: &mut H, kind: StringKind, bytes: &[u8]) -> usize {
        let special = bytes
            .iter()
            .position(|&byte| byte < 0x20 || byte == DEL || byte == 0x9c)
            .unwrap_or(bytes.len());
        if special > 0 {
            self.keep(kind, &bytes[..special]);
            self.after_c1_lead = bytes[special - 1] == C1_LEAD;
            return special;
        }
        match bytes[0] {
            ESC => self.state = State::StringEscape(kind),
            CAN | SUB => self.end_string(),
            BEL if kind == StringKind::Osc => self.dispatch_string(handler, kind, true),
            0x9c if self.after_c1_lead => {
                self.string.pop();
                self.dispatch_string(handler, kind, false);
            }
            0x9c => self.keep(kind, &bytes[..1]),
            _ => {}
        }
        self.after_c1_lead = false;
        1
    }

    fn string_escape<H: Handler>(&mut self, handler: &mut H, kind: StringKind, byte: u8) -> usize {
        if byte == b'\\' {
            self.dispatch_string(handler, kind, false);
            return 1;
        }
        self.end_string();
        self.state = State::Escape;
        0
    }

    /// Appends to the string as far as its kind allows.
    fn keep(&mut self, kind: StringKind, mut bytes: &[u8]) {
        while !self.overflow && !bytes.is_empty() {
            let limit = match kind {
                StringKind::Osc => osc_limit(&self.string),
                StringKind::Dcs => MAX_DCS,
                StringKind::Apc => MAX_APC,
                StringKind::Ignored => 0,
            };
            // Up to the smallest limit first, so that how the input is split changes nothing.
            let room = match self.string.len() {
                length if length < MAX_OSC => MAX_OSC - length,
                length => limit.saturating_sub(length),
            };
            if room == 0 {
                self.overflow = true;
                self.string = Vec::new();
                return;
            }
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.string.extend_from_slice(now);
            bytes = later;
        }
    }

    fn dispatch_string<H: Handler>(&mut self, handler: &mut H, kind: StringKind, bell: bool) {
        if !self.overflow {
            handler.string(kind, &self.string, bell);
        }
        self.end_string();
    }

    fn end_string(&mut self) {
        self.state = State::Ground;
        self.after_c1_lead = false;
        self.string.clear();
        self.string.shrink_to(KEPT_CAPACITY);
    }

    /// Whether the input so far ended between sequences and characters.
    #[cfg(test)]
    pub(crate) fn is_ground(&self) -> bool {
        self.state == State::Ground && self.partial_len == 0
    }

    /// A parser that leaves every sequence to `vte`.
    #[cfg(test)]
    pub(crate) fn without_fast_path() -> Self {
        Self {
            fast: false,
            ..Self::default()
        }
    }
}

/// How long an OSC may be, from its number.
fn osc_limit(string: &[u8]) -> usize {
    let number = string
        .split(|&byte| byte == b';')
        .next()
        .unwrap_or_default();
    match number {
        b"52" | b"66" | b"99" | b"1337" => MAX_OSC_DATA,
        b"133" | b"633" | b"3008" | b"8377" => MAX_OSC_MARK,
        _ => MAX_OSC,
    }
}

/// Length of the run of bytes 20–7E that `bytes` begins with.
#[inline]
pub(crate) fn ascii_run(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let printable = |byte: u8| byte.wrapping_sub(0x20) < 0x5f;
    // Many runs are words.
    if let Some(word) = bytes.first_chunk() {
        let found = unprintable(u64::from_le_bytes(*word));
        if found != 0 {
            return (found.trailing_zeros() / 8) as usize;
        }
    }
    let mut length = 0;
    for block in bytes.chunks_exact(BLOCK) {
        // Without an early exit the compiler makes this a few vector instructions.
        if !block.iter().fold(true, |all, &byte| all & printable(byte)) {
            break;
        }
        length += BLOCK;
    }
    let (words, _) = bytes[length..].as_chunks::<8>();
    for word in words {
        match unprintable(u64::from_le_bytes(*word)) {
            0 => length += 8,
            // The lowest bit found is that of the first such byte.
            found => return length + (found.trailing_zeros() / 8) as usize,
        }
    }
    length
        + bytes[length..]
            .iter()
            .take_while(|&&byte| printable(byte))
            .count()
}

/// Length of the run of bytes other than C0 controls and DEL that `bytes` begins with.
#[inline]
fn text_run(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let text = |byte: u8| byte >= 0x20 && byte != DEL;
    let mut length = 0;
    for block in bytes.chunks_exact(BLOCK) {
        if !block.iter().fold(true, |all, &byte| all & text(byte)) {
            break;
        }
        length += BLOCK;
    }
    length
        + bytes[length..]
            .iter()
            .take_while(|&&byte| text(byte))
            .count()
}

/// The high bit of the first byte that is not 20–7E, and of some after it.
const fn unprintable(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES * 0x80;
    let delete = word ^ (ONES * 0x7f);
    // A borrow can only reach bytes above one that was found.
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (word | control | (delete.wrapping_sub(ONES) & !delete)) & HIGH
}

/// Reads the control sequence that `bytes` begins with into `csi`, if all of it is there and it has the
/// plain form `ESC [ prefix? (digits ; :)* intermediate? final` with at most [`MAX_PARAMS`] parameters.
/// Returns its length.
#[inline]
fn complete_csi(bytes: &[u8], csi: &mut Csi) -> Option<usize> {
    if bytes.get(1) != Some(&b'[') {
        return None;
    }
    csi.params.clear();
    (csi.prefix, csi.intermediate) = (0, 0);
    let mut at = 2;
    if let Some(&prefix @ b'<'..=b'?') = bytes.get(at) {
        csi.prefix = prefix;
        at += 1;
    }
    // At most 65535, so that the next digit fits too.
    let mut value: u32 = 0;
    let mut after_colon = false;
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        match byte {
            b'0'..=b'9' => {
                value = (value * 10 + u32::from(byte - b'0')).min(u32::from(u16::MAX));
            }
            b';' | b':' => {
                if !csi.params.push(narrow(value), after_colon) {
                    return None;
                }
                value = 0;
                after_colon = byte == b':';
            }
            0x20..=0x2f if csi.intermediate == 0 => {
                csi.intermediate = byte;
                // Only the final byte may follow; anything else is vte's to judge.
                if !matches!(bytes.get(at), Some(0x40..=0x7e)) {
                    return None;
                }
            }
            0x40..=0x7e => {
                if !csi.params.push(narrow(value), after_colon) {
                    return None;
                }
                csi.last = byte;
                return Some(at);
            }
            _ => return None,
        }
    }
}

/// A parameter, already at most 65535.
const fn narrow(value: u32) -> u16 {
    let [low, high, ..] = value.to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// Receives sequences from `vte`.
struct Bridge<'a, H>(&'a mut H);

impl<H: Handler> vte::Perform for Bridge<'_, H> {
    fn execute(&mut self, byte: u8) {
        if byte != CAN && byte != SUB {
            self.0.execute(byte);
        }
    }

    fn csi_dispatch(&mut self, from: &vte::Params, intermediates: &[u8], ignore: bool, last: char) {
        let Ok(last) = u8::try_from(last) else { return };
        let mut csi = Csi {
            last,
            ..Csi::default()
        };
        for group in from {
            for (i, &value) in group.iter().enumerate() {
                csi.params.push(value, i > 0);
            }
        }
        let intermediates = match intermediates {
            [prefix @ b'<'..=b'?', rest @ ..] => {
                csi.prefix = *prefix;
                rest
            }
            all => all,
        };
        match intermediates {
            [] => {}
            [one] => csi.intermediate = *one,
            _ => return,
        }
        // `ignore` without a full list of parameters means too many intermediates.
        if !ignore || csi.params.len() == MAX_PARAMS {
            self.0.csi(&csi);
        }
    }

    fn esc_dispatch(&mut self, intermediates: &[u8], ignore: bool, byte: u8) {
        if !ignore {
            self.0.escape(intermediates, byte);
        }
    }
}
