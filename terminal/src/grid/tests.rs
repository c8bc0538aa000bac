//! Tests of `grid.rs`.
