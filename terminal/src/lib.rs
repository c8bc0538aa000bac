//! The terminal core: bytes in; state, events and replies out.
//!
//! This crate does no input or output: no thread, clock, file, process, window or GPU type.
//! Bytes and the time come in as arguments; events and replies come out as values.
#![forbid(unsafe_code)]

pub mod blocks;
pub mod cell;
pub mod color;
pub mod copy_mode;
pub mod encode;
pub mod event;
pub mod frame;
pub mod hints;
pub mod index;
pub mod limits;
pub mod modes;
pub mod motion;
pub mod search;
pub mod selection;
pub mod size;
pub mod terminal;

mod c0;
mod charset;
#[cfg(test)]
mod conformance;
mod csi;
mod damage;
mod dcs;
mod esc;
mod grid;
mod hyperlink;
mod osc;
mod parser;
mod reply;
mod screen;
mod sgr;
#[cfg(test)]
mod testing;
mod vt52;

pub use blocks::{Block, BlockEvent, BlockId, Blocks, ShellKey};
pub use cell::{Attrs, Style, UnderlineStyle};
pub use color::{Color, Palette, Rgb};
pub use event::Event;
pub use frame::Frame;
pub use index::{Column, Line, LineId, Point, Side};
pub use screen::hidden::ShownRows;
pub use size::{GridSize, LineSize, PixelSize};
pub use terminal::{Link, Options, Origin, Scroll, Terminal};
