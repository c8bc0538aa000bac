//! The documentation of the settings, made from their doc comments.
