//! Tests of `frame.rs`.
